//! Checking a commit while the chat is held still.

use std::{collections::HashMap, sync::Arc};

use super::{
    count, door,
    groups::{HeldGroup, blocking},
};
use crate::{
    app::App,
    chat::access,
    http::{Error, Result, WithDevice},
    lease,
    log::ChatTurn,
};
use doorpost_mls::{Refusal, delivery::ChatGroup};
use doorpost_model::{
    Binary, ChatId, DeviceId, ErrorCode, RequestId, TimeMs,
    admission::ChatPolicy,
    chat::CommitUpload,
    invite::{ChangedDoor, RequestState},
    limits::{COMMIT_BYTES_MAX, GROUP_INFO_BYTES_MAX, WELCOME_BYTES_MAX},
};
use doorpost_policy::{
    gate::Action,
    membership::{Leaf, MembershipChange},
};
use doorpost_store as store;

/// A commit that fits the group as it is now. Nobody else can change the group, and nothing is added
/// to the chat's log, while this lives: keep it no longer than one transaction takes.
pub struct StagedCommit {
    record: Arc<CommitRecord>,
    /// The group after the commit.
    pub(super) group: ChatGroup,
    pub(super) held: HeldGroup,
    pub(super) turn: ChatTurn,
}

/// What is stored of a commit.
pub struct CommitRecord {
    pub chat_id: ChatId,
    /// The chat's policy once the commit is in force; the caller checks what it asked for.
    pub policy: ChatPolicy,
    pub(super) sender: WithDevice,
    pub(super) at: TimeMs,
    /// The epoch it was made in.
    pub(super) from_epoch: i64,
    pub(super) commit: Binary,
    pub(super) group_info: Vec<u8>,
    pub(super) snapshot: Vec<u8>,
    pub(super) change: MembershipChange,
    /// The leaves that are new, by device.
    pub(super) leaves: HashMap<DeviceId, Leaf>,
    pub(super) welcome: Option<Welcome>,
    /// The chat's next door, for each invite that takes people.
    pub(super) doors: Vec<ChangedDoor>,
}

/// For those whom the commit adds.
pub(super) struct Welcome {
    pub(super) welcome: Vec<u8>,
    pub(super) ratchet_tree: Vec<u8>,
    pub(super) devices: Vec<DeviceId>,
}

impl StagedCommit {
    /// To be moved into the transaction.
    #[must_use]
    pub fn record(&self) -> Arc<CommitRecord> {
        self.record.clone()
    }
}

impl CommitRecord {
    /// A leaf that the commit brings in.
    pub(super) fn leaf(&self, device: DeviceId) -> Result<&Leaf> {
        self.leaves.get(&device).ok_or_else(|| Error::internal("an added leaf is not in the tree"))
    }
}

/// Locks the chat's group and checks a member's commit against it and the chat's policy.
///
/// # Errors
/// `not_found` unless the viewer is a member, `stale_epoch`, `message_invalid`, `commit_refused`, `too_large`.
pub async fn stage(app: &App, viewer: WithDevice, chat_id: ChatId, upload: CommitUpload) -> Result<StagedCommit> {
    let account = viewer.account_id;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, account, chat_id, Action::WriteChat).await?;
                access::not_suspended(tx, account, chat_id).await
            })
        })
        .await?;
    stage_allowed(app, viewer, chat_id, upload).await.inspect_err(count::refused)
}

/// As [`stage`], for a newcomer who is told to come in by an external commit.
///
/// # Errors
/// As [`stage`]; `lease_lost` while somebody else is to commit, or once somebody has.
pub(super) async fn stage_newcomer(
    app: &App,
    viewer: WithDevice,
    chat_id: ChatId,
    request_id: RequestId,
    upload: CommitUpload,
) -> Result<StagedCommit> {
    let account = viewer.account_id;
    let waits = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::may_take_group_info(tx, account, chat_id).await?;
                access::not_suspended(tx, account, chat_id).await?;
                let request = store::request::get(tx, request_id).await?;
                // Somebody may have let it in since it was told to come in by itself.
                Ok(request.is_some_and(|request| request.state == RequestState::Admitted))
            })
        })
        .await?;
    let staged = if waits && lease::may_commit_externally(app, chat_id, request_id) {
        stage_allowed(app, viewer, chat_id, upload).await
    } else {
        Err(ErrorCode::LeaseLost.into())
    };
    staged.inspect_err(count::refused)
}

async fn stage_allowed(app: &App, viewer: WithDevice, chat_id: ChatId, upload: CommitUpload) -> Result<StagedCommit> {
    check_sizes(&upload)?;
    door::check(&upload.doors)?;
    let mut held = app.groups.hold(chat_id).await;
    let group = held.take(app).await?;
    let at = app.clock.now();
    match blocking(move || apply(group, viewer, chat_id, upload, at)).await? {
        Applied::Fits(group, record) => {
            let turn = app.groups.order.lock(chat_id).await;
            Ok(StagedCommit { record: Arc::new(*record), group: *group, held, turn })
        }
        Applied::Refused(group, refusal) => {
            if let Some(group) = group {
                held.put(*group);
            }
            Err(refused(&refusal))
        }
    }
}

/// What a commit did to a group in memory.
enum Applied {
    Fits(Box<ChatGroup>, Box<CommitRecord>),
    /// The group, where it is still as it was.
    Refused(Option<Box<ChatGroup>>, Refusal),
}

fn apply(mut group: ChatGroup, sender: WithDevice, chat_id: ChatId, upload: CommitUpload, at: TimeMs) -> Applied {
    let staged = match group.stage(&upload, (sender.account_id, sender.device_id), at) {
        Ok(staged) => staged,
        Err(refusal) => return Applied::Refused(Some(Box::new(group)), refusal),
    };
    let (change, welcomed) = (staged.change.clone(), staged.welcomed.clone());
    if let Err(refusal) = group.merge(staged) {
        return Applied::Refused(None, refusal);
    }
    let welcome = match upload.welcome {
        Some(welcome) if !welcomed.is_empty() => {
            Some(Welcome { welcome: welcome.0, ratchet_tree: group.ratchet_tree(), devices: welcomed })
        }
        _ => None,
    };
    let record = CommitRecord {
        chat_id,
        policy: group.policy().clone(),
        sender,
        at,
        from_epoch: signed(upload.epoch),
        commit: upload.commit,
        group_info: upload.group_info.0,
        snapshot: group.snapshot(),
        leaves: new_leaves(&group, &change),
        change,
        welcome,
        doors: upload.doors,
    };
    Applied::Fits(Box::new(group), Box::new(record))
}

fn new_leaves(group: &ChatGroup, change: &MembershipChange) -> HashMap<DeviceId, Leaf> {
    let is_new = |leaf: &&Leaf| change.devices_added.contains(&(leaf.account_id, leaf.device_id));
    group.leaves().filter(is_new).map(|leaf| (leaf.device_id, leaf.clone())).collect()
}

fn check_sizes(upload: &CommitUpload) -> Result<()> {
    let welcome_bytes = upload.welcome.as_ref().map_or(0, |welcome| welcome.0.len());
    let fits = upload.commit.0.len() <= COMMIT_BYTES_MAX
        && upload.group_info.0.len() <= GROUP_INFO_BYTES_MAX
        && welcome_bytes <= WELCOME_BYTES_MAX;
    if fits { Ok(()) } else { Err(ErrorCode::TooLarge.into()) }
}

/// What the client gets for a commit that does not fit.
pub(crate) fn refused(refusal: &Refusal) -> Error {
    let code = match refusal {
        Refusal::WrongEpoch { .. } => return ErrorCode::StaleEpoch.into(),
        Refusal::MessageInvalid | Refusal::WrongChat => ErrorCode::MessageInvalid,
        _ => ErrorCode::CommitRefused,
    };
    Error::new(code, format!("The commit was refused: {refusal}."))
}

/// An epoch as it is stored.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
