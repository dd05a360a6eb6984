//! Who may be in a chat's group: the rules for a commit and for a whole tree.
//!
//! The delivery service and every member run these functions on the same facts, so the server is not
//! trusted with membership. What the facts stand on (MLS signatures, the device credentials of
//! [`Leaf`]) has been verified by the caller; tickets, approvals and leave notes are verified here.

mod change;
mod commit;
mod hosts;
mod refusal;
mod roster;
mod signature;
#[cfg(test)]
mod tests;

use doorpost_model::{
    AccountId, ChatId, DeviceId,
    admission::{ChatPolicy, CommitAad, HostKey, Nonce, PublicKey, Ticket},
};

pub use change::{JoinedAccount, MembershipChange, RemovedAccount, membership_change};
pub use commit::{check_commit, check_policy, check_tree};
pub use hosts::hosts_descend_from;
pub use refusal::Refusal;
pub use roster::Roster;
pub use signature::{
    appointment_message, approval_message, leave_message, revocation_message, ticket_message, verify_appointment,
    verify_approval, verify_leave_note, verify_revocation, verify_signature, verify_ticket,
};

/// A leaf of the group whose device credential has been verified: `identity_key` signed that this
/// device's leaf key belongs to `account_id` and `device_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub account_id: AccountId,
    pub device_id: DeviceId,
    pub identity_key: PublicKey,
    /// None in the leaf of a host who came in without an invite.
    pub ticket: Option<Ticket>,
}

impl Leaf {
    /// The ticket's nonce, 16 zero bytes without a ticket.
    #[must_use]
    pub fn nonce(&self) -> Nonce {
        self.ticket.as_ref().map_or([0; 16], |ticket| ticket.nonce)
    }

    /// Whether the policy names this account, with this identity, as a host.
    #[must_use]
    pub fn is_host(&self, policy: &ChatPolicy) -> bool {
        policy.hosts.iter().any(|host| self.is_of(host))
    }

    /// Whether the policy names this account, with this identity, as one that was a host.
    #[must_use]
    pub fn is_former_host(&self, policy: &ChatPolicy) -> bool {
        policy.former_hosts.iter().any(|host| self.is_of(host))
    }

    /// Whether this is a device of that host's account, with the same identity.
    pub(crate) fn is_of(&self, host: &HostKey) -> bool {
        host.account_id == self.account_id && host.identity_key == self.identity_key
    }
}

/// A pre-shared key that a commit brings in, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PskFact {
    /// The chat's door secret.
    Door { chat_id: ChatId, door_version: u32 },
    /// Anything else.
    Other,
}

/// Who made a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committer {
    /// A member's device, as its leaf was before the commit.
    Member(Leaf),
    /// A newcomer's device (external commit), as its new leaf is.
    External(Leaf),
}

impl Committer {
    #[must_use]
    pub const fn leaf(&self) -> &Leaf {
        match self {
            Self::Member(leaf) | Self::External(leaf) => leaf,
        }
    }
}

/// What a commit does, taken from its proposals (all of them inline).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitFacts {
    pub committer: Committer,
    /// Leaves of the Add proposals, without the leaf of an external committer.
    pub added: Vec<Leaf>,
    /// Leaves of the Remove proposals, an external committer's own old leaf included.
    pub removed: Vec<Leaf>,
    /// The policy of the GroupContextExtensions proposal, if there is one.
    pub new_policy: Option<ChatPolicy>,
    /// Of each PreSharedKey proposal.
    pub psks: Vec<PskFact>,
    pub aad: CommitAad,
}
