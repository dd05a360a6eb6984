//! Which posts are in a group.

use doorpost_model::{AccountId, GroupId, InviteId, PostId, TimeMs, group::GroupKind};

use crate::{StoreError, Tx, params, post::feed::FeedKey, row, statements};

row! {
    /// The group a post is in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct GroupOfPost {
        pub group_id: GroupId,
        pub kind: GroupKind,
        /// Waits for a moderator.
        pub pending: bool,
        pub pinned_at: Option<TimeMs>,
    }
}

row! {
    /// A post with the group it is in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PlacedPost {
        pub post_id: PostId,
        pub group_id: GroupId,
        pub kind: GroupKind,
        /// Waits for a moderator.
        pub pending: bool,
    }
}

statements! {
    INSERT = "INSERT INTO group_posts (post_id, group_id, created_at, pending) VALUES ($1, $2, $3, $4)";
    OF_POST = "SELECT g.group_id, g.kind, p.pending, p.pinned_at \
               FROM group_posts p JOIN community_groups g ON g.group_id = p.group_id WHERE p.post_id = $1";
    SET_PENDING = "UPDATE group_posts SET pending = $2 WHERE post_id = $1";
    SET_PINNED = "UPDATE group_posts SET pinned_at = $2 WHERE post_id = $1";
    KEYS = "SELECT g.created_at, g.post_id FROM group_posts g JOIN posts p ON p.post_id = g.post_id \
            WHERE g.group_id = $1 AND g.pending = $2 AND p.deleted_at IS NULL \
              AND (g.created_at, g.post_id) < ($3, $4) \
            ORDER BY g.created_at DESC, g.post_id DESC LIMIT $5";
    // As KEYS, of those let through, without what the viewer mutes or hides.
    FEED_KEYS = "SELECT g.created_at, g.post_id FROM group_posts g JOIN posts p ON p.post_id = g.post_id \
            WHERE g.group_id = $2 AND g.pending = FALSE AND p.deleted_at IS NULL \
              AND (g.created_at, g.post_id) < ($3, $4) \
              AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = p.author_id) \
              AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = p.post_id) \
            ORDER BY g.created_at DESC, g.post_id DESC LIMIT $5";
    PINNED = "SELECT g.post_id FROM group_posts g JOIN posts p ON p.post_id = g.post_id \
              WHERE g.group_id = $1 AND g.pinned_at IS NOT NULL AND p.deleted_at IS NULL \
              ORDER BY g.pinned_at DESC, g.post_id DESC";
    COUNT_PENDING = "SELECT COUNT(*) FROM group_posts g JOIN posts p ON p.post_id = g.post_id \
                     WHERE g.group_id = $1 AND g.pending = TRUE AND p.deleted_at IS NULL";
    BY_MEMBER = "SELECT g.post_id FROM group_posts g JOIN posts p ON p.post_id = g.post_id \
                 WHERE g.group_id = $1 AND p.author_id = $2 AND p.deleted_at IS NULL \
                 ORDER BY g.created_at DESC, g.post_id DESC LIMIT $3";
    OF_AUTHOR = "SELECT q.post_id, q.group_id, g.kind, q.pending FROM posts p \
                 JOIN group_posts q ON q.post_id = p.post_id JOIN community_groups g ON g.group_id = q.group_id \
                 WHERE p.author_id = $1 AND p.deleted_at IS NULL ORDER BY p.created_at DESC, p.post_id DESC LIMIT $2";
    AMONG = "SELECT q.post_id, q.group_id, g.kind, q.pending FROM group_posts q \
             JOIN community_groups g ON g.group_id = q.group_id WHERE q.post_id IN ({list})";
    NEWEST = "SELECT g.post_id, p.author_id FROM group_posts g JOIN posts p ON p.post_id = g.post_id \
              WHERE g.group_id = $1 AND p.deleted_at IS NULL \
              ORDER BY g.created_at DESC, g.post_id DESC LIMIT $2";
    OPEN_INVITES = "SELECT i.invite_id FROM group_posts g JOIN invites i ON i.post_id = g.post_id \
                    WHERE g.group_id = $1 AND i.closed_at IS NULL ORDER BY i.invite_id";
    OPEN_INVITES_BY = "SELECT i.invite_id FROM group_posts g JOIN invites i ON i.post_id = g.post_id \
                       JOIN posts p ON p.post_id = g.post_id \
                       WHERE g.group_id = $1 AND p.author_id = $2 AND i.closed_at IS NULL ORDER BY i.invite_id";
    INVITING_AUTHORS = "SELECT DISTINCT p.author_id FROM group_posts g JOIN invites i ON i.post_id = g.post_id \
                        JOIN posts p ON p.post_id = g.post_id \
                        WHERE g.group_id = $1 AND i.closed_at IS NULL AND p.deleted_at IS NULL LIMIT $2";
    ASKED_IN = "SELECT r.invite_id, r.account_id FROM join_requests r JOIN invites i ON i.invite_id = r.invite_id \
                JOIN group_posts g ON g.post_id = i.post_id \
                WHERE g.group_id = $1 AND r.account_id = $2 AND r.state IN ('requested', 'admitted')";
    DELETE_POSTS = "UPDATE posts SET text = '', deleted_at = $2 WHERE deleted_at IS NULL \
                    AND post_id IN (SELECT g.post_id FROM group_posts g WHERE g.group_id = $1)";
    REMOVE_MEDIA = "UPDATE media SET removed = TRUE \
                    WHERE post_id IN (SELECT g.post_id FROM group_posts g WHERE g.group_id = $1)";
    DROP_ALL = "DELETE FROM group_posts WHERE group_id = $1";
}

/// Puts a new post into a group; `created_at` is the post's.
///
/// # Errors
/// As every statement.
pub async fn insert(
    tx: &mut Tx,
    post: PostId,
    group: GroupId,
    created_at: TimeMs,
    pending: bool,
) -> Result<(), StoreError> {
    tx.execute(&INSERT, params![post, group, created_at, pending]).await.map(drop)
}

/// The group a post is in, as long as there is one.
///
/// # Errors
/// As every statement.
pub async fn of_post(tx: &mut Tx, post: PostId) -> Result<Option<GroupOfPost>, StoreError> {
    tx.query_opt(&OF_POST, params![post]).await
}

/// Lets a post wait, or through.
///
/// # Errors
/// As every statement.
pub async fn set_pending(tx: &mut Tx, post: PostId, pending: bool) -> Result<(), StoreError> {
    tx.execute(&SET_PENDING, params![post, pending]).await.map(drop)
}

/// Pins a post, or takes it down.
///
/// # Errors
/// As every statement.
pub async fn set_pinned(tx: &mut Tx, post: PostId, pinned_at: Option<TimeMs>) -> Result<(), StoreError> {
    tx.execute(&SET_PINNED, params![post, pinned_at]).await.map(drop)
}

/// The newest posts of a group before a place: those that wait, or the others.
///
/// # Errors
/// As every statement.
pub async fn keys(
    tx: &mut Tx,
    group: GroupId,
    pending: bool,
    before: FeedKey,
    limit: i64,
) -> Result<Vec<FeedKey>, StoreError> {
    tx.query(&KEYS, params![group, pending, before.created_at, before.post_id, limit]).await
}

/// As [`keys`] of the posts that were let through, without those whose authors the viewer mutes and those the viewer hides.
///
/// # Errors
/// As every statement.
pub async fn feed_keys(
    tx: &mut Tx,
    viewer: AccountId,
    group: GroupId,
    before: FeedKey,
    limit: i64,
) -> Result<Vec<FeedKey>, StoreError> {
    tx.query(&FEED_KEYS, params![viewer, group, before.created_at, before.post_id, limit]).await
}

/// A group's pinned posts, the latest pinned first.
///
/// # Errors
/// As every statement.
pub async fn pinned(tx: &mut Tx, group: GroupId) -> Result<Vec<PostId>, StoreError> {
    tx.query(&PINNED, params![group]).await
}

/// How many posts of a group wait.
///
/// # Errors
/// As every statement.
pub async fn count_pending(tx: &mut Tx, group: GroupId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_PENDING, params![group]).await
}

/// The newest posts of one account in a group.
///
/// # Errors
/// As every statement.
pub async fn by_member(tx: &mut Tx, group: GroupId, author: AccountId, limit: u32) -> Result<Vec<PostId>, StoreError> {
    tx.query(&BY_MEMBER, params![group, author, limit]).await
}

/// Those of the newest `limit` posts of an author that are in groups.
///
/// # Errors
/// As every statement.
pub async fn of_author(tx: &mut Tx, author: AccountId, limit: i64) -> Result<Vec<PlacedPost>, StoreError> {
    tx.query(&OF_AUTHOR, params![author, limit]).await
}

/// Those of `posts` that are in groups, in no particular order.
///
/// # Errors
/// As every statement.
pub async fn among(tx: &mut Tx, posts: &[PostId]) -> Result<Vec<PlacedPost>, StoreError> {
    tx.query_list(&AMONG, &[], posts).await
}

/// The newest posts of a group, those that wait too, each with its author.
///
/// # Errors
/// As every statement.
pub async fn newest(tx: &mut Tx, group: GroupId, limit: u32) -> Result<Vec<(PostId, AccountId)>, StoreError> {
    tx.query(&NEWEST, params![group, limit]).await
}

/// The invites of a group's posts that are not closed.
///
/// # Errors
/// As every statement.
pub async fn open_invites(tx: &mut Tx, group: GroupId) -> Result<Vec<InviteId>, StoreError> {
    tx.query(&OPEN_INVITES, params![group]).await
}

/// As [`open_invites`], of one author's posts.
///
/// # Errors
/// As every statement.
pub async fn open_invites_by(tx: &mut Tx, group: GroupId, author: AccountId) -> Result<Vec<InviteId>, StoreError> {
    tx.query(&OPEN_INVITES_BY, params![group, author]).await
}

/// Up to `limit` authors of chat posts in a group whose invites are not closed, in no particular order.
///
/// # Errors
/// As every statement.
pub async fn inviting_authors(tx: &mut Tx, group: GroupId, limit: u32) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&INVITING_AUTHORS, params![group, limit]).await
}

/// The requests of an account that are under way through invites of a group's posts.
///
/// # Errors
/// As every statement.
pub async fn asked_in(
    tx: &mut Tx,
    group: GroupId,
    account: AccountId,
) -> Result<Vec<(InviteId, AccountId)>, StoreError> {
    tx.query(&ASKED_IN, params![group, account]).await
}

/// Deletes all posts of a group.
///
/// # Errors
/// As every statement.
pub async fn delete_posts(tx: &mut Tx, group: GroupId, deleted_at: TimeMs) -> Result<(), StoreError> {
    tx.execute(&DELETE_POSTS, params![group, deleted_at]).await.map(drop)
}

/// Takes the photos of all posts of a group from everybody.
///
/// # Errors
/// As every statement.
pub async fn remove_media(tx: &mut Tx, group: GroupId) -> Result<(), StoreError> {
    tx.execute(&REMOVE_MEDIA, params![group]).await.map(drop)
}

/// Forgets which posts were in a group.
///
/// # Errors
/// As every statement.
pub async fn drop_all(tx: &mut Tx, group: GroupId) -> Result<(), StoreError> {
    tx.execute(&DROP_ALL, params![group]).await.map(drop)
}
