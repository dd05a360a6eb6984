//! Notifications: one row for each thing that happened and each account it is told to.

use doorpost_model::{
    AccountId, ChatId, CommentId, GroupId, InviteId, NotificationId, PostId, TimeMs, chat::Role,
    notification::NotificationKind, people::Relation,
};

use crate::{StoreError, Tx, params, post::padded, row, statements, stored_as_text};

stored_as_text!(NotificationKind {
    ConnectionRequest = "connection_request",
    ConnectionAccepted = "connection_accepted",
    JoinRequest = "join_request",
    RequestAdmitted = "request_admitted",
    RequestDeclined = "request_declined",
    StoryAnswer = "story_answer",
    QuestionAnswer = "question_answer",
    AnswerPublished = "answer_published",
    GroupRequest = "group_request",
    GroupAdmitted = "group_admitted",
    GroupInvited = "group_invited",
    GroupPostPending = "group_post_pending",
    GroupPostLetThrough = "group_post_let_through",
    NewPost = "new_post",
    Comment = "comment",
    Reply = "reply",
    Mention = "mention",
    Reaction = "reaction",
});

/// A notification as it is written; it is unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewNotification {
    pub notification_id: NotificationId,
    pub account_id: AccountId,
    pub kind: NotificationKind,
    /// The first of those that are shown as one; its own id for that one.
    pub bundle_id: NotificationId,
    pub object: Object,
    pub actor_id: Option<AccountId>,
    pub post_id: Option<PostId>,
    pub comment_id: Option<CommentId>,
    pub group_id: Option<GroupId>,
    pub invite_id: Option<InviteId>,
    pub chat_id: Option<ChatId>,
    pub at: TimeMs,
}

/// What something happened to. What happens to the same object is shown as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    Account(AccountId),
    Post(PostId),
    Comment(CommentId),
    Group(GroupId),
    Chat(ChatId),
}

impl From<Object> for crate::Value<'_> {
    fn from(object: Object) -> Self {
        match object {
            Object::Account(id) => id.into(),
            Object::Post(id) => id.into(),
            Object::Comment(id) => id.into(),
            Object::Group(id) => id.into(),
            Object::Chat(id) => id.into(),
        }
    }
}

row! {
    /// What happened lately of one kind to one object.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Bundle {
        pub bundle_id: NotificationId,
        pub rows: u32,
        /// The actor asked about has done it already; of what they say, as long as that is unread.
        pub has_actor: bool,
    }
}

row! {
    /// A notification with how the account it is for stands to what it is about, now. Whether they may see it is not
    /// decided here.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SeenNotification {
        pub notification_id: NotificationId,
        pub bundle_id: NotificationId,
        pub kind: NotificationKind,
        pub actor_id: Option<AccountId>,
        pub actor_handle: Option<String>,
        pub actor_name: Option<String>,
        pub post_id: Option<PostId>,
        pub comment_id: Option<CommentId>,
        pub group_id: Option<GroupId>,
        pub invite_id: Option<InviteId>,
        pub chat_id: Option<ChatId>,
        pub at: TimeMs,
        pub read_at: Option<TimeMs>,
        /// The account or the actor blocks the other.
        pub blocked: bool,
        /// The account mutes the actor.
        pub muted: bool,
        /// How the actor stands to the account.
        pub relation: Option<Relation>,
        /// The account's role in the chat, if in.
        pub role: Option<Role>,
        pub chat_title: Option<String>,
        /// Deleting the post ends the invite.
        pub ends_with_post: Option<bool>,
        /// The actor's request to come into the group waits.
        pub asks_group: bool,
        /// There is an answer of the actor's to the post.
        pub answered: bool,
        /// The account's own answer to the post is shown to others.
        pub published: bool,
        /// There is a reaction of the actor's to the comment, or, without one, to the post.
        pub reacted: bool,
    }
}

row! {
    /// Somebody who waits to come into a chat, as one of its hosts sees them.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct WaitingPerson {
        pub chat_id: ChatId,
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        pub asked_at: TimeMs,
        /// Either blocks the other.
        pub blocked: bool,
        /// The host mutes them.
        pub muted: bool,
    }
}

row! {
    /// A chat's host, who is to hear that somebody asks to come in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct QueueHost {
        pub account_id: AccountId,
        /// What tells them already, as long as they have not read it.
        pub unread_id: Option<NotificationId>,
        /// They have a browser for pushes, and more than one request does not wait to be pushed already.
        pub may_push: bool,
    }
}

/// A place in the list of notifications, which are ordered by what happened last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotificationKey {
    pub at: TimeMs,
    pub bundle_id: NotificationId,
}

impl NotificationKey {
    /// Before all rows.
    pub const START: Self = Self { at: TimeMs(i64::MAX), bundle_id: NotificationId::from_bytes([0xff; 16]) };
}

statements! {
    LATELY = "SELECT b.notification_id, \
              (SELECT COUNT(*) FROM notifications n WHERE n.account_id = $1 AND n.bundle_id = b.notification_id), \
              EXISTS (SELECT 1 FROM notifications n WHERE n.account_id = $1 AND n.bundle_id = b.notification_id \
                AND n.actor_id = $5 AND (n.read_at IS NULL OR $2 NOT IN ('comment', 'reply', 'mention'))) \
              FROM notifications b WHERE b.account_id = $1 AND b.kind = $2 AND b.object_id = $3 AND b.at > $4 \
              AND b.bundle_id = b.notification_id ORDER BY b.at DESC, b.notification_id DESC LIMIT 1";
    INSERT = "INSERT INTO notifications (notification_id, account_id, kind, bundle_id, object_id, actor_id, post_id, \
              comment_id, group_id, invite_id, chat_id, at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    BUNDLES = "SELECT bundle_id, MAX(at) FROM notifications WHERE account_id = $1 GROUP BY bundle_id \
               HAVING MAX(at) < $2 OR (MAX(at) = $2 AND bundle_id < $3) \
               ORDER BY MAX(at) DESC, bundle_id DESC LIMIT $4";
    OF_BUNDLES = "SELECT notification_id FROM notifications WHERE account_id = $1 AND bundle_id IN ({list})";
    UNREAD = "SELECT notification_id FROM notifications WHERE account_id = $1 AND read_at IS NULL \
              ORDER BY at DESC, notification_id DESC LIMIT $2";
    SEEN = "SELECT n.notification_id, n.bundle_id, n.kind, n.actor_id, a.handle, a.name, n.post_id, n.comment_id, \
            n.group_id, n.invite_id, n.chat_id, n.at, n.read_at, \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = n.account_id AND b.blocked_id = n.actor_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = n.actor_id AND b.blocked_id = n.account_id), \
            EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = n.account_id AND u.muted_id = n.actor_id), \
            (SELECT c.state FROM connections c WHERE c.account_id = n.account_id AND c.other_id = n.actor_id), \
            (SELECT m.role FROM chat_members m WHERE m.chat_id = n.chat_id AND m.account_id = n.account_id), \
            (SELECT t.title FROM chats t WHERE t.chat_id = n.chat_id), \
            (SELECT i.ends_with_post FROM invites i WHERE i.invite_id = n.invite_id), \
            EXISTS (SELECT 1 FROM group_requests q WHERE q.group_id = n.group_id AND q.account_id = n.actor_id), \
            EXISTS (SELECT 1 FROM answers s WHERE s.post_id = n.post_id AND s.account_id = n.actor_id), \
            EXISTS (SELECT 1 FROM answers s WHERE s.post_id = n.post_id AND s.account_id = n.account_id \
              AND s.published_at IS NOT NULL), \
            EXISTS (SELECT 1 FROM post_reactions r WHERE n.comment_id IS NULL AND r.post_id = n.post_id \
                AND r.account_id = n.actor_id) \
              OR EXISTS (SELECT 1 FROM comment_reactions r WHERE r.comment_id = n.comment_id AND r.account_id = n.actor_id) \
            FROM notifications n LEFT JOIN accounts a ON a.account_id = n.actor_id \
            WHERE n.account_id = $1 AND n.notification_id IN ({list})";
    // Driven by the chats, each of which is looked through from its newest request to its $2nd.
    WAITING = "SELECT c.chat_id, r.account_id, a.handle, a.name, r.asked_at, \
               EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = r.account_id) \
                 OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = r.account_id AND b.blocked_id = $1), \
               EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = r.account_id) \
               FROM chats c JOIN join_requests r ON r.chat_id = c.chat_id AND r.state = 'requested' AND r.asked_at >= \
                 COALESCE((SELECT l.asked_at FROM join_requests l WHERE l.chat_id = c.chat_id \
                   AND l.state = 'requested' ORDER BY l.asked_at DESC LIMIT 1 OFFSET $2), 0) \
               JOIN accounts a ON a.account_id = r.account_id WHERE c.chat_id IN ({list})";
    QUEUE_HOSTS = "SELECT m.account_id, \
                   (SELECT n.notification_id FROM notifications n WHERE n.account_id = m.account_id \
                     AND n.kind = 'join_request' AND n.object_id = $1 AND n.at > $2 AND n.read_at IS NULL \
                     ORDER BY n.at DESC, n.notification_id DESC LIMIT 1), \
                   EXISTS (SELECT 1 FROM push_subscriptions p WHERE p.account_id = m.account_id) \
                     AND NOT EXISTS (SELECT 1 FROM pushes w WHERE w.account_id = m.account_id AND w.source_id = $1 \
                       AND w.due_at IS NOT NULL AND w.waiting > 1) \
                   FROM chat_members m WHERE m.chat_id = $1 AND m.role = 'host' ORDER BY m.account_id";
    READ = "UPDATE notifications SET read_at = $3 WHERE account_id = $1 AND at <= $2 AND read_at IS NULL";
    PRUNE = "DELETE FROM notifications WHERE at < $1";
    CROWDED = "SELECT account_id FROM notifications GROUP BY account_id HAVING COUNT(*) > $1 LIMIT $2";
    KEEP_NEWEST = "DELETE FROM notifications WHERE account_id = $1 AND (at, notification_id) <= \
                   (SELECT k.at, k.notification_id FROM notifications k WHERE k.account_id = $1 \
                    ORDER BY k.at DESC, k.notification_id DESC LIMIT 1 OFFSET $2)";
}

/// What happened of this kind to this object since a time, if anything did; `actor` is who did it now.
///
/// # Errors
/// As every statement.
pub async fn lately(
    tx: &mut Tx,
    account: AccountId,
    kind: NotificationKind,
    object: Object,
    since: TimeMs,
    actor: Option<AccountId>,
) -> Result<Option<Bundle>, StoreError> {
    tx.query_opt(&LATELY, params![account, kind, object, since, actor]).await
}

/// Keeps a notification.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, new: &NewNotification) -> Result<(), StoreError> {
    let params = params![
        new.notification_id,
        new.account_id,
        new.kind,
        new.bundle_id,
        new.object,
        new.actor_id,
        new.post_id,
        new.comment_id,
        new.group_id,
        new.invite_id,
        new.chat_id,
        new.at,
    ];
    tx.execute(&INSERT, params).await.map(drop)
}

/// A page of what an account is told, what happened last first: each with the time of its newest row.
///
/// # Errors
/// As every statement.
pub async fn bundles(
    tx: &mut Tx,
    account: AccountId,
    after: NotificationKey,
    limit: u32,
) -> Result<Vec<NotificationKey>, StoreError> {
    let rows: Vec<(NotificationId, TimeMs)> =
        tx.query(&BUNDLES, params![account, after.at, after.bundle_id, limit]).await?;
    Ok(rows.into_iter().map(|(bundle_id, at)| NotificationKey { at, bundle_id }).collect())
}

/// The rows of these bundles, in no particular order.
///
/// # Errors
/// As every statement.
pub async fn of_bundles(
    tx: &mut Tx,
    account: AccountId,
    bundles: &[NotificationId],
) -> Result<Vec<NotificationId>, StoreError> {
    // Values that are there twice would come back twice, in chunks of their own.
    tx.query_list(&OF_BUNDLES, params![account], bundles).await
}

/// The newest of an account's unread rows.
///
/// # Errors
/// As every statement.
pub async fn unread(tx: &mut Tx, account: AccountId, limit: u32) -> Result<Vec<NotificationId>, StoreError> {
    tx.query(&UNREAD, params![account, limit]).await
}

/// These of an account's notifications, in no particular order.
///
/// # Errors
/// As every statement.
pub async fn seen(
    tx: &mut Tx,
    account: AccountId,
    notifications: &[NotificationId],
) -> Result<Vec<SeenNotification>, StoreError> {
    tx.query_list(&SEEN, params![account], &padded(notifications)).await
}

/// Who waits to come into these chats, the newest `limit` of each and those who asked at the same time as the last of
/// them, in no particular order; as `host` sees them.
///
/// # Errors
/// As every statement.
pub async fn waiting(
    tx: &mut Tx,
    host: AccountId,
    chats: &[ChatId],
    limit: u32,
) -> Result<Vec<WaitingPerson>, StoreError> {
    tx.query_list(&WAITING, params![host, limit.saturating_sub(1)], &padded(chats)).await
}

/// A chat's hosts, each with what has told them since a time that somebody asks to come in.
///
/// # Errors
/// As every statement.
pub async fn queue_hosts(tx: &mut Tx, chat: ChatId, since: TimeMs) -> Result<Vec<QueueHost>, StoreError> {
    tx.query(&QUEUE_HOSTS, params![chat, since]).await
}

/// Notes that an account has read what happened until a time; gives how many rows were unread.
///
/// # Errors
/// As every statement.
pub async fn read(tx: &mut Tx, account: AccountId, up_to: TimeMs, now: TimeMs) -> Result<u64, StoreError> {
    tx.execute(&READ, params![account, up_to, now]).await
}

/// Forgets what happened before a time.
///
/// # Errors
/// As every statement.
pub async fn prune(tx: &mut Tx, before: TimeMs) -> Result<u64, StoreError> {
    tx.execute(&PRUNE, params![before]).await
}

/// Accounts with more rows than this.
///
/// # Errors
/// As every statement.
pub async fn crowded(tx: &mut Tx, rows: u32, limit: u32) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&CROWDED, params![rows, limit]).await
}

/// Forgets all but the newest rows of an account.
///
/// # Errors
/// As every statement.
pub async fn keep_newest(tx: &mut Tx, account: AccountId, rows: u32) -> Result<u64, StoreError> {
    tx.execute(&KEEP_NEWEST, params![account, rows]).await
}
