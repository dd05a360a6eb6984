//! What moves a lease: commits, sockets that come and go, refusals, newcomers who ask.

use doorpost_model::{ChatId, DeviceId, LeaseId, RequestId};
use doorpost_store::{self as store, StoreError};

use super::{
    advance::{advance, kick},
    state::By,
};
use crate::app::App;

/// A commit is in the log: whatever else is pending goes into the next.
pub(crate) fn commit_accepted(app: &App, chat_id: ChatId, committer: DeviceId) {
    app.groups.leases.with(chat_id, |lease| lease.committed(committer));
    kick(app, chat_id);
}

/// A device does not take its lease.
pub(crate) fn decline(app: &App, device: DeviceId, chat_id: ChatId, lease_id: LeaseId) {
    let is_holder = app.groups.leases.with(chat_id, |lease| {
        let is_holder =
            lease.holder.is_some_and(|holder| holder.device_id == device && holder.by == By::Batch(lease_id));
        if is_holder {
            lease.pass_on();
        }
        is_holder
    });
    if is_holder {
        kick(app, chat_id);
    }
}

/// A device's socket is closed: what it holds goes to the next.
pub(crate) fn device_gone(app: &App, device: DeviceId) {
    if app.hub.is_online(device) {
        return;
    }
    for chat_id in app.groups.leases.held_by(device) {
        app.groups.leases.with(chat_id, |lease| {
            if lease.holder.is_some_and(|holder| holder.device_id == device) {
                lease.pass_on();
            }
        });
        kick(app, chat_id);
    }
}

/// A device is there and may be asked: perhaps somebody waits for it.
pub(crate) fn device_online(app: &App, device: DeviceId) {
    let app = app.clone();
    tokio::spawn(async move {
        let found = app
            .store
            .read::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    let mut chats = store::member::chats_with_work(tx, device).await?;
                    chats.extend(store::request::chats_admitting(tx, device).await?);
                    Ok(chats)
                })
            })
            .await;
        match found {
            Ok(chats) => {
                for chat_id in chats {
                    app.groups.leases.with(chat_id, |lease| lease.tried.remove(&device));
                    advance(&app, chat_id).await;
                }
            }
            Err(error) => tracing::warn!(%error, "a device that came online could not be asked to commit"),
        }
    });
}

/// A newcomer who is admitted asks where it stands, so it is there.
pub(crate) async fn newcomer_asked(app: &App, chat_id: ChatId, request_id: RequestId) {
    app.groups.leases.note_asked(request_id, app.clock.now());
    advance(app, chat_id).await;
}

/// How many milliseconds this newcomer has to come in by an external commit; none when it is not its turn.
pub(crate) fn newcomer_turn(app: &App, chat_id: ChatId, request_id: RequestId) -> Option<u32> {
    let now = app.clock.now();
    let holder = app.groups.leases.with(chat_id, |lease| lease.current(now))?;
    let is_turn = holder.by == By::External(request_id);
    is_turn.then(|| u32::try_from(holder.until.0.saturating_sub(now.0)).unwrap_or(0))
}

/// Whether an external commit of this newcomer comes in nobody's way: it is its turn, or nobody's.
pub(crate) fn may_commit_externally(app: &App, chat_id: ChatId, request_id: RequestId) -> bool {
    let now = app.clock.now();
    let holder = app.groups.leases.with(chat_id, |lease| lease.current(now));
    holder.is_none_or(|holder| holder.by == By::External(request_id))
}
