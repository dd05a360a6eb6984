//! The gate: the only place that decides who may see a thing, or act on it.
//!
//! A surface loads [`Facts`] (one batch of queries for a whole page), asks [`can`] for every row,
//! and shows what is [`Decision::Allowed`]. Queries may narrow what is asked about, never decide.
//! Time and numbers (expiry, seats) are not the gate's: see [`crate::terms`].

use doorpost_model::{
    AccountId,
    chat::Role,
    group::{GroupKind, GroupRole},
    moderation::ServerRole,
    page::PageRole,
    post::AudienceKind,
};

/// Who asks: always somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub account_id: AccountId,
}

/// What somebody wants to do with an [`Object`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read a post, be told of it, or have it counted for one.
    SeePost,
    /// See the audience in full and the invite's terms in full.
    SeeAudience,
    /// Change a post's text, audience or terms.
    EditPost,
    DeletePost,
    /// Have one's view of a story counted, vote in its poll.
    AnswerStory,
    /// See who saw a story; keep it among one's highlights.
    TendStory,
    /// Answer what a post or a story asks, take the answer back.
    AnswerQuestion,
    /// Read all that was answered, and show answers to the audience.
    TendQuestion,
    /// Let a group's post through, or pin it.
    ModeratePost,
    /// Write a comment under a post, or a reply.
    Comment,
    /// Put an emoji on a post or a comment, or take it off.
    React,
    /// Read a comment, or have it counted for one.
    SeeComment,
    EditComment,
    DeleteComment,
    /// See an invite's card.
    SeeInvite,
    /// End an invite for good; also when its post is gone and the link lives on.
    CloseInvite,
    /// Get what a device needs to make a ticket.
    TakeDoor,
    /// Ask to come in through an invite.
    Join,
    /// Know that a chat exists; see its members and its place in one's list.
    SeeChat,
    /// Read a chat's log.
    ReadChat,
    /// Write to a chat, or leave it.
    WriteChat,
    /// Get the public state of the group, to come in or to go on.
    TakeGroupInfo,
    /// See the requests waiting for a chat, and which invite each member came through.
    SeeQueue,
    /// Admit or decline, remove members, put invites into the chat's policy.
    HostChat,
    /// Learn that an account exists: its card, its handle in an audience, a request to connect.
    SeeAccount,
    /// Come upon an account without naming it: in a search or among suggestions.
    FindAccount,
    /// Learn from a card that an account is in the chat.
    SeeFace,
    /// See or change a list, or use it in an audience.
    UseList,
    /// See a photo that is in no post yet, go on with it, or put it into one.
    UseUpload,
    /// Change or delete a set of highlights. Which of its stories somebody sees is each story's affair.
    EditHighlight,
    /// Know that a group exists: its name, description, rules and questions.
    SeeGroup,
    /// Read the posts of a group.
    ReadGroup,
    /// See that somebody, to whom `blocked` stands, is in a group.
    SeeGroupMember,
    PostInGroup,
    /// Come into a group, or ask to.
    JoinGroup,
    /// Let somebody come in at once.
    InviteToGroup,
    /// Decide on requests and posts that wait, take members out and keep them out.
    ModerateGroup,
    /// Change what a group is called and how it goes, give roles, end it.
    OwnGroup,
    /// Read what a page says of itself.
    SeePage,
    /// Have its posts in one's feed.
    FollowPage,
    /// Write, change and delete in its name.
    SpeakAsPage,
    /// See who is on its staff.
    SeePageStaff,
    /// See how many followed it, read it and came in.
    SeePageNumbers,
    /// Change what it is called, give roles, end it.
    OwnPage,
    /// Look into the server's queue of cases, and read the log.
    ModerateServer,
    /// Name moderators, settle where links may lead.
    OperateServer,
    /// See a case: the reports about somebody or something of theirs, with what was copied then.
    SeeCase,
    /// Decide a case.
    JudgeCase,
}

impl Action {
    /// Every action there is.
    pub const ALL: &[Action] = &[
        Action::SeePost,
        Action::SeeAudience,
        Action::EditPost,
        Action::DeletePost,
        Action::AnswerStory,
        Action::TendStory,
        Action::AnswerQuestion,
        Action::TendQuestion,
        Action::ModeratePost,
        Action::Comment,
        Action::React,
        Action::SeeComment,
        Action::EditComment,
        Action::DeleteComment,
        Action::SeeInvite,
        Action::CloseInvite,
        Action::TakeDoor,
        Action::Join,
        Action::SeeChat,
        Action::ReadChat,
        Action::WriteChat,
        Action::TakeGroupInfo,
        Action::SeeQueue,
        Action::HostChat,
        Action::SeeAccount,
        Action::FindAccount,
        Action::SeeFace,
        Action::UseList,
        Action::UseUpload,
        Action::EditHighlight,
        Action::SeeGroup,
        Action::ReadGroup,
        Action::SeeGroupMember,
        Action::PostInGroup,
        Action::JoinGroup,
        Action::InviteToGroup,
        Action::ModerateGroup,
        Action::OwnGroup,
        Action::SeePage,
        Action::FollowPage,
        Action::SpeakAsPage,
        Action::SeePageStaff,
        Action::SeePageNumbers,
        Action::OwnPage,
        Action::ModerateServer,
        Action::OperateServer,
        Action::SeeCase,
        Action::JudgeCase,
    ];
}

/// What is acted on, with the part of its own state that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    Post(PostObject),
    Comment(CommentObject),
    Invite(InviteObject),
    Chat,
    /// An account other than the viewer, or the viewer.
    Account {
        account_id: AccountId,
    },
    List {
        owner: AccountId,
    },
    /// A photo that is in no post yet; in one it is the post's.
    Upload {
        owner: AccountId,
    },
    /// A named set of one's own stories.
    Highlight {
        owner: AccountId,
    },
    Group(GroupKind),
    Page,
    Server,
    /// What was reported of somebody or something of theirs.
    Case {
        subject: AccountId,
        subject_role: Option<ServerRole>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostObject {
    pub author: AccountId,
    pub audience: AudienceKind,
    pub deleted: bool,
    /// From [`crate::story::lifetime`].
    pub lifetime: Lifetime,
    /// Of a post whose audience is a group; none once the group is gone, and then it is nobody's.
    pub group: Option<GroupPost>,
    /// Its author takes no more comments.
    pub comments_closed: bool,
}

/// A comment is its post's: whoever does not see the post sees none of its comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentObject {
    pub post: PostObject,
    pub writer: AccountId,
    pub deleted: bool,
    /// Has a word that the post's author hides.
    pub hidden: bool,
}

/// How far a post has come in the time that it is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lifetime {
    /// A post: there until it is deleted.
    Lasting,
    /// A story in its 24 hours.
    Live,
    /// A story after them: there for its author alone.
    Expired,
    /// A story after them that its author keeps among the highlights: there for its audience.
    Kept,
}

/// What a post's group adds to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupPost {
    pub kind: GroupKind,
    /// Waits for a moderator.
    pub pending: bool,
}

/// An invite stands behind its post's audience, whether or not the post is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InviteObject {
    pub post: PostObject,
    /// The invite ends when the post is deleted, or as a story expires.
    pub ends_with_post: bool,
}

/// How the viewer stands to the object: to a post's author or an account (`connected`, `blocked`),
/// to a comment's writer (`parted_from_writer`), how the account wants to be found (`findable`), to a post's audience
/// (`in_lists`, `named`), to a chat (`membership`), to a group, a post's too (`group`), to a page or one whose post it is
/// (`page_role`, `blocked`), and to the server (`server_role`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    /// The two accepted each other.
    pub connected: bool,
    /// Either of the two blocks the other.
    pub blocked: bool,
    /// The viewer or a comment's writer blocks the other.
    pub parted_from_writer: bool,
    /// The viewer is in at least one of the lists the audience names.
    pub in_lists: bool,
    /// The audience names the viewer.
    pub named: bool,
    /// The account lets people it is not connected with come upon it.
    pub findable: bool,
    pub membership: Membership,
    pub group: GroupPart,
    /// The viewer's, if on the page's staff.
    pub page_role: Option<PageRole>,
    /// The viewer's part in running the server.
    pub server_role: Option<ServerRole>,
}

/// The viewer's part in a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GroupPart {
    #[default]
    None,
    /// By somebody whom no block parts from the viewer.
    Invited,
    In(GroupRole),
    /// Kept out by a moderator.
    Banned,
}

impl GroupPart {
    const fn is_in(self) -> bool {
        matches!(self, Self::In(_))
    }

    const fn moderates(self) -> bool {
        matches!(self, Self::In(GroupRole::Moderator | GroupRole::Owner))
    }
}

/// The viewer's part in a chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Membership {
    /// Never in, or left by themselves.
    #[default]
    None,
    /// Let in, on the way: no rights in the chat but to the way in.
    Admitted,
    In(Role),
    /// Taken out by a host; an invite does not let them in again.
    Removed,
}

/// The gate's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    Allowed,
    /// The viewer knows of the object, and this is not theirs to do.
    Refused,
    /// The viewer may not learn that there is such a thing: the same answer as for what never was.
    Hidden,
}

impl Decision {
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed)
    }

    const fn allowed_if(is_allowed: bool, otherwise: Self) -> Self {
        if is_allowed { Self::Allowed } else { otherwise }
    }
}

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
    let moderates = post.group.is_some() && facts.group.moderates();
    if moderates && action == Action::DeleteComment {
        // Also where a block parts the two, as with posts.
        return Decision::Allowed;
    }
    if !in_audience(viewer, post, facts) {
        return Decision::Hidden;
    }
    let wrote_post = rules(viewer, post, facts, PageRole::tends);
    if wrote_post && action == Action::DeleteComment {
        return Decision::Allowed;
    }
    let is_writer = viewer.account_id == *writer;
    let is_shown = is_writer || (!facts.parted_from_writer && (!hidden || wrote_post));
    if !is_shown {
        return Decision::Hidden;
    }
    let has_left = post.group.is_some() && !facts.group.is_in();
    match action {
        Action::SeeComment => Decision::Allowed,
        Action::EditComment => Decision::allowed_if(is_writer && !has_left, Decision::Refused),
        Action::DeleteComment => Decision::allowed_if(is_writer, Decision::Refused),
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
        Action::SpeakAsPage => has(PageRole::speaks),
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
        Action::SeeAccount => Decision::allowed_if(is_self || !facts.blocked, Decision::Hidden),
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
