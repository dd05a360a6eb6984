//! One's own account.

use doorpost_model::{
    AccountId, DeviceId, ErrorCode, SessionId,
    account::{Me, PasskeyView, UpdateMeRequest},
    people::AccountKind,
};
use doorpost_store::{self as store, Tx};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    moderation::domains,
    search, validate,
};

/// The account as it sees itself through one of its sessions.
///
/// # Errors
/// `unauthenticated` when the account is gone.
pub async fn view_in_tx(
    tx: &mut Tx,
    account_id: AccountId,
    session_id: SessionId,
    device_id: Option<DeviceId>,
) -> Result<Me> {
    let account = store::account::find(tx, account_id).await?;
    let account = account.filter(|account| account.kind != AccountKind::Gone).ok_or(ErrorCode::Unauthenticated)?;
    let passkeys = store::passkey::of_account(tx, account_id).await?;
    Ok(Me {
        account_id,
        has_password: account.password_hash.is_some(),
        handle: account.handle,
        name: account.name,
        about: account.about,
        findable: account.findable,
        is_operator: account.is_operator,
        server_role: store::moderation::role::of_account(tx, account_id).await?,
        suspended_until: store::moderation::role::suspended_until(tx, account_id).await?,
        session_id,
        device_id,
        identity_key: account.identity_key.map(Into::into),
        passkeys: passkeys
            .into_iter()
            .map(|row| PasskeyView {
                passkey_id: row.passkey_id,
                name: row.name,
                created_at: row.created_at,
                last_used_at: row.last_used_at,
            })
            .collect(),
    })
}

/// The viewer's own account.
///
/// # Errors
/// As [`view_in_tx`].
pub async fn view(app: &App, viewer: Viewer) -> Result<Me> {
    app.store.read(move |tx| Box::pin(view_in_tx(tx, viewer.account_id, viewer.session_id, viewer.device_id))).await
}

/// Changes the viewer's own account.
///
/// # Errors
/// `invalid_field`.
pub async fn update(app: &App, viewer: Viewer, change: UpdateMeRequest) -> Result<Me> {
    let name = change.name.map(|name| validate::account_name("name", &name)).transpose()?;
    let about = change.about.map(|about| validate::about("about", &about)).transpose()?;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let (new_name, new_about) = (name.as_deref().unwrap_or(""), about.as_deref().unwrap_or(""));
                domains::check(tx, &[("name", new_name), ("about", new_about)]).await?;
                if let Some(name) = name {
                    store::account::set_name(tx, viewer.account_id, &name).await?;
                }
                if let Some(about) = about {
                    store::account::set_about(tx, viewer.account_id, &about).await?;
                }
                if let Some(findable) = change.findable {
                    store::account::set_findable(tx, viewer.account_id, findable).await?;
                }
                let me = view_in_tx(tx, viewer.account_id, viewer.session_id, viewer.device_id).await?;
                search::index_in_tx(tx, me.account_id, &me.handle, &me.name).await?;
                Ok(me)
            })
        })
        .await
}
