//! What the gate is asked, and what it answers.

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
    /// See its stories that are over.
    SeePageArchive,
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
        Action::SeePageArchive,
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
    pub(super) const fn is_in(self) -> bool {
        matches!(self, Self::In(_))
    }

    pub(super) const fn moderates(self) -> bool {
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

    pub(super) const fn allowed_if(is_allowed: bool, otherwise: Self) -> Self {
        if is_allowed { Self::Allowed } else { otherwise }
    }
}
