//! Taking a new hosts' key, or more copies of the present one.

use doorpost_mls::answers::verify_hosts_key;
use doorpost_model::{
    AccountId, ChatId, ErrorCode, TimeMs,
    hosts_key::{HostsKey, PutHostsKey},
    limits::{HOSTS_KEY_COPIES_MAX, SEALED_SECRET_BYTES_MAX},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, hosts_key::HostsKeyRow};

use crate::{
    app::App,
    chat::access,
    http::{Error, Result, Viewer},
};

/// Keeps what a host's device sent.
///
/// # Errors
/// `not_found` unless the viewer is a member; `not_host`; `invalid_field`; `conflict` when another host was first.
pub(super) async fn put(app: &App, viewer: Viewer, chat_id: ChatId, request: PutHostsKey) -> Result<()> {
    let now = app.clock.now();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::HostChat).await?;
                check(&request, chat_id, viewer.account_id)?;
                put_in_tx(tx, chat_id, &request, now).await
            })
        })
        .await
}

/// Checks that the viewer vouches for the key, and that sizes are within bounds.
///
/// # Errors
/// `invalid_field`.
pub(crate) fn check(request: &PutHostsKey, chat_id: ChatId, viewer: AccountId) -> Result<()> {
    let key = &request.key;
    if key.host_account_id != viewer || verify_hosts_key(key, chat_id).is_err() || key.door_tag.0.len() != 32 {
        return Err(Error::invalid("hosts_key", "The hosts' key is not signed by the host it names."));
    }
    let fits = |bytes: usize| (1..=SEALED_SECRET_BYTES_MAX).contains(&bytes);
    if request.copies.len() > HOSTS_KEY_COPIES_MAX || !request.copies.iter().all(|copy| fits(copy.sealed.0.len())) {
        return Err(Error::invalid("hosts_key", "There are too many copies, or one is too long."));
    }
    Ok(())
}

/// Writes it: the next version as a new key, the present one with what is added to it.
///
/// # Errors
/// `conflict` for any other version, or another key under the present one's number.
pub(crate) async fn put_in_tx(tx: &mut Tx, chat_id: ChatId, request: &PutHostsKey, now: TimeMs) -> Result<()> {
    let row = row(&request.key);
    let present = store::hosts_key::current(tx, chat_id).await?.map_or(0, |key| key.version);
    let is_kept = if row.version == present {
        store::hosts_key::vouch(tx, chat_id, &row).await?
    } else {
        row.version == present.saturating_add(1) && store::hosts_key::insert(tx, chat_id, &row, now).await?
    };
    if !is_kept {
        return Err(ErrorCode::Conflict.into());
    }
    for copy in &request.copies {
        store::hosts_key::put_copy(tx, chat_id, row.version, copy.account_id, &copy.sealed.0).await?;
    }
    Ok(())
}

fn row(key: &HostsKey) -> HostsKeyRow {
    HostsKeyRow {
        version: key.version,
        public_key: key.public_key.0.clone(),
        host_id: key.host_account_id,
        host_identity_key: key.host_identity_key.0.clone(),
        signature: key.signature.0.clone(),
        door_tag: key.door_tag.0.clone(),
    }
}
