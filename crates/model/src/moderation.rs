//! Reports of what is public, the cases they make, and what the server's people do about them (`docs/adr/0029-moderation.md`).

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, CaseId, CommentId, GroupId, LogEntryId, NoticeId, PostId, ReportId, TargetId, TimeMs,
    people::AccountRef,
    post::AudienceKind,
    report::{ReportReason, ReportedMessage},
    story::Canvas,
};

/// Who helps to run the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServerRole {
    /// Decides on cases.
    Moderator,
    /// Runs the server, and names moderators.
    Operator,
}

/// What is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReportTarget {
    /// A post or a story.
    Post {
        post_id: PostId,
    },
    Account {
        account_id: AccountId,
    },
    Group {
        group_id: GroupId,
    },
    Comment {
        comment_id: CommentId,
    },
}

/// Who gets a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReportDesk {
    /// The operator and the server's moderators.
    #[default]
    Server,
    /// The moderators of the group that the post is in.
    Group,
}

/// `POST /api/reports/public`. One report of one person about one thing is open at each desk at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPublicReport {
    pub report_id: ReportId,
    pub target: ReportTarget,
    pub reason: ReportReason,
    /// Up to 1,000 characters, may be empty.
    #[serde(default)]
    pub comment: String,
    #[serde(default)]
    pub desk: ReportDesk,
}

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseTarget {
    Post,
    Story,
    Account,
    Group,
    Comment,
    /// Messages of a chat, disclosed by one of its members.
    Messages,
    /// What somebody says against a decision about them.
    Appeal,
}

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseOutcome {
    Dismissed,
    Removed,
    Warned,
    Suspended,
    /// A suspension ended before its time.
    Lifted,
    /// It was right, and something was done.
    Upheld,
    PictureRemoved,
}

/// What was there when it was reported. It stays as it was, whatever becomes of the original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportedCopy {
    /// Who wrote it, as they were called.
    pub author: AccountRef,
    /// A group's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// A post's text, an account's words about itself, a group's description and rules, an appeal.
    pub text: String,
    /// What its photos' descriptions say, one for each photo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<Canvas>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<AudienceKind>,
    /// The group it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<TimeMs>,
}

/// How often a case was reported for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReasonCount {
    pub reason: ReportReason,
    pub count: u32,
}

/// A row of `GET /api/moderation/reports` and of `GET /api/groups/{group_id}/reports`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseView {
    pub case_id: CaseId,
    pub target: CaseTarget,
    pub target_id: TargetId,
    /// Who answers for it.
    pub subject: AccountRef,
    pub report_count: u32,
    pub reasons: Vec<ReasonCount>,
    /// As it was when it was first reported; not of messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<ReportedCopy>,
    pub opened_at: TimeMs,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<TimeMs>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<CaseOutcome>,
    /// The viewer may decide it.
    pub may_judge: bool,
}

/// One report of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseReport {
    pub report_id: ReportId,
    /// Not told to a group's moderators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter: Option<AccountRef>,
    pub reason: ReportReason,
    pub comment: String,
    pub reported_at: TimeMs,
    /// Not of messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<ReportedCopy>,
}

/// `GET /api/moderation/reports/{case_id}`: a case with a page of its reports, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseDetail {
    pub case: CaseView,
    pub subject_role: Option<ServerRole>,
    /// Since when the subject writes nothing, as long as that lasts.
    pub suspended_until: Option<TimeMs>,
    /// The person or page that was reported has a picture.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_picture: bool,
    pub reports: Vec<CaseReport>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Of messages: what was disclosed, in the order of the chat's log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<ReportedMessage>,
}

/// What is done about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseAction {
    Dismiss,
    /// Deletes the post, the story or the group; its author is told which rule.
    Remove,
    Warn,
    /// The subject writes nothing for `duration_ms`.
    Suspend,
    /// Ends the subject's suspension.
    Lift,
    /// Takes away the picture of the person or page that was reported.
    RemovePicture,
}

/// `POST /api/moderation/reports/{case_id}/decide`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecideCase {
    pub action: CaseAction,
    /// The rule that was broken; not needed to dismiss or to lift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<ReportReason>,
    /// What the subject reads of it, and the log.
    #[serde(default)]
    pub note: String,
    /// Of a suspension: 1 hour to 365 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
}

/// `POST /api/groups/{group_id}/reports/{case_id}/close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CloseGroupCase {
    /// Deletes the post; else the report is dismissed.
    pub remove: bool,
}

/// What was done, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogAction {
    Dismissed,
    Removed,
    Warned,
    Suspended,
    Lifted,
    Upheld,
    PictureRemoved,
    ModeratorNamed,
    ModeratorEnded,
    DomainBlocked,
    DomainUnblocked,
}

/// A row of `GET /api/moderation/log`, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogEntryView {
    pub entry_id: LogEntryId,
    pub at: TimeMs,
    /// None: on the command line.
    pub actor: Option<AccountRef>,
    pub action: LogAction,
    pub target: Option<CaseTarget>,
    pub target_id: Option<TargetId>,
    pub subject: Option<AccountRef>,
    pub rule: Option<ReportReason>,
    /// Why; of a domain its name.
    pub note: String,
    pub until: Option<TimeMs>,
}

/// What somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    Warning,
    Removal,
    Suspension,
    PictureRemoval,
}

/// A row of `GET /api/notices`: what was decided about oneself, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticeView {
    pub notice_id: NoticeId,
    pub kind: NoticeKind,
    pub rule: ReportReason,
    pub note: String,
    pub target: CaseTarget,
    /// How what it is about began.
    pub excerpt: String,
    pub at: TimeMs,
    /// Of a suspension: when it ends by itself.
    pub until: Option<TimeMs>,
    pub seen: bool,
    /// One has said something against it, which is possible once.
    pub appealed: bool,
}

/// `POST /api/notices/{notice_id}/appeal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAppeal {
    pub text: String,
}

/// A row of `GET /api/moderation/moderators`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModeratorView {
    #[serde(flatten)]
    pub account: AccountRef,
    pub role: ServerRole,
}

/// A row of `GET /api/moderation/domains`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockedDomain {
    /// In lower case and punycode.
    pub domain: String,
    pub note: String,
    pub added_at: TimeMs,
}

/// `PUT /api/moderation/domains`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockDomain {
    /// A domain or a link to it, in whatever spelling.
    pub domain: String,
    #[serde(default)]
    pub note: String,
}
