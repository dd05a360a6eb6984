//! Cases: all that was reported of one thing until it was closed. The log of what was done, and what people are told of it.

pub mod case;
pub mod domain;
pub mod log;
pub mod notice;
pub mod role;

use doorpost_model::moderation::{CaseOutcome, CaseTarget, LogAction, NoticeKind, ReportDesk};

use crate::stored_as_text;

stored_as_text!(ReportDesk { Server = "server", Group = "group" });

stored_as_text!(CaseTarget {
    Post = "post",
    Story = "story",
    Account = "account",
    Group = "group",
    Comment = "comment",
    Messages = "messages",
    Appeal = "appeal",
});

stored_as_text!(CaseOutcome {
    Dismissed = "dismissed",
    Removed = "removed",
    Warned = "warned",
    Suspended = "suspended",
    Lifted = "lifted",
    Upheld = "upheld",
    PictureRemoved = "picture_removed",
});

stored_as_text!(LogAction {
    Dismissed = "dismissed",
    Removed = "removed",
    Warned = "warned",
    Suspended = "suspended",
    Lifted = "lifted",
    Upheld = "upheld",
    PictureRemoved = "picture_removed",
    ModeratorNamed = "moderator_named",
    ModeratorEnded = "moderator_ended",
    DomainBlocked = "domain_blocked",
    DomainUnblocked = "domain_unblocked",
});

stored_as_text!(NoticeKind {
    Warning = "warning",
    Removal = "removal",
    Suspension = "suspension",
    PictureRemoval = "picture_removal",
});
