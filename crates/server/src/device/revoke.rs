//! Revoking a device: in force at once. Its leaves are taken out of the groups by the next member who commits.

use doorpost_model::{
    ChatId, DeviceId, ErrorCode, SessionId, TimeMs,
    admission::{DeviceRevocation, PublicKey},
};
use doorpost_policy::{admission::Event, membership::verify_revocation};
use doorpost_store::{self as store, Tx, request::MovedRequest};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    lease, request,
    session::end,
};

/// What ended with the device.
struct Ended {
    sessions: Vec<SessionId>,
    chats: Vec<ChatId>,
    requests: Vec<MovedRequest>,
}

/// Ends a device of the viewer's for good: its sessions, its sockets, its place in every chat. Twice is once.
///
/// # Errors
/// `not_found` unless it is the viewer's; `device_invalid` when the revocation is not signed by the account's identity.
pub async fn revoke(app: &App, viewer: Viewer, device_id: DeviceId, revocation: DeviceRevocation) -> Result<()> {
    if revocation.account_id != viewer.account_id || revocation.device_id != device_id {
        return Err(ErrorCode::DeviceInvalid.into());
    }
    let now = app.clock.now();
    let ended = app.store.write::<_, Error, _>(move |tx| Box::pin(revoke_in_tx(tx, viewer, revocation, now))).await?;
    end::close_sockets(app, &ended.sessions);
    app.hub.end_device(device_id);
    for chat_id in ended.chats {
        app.hub.drop_device(chat_id, device_id);
        lease::kick(app, chat_id);
    }
    request::moved(app, &ended.requests);
    Ok(())
}

async fn revoke_in_tx(tx: &mut Tx, viewer: Viewer, revocation: DeviceRevocation, now: TimeMs) -> Result<Ended> {
    let (account_id, device_id) = (viewer.account_id, revocation.device_id);
    store::account::lock(tx, account_id).await?;
    let device = store::device::find(tx, device_id).await?.filter(|device| device.account_id == account_id);
    if device.is_none() {
        return Err(ErrorCode::NotFound.into());
    }
    check_signature(tx, &revocation).await?;
    store::device::revoke(tx, account_id, device_id, now).await?;
    store::key_package::delete_of_revoked(tx, account_id).await?;
    let stored = postcard::to_stdvec(&revocation).map_err(Error::internal)?;
    store::device_removal::insert(tx, device_id, &stored, now).await?;
    let mut requests = Vec::new();
    for pending in store::request::under_way_of_device(tx, account_id, device_id).await? {
        requests.extend(request::end(tx, &pending, Event::Withdraw, now).await?);
    }
    Ok(Ended {
        sessions: store::session::delete_of_device(tx, device_id).await?,
        chats: store::member::delete_device_everywhere(tx, device_id).await?,
        requests,
    })
}

async fn check_signature(tx: &mut Tx, revocation: &DeviceRevocation) -> Result<()> {
    let account = store::account::find(tx, revocation.account_id).await?.ok_or(ErrorCode::Unauthenticated)?;
    let identity_key = account.identity_key.and_then(|key| PublicKey::try_from(key).ok());
    let is_signed = identity_key.is_some_and(|key| verify_revocation(revocation, &key));
    if is_signed { Ok(()) } else { Err(ErrorCode::DeviceInvalid.into()) }
}
