//! What of an account's notifications it may know of now.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use doorpost_model::{
    AccountId, ChatId, CommentId, GroupId, NotificationId, PostId, TimeMs,
    limits::{NOTIFICATION_BUNDLE_MAX, NOTIFICATION_BUNDLE_MS},
    notification::NotificationKind,
    people::{AccountRef, Relation},
};
use doorpost_policy::gate::{self, Action, Facts, GroupPart, InviteObject, Membership, Object};
use doorpost_store::{
    self as store, StoreError, Tx,
    comment::SeenComment,
    group::SeenGroup,
    notification::{self as rows, SeenNotification, WaitingPerson},
    post::SeenPost,
};

use crate::{
    comment, group,
    post::audience::{facts, object},
};

/// Notifications that an account may see, with those of the things they are about that it may see as well.
pub(super) struct Visible {
    pub(super) rows: Vec<SeenNotification>,
    pub(super) posts: HashMap<PostId, SeenPost>,
    pub(super) groups: HashMap<GroupId, SeenGroup>,
    comments: HashMap<CommentId, SeenComment>,
    /// Who waits to come in, for each notification that says that somebody does, the last first.
    pub(super) waiting: HashMap<NotificationId, Vec<Applicant>>,
}

/// Somebody who waits to come into a chat.
pub(super) struct Applicant {
    pub(super) account: AccountRef,
    pub(super) asked_at: TimeMs,
}

/// How much earlier than a notification somebody may have asked who is in it: requests are not written down in the order
/// in which they come (milliseconds).
const ASKED_EARLIER_MS: i64 = 5_000;

/// Those of an account's notifications that it may see at `now`: five queries, however many there are.
///
/// # Errors
/// As every statement.
pub(super) async fn visible(
    tx: &mut Tx,
    viewer: AccountId,
    ids: &[NotificationId],
    now: TimeMs,
) -> Result<Visible, StoreError> {
    let mut all = rows::seen(tx, viewer, ids).await?;
    let posts: BTreeSet<PostId> = all.iter().filter_map(|row| row.post_id).collect();
    let posts: Vec<PostId> = posts.into_iter().collect();
    let posts = store::post::seen(tx, viewer, &posts).await?;
    let groups: BTreeSet<GroupId> = all.iter().filter_map(|row| row.group_id).collect();
    let groups: Vec<GroupId> = groups.into_iter().collect();
    let groups = store::group::seen(tx, viewer, &groups).await?;
    let comments: BTreeSet<CommentId> = all.iter().filter_map(|row| row.comment_id).collect();
    let comments: Vec<CommentId> = comments.into_iter().collect();
    let comments = store::comment::seen(tx, viewer, &comments).await?;
    let mut visible = Visible {
        rows: Vec::new(),
        posts: posts.into_iter().map(|post| (post.post_id, post)).collect(),
        groups: groups.into_iter().map(|group| (group.group_id, group)).collect(),
        comments: comments.into_iter().map(|comment| (comment.comment_id, comment)).collect(),
        waiting: waiting(tx, viewer, &all).await?,
    };
    all.retain(|row| visible.about(viewer, row, now).may_see());
    visible.rows = all;
    // Being let into a chat is told also where the post is out of sight by now.
    let asker = gate::Viewer { account_id: viewer };
    visible.posts.retain(|_, post| {
        gate::can(asker, Action::SeePost, &Object::Post(object(post, now)), &facts(post)).is_allowed()
    });
    visible.groups.retain(|_, row| {
        let facts = Facts { group: group::part(row), ..Facts::default() };
        gate::can(asker, Action::SeeGroup, &Object::Group(row.kind), &facts).is_allowed()
    });
    Ok(visible)
}

/// Who waits, as far as the viewer may know of them, each with the notification that they asked after.
async fn waiting(
    tx: &mut Tx,
    viewer: AccountId,
    all: &[SeenNotification],
) -> Result<HashMap<NotificationId, Vec<Applicant>>, StoreError> {
    let mut asked: Vec<&SeenNotification> =
        all.iter().filter(|row| row.kind == NotificationKind::JoinRequest).collect();
    let chats: BTreeSet<ChatId> = asked.iter().filter_map(|row| row.chat_id).collect();
    if chats.is_empty() {
        return Ok(HashMap::new());
    }
    let chats: Vec<ChatId> = chats.into_iter().collect();
    let most = u32::try_from(NOTIFICATION_BUNDLE_MAX).unwrap_or(u32::MAX);
    let mut people = rows::waiting(tx, viewer, &chats, most).await?;
    people.sort_unstable_by_key(|person| Reverse((person.asked_at, person.account_id)));
    asked.sort_unstable_by_key(|row| Reverse((row.at, row.notification_id)));
    let mut waiting: HashMap<NotificationId, Vec<Applicant>> = HashMap::new();
    for person in people.into_iter().filter(|person| !person.muted && may_know(viewer, person)) {
        let Some(row) = asked.iter().find(|row| tells_of(row, &person)) else { continue };
        let WaitingPerson { account_id, handle, name, asked_at, .. } = person;
        let account = AccountRef { account_id, handle, name };
        waiting.entry(row.notification_id).or_default().push(Applicant { account, asked_at });
    }
    Ok(waiting)
}

fn may_know(viewer: AccountId, person: &WaitingPerson) -> bool {
    let object = Object::Account { account_id: person.account_id };
    let facts = Facts { blocked: person.blocked, ..Facts::default() };
    gate::can(gate::Viewer { account_id: viewer }, Action::SeeAccount, &object, &facts).is_allowed()
}

/// Whether somebody asked for the notification's chat after it was written and before the next day's would have been.
fn tells_of(row: &SeenNotification, person: &WaitingPerson) -> bool {
    let span = row.at.plus(-ASKED_EARLIER_MS)..row.at.plus(NOTIFICATION_BUNDLE_MS);
    row.chat_id == Some(person.chat_id) && span.contains(&person.asked_at)
}

impl Visible {
    fn about<'a>(&'a self, viewer: AccountId, row: &'a SeenNotification, now: TimeMs) -> About<'a> {
        let post = row.post_id.and_then(|id| self.posts.get(&id));
        let group = row.group_id.and_then(|id| self.groups.get(&id));
        let comment = row.comment_id.and_then(|id| self.comments.get(&id));
        let has_waiting = self.waiting.contains_key(&row.notification_id);
        About { viewer: gate::Viewer { account_id: viewer }, row, post, group, comment, has_waiting, now }
    }
}

/// A notification with what it is about, to be asked about at the gate.
struct About<'a> {
    viewer: gate::Viewer,
    row: &'a SeenNotification,
    post: Option<&'a SeenPost>,
    group: Option<&'a SeenGroup>,
    comment: Option<&'a SeenComment>,
    /// Somebody waits of whom the viewer may know.
    has_waiting: bool,
    now: TimeMs,
}

impl About<'_> {
    /// Whether what happened is still so, and for the viewer to know.
    fn may_see(&self) -> bool {
        use NotificationKind as Kind;
        let row = self.row;
        let is_there = match row.kind {
            Kind::ConnectionRequest => row.relation == Some(Relation::Incoming),
            Kind::ConnectionAccepted => row.relation == Some(Relation::Connected),
            Kind::JoinRequest => self.has_waiting && self.chat(Action::SeeQueue),
            Kind::RequestAdmitted => self.chat(Action::SeeChat) || self.invite(Action::SeeInvite),
            Kind::RequestDeclined => self.invite(Action::SeeInvite),
            Kind::StoryAnswer | Kind::QuestionAnswer => row.answered && self.post(Action::TendQuestion),
            Kind::AnswerPublished => row.published && self.post(Action::SeePost),
            Kind::Comment | Kind::Reply | Kind::Mention => self.said(),
            Kind::Reaction => row.reacted && self.said(),
            Kind::GroupRequest => row.asks_group && self.group(Action::ModerateGroup),
            Kind::GroupAdmitted => self.group(Action::ReadGroup),
            Kind::GroupInvited => self.part() != GroupPart::None && self.group(Action::SeeGroup),
            Kind::GroupPostPending => self.post.is_some_and(|post| post.pending) && self.post(Action::ModeratePost),
            Kind::GroupPostLetThrough | Kind::NewPost => self.post(Action::SeePost),
        };
        is_there && !row.muted && self.actor()
    }

    /// The viewer may know of who did it.
    fn actor(&self) -> bool {
        let facts = Facts { blocked: self.row.blocked, ..Facts::default() };
        let sees = |account_id| self.ask(Action::SeeAccount, &Object::Account { account_id }, &facts);
        self.row.actor_id.is_none_or(sees)
    }

    /// The comment, or, without one, the post.
    fn said(&self) -> bool {
        match (self.row.comment_id, self.comment, self.post) {
            (None, ..) => self.post(Action::SeePost),
            (Some(_), Some(comment), Some(post)) => {
                let viewer = self.viewer.account_id;
                comment::decide(viewer, Action::SeeComment, comment, post, self.now).is_allowed()
            }
            _ => false,
        }
    }

    fn post(&self, action: Action) -> bool {
        self.post.is_some_and(|post| self.ask(action, &Object::Post(object(post, self.now)), &facts(post)))
    }

    fn invite(&self, action: Action) -> bool {
        let (Some(post), Some(ends_with_post)) = (self.post, self.row.ends_with_post) else { return false };
        let invite = InviteObject { post: object(post, self.now), ends_with_post };
        self.ask(action, &Object::Invite(invite), &facts(post))
    }

    fn chat(&self, action: Action) -> bool {
        let membership = self.row.role.map_or(Membership::None, Membership::In);
        self.ask(action, &Object::Chat, &Facts { membership, ..Facts::default() })
    }

    fn group(&self, action: Action) -> bool {
        let facts = Facts { group: self.part(), ..Facts::default() };
        self.group.is_some_and(|group| self.ask(action, &Object::Group(group.kind), &facts))
    }

    fn part(&self) -> GroupPart {
        self.group.map_or(GroupPart::None, group::part)
    }

    fn ask(&self, action: Action, object: &Object, facts: &Facts) -> bool {
        gate::can(self.viewer, action, object, facts).is_allowed()
    }
}
