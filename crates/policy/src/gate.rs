//! The gate: the only place that decides who may see a thing, or act on it.
//!
//! A surface loads [`Facts`] (one batch of queries for a whole page), asks [`can`] for every row,
//! and shows what is [`Decision::Allowed`]. Queries may narrow what is asked about, never decide.
//! Time and numbers (expiry, seats) are not the gate's: see [`crate::terms`].

mod words;

pub use words::*;

use doorpost_model::{
    AccountId,
    chat::Role,
    group::{GroupKind, GroupRole},
    moderation::ServerRole,
    page::PageRole,
    post::AudienceKind,
};

/// Whether `viewer` may do `action` with `object`, given how they stand to it. An action that has
/// no meaning for the kind of object is [`Decision::Hidden`].
#[must_use]
pub fn can(viewer: Viewer, action: Action, object: &Object, facts: &Facts) -> Decision {
    match object {
        Object::Post(post) => on_post(viewer, action, post, facts),
        Object::Comment(comment) => on_comment(viewer, action, comment, facts),
        Object::Invite(invite) => on_invite(viewer, action, invite, facts),
        Object::Chat => on_chat(action, facts.membership),
        Object::Account { account_id } => on_account(viewer, action, *account_id, facts),
        Object::List { owner } => owners_alone(viewer, *owner, action == Action::UseList),
        Object::Upload { owner } => owners_alone(viewer, *owner, action == Action::UseUpload),
        Object::Highlight { owner } => owners_alone(viewer, *owner, action == Action::EditHighlight),
        Object::Group(kind) => on_group(action, *kind, facts),
        Object::Page => on_page(action, facts),
        Object::Server => on_server(action, facts.server_role),
        Object::Case { subject, subject_role } => {
            on_case(action, viewer.account_id == *subject, *subject_role, facts.server_role)
        }
    }
}

fn on_post(viewer: Viewer, action: Action, post: &PostObject, facts: &Facts) -> Decision {
    let moderates = post.group.is_some() && facts.group.moderates();
    if !post.deleted && moderates && action == Action::DeletePost {
        // Also where a block parts the two: else whoever blocks all moderators could write what they like.
        return Decision::Allowed;
    }
    if is_gone(viewer, post, facts) || !in_audience(viewer, post, facts) {
        return Decision::Hidden;
    }
    let is_author = rules(viewer, post, facts, PageRole::speaks);
    let has_left = post.group.is_some() && !facts.group.is_in();
    match (action, post.lifetime) {
        (Action::SeePost, _) => Decision::Allowed,
        (Action::SeeAudience | Action::DeletePost, _) => Decision::allowed_if(is_author, Decision::Refused),
        (Action::EditPost, _) => Decision::allowed_if(is_author && !has_left, Decision::Refused),
        (Action::ModeratePost, _) => Decision::allowed_if(moderates, Decision::Refused),
        (Action::AnswerStory | Action::TendStory, Lifetime::Lasting) => Decision::Hidden,
        (Action::AnswerStory, lifetime) => {
            Decision::allowed_if(!is_author && lifetime == Lifetime::Live, Decision::Refused)
        }
        (Action::TendStory, _) => Decision::allowed_if(rules(viewer, post, facts, PageRole::counts), Decision::Refused),
        (Action::TendQuestion, _) => {
            Decision::allowed_if(rules(viewer, post, facts, PageRole::tends), Decision::Refused)
        }
        (Action::AnswerQuestion, lifetime) => {
            let is_asking = matches!(lifetime, Lifetime::Lasting | Lifetime::Live);
            // An open group is read by all, but members alone speak there.
            Decision::allowed_if(!is_author && is_asking && !has_left, Decision::Refused)
        }
        // A story is replied to by its stickers.
        (Action::Comment, Lifetime::Lasting) => {
            Decision::allowed_if(!post.comments_closed && !has_left, Decision::Refused)
        }
        (Action::React, Lifetime::Lasting) => Decision::allowed_if(!has_left, Decision::Refused),
        _ => Decision::Hidden,
    }
}

fn on_comment(viewer: Viewer, action: Action, comment: &CommentObject, facts: &Facts) -> Decision {
    let CommentObject { post, writer, deleted, hidden } = comment;
    if *deleted || post.deleted || post.lifetime != Lifetime::Lasting {
        return Decision::Hidden;
    }
    let is_writer = viewer.account_id == *writer;
    let moderates = post.group.is_some() && facts.group.moderates();
    if action == Action::DeleteComment && (is_writer || moderates) {
        // What one wrote is taken back also where the post is out of sight; moderators need no leave of whoever blocks them.
        return Decision::Allowed;
    }
    if !in_audience(viewer, post, facts) {
        return Decision::Hidden;
    }
    let wrote_post = rules(viewer, post, facts, PageRole::tends);
    if wrote_post && action == Action::DeleteComment {
        return Decision::Allowed;
    }
    let is_shown = is_writer || (!facts.parted_from_writer && (!hidden || wrote_post));
    if !is_shown {
        return Decision::Hidden;
    }
    let has_left = post.group.is_some() && !facts.group.is_in();
    match action {
        Action::SeeComment => Decision::Allowed,
        Action::EditComment => Decision::allowed_if(is_writer && !has_left, Decision::Refused),
        Action::DeleteComment => Decision::Refused,
        Action::React => Decision::allowed_if(!has_left, Decision::Refused),
        _ => Decision::Hidden,
    }
}

/// Whether the viewer does what an author does: of one's own post everything, of a page's what the role `gives`.
fn rules(viewer: Viewer, post: &PostObject, facts: &Facts, gives: fn(PageRole) -> bool) -> bool {
    match post.audience {
        AudienceKind::Page => facts.page_role.is_some_and(gives),
        _ => viewer.account_id == post.author,
    }
}

/// Whether the post is there no more for the viewer: deleted, or a story whose time is over, which a page's staff still sees.
fn is_gone(viewer: Viewer, post: &PostObject, facts: &Facts) -> bool {
    post.deleted || (post.lifetime == Lifetime::Expired && !rules(viewer, post, facts, |_| true))
}

fn on_invite(viewer: Viewer, action: Action, invite: &InviteObject, facts: &Facts) -> Decision {
    let ended = is_gone(viewer, &invite.post, facts) && invite.ends_with_post;
    if ended || !in_audience(viewer, &invite.post, facts) {
        return Decision::Hidden;
    }
    match action {
        Action::SeeInvite => Decision::Allowed,
        Action::CloseInvite => {
            Decision::allowed_if(rules(viewer, &invite.post, facts, PageRole::speaks), Decision::Refused)
        }
        Action::TakeDoor | Action::Join => {
            // An open group is read by all, but its chats are for members.
            let is_outside = invite.post.group.is_some() && !facts.group.is_in();
            Decision::allowed_if(facts.membership != Membership::Removed && !is_outside, Decision::Refused)
        }
        _ => Decision::Hidden,
    }
}

/// Whether the author addressed the viewer. A block beats everything but being the author, or of the page's staff; a group's post is the group's,
/// and its author reads it as long as they read the group.
fn in_audience(viewer: Viewer, post: &PostObject, facts: &Facts) -> bool {
    if post.audience == AudienceKind::Group {
        return post.group.is_some_and(|group| in_group(viewer, post, group, facts));
    }
    if rules(viewer, post, facts, |_| true) {
        return true;
    }
    if facts.blocked {
        return false;
    }
    match post.audience {
        AudienceKind::Public | AudienceKind::Page => true,
        AudienceKind::Connections => facts.connected,
        // A list is a set of connections: who is no connection any more is in none.
        AudienceKind::Lists => facts.connected && facts.in_lists,
        AudienceKind::People => facts.named,
        AudienceKind::Group => false,
    }
}

fn in_group(viewer: Viewer, post: &PostObject, group: GroupPost, facts: &Facts) -> bool {
    let is_author = viewer.account_id == post.author;
    let reads = group.kind == GroupKind::Open || facts.group.is_in();
    let is_let_through = !group.pending || is_author || facts.group.moderates();
    reads && is_let_through && (is_author || !facts.blocked)
}

const fn on_group(action: Action, kind: GroupKind, facts: &Facts) -> Decision {
    let is_known = !matches!(kind, GroupKind::Secret) || matches!(facts.group, GroupPart::Invited | GroupPart::In(_));
    if !is_known {
        return Decision::Hidden;
    }
    let (is_in, moderates) = (facts.group.is_in(), facts.group.moderates());
    let is_open = matches!(kind, GroupKind::Open);
    let is_allowed = match action {
        Action::SeeGroup => true,
        Action::ReadGroup => is_open || is_in,
        // Whoever moderates has to find also those who block them.
        Action::SeeGroupMember => moderates || (is_in && !facts.blocked),
        Action::PostInGroup => is_in,
        Action::JoinGroup => !matches!(facts.group, GroupPart::Banned),
        Action::InviteToGroup => moderates || (is_in && is_open),
        Action::ModerateGroup => moderates,
        Action::OwnGroup => matches!(facts.group, GroupPart::In(GroupRole::Owner)),
        _ => return Decision::Hidden,
    };
    Decision::allowed_if(is_allowed, Decision::Refused)
}

fn on_page(action: Action, facts: &Facts) -> Decision {
    // Who looks after a page sees it whomever it blocks.
    if facts.blocked && facts.page_role.is_none() {
        return Decision::Hidden;
    }
    let has = |gives: fn(PageRole) -> bool| facts.page_role.is_some_and(gives);
    let is_allowed = match action {
        Action::SeePage | Action::FollowPage => true,
        Action::SpeakAsPage | Action::SeePageArchive => has(PageRole::speaks),
        Action::SeePageStaff => has(|_| true),
        Action::SeePageNumbers => has(PageRole::counts),
        Action::OwnPage => has(|role| role == PageRole::Admin),
        _ => return Decision::Hidden,
    };
    Decision::allowed_if(is_allowed, Decision::Refused)
}

const fn on_server(action: Action, role: Option<ServerRole>) -> Decision {
    let is_allowed = match action {
        Action::ModerateServer => role.is_some(),
        Action::OperateServer => matches!(role, Some(ServerRole::Operator)),
        _ => return Decision::Hidden,
    };
    Decision::allowed_if(is_allowed, Decision::Refused)
}

/// A moderator learns nothing of cases about themselves, and decides none about the operator.
const fn on_case(
    action: Action,
    is_self: bool,
    subject_role: Option<ServerRole>,
    role: Option<ServerRole>,
) -> Decision {
    let is_operator = matches!(role, Some(ServerRole::Operator));
    if role.is_none() || (is_self && !is_operator) {
        return Decision::Hidden;
    }
    match action {
        Action::SeeCase => Decision::Allowed,
        Action::JudgeCase => {
            let is_above = matches!(subject_role, Some(ServerRole::Operator)) && !is_operator;
            Decision::allowed_if(!is_above, Decision::Refused)
        }
        _ => Decision::Hidden,
    }
}

const fn on_chat(action: Action, membership: Membership) -> Decision {
    let role = match (membership, action) {
        (Membership::In(role), _) => role,
        (Membership::Admitted, Action::TakeGroupInfo) => return Decision::Allowed,
        _ => return Decision::Hidden,
    };
    match action {
        Action::SeeChat | Action::ReadChat | Action::WriteChat | Action::TakeGroupInfo => Decision::Allowed,
        Action::SeeQueue | Action::HostChat => Decision::allowed_if(matches!(role, Role::Host), Decision::Refused),
        _ => Decision::Hidden,
    }
}

fn on_account(viewer: Viewer, action: Action, account_id: AccountId, facts: &Facts) -> Decision {
    let is_self = viewer.account_id == account_id;
    match action {
        // Who looks after a page sees it whomever it blocks.
        Action::SeeAccount => {
            Decision::allowed_if(is_self || !facts.blocked || facts.page_role.is_some(), Decision::Hidden)
        }
        Action::FindAccount => {
            let found = !is_self && !facts.blocked && (facts.connected || facts.findable);
            Decision::allowed_if(found, Decision::Hidden)
        }
        Action::SeeFace => Decision::allowed_if(!is_self && facts.connected && !facts.blocked, Decision::Hidden),
        _ => Decision::Hidden,
    }
}

/// What nobody but its owner knows of.
fn owners_alone(viewer: Viewer, owner: AccountId, is_meant: bool) -> Decision {
    Decision::allowed_if(is_meant && viewer.account_id == owner, Decision::Hidden)
}
