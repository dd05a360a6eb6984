//! Who moderates: the operator names them, in the app or on the command line.

use doorpost_model::{
    AccountId, ErrorCode, LogEntryId, TimeMs,
    limits::MODERATORS_MAX,
    moderation::{LogAction, ModeratorView},
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Store, Tx,
    moderation::{
        log::{self, NewLogEntry},
        role,
    },
};

use super::{access, domains};
use crate::{
    app::{App, Clock as _, Entropy, SystemClock, SystemEntropy},
    config::Config,
    data_lock::DataLock,
    http::{Error, Result, Viewer},
    start::StartError,
    validate,
};

/// The operator and the moderators.
///
/// # Errors
/// `forbidden`.
pub(super) async fn list(app: &App, viewer: Viewer) -> Result<Vec<ModeratorView>> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::server(tx, viewer.account_id, Action::ModerateServer).await?;
                let limit = u32::try_from(MODERATORS_MAX + 1).unwrap_or(u32::MAX);
                Ok(role::moderators(tx, limit).await?)
            })
        })
        .await
}

/// Makes somebody a moderator, or no more.
///
/// # Errors
/// `forbidden`, `not_found`; `invalid_field` for the operator; `limit_reached`.
pub(super) async fn set(app: &App, viewer: Viewer, handle: String, on: bool) -> Result<()> {
    let change = Change { by: Some(viewer.account_id), on, at: app.clock.now(), id: LogEntryId(app.entropy.uuid_v4()) };
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::server(tx, viewer.account_id, Action::OperateServer).await?;
                set_in_tx(tx, &handle, change).await
            })
        })
        .await
}

/// As [`set`], for the command line of whoever has the server's data; gives a sentence for what does not go.
///
/// # Errors
/// [`StartError`] when the database cannot be used, or a server runs on the data folder.
pub async fn set_offline(config: &Config, handle: String, on: bool) -> Result<Result<()>, StartError> {
    let lock = DataLock::take(&config.data)?;
    let store = Store::open(&config.database).await?;
    let entropy: &dyn Entropy = &SystemEntropy;
    let change = Change { by: None, on, at: SystemClock::default().now(), id: LogEntryId(entropy.uuid_v4()) };
    let done =
        store.write::<_, Error, _>(move |tx| Box::pin(async move { set_in_tx(tx, &handle, change).await })).await;
    drop(lock);
    Ok(done)
}

/// Blocks a domain for links, or no more, as [`set_offline`].
///
/// # Errors
/// As [`set_offline`].
pub async fn set_domain_offline(config: &Config, domain: String, on: bool) -> Result<Result<()>, StartError> {
    let lock = DataLock::take(&config.data)?;
    let store = Store::open(&config.database).await?;
    let entropy: &dyn Entropy = &SystemEntropy;
    let (id, now) = (LogEntryId(entropy.uuid_v4()), SystemClock::default().now());
    let done = store
        .write::<_, Error, _>(move |tx| Box::pin(async move { domains::set_in_tx(tx, &domain, on, id, now).await }))
        .await;
    drop(lock);
    Ok(done)
}

#[derive(Clone, Copy)]
struct Change {
    /// None: the command line.
    by: Option<AccountId>,
    on: bool,
    at: TimeMs,
    id: LogEntryId,
}

async fn set_in_tx(tx: &mut Tx, handle: &str, change: Change) -> Result<()> {
    if !validate::could_be_handle(handle) {
        return Err(ErrorCode::NotFound.into());
    }
    let account = store::account::find_by_handle(tx, handle).await?.ok_or(ErrorCode::NotFound)?;
    if account.is_operator {
        return Err(Error::invalid("handle", "The operator moderates anyway."));
    }
    if !role::set_moderator(tx, account.account_id, change.on).await? {
        return Ok(());
    }
    let limit = u32::try_from(MODERATORS_MAX + 2).unwrap_or(u32::MAX);
    if change.on && role::moderators(tx, limit).await?.len() > MODERATORS_MAX + 1 {
        return Err(ErrorCode::LimitReached.into());
    }
    let entry = NewLogEntry {
        entry_id: change.id,
        at: change.at,
        actor_id: change.by,
        action: if change.on { LogAction::ModeratorNamed } else { LogAction::ModeratorEnded },
        target: None,
        target_id: None,
        subject_id: Some(account.account_id),
        rule: None,
        note: String::new(),
        until: None,
    };
    Ok(log::append(tx, &entry).await?)
}
