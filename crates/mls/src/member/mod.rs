//! A member's side: the groups of this device.
//!
//! [`Groups`] caches groups in memory; the truth is the store behind [`KeyValue`]. After an operation
//! commit its write set; when that fails, call [`Groups::forget`], and the group is loaded again. On an
//! error the group is forgotten here already, and nothing was changed.

mod cache;
mod commit;
mod door;
mod group_info;
mod join;
mod key_package;
mod message;
mod revoked;
mod signal;

use doorpost_model::{
    AccountId, DeviceId, TimeMs,
    admission::{Approval, ChatPolicy, DeviceRevocation, LeaveNote, Nonce},
    chat::{Ciphersuite, CommitUpload},
};
use doorpost_policy::membership::{Leaf, MembershipChange, Refusal};

use crate::{
    door::NextDoor,
    storage::{KeyValueError, OverlayError, WriteSet},
};

pub use cache::Groups;
pub use key_package::{discard_key_package, make_key_package, make_last_resort};

/// Why a member's operation did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// What came from the server or another member breaks the protocol or the chat's policy. The group is as
    /// it was; show the reason.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The store has no group for this chat.
    #[error("this device has no group for the chat")]
    NoGroup,
    /// A message that cannot be decrypted: damaged, a duplicate, or from before this device came in. The
    /// group is as it was; go on with the next entry.
    #[error("the message cannot be decrypted")]
    Undecryptable,
    /// A commit of this device waits for its answer: confirm or discard it first.
    #[error("a commit of this device is pending")]
    CommitPending,
    /// The welcome is for none of the key packages in the store.
    #[error("no key package for this welcome is in the store")]
    KeyPackageMissing,
    /// The chat has another door by now than the one at hand: take the door again.
    #[error("the chat's door is another one by now")]
    DoorStale,
    /// The state of the group is from before the door at hand: from before somebody was taken out.
    #[error("the group is shown as it was before somebody was taken out")]
    DoorAhead,
    /// Nothing of the plan is left to commit.
    #[error("there is nothing to commit")]
    NothingToCommit,
    /// This device has been taken out of the group.
    #[error("this device is no longer in the group")]
    NotAMember,
    #[error(transparent)]
    Store(KeyValueError),
    /// The stored state is damaged: come in again (see [`Groups::join_external`]).
    #[error("the group's stored state is damaged: {0}")]
    Corrupt(String),
    /// The library failed where it should not.
    #[error("the group engine failed: {0}")]
    Engine(String),
}

/// The library failed where it should not.
fn engine(error: impl std::fmt::Display) -> MemberError {
    MemberError::Engine(error.to_string())
}

impl From<OverlayError> for MemberError {
    fn from(error: OverlayError) -> Self {
        match error {
            OverlayError::Read(error @ KeyValueError::Damaged) => Self::Corrupt(error.to_string()),
            OverlayError::Read(error) => Self::Store(error),
            OverlayError::Damaged(what) => Self::Corrupt(what),
        }
    }
}

/// A chat's group as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    pub epoch: u64,
    pub ciphersuite: Ciphersuite,
    pub policy: ChatPolicy,
    /// In the order of the tree.
    pub leaves: Vec<Leaf>,
    /// A commit of this device waits for its answer.
    pub commit_pending: bool,
}

impl GroupView {
    /// The nonces in an account's leaves, for [`crate::ticket::make_leave_note`].
    #[must_use]
    pub fn nonces(&self, account_id: AccountId) -> Vec<Nonce> {
        self.leaves.iter().filter(|leaf| leaf.account_id == account_id).map(Leaf::nonce).collect()
    }
}

/// A chat was made; fits `model::chat::NewChat`.
#[derive(Debug)]
pub struct Created {
    pub group_info: Vec<u8>,
    pub ratchet_tree: Vec<u8>,
    pub writes: WriteSet,
}

#[derive(Debug)]
pub struct MadeKeyPackage {
    /// TLS encoded `MLSMessage`.
    pub key_package: Vec<u8>,
    /// Its hash reference (RFC 9420 section 5.2), for [`discard_key_package`].
    pub reference: Vec<u8>,
    pub expires_at: TimeMs,
    pub writes: WriteSet,
}

/// This device is in.
#[derive(Debug)]
pub struct Joined {
    pub view: GroupView,
    pub writes: WriteSet,
}

/// An external commit, not yet in the log.
#[derive(Debug)]
pub struct ExternalJoin {
    /// To be uploaded; commit `writes` once the server has accepted it. When it was not, or nobody knows,
    /// drop both and make another from newer group info: should the first have been accepted after all, the second
    /// takes its leaf out.
    pub upload: CommitUpload,
    pub view: GroupView,
    pub writes: WriteSet,
}

/// Somebody to be added.
#[derive(Clone, Debug)]
pub struct Add {
    /// TLS encoded `MLSMessage`.
    pub key_package: Vec<u8>,
    pub approval: Option<Approval>,
}

/// What a commit is to do. Everything at once, or in batches of at most
/// `limits::BATCH_ADDS_MAX` and `limits::BATCH_REMOVES_MAX`.
#[derive(Clone, Debug, Default)]
pub struct CommitPlan {
    pub adds: Vec<Add>,
    /// Accounts that left by their own word.
    pub leave_notes: Vec<LeaveNote>,
    /// Devices that their accounts have revoked; those that are not in the group, or not signed for, are left out.
    pub revocations: Vec<DeviceRevocation>,
    /// Accounts to be taken out by this host, and kept out by the policy from then on.
    pub remove_accounts: Vec<AccountId>,
    /// Single devices to be taken out: one's own account's, or any by a host. Their accounts may come in again.
    pub remove_devices: Vec<DeviceId>,
    /// The new policy, by a host. Its door is numbered one higher where a host takes a whole account out, without being
    /// asked.
    pub policy: Option<ChatPolicy>,
}

/// A commit that waits for the server's answer. Accepted: read the log, [`Groups::process`] of its own
/// entry puts it in force (messages before it in the log still need the old epoch's keys). Refused:
/// [`Groups::discard_commit`]. Unknown: upload the same bytes again, or read the log.
#[derive(Debug)]
pub struct PreparedCommit {
    /// Without `lease_id`, which the caller adds.
    pub upload: CommitUpload,
    /// What it will change.
    pub change: MembershipChange,
    /// Adds that were left out, by their place in the plan, and why.
    pub skipped_adds: Vec<(usize, Refusal)>,
    /// The chat's door once it is in force, where it changes it: to be sealed anew for those who come in.
    pub next_door: Option<NextDoor>,
    /// Leave notes that were left out (whoever they name is gone already, or came back).
    pub skipped_leave_notes: Vec<(usize, Refusal)>,
    /// To be committed before the upload.
    pub writes: WriteSet,
}

#[derive(Debug)]
pub struct Encrypted {
    /// TLS encoded `MLSMessage`, for `model::chat::SendMessage::payload`.
    pub payload: Vec<u8>,
    /// Made in this epoch; in another one it must be encrypted again.
    pub epoch: u64,
    /// To be committed before the payload leaves.
    pub writes: WriteSet,
}

/// What an entry of the log was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message, by whom MLS says it is (not the server).
    Message { account_id: AccountId, device_id: DeviceId, plaintext: Vec<u8> },
    /// A message this device sent: its plaintext is where it was sent from (by `client_seq`).
    OwnMessage,
    /// The group moved on.
    Commit(MembershipChange),
    /// A commit of this device is in the log; the pending one is confirmed by it.
    OwnCommit(MembershipChange),
    /// The group moved on and this device is not in it any more. Its keys of the chat are in the write set, deleted.
    Removed(MembershipChange),
}

#[derive(Debug)]
pub struct Processed {
    pub event: Event,
    /// A pending commit of this device was overtaken and is discarded: make it again.
    pub pending_discarded: bool,
    /// The chat's door from now on, where the commit changed it: to be kept together with `writes`.
    pub next_door: Option<NextDoor>,
    pub writes: WriteSet,
}
