//! Giving the lease to whoever is next.

use doorpost_model::{
    ChatId, DeviceId, LeaseId, TimeMs,
    admission::{Approval, DeviceRevocation, LeaveNote},
    frame::{Hint, LeaseOffer, PendingAdd, ServerFrame},
    limits::{BATCH_ADDS_MAX, BATCH_REMOVES_MAX, LEASE_TTL_MS},
};
use doorpost_store::{self as store, Tx, member::LeaveNoteRow, request::RequestRow};

use super::state::{ASK_AGAIN_MS, By, ChatLease, Holder};
use crate::{
    app::App,
    http::{Error, Result},
    log::unsigned,
};

/// What waits in a chat for a commit.
struct Pending {
    epoch: i64,
    admitted: Vec<RequestRow>,
    leave_notes: Vec<LeaveNoteRow>,
    /// `DeviceRevocation`s in postcard.
    revocations: Vec<Vec<u8>>,
}

/// As [`advance`], without waiting for it.
pub(crate) fn kick(app: &App, chat_id: ChatId) {
    let app = app.clone();
    tokio::spawn(async move { advance(&app, chat_id).await });
}

/// Makes sure that somebody is to commit next in a chat, if anything is pending and anybody is there.
pub(crate) async fn advance(app: &App, chat_id: ChatId) {
    let leases = &app.groups.leases;
    let _turn = leases.turns.lock(chat_id).await;
    loop {
        let now = app.clock.now();
        let is_held = leases.with(chat_id, |lease| {
            let is_held = lease.current(now).is_some();
            if !is_held {
                lease.pass_on();
            }
            (lease.is_advancing, lease.is_stale) = (!is_held, false);
            is_held
        });
        if is_held {
            return;
        }
        let pending = pending(app, chat_id).await;
        let is_stale = leases.with(chat_id, |lease| {
            lease.is_advancing = false;
            lease.is_stale
        });
        if is_stale {
            continue;
        }
        return match pending {
            Ok(Some(pending)) => offer(app, chat_id, &pending, now),
            Ok(None) => leases.with(chat_id, |lease| *lease = ChatLease::default()),
            Err(error) => {
                tracing::warn!(%error, "a lease could not be given; it is tried again");
                leases.with(chat_id, |lease| lease.ask_again_at = Some(now.plus(ASK_AGAIN_MS)));
            }
        };
    }
}

async fn pending(app: &App, chat_id: ChatId) -> Result<Option<Pending>> {
    app.store.read::<_, Error, _>(move |tx| Box::pin(read_pending(tx, chat_id))).await
}

async fn read_pending(tx: &mut Tx, chat_id: ChatId) -> Result<Option<Pending>> {
    let admitted = store::request::admitted(tx, chat_id, limit(BATCH_ADDS_MAX)).await?;
    let leave_notes = store::member::leave_notes(tx, chat_id, limit(BATCH_REMOVES_MAX)).await?;
    let revocations = store::device_removal::of_chat(tx, chat_id, limit(BATCH_REMOVES_MAX)).await?;
    if admitted.is_empty() && leave_notes.is_empty() && revocations.is_empty() {
        return Ok(None);
    }
    let chat = store::chat::get(tx, chat_id).await?;
    Ok(chat.map(|chat| Pending { epoch: chat.epoch, admitted, leave_notes, revocations }))
}

fn limit(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Asks members one after the other, then the newcomers themselves; whoever is asked holds the lease.
fn offer(app: &App, chat_id: ChatId, pending: &Pending, now: TimeMs) {
    let until = now.plus(LEASE_TTL_MS);
    while let Some(device_id) = next_member(app, chat_id) {
        let lease_id = LeaseId(app.entropy.uuid_v4());
        let holder = Holder { device_id, by: By::Batch(lease_id), until };
        app.groups.leases.with(chat_id, |lease| lease.holder = Some(holder));
        if app.hub.send(device_id, &ServerFrame::Lease(lease_offer(chat_id, lease_id, pending))) {
            metrics::counter!("doorpost_leases_total", "kind" => "batch").increment(1);
            return;
        }
        app.groups.leases.with(chat_id, ChatLease::pass_on);
    }
    if let Some(newcomer) = next_newcomer(app, chat_id, pending, now) {
        let holder = Holder { device_id: newcomer.device_id, by: By::External(newcomer.request_id), until };
        app.groups.leases.with(chat_id, |lease| lease.holder = Some(holder));
        metrics::counter!("doorpost_leases_total", "kind" => "external").increment(1);
        app.hub.hint(newcomer.account_id, Hint::RequestChanged { request_id: newcomer.request_id });
        return;
    }
    // Everybody who is there was asked. Whoever comes now is asked at once, the others after a while.
    app.groups.leases.with(chat_id, |lease| {
        lease.ask_again_at = (!lease.tried.is_empty()).then(|| now.plus(ASK_AGAIN_MS));
        lease.tried.clear();
    });
}

/// A connected member's device that was not asked yet: first the one that committed last.
fn next_member(app: &App, chat_id: ChatId) -> Option<DeviceId> {
    let online = app.hub.online_in(chat_id);
    app.groups.leases.with(chat_id, |lease| {
        online
            .iter()
            .filter(|device| device.available && !lease.tried.contains(&device.device_id))
            .map(|device| device.device_id)
            .min_by_key(|device| (Some(*device) != lease.last_committer, *device))
    })
}

/// The newcomer who has waited longest, of those who are there and were not asked yet.
fn next_newcomer<'p>(app: &App, chat_id: ChatId, pending: &'p Pending, now: TimeMs) -> Option<&'p RequestRow> {
    let leases = &app.groups.leases;
    let is_there = |row: &&RequestRow| app.hub.is_online(row.device_id) || leases.asked_lately(row.request_id, now);
    let there: Vec<&RequestRow> = pending.admitted.iter().filter(is_there).collect();
    leases.with(chat_id, |lease| there.into_iter().find(|row| !lease.tried.contains(&row.device_id)))
}

fn lease_offer(chat_id: ChatId, lease_id: LeaseId, pending: &Pending) -> LeaseOffer {
    LeaseOffer {
        chat_id,
        lease_id,
        epoch: unsigned(pending.epoch),
        ttl_ms: u32::try_from(LEASE_TTL_MS).unwrap_or(u32::MAX),
        adds: pending.admitted.iter().map(pending_add).collect(),
        removes: pending.leave_notes.iter().filter_map(leave_note).collect(),
        revocations: pending.revocations.iter().filter_map(|bytes| stored::<DeviceRevocation>(bytes)).collect(),
    }
}

fn pending_add(row: &RequestRow) -> PendingAdd {
    PendingAdd {
        request_id: row.request_id,
        account_id: row.account_id,
        device_id: row.device_id,
        key_package: row.key_package.clone(),
        approval: row.approval.as_deref().and_then(stored::<Approval>),
    }
}

fn leave_note(row: &LeaveNoteRow) -> Option<LeaveNote> {
    stored(&row.note)
}

/// What this server itself has written in postcard.
pub(crate) fn stored<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let value = postcard::from_bytes(bytes).ok();
    if value.is_none() {
        tracing::error!("a stored approval, leave note or revocation is damaged");
    }
    value
}
