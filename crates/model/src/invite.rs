//! Invites: the card everybody in the audience sees, the terms, and asking to come in.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Binary, ChatId, InviteId, PostId, RequestId, TimeMs,
    admission::Approval,
    chat::{CommitUpload, NewChat},
    hosts_key::{HostsKey, PutHostsKey, SealedAnswers, SealingKey},
    people::AccountRef,
};

/// How one comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    Open,
    Approval,
}

/// All terms of an invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteTerms {
    pub admission: Admission,
    /// Asked of everybody who wants in.
    #[serde(default)]
    pub questions: Vec<String>,
    /// How many people may come in through it, hosts not counted; none for no bound but the chat's.
    #[serde(default)]
    pub seats: Option<u32>,
    /// After this nobody comes in.
    #[serde(default)]
    pub expires_at: Option<TimeMs>,
    /// Deleting the post closes the invite; otherwise its link lives on.
    #[serde(default)]
    pub ends_with_post: bool,
}

/// Terms to change; what is left out stays. `clear_seats` and `clear_expiry` take a bound away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteTermsChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admission: Option<Admission>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
    #[serde(default)]
    pub clear_seats: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimeMs>,
    #[serde(default)]
    pub clear_expiry: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_with_post: Option<bool>,
}

/// An invite to be made together with its post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewInvite {
    pub invite_id: InviteId,
    pub terms: InviteTerms,
    /// Ed25519 public key derived from the invite's secret; the same stands in the chat's policy.
    pub join_key: Binary,
    /// The chat's door secret sealed under the invite's secret.
    pub sealed_door: Binary,
    /// The invite's secret itself, with a public post and with no other: the server gives it to everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Binary>,
    /// The secret sealed to those a chosen audience has, the author among them; more may follow
    /// ([`PutSecretCopies`]).
    #[serde(default)]
    pub copies: Vec<SecretCopy>,
    /// The chat's first hosts' key, with a new chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts_key: Option<PutHostsKey>,
    pub chat: InviteChat,
}

/// The chat an invite leads into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum InviteChat {
    New {
        chat: NewChat,
    },
    /// A chat the author hosts; `commit` puts the invite into its policy.
    Existing {
        chat_id: ChatId,
        commit: CommitUpload,
    },
}

/// The one button of a card. Its word is always true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JoinButton {
    /// Join chat
    Join,
    /// Ask to join
    Ask,
    /// Requested
    Requested,
    /// The author's device has still to seal the invite's secret for the viewer; then *Join* or *Ask*.
    Preparing,
    /// Joining… (admitted, not yet in)
    Joining,
    /// Open chat
    Open,
    /// Full
    Full,
    /// Closed
    Closed,
    /// Declined
    Declined,
}

/// What the audience sees of an invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteCard {
    pub invite_id: InviteId,
    pub post_id: PostId,
    pub title: String,
    pub host: AccountRef,
    pub admission: Admission,
    pub questions: Vec<String>,
    pub seats: Option<u32>,
    /// Seats left, where seats are bounded.
    pub seats_left: Option<u32>,
    pub expires_at: Option<TimeMs>,
    /// People in the chat, hosts included.
    pub member_count: u32,
    /// Of the viewer's own connections, some who are in; never anyone else.
    pub connections_in: Vec<AccountRef>,
    pub connections_in_count: u32,
    pub button: JoinButton,
    /// The chat, for those who are in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
    /// The viewer's own request, where there is one under way or decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// Requests waiting, for the host alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_count: Option<u32>,
}

/// `GET /api/invites/{invite_id}/door`: what a viewer's device needs to make a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteDoor {
    pub invite_id: InviteId,
    pub chat_id: ChatId,
    pub admission: Admission,
    /// What everybody who wants in is asked.
    pub questions: Vec<String>,
    /// What answers are sealed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts_key: Option<HostsKey>,
    pub join_key: Binary,
    pub sealed_door: Binary,
    /// The invite's secret, where the server holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Binary>,
    /// The viewer's own copy of it, where the server does not. With neither the author's device has not made one yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_secret: Option<Binary>,
}

pub const LABEL_INVITE_SECRET: &str = "doorpost invite secret v1";

/// An invite's secret sealed to one account's sealing key, by HPKE as in [`crate::hosts_key`]; info
/// [`LABEL_INVITE_SECRET`], associated data ([`LABEL_INVITE_SECRET`], invite, account).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretCopy {
    pub account_id: AccountId,
    pub sealed: Binary,
}

/// A row of `GET /api/invites/copies-missing`: people in the audience of one of the viewer's invites who lack a copy
/// of its secret; some of them, when there are many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MissingCopies {
    pub invite_id: InviteId,
    pub accounts: Vec<SealingKey>,
}

/// `PUT /api/invites/{invite_id}/copies`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutSecretCopies {
    /// Of the secret that is sealed: the invite may have another one by now.
    pub join_key: Binary,
    pub copies: Vec<SecretCopy>,
}

/// A row of `GET /api/chats/{chat_id}/doors`: an invite into the chat that is not closed, for hosts, who change the door
/// when they take somebody out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatDoor {
    pub invite_id: InviteId,
    /// Who wrote its post and hands out its secret; none where the post is gone, and nobody can hand out another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<SealingKey>,
    /// The invite's secret, where the server holds it. Then it stays: the server knows it for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Binary>,
}

/// An invite's door after the chat was given another one ([`CommitUpload::doors`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangedDoor {
    pub invite_id: InviteId,
    /// The chat's new door, sealed under the invite's secret.
    pub sealed_door: Binary,
    /// The invite's new secret sealed to the post's author, where the commit gives the invite another join key. All
    /// copies before are void.
    #[serde(default)]
    pub copies: Vec<SecretCopy>,
}

/// State of a join request. *Admitted is not joined, and has no rights in the chat until joined.*
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    Requested,
    Admitted,
    Joined,
    Declined,
    Withdrawn,
    Expired,
}

/// `POST /api/invites/{invite_id}/join`. Asking again while a request is under way gives its status
/// and replaces the key package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinRequest {
    /// MLS key package (TLS encoded `MLSMessage`) whose leaf carries the ticket
    /// ([`crate::admission::Ticket`]).
    pub key_package: Binary,
    /// To the invite's questions, where it asks any; sealed to the hosts' key that the door gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<SealedAnswers>,
}

/// What the applicant's device is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JoinStep {
    /// Nothing: somebody else acts. Ask again after `poll_after_ms` if no event came.
    Wait { poll_after_ms: u32 },
    /// Nobody is there: come in by an external commit, within `lease_ms`.
    CommitExternally { lease_ms: u32 },
    /// A member let you in: take the welcome (`GET /api/chats/{chat_id}/welcome`).
    TakeWelcome,
    /// It is over; `state` says how.
    Done,
}

/// A join request as its applicant sees it (`GET /api/requests/{request_id}`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinStatus {
    pub request_id: RequestId,
    pub invite_id: InviteId,
    pub chat_id: ChatId,
    pub state: RequestState,
    pub step: JoinStep,
    /// The approval, for the external commit of somebody who was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// Why, where it was declined and the host said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline_reason: Option<DeclineReason>,
}

/// A row of a host's queue (`GET /api/chats/{chat_id}/requests?state=requested`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueuedRequest {
    pub request_id: RequestId,
    pub invite_id: InviteId,
    pub account: AccountRef,
    /// The applicant is a connection of the host who looks.
    pub is_connection: bool,
    /// The invite's questions as they are now; those that were answered stand with the answers.
    pub questions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<SealedAnswers>,
    pub state: RequestState,
    pub asked_at: TimeMs,
    /// The applicant's key package: its leaf carries identity and ticket, which the approval is bound to.
    pub key_package: Binary,
}

/// `POST /api/chats/{chat_id}/requests/admit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdmitRequests {
    pub admit: Vec<Admit>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Admit {
    pub request_id: RequestId,
    pub approval: Approval,
}

/// `POST /api/chats/{chat_id}/requests/decline`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeclineRequests {
    pub request_ids: Vec<RequestId>,
    /// What the applicants are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeclineReason>,
}

/// Why a host declined, as the applicant sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// There is no place left.
    Full,
    /// Later perhaps.
    NotNow,
    /// This chat is for somebody else.
    DoesNotFit,
    /// None that is told.
    Other,
}

/// The outcome for each request named, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decided {
    pub request_id: RequestId,
    /// The state it is in now.
    pub state: RequestState,
    /// Why it is not what was asked for: `invite_full`, `not_found`, `ticket_invalid` or `conflict`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<crate::ErrorCode>,
}
