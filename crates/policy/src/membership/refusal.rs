//! Why a commit or a tree is refused.

use doorpost_model::{AccountId, DeviceId, InviteId};

/// A reason that can be shown in words. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    // Tickets, approvals, seats
    #[error("account {0} is neither a host nor carries a ticket")]
    NoTicket(AccountId),
    #[error("the ticket of account {0} is for an invite that the chat's policy does not have")]
    UnknownInvite(AccountId),
    #[error("the ticket of account {0} is forged, or made for somebody else")]
    TicketForged(AccountId),
    #[error("the ticket of account {0} is from before its invite was given another key")]
    TicketStale(AccountId),
    #[error("the ticket of account {0} has expired")]
    TicketExpired(AccountId),
    #[error("invite {0} is closed")]
    InviteClosed(InviteId),
    #[error("invite {0} has expired")]
    InviteExpired(InviteId),
    #[error("all seats of invite {0} are taken")]
    SeatsOverfilled(InviteId),
    #[error("account {0} comes in without a host's approval")]
    ApprovalMissing(AccountId),
    #[error("the approval of account {0} is forged, expired, or not by a host")]
    ApprovalInvalid(AccountId),
    #[error("the devices of account {0} do not carry the same ticket")]
    TicketMismatch(AccountId),

    #[error("account {0} is kept out of the chat by its hosts")]
    Banned(AccountId),
    #[error("the chat has no host, so nobody new comes in")]
    Hostless,

    // Devices and limits
    #[error("device {0} is in the group twice")]
    DuplicateDevice(DeviceId),
    #[error("account {0} has too many devices in the group")]
    TooManyDevices(AccountId),
    #[error("the chat has too many members")]
    TooManyMembers,
    #[error("the commit adds or removes too many devices at once")]
    BatchTooLarge,
    #[error("the device's credential is malformed or not signed by its account's identity")]
    CredentialInvalid,

    // Removing
    #[error("account {0} was taken out by somebody who is not a host, without its own word")]
    RemovalNotAllowed(AccountId),
    #[error("account {0} was taken out, and the chat's door stayed the same")]
    DoorKept(AccountId),
    #[error("the leave note of account {0} is forged, or from before it came back")]
    LeaveNoteInvalid(AccountId),
    #[error("account {0} left, but not all of its devices were taken out")]
    LeaveIncomplete(AccountId),

    #[error("the revocation of device {0} is forged, or the device was not taken out")]
    RevocationInvalid(DeviceId),
    #[error("device {0} was revoked by its account")]
    DeviceRevoked(DeviceId),

    // External commits
    #[error("an external commit without the chat's door key")]
    DoorKeyMissing,
    #[error("the commit brings in a pre-shared key that is not the chat's door key")]
    ForeignPsk,
    #[error("an external commit may only bring in its own device")]
    ExternalCommitTooWide,

    // Policy
    #[error("the chat's policy was changed by somebody who is not a host")]
    PolicyByNonHost,
    #[error("the chat's policy is malformed or breaks a limit")]
    PolicyInvalid,
    #[error("the policy is for another chat")]
    PolicyForOtherChat,
    #[error("the new policy drops or re-keys invite {0}")]
    InviteDropped(InviteId),
    #[error("account {0} is made a host and is not in the chat")]
    HostNotMember(AccountId),
    #[error("account {0} is made a host without the word of the host who does so")]
    AppointmentInvalid(AccountId),
    #[error("the new policy leaves no host in the chat")]
    NoHostLeft,
    #[error("a chat of two is its two people's for good")]
    DirectChat,

    // The MLS message itself
    #[error("the message is malformed, forged, or not allowed by the protocol")]
    MessageInvalid,
    #[error("the message is for another chat")]
    WrongChat,
    #[error("the message is from epoch {found}, the group is in epoch {expected}")]
    WrongEpoch { expected: u64, found: u64 },
    #[error("the commit's authenticated data is malformed")]
    AuthenticatedDataInvalid,
    #[error("the commit names proposals by reference, or proposals of a kind that is not allowed")]
    ProposalNotAllowed,
    #[error("the committer's leaf changed its credential, key or ticket")]
    LeafChanged,
    #[error("the group's extensions are not those a chat must have")]
    ExtensionsInvalid,
    #[error("the commit's confirmation does not fit: its maker used other secrets (such as a wrong door key)")]
    ConfirmationMismatch,
    #[error("the group info does not fit the commit, or is not signed by its maker")]
    GroupInfoInvalid,
    #[error("the welcome does not lead into this group, or does not have this device in it")]
    WelcomeInvalid,
    #[error("the tree does not fit the group")]
    TreeInvalid,
    #[error("the key package is malformed, expired, lives too long, or lacks what a chat needs")]
    KeyPackageInvalid,
    #[error("this device's own leaf is not as the device made it")]
    OwnLeafWrong,
    #[error("a commit in this device's name that it did not make, or has lost")]
    OwnCommitUnknown,
    #[error("the commit was made by another device than the one that sent it")]
    CommitterForeign,
    #[error("the chat was not made by exactly one device of a host")]
    CreatorInvalid,
}
