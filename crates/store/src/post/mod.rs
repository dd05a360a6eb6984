//! Posts and their audiences.

pub mod audience;
pub mod feed;
mod padded;

pub(crate) use padded::padded;

use doorpost_model::{
    AccountId, GroupId, InviteId, ListId, PostId, TimeMs,
    group::{GroupKind, GroupRole},
    page::PageRole,
    post::{AudienceKind, PostKind},
};

use crate::{FromRow, Row, StoreError, Tx, params, row, statements, stored_as_text};

stored_as_text!(AudienceKind {
    Public = "public",
    Connections = "connections",
    Lists = "lists",
    People = "people",
    Group = "group",
    Page = "page",
});

stored_as_text!(PostKind {
    Post = "post",
    Story = "story",
});

row! {
    /// A post as it is kept.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct PostRow {
        pub post_id: PostId,
        pub author_id: AccountId,
        /// Empty once deleted.
        pub text: String,
        pub audience: AudienceKind,
        pub created_at: TimeMs,
        pub edited_at: Option<TimeMs>,
        pub deleted_at: Option<TimeMs>,
        pub kind: PostKind,
        /// Of a story.
        pub expires_at: Option<TimeMs>,
        /// A story that is among its author's highlights.
        pub is_kept: bool,
        /// Who of its staff wrote it, where a page is the author.
        pub spoken_by: Option<AccountId>,
    }
}

impl PostRow {
    /// Whoever wrote it: the author, or who spoke as the page that is.
    #[must_use]
    pub fn writer(&self) -> AccountId {
        self.spoken_by.unwrap_or(self.author_id)
    }
}

row! {
    /// One of an author's posts.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct AuthoredPost {
        pub post_id: PostId,
        pub audience: AudienceKind,
        pub kind: PostKind,
    }
}

row! {
    /// A post with its author, and how one viewer stands to both. Whether they may see it is not
    /// decided here.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SeenPost {
        pub post_id: PostId,
        pub author_id: AccountId,
        pub author_handle: String,
        pub author_name: String,
        pub text: String,
        pub audience: AudienceKind,
        pub created_at: TimeMs,
        pub edited_at: Option<TimeMs>,
        pub deleted_at: Option<TimeMs>,
        /// Of a story.
        pub expires_at: Option<TimeMs>,
        /// A story that is among its author's highlights.
        pub is_kept: bool,
        /// Viewer and author are connected.
        pub connected: bool,
        /// Viewer or author blocks the other.
        pub blocked: bool,
        /// The viewer stands in one of the audience's lists.
        pub in_lists: bool,
        /// The audience names the viewer.
        pub named: bool,
        /// The group it is in, as long as there is one.
        pub group_id: Option<GroupId>,
        pub group_kind: Option<GroupKind>,
        pub group_name: Option<String>,
        /// Waits for a moderator of the group.
        pub pending: bool,
        pub pinned: bool,
        /// The viewer's role in the group, if in.
        pub group_role: Option<GroupRole>,
        /// Its author takes no more comments.
        pub comments_closed: bool,
        /// Who of its staff wrote it, where a page is the author.
        pub spoken_by: Option<AccountId>,
        /// Their role now, if still on the staff.
        pub speaker_role: Option<PageRole>,
        /// The page says the role of whoever wrote.
        pub shows_roles: bool,
        /// The viewer's role, if on the page's staff.
        pub page_role: Option<PageRole>,
    }
}

/// As [`SeenPost`], come to through the post's invite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenByInvite {
    pub post: SeenPost,
    /// Deleting the post ends the invite.
    pub ends_with_post: bool,
}

impl FromRow for SeenByInvite {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { post: SeenPost::from_row(row)?, ends_with_post: row.get(SEEN_POST_COLUMNS)? })
    }
}

/// Columns of a [`SeenPost`].
const SEEN_POST_COLUMNS: usize = 26;

statements! {
    INSERT = "INSERT INTO posts (post_id, author_id, text, audience, created_at, kind, expires_at, spoken_by) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    GET = "SELECT post_id, author_id, text, audience, created_at, edited_at, deleted_at, kind, expires_at, \
           EXISTS (SELECT 1 FROM highlight_stories h WHERE h.post_id = posts.post_id), spoken_by \
           FROM posts WHERE post_id = $1";
    // Whoever changes a post or its invite holds the post until the end of the transaction.
    LOCK = "SELECT post_id, author_id, text, audience, created_at, edited_at, deleted_at, kind, expires_at, \
            EXISTS (SELECT 1 FROM highlight_stories h WHERE h.post_id = posts.post_id), spoken_by \
            FROM posts WHERE post_id = $1 {for update}";
    OF_AUTHOR = "SELECT p.post_id, p.audience, p.kind FROM posts p WHERE p.author_id = $1 AND p.deleted_at IS NULL \
                 AND (p.expires_at IS NULL OR p.expires_at > $2 \
                   OR EXISTS (SELECT 1 FROM highlight_stories h WHERE h.post_id = p.post_id)) \
                 ORDER BY p.created_at DESC, p.post_id DESC LIMIT $3";
    FOR_LIST = "SELECT p.post_id, p.audience, p.kind FROM post_lists l JOIN posts p ON p.post_id = l.post_id \
                WHERE l.list_id = $1 AND p.deleted_at IS NULL AND p.audience = 'lists' \
                AND (p.expires_at IS NULL OR p.expires_at > $2 \
                  OR EXISTS (SELECT 1 FROM highlight_stories h WHERE h.post_id = p.post_id)) \
                ORDER BY p.created_at DESC, p.post_id DESC LIMIT $3";
    SET_TEXT = "UPDATE posts SET text = $2, edited_at = $3 WHERE post_id = $1 AND deleted_at IS NULL";
    SET_AUDIENCE = "UPDATE posts SET audience = $2 WHERE post_id = $1";
    DELETE = "UPDATE posts SET text = '', canvas = NULL, deleted_at = $2 WHERE post_id = $1 AND deleted_at IS NULL";
    SEEN = "SELECT p.post_id, p.author_id, a.handle, a.name, p.text, p.audience, \
            p.created_at, p.edited_at, p.deleted_at, p.expires_at, \
            EXISTS (SELECT 1 FROM highlight_stories h WHERE h.post_id = p.post_id), \
            EXISTS (SELECT 1 FROM connections c WHERE c.account_id = $1 AND c.other_id = p.author_id \
              AND c.state = 'connected'), \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = p.author_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = p.author_id AND b.blocked_id = $1), \
            EXISTS (SELECT 1 FROM post_lists l JOIN list_members m ON m.list_id = l.list_id \
              WHERE l.post_id = p.post_id AND m.account_id = $1), \
            EXISTS (SELECT 1 FROM post_people n WHERE n.post_id = p.post_id AND n.account_id = $1), \
            gp.group_id, g.kind, g.name, COALESCE(gp.pending, FALSE), gp.pinned_at IS NOT NULL, gm.role, p.comments_closed, \
            p.spoken_by, sp.role, COALESCE(pg.shows_roles, FALSE), ps.role \
            FROM posts p JOIN accounts a ON a.account_id = p.author_id \
            LEFT JOIN group_posts gp ON gp.post_id = p.post_id \
            LEFT JOIN community_groups g ON g.group_id = gp.group_id \
            LEFT JOIN group_members gm ON gm.group_id = gp.group_id AND gm.account_id = $1 \
            LEFT JOIN pages pg ON p.spoken_by IS NOT NULL AND pg.page_id = p.author_id \
            LEFT JOIN page_staff sp ON p.spoken_by IS NOT NULL AND sp.page_id = p.author_id AND sp.account_id = p.spoken_by \
            LEFT JOIN page_staff ps ON p.spoken_by IS NOT NULL AND ps.page_id = p.author_id AND ps.account_id = $1 \
            WHERE p.post_id IN ({list})";
    SEEN_BY_INVITE = "SELECT p.post_id, p.author_id, a.handle, a.name, p.text, p.audience, \
            p.created_at, p.edited_at, p.deleted_at, p.expires_at, \
            EXISTS (SELECT 1 FROM highlight_stories h WHERE h.post_id = p.post_id), \
            EXISTS (SELECT 1 FROM connections c WHERE c.account_id = $1 AND c.other_id = p.author_id \
              AND c.state = 'connected'), \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = p.author_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = p.author_id AND b.blocked_id = $1), \
            EXISTS (SELECT 1 FROM post_lists l JOIN list_members m ON m.list_id = l.list_id \
              WHERE l.post_id = p.post_id AND m.account_id = $1), \
            EXISTS (SELECT 1 FROM post_people n WHERE n.post_id = p.post_id AND n.account_id = $1), \
            gp.group_id, g.kind, g.name, COALESCE(gp.pending, FALSE), gp.pinned_at IS NOT NULL, gm.role, p.comments_closed, \
            p.spoken_by, sp.role, COALESCE(pg.shows_roles, FALSE), ps.role, \
            i.ends_with_post \
            FROM invites i JOIN posts p ON p.post_id = i.post_id JOIN accounts a ON a.account_id = p.author_id \
            LEFT JOIN group_posts gp ON gp.post_id = p.post_id \
            LEFT JOIN community_groups g ON g.group_id = gp.group_id \
            LEFT JOIN group_members gm ON gm.group_id = gp.group_id AND gm.account_id = $1 \
            LEFT JOIN pages pg ON p.spoken_by IS NOT NULL AND pg.page_id = p.author_id \
            LEFT JOIN page_staff sp ON p.spoken_by IS NOT NULL AND sp.page_id = p.author_id AND sp.account_id = p.spoken_by \
            LEFT JOIN page_staff ps ON p.spoken_by IS NOT NULL AND ps.page_id = p.author_id AND ps.account_id = $1 \
            WHERE i.invite_id = $2";
}

/// Adds a post (not edited, not deleted, not kept). `false`: there is one with this id.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, post: &PostRow) -> Result<bool, StoreError> {
    let params = params![
        post.post_id,
        post.author_id,
        &post.text,
        post.audience,
        post.created_at,
        post.kind,
        post.expires_at,
        post.spoken_by
    ];
    Ok(tx.execute(&INSERT, params).await? == 1)
}

/// A post, deleted or not.
///
/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, post: PostId) -> Result<Option<PostRow>, StoreError> {
    tx.query_opt(&GET, params![post]).await
}

/// A post, deleted or not, held until the end of the transaction.
///
/// # Errors
/// As every statement.
pub async fn lock(tx: &mut Tx, post: PostId) -> Result<Option<PostRow>, StoreError> {
    tx.query_opt(&LOCK, params![post]).await
}

/// The newest `limit` posts of an author that are there for others at `now`, the newest first: not deleted, and no
/// stories that are over and not kept.
///
/// # Errors
/// As every statement.
pub async fn of_author(
    tx: &mut Tx,
    author: AccountId,
    now: TimeMs,
    limit: i64,
) -> Result<Vec<AuthoredPost>, StoreError> {
    tx.query(&OF_AUTHOR, params![author, now, limit]).await
}

/// As [`of_author`], of the posts whose audience names a list.
///
/// # Errors
/// As every statement.
pub async fn for_list(tx: &mut Tx, list: ListId, now: TimeMs, limit: i64) -> Result<Vec<AuthoredPost>, StoreError> {
    tx.query(&FOR_LIST, params![list, now, limit]).await
}

/// Changes the text of a post that is not deleted.
///
/// # Errors
/// As every statement.
pub async fn set_text(tx: &mut Tx, post: PostId, text: &str, edited_at: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_TEXT, params![post, text, edited_at]).await? == 1)
}

/// Changes the kind of the audience; what it names is [`audience`]'s.
///
/// # Errors
/// As every statement.
pub async fn set_audience(tx: &mut Tx, post: PostId, audience: AudienceKind) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_AUDIENCE, params![post, audience]).await? == 1)
}

/// Deletes a post: its text and canvas are wiped, the row with its audience stays. `false`: it was deleted before.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, post: PostId, deleted_at: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![post, deleted_at]).await? == 1)
}

/// These posts, deleted or not, with how `viewer` stands to each. In no particular order; unknown
/// ones are left out.
///
/// # Errors
/// As every statement.
pub async fn seen(tx: &mut Tx, viewer: AccountId, posts: &[PostId]) -> Result<Vec<SeenPost>, StoreError> {
    tx.query_list(&SEEN, params![viewer], &padded(posts)).await
}

/// As [`seen`], for the post that an invite belongs to.
///
/// # Errors
/// As every statement.
pub async fn seen_by_invite(
    tx: &mut Tx,
    viewer: AccountId,
    invite: InviteId,
) -> Result<Option<SeenByInvite>, StoreError> {
    tx.query_opt(&SEEN_BY_INVITE, params![viewer, invite]).await
}
