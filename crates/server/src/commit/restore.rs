//! Going back to before commits that nobody else can follow.

use doorpost_model::{
    AccountId, Binary, ChatId, ErrorCode, RequestId, TimeMs,
    chat::{EntryKind, LogEntry},
    frame::Hint,
    invite::RequestState,
    limits::{ADMITTED_TTL_MS, APPROVAL_TTL_MS},
};
use doorpost_policy::admission::Event;
use doorpost_store::{
    self as store, Tx,
    chat_group::Unconfirmed,
    log::EntryRow,
    request::{MovedRequest, RequestRow},
};

use super::{
    cause,
    undo::{AccountBefore, UndoRows},
};
use crate::{app::App, http::Result, lease, log::entry_of, post, request};

/// What going back means for those who are connected.
pub(super) struct Restored {
    entry: LogEntry,
    /// Accounts that are no members any more.
    gone: Vec<AccountId>,
    hosts: Vec<AccountId>,
    suspended: Option<AccountId>,
    moved: Vec<MovedRequest>,
}

/// Puts group, epoch and members back to before the first unconfirmed commit, says so in the log, and suspends whoever
/// caused it. Whoever came in since then waits to be let in again, in the seat they have. None: somebody these commits touch
/// has left meanwhile, or another version of this program wrote how to undo them; so they stay.
pub(super) async fn restore_in_tx(
    tx: &mut Tx,
    app: &App,
    chat_id: ChatId,
    commit: &Unconfirmed,
    at: TimeMs,
) -> Result<Option<Restored>> {
    let Some(undo) = UndoRows::read(&commit.undo) else { return Ok(None) };
    if has_anyone_left(tx, chat_id, &undo.accounts).await? {
        return Ok(None);
    }
    let void = store::log::commit_at(tx, chat_id, commit.seq).await?.ok_or(ErrorCode::NotFound)?;
    let epoch = store::chat_group::restore(tx, chat_id, commit.seq).await?.ok_or(ErrorCode::Conflict)?;
    let suspended = cause::settle(tx, chat_id, commit, undo.is_external).await?;
    let entry = write_entry(tx, void, epoch, suspended, at).await?;
    for account in &undo.accounts {
        account.put_back(tx, chat_id, at).await?;
    }
    let mut moved = Vec::new();
    for request_id in undo.joined {
        moved.extend(queue_again(tx, app, request_id, suspended, at).await?);
    }
    store::chat::count_members(tx, chat_id).await?;
    store::commit_report::delete(tx, chat_id).await?;
    if let Some(account) = suspended {
        for pending in store::request::under_way(tx, chat_id, account).await? {
            moved.extend(request::end(tx, &pending, Event::Remove, at).await?);
        }
        store::suspension::insert(tx, chat_id, account, entry.seq, at).await?;
    }
    let gone = undo.accounts.iter().filter(|account| account.member.is_none());
    Ok(Some(Restored {
        entry: entry_of(entry),
        gone: gone.map(|account| account.account_id).collect(),
        suspended,
        hosts: store::member::hosts(tx, chat_id).await?,
        moved,
    }))
}

async fn has_anyone_left(tx: &mut Tx, chat_id: ChatId, accounts: &[AccountBefore]) -> Result<bool> {
    for account in accounts.iter().filter(|account| account.member.is_some()) {
        if store::member::get(tx, chat_id, account.account_id).await?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Says that the commit `void` and all after it do not count, and that the chat is in `epoch` again.
async fn write_entry(
    tx: &mut Tx,
    void: EntryRow,
    epoch: i64,
    suspended: Option<AccountId>,
    at: TimeMs,
) -> Result<EntryRow> {
    let chat_id = void.chat_id;
    let seq = store::chat::restore_epoch(tx, chat_id, epoch).await?.ok_or(ErrorCode::NotFound)?;
    store::log::void(tx, chat_id, void.seq).await?;
    let entry = EntryRow {
        chat_id,
        seq,
        kind: EntryKind::Restored,
        epoch,
        sender_account: void.sender_account,
        sender_device: void.sender_device,
        client_seq: void.seq,
        at,
        payload: Binary(suspended.map(|account| account.as_bytes().to_vec()).unwrap_or_default()),
    };
    store::log::insert(tx, std::slice::from_ref(&entry)).await?;
    Ok(entry)
}

/// The request that a void commit answered is over. For everybody but whoever is suspended a new one takes its place,
/// and its seat.
async fn queue_again(
    tx: &mut Tx,
    app: &App,
    request_id: RequestId,
    suspended: Option<AccountId>,
    at: TimeMs,
) -> Result<Vec<MovedRequest>> {
    use RequestState::{Admitted, Expired, Joined};
    let Some(ended) = store::request::set_state(tx, request_id, Joined, Expired, at).await? else {
        return Ok(Vec::new());
    };
    if suspended == Some(ended.account_id) {
        store::request::release_seats(tx, ended.invite_id, 1).await?;
        return Ok(vec![ended]);
    }
    let old = store::request::get(tx, request_id).await?.ok_or(ErrorCode::NotFound)?;
    let ttl_ms = if old.approval.is_some() { APPROVAL_TTL_MS } else { ADMITTED_TTL_MS };
    let row = RequestRow {
        request_id: RequestId(app.entropy.uuid_v7(at)),
        state: Admitted,
        asked_at: at,
        state_at: at,
        expires_at: Some(at.plus(ttl_ms)),
        ..old
    };
    if !store::request::insert(tx, &row).await? {
        store::request::release_seats(tx, ended.invite_id, 1).await?;
        return Ok(vec![ended]);
    }
    let again = MovedRequest { request_id: row.request_id, state: Admitted, ..ended };
    Ok(vec![ended, again])
}

/// To be called once the transaction has committed, while the chat is still held and its turn is kept.
pub(super) fn publish(app: &App, chat_id: ChatId, restored: &Restored) {
    metrics::counter!("doorpost_commits_restored_total").increment(1);
    app.hub.publish(vec![restored.entry.clone()]);
    for &account in &restored.gone {
        app.hub.drop_account(chat_id, account);
    }
}

/// To be called once the chat is let go.
pub(super) fn finish(app: &App, chat_id: ChatId, restored: &Restored) {
    let maker = restored.entry.sender_account;
    for account in restored.gone.iter().chain(&restored.hosts).chain([&maker]).chain(&restored.suspended) {
        app.hub.hint(*account, Hint::ChatsChanged);
    }
    post::live::cards_changed(app, chat_id);
    request::moved(app, &restored.moved);
    lease::kick(app, chat_id);
}
