//! Key packages of the other one's devices, to add them to a chat of two.

use doorpost_model::{ChatId, direct::ClaimedKeyPackage, limits::KEY_PACKAGE_CLAIMS_MAX};
use doorpost_policy::gate::Action;
use doorpost_store as store;

use super::own;
use crate::{
    app::App,
    chat::access,
    http::{Error, Result, WithDevice, rate_limit},
};

/// One for each of the other's devices that is not in the chat and has left any. Once many were given out in the chat it
/// is the last resort: nobody uses up what others need. None while one of the two blocks the other.
///
/// # Errors
/// `not_found` unless it is a chat of the viewer and somebody.
pub(super) async fn claim(app: &App, viewer: WithDevice, chat_id: ChatId) -> Result<Vec<ClaimedKeyPackage>> {
    viewer.charge(app, rate_limit::Action::Join)?;
    let now = app.clock.now();
    let me = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, me, chat_id, Action::WriteChat).await?;
                let row = own(tx, me, chat_id).await?;
                let account_id = row.other(me);
                let (mut claimed, mut taken) = (Vec::new(), 0);
                if row.is_closed {
                    return Ok(claimed);
                }
                for device_id in store::key_package::devices_missing(tx, chat_id, account_id).await? {
                    let may_take = row.claims + taken < KEY_PACKAGE_CLAIMS_MAX;
                    let one_time = match may_take {
                        true => store::key_package::take(tx, device_id, now).await?,
                        false => None,
                    };
                    taken += u32::from(one_time.is_some());
                    let found = match one_time {
                        Some(one_time) => Some(one_time),
                        None => store::key_package::last_resort(tx, device_id, now).await?,
                    };
                    claimed.extend(found.map(|key_package| ClaimedKeyPackage {
                        account_id,
                        device_id,
                        key_package: key_package.into(),
                    }));
                }
                store::direct::add_claims(tx, chat_id, taken).await?;
                Ok(claimed)
            })
        })
        .await
}
