//! Reports of chat messages: to the server's operator, who gets to see exactly what was chosen, and to the chat's
//! hosts, sealed. Each message is proved by the server's mark ([`crate::franking`]).

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Binary, ChatId, ReportId, TimeMs,
    admission::Versioned,
    franking::{Franked, FrankedTag},
    people::AccountRef,
};

pub const LABEL_REPORT: &str = "doorpost report v1";

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReportReason {
    Spam,
    Harassment,
    Hate,
    Violence,
    Sexual,
    SelfHarm,
    Illegal,
    Other,
}

impl ReportReason {
    /// Every reason there is.
    pub const ALL: &[ReportReason] = &[
        Self::Spam,
        Self::Harassment,
        Self::Hate,
        Self::Violence,
        Self::Sexual,
        Self::SelfHarm,
        Self::Illegal,
        Self::Other,
    ];
}

/// A message as it was sent, with the server's mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disclosed {
    pub franked: Franked,
    /// A [`crate::content::Content`], byte for byte.
    pub plaintext: Binary,
}

/// `POST /api/reports`: to the operator. The same `report_id` twice is one report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewReport {
    pub report_id: ReportId,
    pub chat_id: ChatId,
    pub reason: ReportReason,
    /// Up to 1,000 characters, may be empty.
    #[serde(default)]
    pub comment: String,
    /// 1 to 20, up to 256 KiB in all.
    pub messages: Vec<Disclosed>,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReportOutcome {
    /// It was right, and something was done.
    Upheld,
    Dismissed,
}

/// A report in the operator's queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    pub report_id: ReportId,
    pub chat_id: ChatId,
    pub reporter: AccountRef,
    pub reason: ReportReason,
    pub comment: String,
    pub reported_at: TimeMs,
    /// In the order of the chat's log. That they were sent so is proved.
    pub messages: Vec<ReportedMessage>,
    /// None while it is open.
    pub outcome: Option<ReportOutcome>,
    pub closed_at: Option<TimeMs>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportedMessage {
    pub seq: u64,
    pub sender: AccountRef,
    pub at: TimeMs,
    /// A [`crate::content::Content`].
    pub plaintext: Binary,
}

/// `POST /api/operator/reports/{report_id}/close`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CloseReport {
    pub outcome: ReportOutcome,
}

/// `POST /api/chats/{chat_id}/reports`: to the chat's hosts. The same `report_id` twice is one report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedReport {
    pub report_id: ReportId,
    /// Version of the hosts' key.
    pub key_version: u32,
    /// [`ReportToHosts`] in postcard, sealed to it; associated data ([`LABEL_REPORT`], chat, reporter, report, version).
    pub sealed: Binary,
}

/// A report in the hosts' queue. The server cannot read what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatReport {
    #[serde(flatten)]
    pub report: SealedReport,
    pub reporter: AccountRef,
    pub reported_at: TimeMs,
}

/// What stands in a [`SealedReport`]. `signature` is by the reporter's identity key over ([`LABEL_REPORT`], chat,
/// reporter, report, [`ReportBody`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportToHosts {
    pub version: u8,
    pub body: ReportBody,
    pub signature: Binary,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportBody {
    pub reason: ReportReason,
    pub comment: String,
    pub messages: Vec<Disclosed>,
}

impl Versioned for ReportToHosts {}

/// `POST /api/chats/{chat_id}/franking`: a host asks whether the server marked these messages, without saying what they
/// say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckMarks {
    /// Up to 20.
    pub messages: Vec<FrankedTag>,
}

/// Whether the server marked each, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckedMarks {
    pub marked: Vec<bool>,
}

/// What a reporter's signature is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportPlace {
    pub chat_id: ChatId,
    pub reporter_id: AccountId,
    pub report_id: ReportId,
}
