//! A hosts' key as its hosts, and as applicants, get it.

use doorpost_model::{
    ChatId,
    hosts_key::{HostsKey, HostsKeyView, OwnHostsKey, SealingKey},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, StoreError, Tx, account::SealingKeyRow, hosts_key::HostsKeyRow};

use crate::{
    app::App,
    chat::access,
    http::{Error, Result, Viewer},
};

/// What a host's device needs to read answers and to see to the key.
///
/// # Errors
/// `not_found` unless the viewer is a member; `not_host`.
pub(super) async fn view(app: &App, viewer: Viewer, chat_id: ChatId) -> Result<HostsKeyView> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::SeeQueue).await?;
                let key = current(tx, chat_id).await?;
                let holders = match &key {
                    Some(key) => store::hosts_key::holders(tx, chat_id, key.version).await?,
                    None => Vec::new(),
                };
                let hosts = store::member::hosts(tx, chat_id).await?;
                let hosts = store::account::sealing_keys(tx, &hosts).await?.into_iter().map(sealing_key).collect();
                let copies = store::hosts_key::copies(tx, chat_id, viewer.account_id).await?;
                let own = copies
                    .into_iter()
                    .map(|copy| OwnHostsKey {
                        version: copy.version,
                        public_key: copy.public_key.into(),
                        sealed: copy.sealed.into(),
                    })
                    .collect();
                Ok(HostsKeyView { key, holders, hosts, own })
            })
        })
        .await
}

/// The key that applicants seal to now.
///
/// # Errors
/// As every statement.
pub(crate) async fn current(tx: &mut Tx, chat_id: ChatId) -> Result<Option<HostsKey>, StoreError> {
    let row = store::hosts_key::current(tx, chat_id).await?;
    Ok(row.map(|HostsKeyRow { version, public_key, host_id, host_identity_key, signature, door_tag }| HostsKey {
        version,
        public_key: public_key.into(),
        host_account_id: host_id,
        host_identity_key: host_identity_key.into(),
        signature: signature.into(),
        door_tag: door_tag.into(),
    }))
}

/// An account's keys on the wire.
pub(crate) fn sealing_key(row: SealingKeyRow) -> SealingKey {
    SealingKey {
        account_id: row.account_id,
        identity_key: row.identity_key.into(),
        sealing_key: row.sealing_key.into(),
        signature: row.sealing_signature.into(),
    }
}
