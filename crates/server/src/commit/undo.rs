//! What it takes to undo unconfirmed commits in the tables.
//!
//! Commits that may be taken back ([`may_be_taken_back`]) let people in, bring devices in again, and take out who left.
//! So it is enough to know how the members they touch stood before, and whose requests they answered.

use std::collections::BTreeSet;

use doorpost_model::{AccountId, ChatId, DeviceId, InviteId, RequestId, TimeMs, chat::Role};
use doorpost_policy::recovery::{is_external, may_be_taken_back};
use doorpost_store::{
    self as store, StoreError, Tx,
    chat_group::{GroupRow, Unconfirmed},
    member::{LeaveNoteRow, MemberDevice, MemberRow},
    request::MovedRequest,
};
use serde::{Deserialize, Serialize};

use super::CommitRecord;
use crate::http::{Error, Result};

/// How the chat's tables stood before the first unconfirmed commit.
pub(super) struct Undo {
    /// The first unconfirmed commit, where it is not this one.
    first: Option<Unconfirmed>,
    seq: i64,
    account_id: AccountId,
    rows: UndoRows,
}

/// As it is stored (postcard).
#[derive(Default, Serialize, Deserialize)]
pub(super) struct UndoRows {
    pub(super) accounts: Vec<AccountBefore>,
    /// Requests that became joined.
    pub(super) joined: Vec<RequestId>,
    /// The first of these commits is external (RFC 9420 section 12.4.3.2).
    pub(super) is_external: bool,
}

impl UndoRows {
    /// None: written by another version.
    pub(super) fn read(undo: &[u8]) -> Option<Self> {
        postcard::from_bytes(undo).ok()
    }
}

/// How one account stood.
#[derive(Serialize, Deserialize)]
pub(super) struct AccountBefore {
    pub(super) account_id: AccountId,
    pub(super) member: Option<MemberBefore>,
    /// Each with the entry that brought it in.
    pub(super) devices: Vec<(DeviceId, i64)>,
    /// Of somebody who had left.
    pub(super) leave_note: Option<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct MemberBefore {
    is_host: bool,
    invite_id: Option<InviteId>,
    joined_seq: i64,
    joined_at: TimeMs,
    read_seq: i64,
}

impl Undo {
    /// What the commit in entry `seq` is about to change; none when it is in force for good.
    pub(super) async fn before(tx: &mut Tx, record: &CommitRecord, seq: i64) -> Result<Option<Self>> {
        let account_id = record.sender.account_id;
        let by_host = record.policy.hosts.iter().any(|host| host.account_id == account_id);
        if !may_be_taken_back(&record.change, by_host) {
            return Ok(None);
        }
        let first = match store::chat_group::unconfirmed(tx, record.chat_id).await? {
            Some(first) if !is_confirmed_by(tx, record, &first).await? => Some(first),
            _ => None,
        };
        // What another version wrote is not undone any more.
        let first = first.and_then(|first| UndoRows::read(&first.undo).map(|rows| (first, rows)));
        let (first, mut rows) = match first {
            Some((first, rows)) => (Some(first), rows),
            None => (None, UndoRows { is_external: is_external(&record.change), ..UndoRows::default() }),
        };
        let known: BTreeSet<AccountId> = rows.accounts.iter().map(|account| account.account_id).collect();
        let touched: BTreeSet<AccountId> = record
            .change
            .devices_added
            .iter()
            .chain(&record.change.devices_removed)
            .map(|(account, _)| *account)
            .filter(|account| !known.contains(account))
            .collect();
        for account in touched {
            rows.accounts.push(AccountBefore::read(tx, record, account).await?);
        }
        Ok(Some(Self { first, seq, account_id, rows }))
    }

    /// These requests became joined.
    pub(super) fn joined<'r>(&mut self, requests: impl Iterator<Item = &'r MovedRequest>) {
        self.rows.joined.extend(requests.map(|request| request.request_id));
    }

    /// Puts the new group in the place of the old one and keeps what there is to go back to. `false`: the stored
    /// group is of another epoch.
    pub(super) async fn keep(self, tx: &mut Tx, chat_id: ChatId, from: i64, group: &GroupRow) -> Result<bool> {
        let undo = postcard::to_stdvec(&self.rows).map_err(Error::internal)?;
        if self.first.is_some() {
            return Ok(store::chat_group::replace_later(tx, chat_id, from, group, &undo).await?);
        }
        let commit = Unconfirmed { seq: self.seq, account_id: self.account_id, undo };
        store::commit_report::delete(tx, chat_id).await?;
        Ok(store::chat_group::replace_keeping(tx, chat_id, from, group, &commit).await?)
    }
}

/// Whether somebody who was there before speaks for the commits so far, by a message or by this commit upon them.
async fn is_confirmed_by(tx: &mut Tx, record: &CommitRecord, first: &Unconfirmed) -> Result<bool, StoreError> {
    let sender = record.sender;
    if sender.account_id != first.account_id && !is_external(&record.change) {
        let devices = store::member::devices_of(tx, record.chat_id, sender.account_id).await?;
        if devices.iter().any(|device| device.device_id == sender.device_id && device.joined_seq < first.seq) {
            return Ok(true);
        }
    }
    store::log::is_confirmed(tx, record.chat_id, first.seq, first.account_id).await
}

impl AccountBefore {
    async fn read(tx: &mut Tx, record: &CommitRecord, account_id: AccountId) -> Result<Self, StoreError> {
        let chat_id = record.chat_id;
        let is_new = record.change.joined.iter().any(|joined| joined.account_id == account_id);
        let had_leaves = record.change.devices_removed.iter().any(|(account, _)| *account == account_id);
        if is_new && !had_leaves {
            return Ok(Self { account_id, member: None, devices: Vec::new(), leave_note: None });
        }
        let member = store::member::get(tx, chat_id, account_id).await?.map(|row| MemberBefore {
            is_host: row.role == Role::Host,
            invite_id: row.invite_id,
            joined_seq: row.joined_seq,
            joined_at: row.joined_at,
            read_seq: row.read_seq,
        });
        let devices = store::member::devices_of(tx, chat_id, account_id).await?;
        Ok(Self {
            account_id,
            member,
            devices: devices.into_iter().map(|device| (device.device_id, device.joined_seq)).collect(),
            leave_note: store::member::leave_note(tx, chat_id, account_id).await?.map(|note| note.note),
        })
    }

    /// Puts the account's rows back. Seats: see [`super::restore`].
    pub(super) async fn put_back(&self, tx: &mut Tx, chat_id: ChatId, at: TimeMs) -> Result<(), StoreError> {
        let account_id = self.account_id;
        for device in store::member::devices_of(tx, chat_id, account_id).await? {
            store::welcome::delete(tx, chat_id, device.device_id).await?;
        }
        store::member::delete(tx, chat_id, account_id).await?;
        store::member::delete_devices(tx, chat_id, account_id).await?;
        store::member::delete_leave_note(tx, chat_id, account_id).await?;
        if let Some(member) = &self.member {
            store::member::insert(tx, &member.row(chat_id, account_id)).await?;
        }
        for &(device_id, joined_seq) in &self.devices {
            store::member::insert_device(tx, chat_id, MemberDevice { device_id, account_id }, joined_seq).await?;
        }
        if let Some(note) = &self.leave_note {
            // The seat came free with the first commit already.
            let note = LeaveNoteRow { account_id, invite_id: None, note: note.clone() };
            store::member::insert_leave_note(tx, chat_id, &note, at).await?;
        }
        Ok(())
    }
}

impl MemberBefore {
    fn row(&self, chat_id: ChatId, account_id: AccountId) -> MemberRow {
        MemberRow {
            chat_id,
            account_id,
            role: if self.is_host { Role::Host } else { Role::Member },
            invite_id: self.invite_id,
            joined_seq: self.joined_seq,
            joined_at: self.joined_at,
            read_seq: self.read_seq,
        }
    }
}
