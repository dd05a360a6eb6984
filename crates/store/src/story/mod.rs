//! Stories: what they show, and what viewers leave on them. That a post is a story, and until when, is [`crate::post`]'s.

pub mod bar;
pub mod highlight;

use doorpost_model::{AccountId, PostId, RequestId, TimeMs, invite::RequestState};

use crate::{StoreError, Tx, params, post::padded, row, statements};

row! {
    /// What more there is to a story for one viewer.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct StoryRow {
        pub post_id: PostId,
        /// `Canvas` in JSON.
        pub canvas: String,
        pub expires_at: TimeMs,
        /// The viewer was shown it.
        pub seen: bool,
        /// The viewer has answered its question.
        pub answered: bool,
        /// What the viewer voted for.
        pub choice: Option<u32>,
        /// Counted for its author alone.
        pub view_count: Option<u32>,
    }
}

row! {
    /// How many voted for an option of a story's poll; options without a vote have no row.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct VotesRow {
        pub post_id: PostId,
        pub choice: u32,
        pub count: u32,
    }
}

row! {
    /// Somebody who was shown a story.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ViewerRow {
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        pub seen_at: TimeMs,
        /// Their newest request through the story's invite.
        pub request_id: Option<RequestId>,
        pub request_state: Option<RequestState>,
    }
}

/// A view of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ViewRow {
    pub post_id: PostId,
    pub account_id: AccountId,
    pub seen_at: TimeMs,
}

/// A place in a story's viewers or answers, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceKey {
    pub at: TimeMs,
    pub account_id: AccountId,
}

impl TraceKey {
    /// Stands before all.
    pub const START: Self = Self { at: TimeMs(i64::MAX), account_id: AccountId::from_bytes([0xFF; 16]) };
}

statements! {
    SET_CANVAS = "UPDATE posts SET canvas = $2 WHERE post_id = $1 AND kind = 'story' AND deleted_at IS NULL";
    OF_POSTS = "SELECT p.post_id, p.canvas, p.expires_at, \
                EXISTS (SELECT 1 FROM story_views v WHERE v.post_id = p.post_id AND v.account_id = $1), \
                EXISTS (SELECT 1 FROM answers s WHERE s.post_id = p.post_id AND s.account_id = $1), \
                (SELECT t.choice FROM story_votes t WHERE t.post_id = p.post_id AND t.account_id = $1), \
                CASE WHEN p.author_id = $1 OR EXISTS (SELECT 1 FROM page_staff t \
                  WHERE t.page_id = p.author_id AND t.account_id = $1 AND t.role <> 'community') THEN \
                  (SELECT COUNT(*) FROM story_views w WHERE w.post_id = p.post_id) END \
                FROM posts p WHERE p.canvas IS NOT NULL AND p.post_id IN ({list})";
    VOTES = "SELECT post_id, choice, COUNT(*) FROM story_votes WHERE post_id IN ({list}) \
             GROUP BY post_id, choice ORDER BY post_id, choice";
    ADD_VIEWS = "INSERT INTO story_views (post_id, account_id, seen_at) VALUES {rows:3} ON CONFLICT DO NOTHING";
    VIEWED = "SELECT post_id FROM story_views WHERE account_id = $1 AND post_id IN ({list})";
    PUT_VOTE = "INSERT INTO story_votes (post_id, account_id, choice) VALUES ($1, $2, $3) \
                ON CONFLICT (post_id, account_id) DO UPDATE SET choice = excluded.choice";
    VIEWERS = "SELECT a.account_id, a.handle, a.name, v.seen_at, r.request_id, r.state \
               FROM story_views v JOIN accounts a ON a.account_id = v.account_id \
               LEFT JOIN join_requests r ON r.request_id = (SELECT q.request_id FROM join_requests q \
                 JOIN invites i ON i.invite_id = q.invite_id \
                 WHERE i.post_id = v.post_id AND q.account_id = v.account_id \
                 ORDER BY q.asked_at DESC, q.request_id DESC LIMIT 1) \
               WHERE v.post_id = $1 AND (v.seen_at, v.account_id) < ($2, $3) \
               ORDER BY v.seen_at DESC, v.account_id DESC LIMIT $4";
    DELETE_VIEWS = "DELETE FROM story_views WHERE post_id = $1";
    DELETE_VOTES = "DELETE FROM story_votes WHERE post_id = $1";
}

/// Says what a story shows.
///
/// # Errors
/// As every statement.
pub async fn set_canvas(tx: &mut Tx, post: PostId, canvas: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_CANVAS, params![post, canvas]).await? == 1)
}

/// What there is to those of these posts that are stories and not deleted. In no particular order.
///
/// # Errors
/// As every statement.
pub async fn of_posts(tx: &mut Tx, viewer: AccountId, posts: &[PostId]) -> Result<Vec<StoryRow>, StoreError> {
    tx.query_list(&OF_POSTS, params![viewer], &padded(posts)).await
}

/// How these stories' polls stand.
///
/// # Errors
/// As every statement.
pub async fn votes(tx: &mut Tx, posts: &[PostId]) -> Result<Vec<VotesRow>, StoreError> {
    tx.query_list(&VOTES, &[], &padded(posts)).await
}

/// Notes who was shown which story; a view that was noted before stays as it was.
///
/// # Errors
/// As every statement.
pub async fn add_views(tx: &mut Tx, views: &[ViewRow]) -> Result<(), StoreError> {
    let rows: Vec<_> =
        views.iter().map(|view| [view.post_id.into(), view.account_id.into(), view.seen_at.into()]).collect();
    tx.execute_rows(&ADD_VIEWS, &[], &rows).await.map(drop)
}

/// Which of these stories somebody was shown.
///
/// # Errors
/// As every statement.
pub async fn viewed_among(tx: &mut Tx, account: AccountId, posts: &[PostId]) -> Result<Vec<PostId>, StoreError> {
    let mut viewed = tx.query_list(&VIEWED, params![account], &padded(posts)).await?;
    viewed.sort_unstable();
    viewed.dedup();
    Ok(viewed)
}

/// Notes what somebody votes for, in place of an earlier vote.
///
/// # Errors
/// As every statement.
pub async fn put_vote(tx: &mut Tx, post: PostId, account: AccountId, choice: u32) -> Result<(), StoreError> {
    tx.execute(&PUT_VOTE, params![post, account, choice]).await.map(drop)
}

/// A page of those who were shown a story.
///
/// # Errors
/// As every statement.
pub async fn viewers(tx: &mut Tx, post: PostId, after: TraceKey, limit: u32) -> Result<Vec<ViewerRow>, StoreError> {
    tx.query(&VIEWERS, params![post, after.at, after.account_id, limit]).await
}

/// Forgets who was shown a story.
///
/// # Errors
/// As every statement.
pub async fn delete_views(tx: &mut Tx, post: PostId) -> Result<(), StoreError> {
    tx.execute(&DELETE_VIEWS, params![post]).await.map(drop)
}

/// Forgets the votes on a story.
///
/// # Errors
/// As every statement.
pub async fn delete_votes(tx: &mut Tx, post: PostId) -> Result<(), StoreError> {
    tx.execute(&DELETE_VOTES, params![post]).await.map(drop)
}
