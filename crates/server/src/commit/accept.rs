//! Accepting a staged commit: what it means for the tables, and then for the sockets.

use std::collections::{BTreeSet, HashMap};

use doorpost_model::{
    AccountId, ChatId, DeviceId, ErrorCode, InviteId,
    chat::{CommitAccepted, EntryKind, LogEntry, Role},
    frame::Hint,
    invite::RequestState,
    limits::CHAT_MEMBERS_MAX,
};
use doorpost_policy::{admission::Event, membership::Leaf};
use doorpost_store::{
    self as store, StoreError, Tx,
    chat_group::GroupRow,
    log::EntryRow,
    member::{MemberDevice, MemberRow},
    request::MovedRequest,
    welcome::WelcomeRow,
};

use super::{CommitRecord, StagedCommit, count, door, policy, undo::Undo};
use crate::{
    app::App,
    http::{Error, Result},
    lease,
    log::{entry_of, unsigned},
    post, request,
};

/// What became of a commit in the transaction.
pub struct AcceptedCommit {
    pub answer: CommitAccepted,
    entry: LogEntry,
    moved: Vec<MovedRequest>,
    /// Accounts that are no members any more.
    gone: Vec<AccountId>,
    /// Accounts that are members since this commit.
    come: Vec<AccountId>,
    /// Authors whose invites have another secret.
    authors: Vec<AccountId>,
}

/// Writes log entry, epoch, group, members, welcomes and the requests that are now joined.
///
/// # Errors
/// `stale_epoch` when another commit came first; `commit_refused` when somebody it adds is not admitted
/// (any more); `limit_reached` when the chat would have too many members.
pub async fn accept_in_tx(tx: &mut Tx, record: &CommitRecord) -> Result<AcceptedCommit> {
    write(tx, record).await.inspect_err(count::refused)
}

async fn write(tx: &mut Tx, record: &CommitRecord) -> Result<AcceptedCommit> {
    let chat_id = record.chat_id;
    let seq = store::chat::next_epoch(tx, chat_id, record.from_epoch).await?.ok_or(ErrorCode::StaleEpoch)?;
    let entry = entry_row(record, seq);
    store::log::insert(tx, std::slice::from_ref(&entry)).await?;
    let mut undo = Undo::before(tx, record, seq).await?;

    let mut outcome = Outcome::default();
    take_out(tx, record, &mut outcome).await?;
    bring_in(tx, record, seq, &mut outcome).await?;
    if record.change.policy.is_some() {
        outcome.moved.extend(policy::apply(tx, record).await?);
    }
    let door::DoorChange { moved, authors } = door::change(tx, record).await?;
    outcome.moved.extend(moved);
    if store::chat::count_members(tx, chat_id).await? as usize > CHAT_MEMBERS_MAX {
        return Err(ErrorCode::LimitReached.into());
    }
    if let Some(welcome) = &record.welcome {
        let row = WelcomeRow {
            epoch: record.from_epoch + 1,
            seq,
            welcome: welcome.welcome.clone(),
            ratchet_tree: welcome.ratchet_tree.clone(),
        };
        store::welcome::insert(tx, chat_id, &row, record.at, &welcome.devices).await?;
    }
    if let Some(undo) = &mut undo {
        undo.joined(outcome.moved.iter().filter(|request| request.state == RequestState::Joined));
    }
    replace_group(tx, record, undo).await?;
    let answer = CommitAccepted { seq: unsigned(seq), epoch: unsigned(record.from_epoch + 1) };
    let Outcome { moved, gone, come } = outcome;
    Ok(AcceptedCommit { answer, entry: entry_of(entry), moved, gone, come, authors })
}

#[derive(Default)]
struct Outcome {
    moved: Vec<MovedRequest>,
    gone: Vec<AccountId>,
    come: Vec<AccountId>,
}

fn entry_row(record: &CommitRecord, seq: i64) -> EntryRow {
    EntryRow {
        chat_id: record.chat_id,
        seq,
        kind: EntryKind::Commit,
        epoch: record.from_epoch,
        sender_account: record.sender.account_id,
        sender_device: record.sender.device_id,
        client_seq: record.from_epoch,
        at: record.at,
        payload: record.commit.clone(),
    }
}

/// Puts the new group in the place of the old one, which is kept where the commit may still be taken back.
async fn replace_group(tx: &mut Tx, record: &CommitRecord, undo: Option<Undo>) -> Result<()> {
    let group = GroupRow {
        epoch: record.from_epoch + 1,
        snapshot: record.snapshot.clone(),
        group_info: record.group_info.clone(),
    };
    let (chat_id, from) = (record.chat_id, record.from_epoch);
    let is_replaced = match undo {
        None => store::chat_group::replace(tx, chat_id, from, &group).await?,
        Some(undo) => undo.keep(tx, chat_id, from, &group).await?,
    };
    if is_replaced { Ok(()) } else { Err(Error::internal("a chat and its group are in different epochs")) }
}

async fn take_out(tx: &mut Tx, record: &CommitRecord, outcome: &mut Outcome) -> Result<()> {
    let chat_id = record.chat_id;
    for &(_, device) in &record.change.devices_removed {
        store::member::delete_device(tx, chat_id, device).await?;
        store::device_removal::delete(tx, chat_id, device).await?;
        store::welcome::delete(tx, chat_id, device).await?;
    }
    for removed in &record.change.removed {
        let account = removed.account_id;
        if forget_leaving(tx, chat_id, account).await? {
            continue;
        }
        let Some(member) = store::member::delete(tx, chat_id, account).await? else { continue };
        store::member::delete_devices(tx, chat_id, account).await?;
        release_seat(tx, member.invite_id).await?;
        outcome.gone.push(account);
        if removed.by.is_some() {
            outcome.moved.extend(end_other_requests(tx, record, account, Event::Remove).await?);
        }
    }
    Ok(())
}

/// The leaves of somebody who left are out now: the note is done with, and the seat is free.
/// `false`: the account has not left.
async fn forget_leaving(tx: &mut Tx, chat_id: ChatId, account: AccountId) -> Result<bool, StoreError> {
    let Some(note) = store::member::delete_leave_note(tx, chat_id, account).await? else {
        return Ok(false);
    };
    release_seat(tx, note.invite_id).await?;
    Ok(true)
}

async fn release_seat(tx: &mut Tx, invite: Option<InviteId>) -> Result<(), StoreError> {
    match invite {
        Some(invite) => store::request::release_seats(tx, invite, 1).await,
        None => Ok(()),
    }
}

async fn bring_in(tx: &mut Tx, record: &CommitRecord, seq: i64, outcome: &mut Outcome) -> Result<()> {
    check_registered(tx, record).await?;
    for &(account_id, device_id) in &record.change.devices_added {
        let is_member = store::member::get(tx, record.chat_id, account_id).await?.is_some();
        let comes_anew = record.change.identity_changed.contains(&account_id) && !outcome.come.contains(&account_id);
        if !is_member || comes_anew {
            join(tx, record, record.leaf(device_id)?, seq, outcome).await?;
        }
        let device = MemberDevice { device_id, account_id };
        store::member::insert_device(tx, record.chat_id, device, seq).await?;
    }
    Ok(())
}

/// Each new leaf must be of a device that its account has here, and carry the account's identity.
async fn check_registered(tx: &mut Tx, record: &CommitRecord) -> Result<()> {
    let added = &record.change.devices_added;
    let devices: Vec<DeviceId> = added.iter().map(|&(_, device)| device).collect();
    let registered = store::device::find_many(tx, &devices).await?;
    let mut identities: HashMap<AccountId, Option<Vec<u8>>> = HashMap::new();
    for account in added.iter().map(|&(account, _)| account).collect::<BTreeSet<_>>() {
        let row = store::account::find(tx, account).await?;
        identities.insert(account, row.and_then(|row| row.identity_key));
    }
    for (account, device_id) in added {
        let leaf = record.leaf(*device_id)?;
        let device = registered.get(device_id);
        let is_theirs = device.is_some_and(|device| device.account_id == *account && device.revoked_at.is_none());
        let identity = identities.get(account).and_then(Option::as_ref);
        if !is_theirs || identity.is_none_or(|key| *key != leaf.identity_key) {
            return Err(not_admitted("a device it adds is not registered with that account"));
        }
    }
    Ok(())
}

/// Makes the account of a new leaf a member, by its request; one that was a member with another identity anew.
async fn join(tx: &mut Tx, record: &CommitRecord, leaf: &Leaf, seq: i64, outcome: &mut Outcome) -> Result<()> {
    let (chat_id, account) = (record.chat_id, leaf.account_id);
    let joined = store::request::join(tx, chat_id, leaf.device_id, &leaf.nonce(), record.at)
        .await?
        .filter(|request| request.account_id == account)
        .ok_or_else(|| not_admitted("somebody it adds is not admitted"))?;
    // Whoever left and comes back has the old leaves taken out by the same commit.
    forget_leaving(tx, chat_id, account).await?;
    store::member::delete_removal(tx, chat_id, account).await?;
    if let Some(former) = store::member::delete(tx, chat_id, account).await? {
        release_seat(tx, former.invite_id).await?;
    }
    let member = MemberRow {
        chat_id,
        account_id: account,
        role: if leaf.is_host(&record.policy) { Role::Host } else { Role::Member },
        invite_id: Some(joined.invite_id),
        joined_seq: seq,
        joined_at: record.at,
        read_seq: seq,
    };
    store::member::insert(tx, &member).await?;
    outcome.moved.push(joined);
    outcome.moved.extend(end_other_requests(tx, record, account, Event::ComeInOtherwise).await?);
    outcome.come.push(account);
    Ok(())
}

/// Ends what else an account has under way into the chat.
pub(super) async fn end_other_requests(
    tx: &mut Tx,
    record: &CommitRecord,
    account: AccountId,
    event: Event,
) -> Result<Vec<MovedRequest>, StoreError> {
    let mut moved = Vec::new();
    for pending in store::request::under_way(tx, record.chat_id, account).await? {
        moved.extend(request::end(tx, &pending, event, record.at).await?);
    }
    Ok(moved)
}

pub(super) fn not_admitted(why: &str) -> Error {
    Error::new(ErrorCode::CommitRefused, format!("The commit was refused: {why}."))
}

/// To be called once the transaction has committed: the group moves on, sockets get the entry.
pub fn finish(app: &App, staged: StagedCommit, accepted: AcceptedCommit) {
    let record = staged.record();
    let StagedCommit { group, mut held, turn, .. } = staged;
    held.put(group);
    count::accepted(&record.change);
    let chat_id = record.chat_id;
    for &account in &accepted.gone {
        app.hub.drop_account(chat_id, account);
    }
    for &(_, device) in &record.change.devices_removed {
        if !record.leaves.contains_key(&device) {
            app.hub.drop_device(chat_id, device);
        }
    }
    for &(_, device) in &record.change.devices_added {
        app.hub.add_device(chat_id, device);
    }
    app.hub.publish(vec![accepted.entry]);
    drop(turn);
    drop(held);
    for account in accepted.gone.iter().chain(&accepted.come).copied().chain(policy::roles_changed(&record)) {
        app.hub.hint(account, Hint::ChatsChanged);
    }
    for &author in &accepted.authors {
        // Their devices look who lacks a copy.
        app.hub.hint(author, Hint::QueueChanged { chat_id });
    }
    if record.change.door_changed || !(accepted.gone.is_empty() && accepted.come.is_empty()) {
        post::live::cards_changed(app, chat_id);
    }
    request::moved(app, &accepted.moved);
    lease::commit_accepted(app, chat_id, record.sender.device_id);
}
