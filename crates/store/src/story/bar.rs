//! Keys of stories: those that a viewer may be addressed by now, and those of one author. The queries narrow; the gate
//! decides.

use doorpost_model::{AccountId, PostId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A story's place among an author's.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct StoryKey {
        pub expires_at: TimeMs,
        pub post_id: PostId,
    }
}

impl StoryKey {
    /// Stands before all, the newest first.
    pub const START: Self = Self { expires_at: TimeMs(i64::MAX), post_id: PostId::from_bytes([0xFF; 16]) };
}

statements! {
    // One range of an index for each way into an audience.
    // CROSS JOIN keeps SQLite to the order written: from the viewer's few rows to their stories.
    LIVE_FOR = "SELECT post_id FROM (\
          SELECT p.post_id FROM posts p \
          WHERE p.deleted_at IS NULL AND p.kind = 'story' AND p.audience = 'public' AND p.expires_at > $2 \
          ORDER BY p.expires_at DESC, p.post_id DESC LIMIT $3) AS public_stories \
        UNION SELECT post_id FROM (\
          SELECT p.post_id FROM posts p \
          WHERE p.deleted_at IS NULL AND p.kind = 'story' AND p.author_id = $1 AND p.expires_at > $2 \
          ORDER BY p.expires_at DESC, p.post_id DESC LIMIT $3) AS own_stories \
        UNION SELECT post_id FROM (\
          SELECT n.post_id FROM post_people n CROSS JOIN posts p \
          WHERE n.account_id = $1 AND n.created_at > $4 AND p.post_id = n.post_id \
            AND p.deleted_at IS NULL AND p.kind = 'story' AND p.audience = 'people' AND p.expires_at > $2 \
          ORDER BY n.created_at DESC, n.post_id DESC LIMIT $3) AS naming_stories \
        UNION SELECT post_id FROM (\
          SELECT DISTINCT p.expires_at, p.post_id FROM list_members m CROSS JOIN post_lists l CROSS JOIN posts p \
          WHERE m.account_id = $1 AND l.list_id = m.list_id AND l.created_at IS NULL AND p.post_id = l.post_id \
            AND p.deleted_at IS NULL AND p.kind = 'story' AND p.audience = 'lists' AND p.expires_at > $2 \
          ORDER BY p.expires_at DESC, p.post_id DESC LIMIT $3) AS list_stories \
        UNION SELECT post_id FROM (\
          SELECT p.expires_at, p.post_id FROM connections c CROSS JOIN posts p \
          WHERE c.account_id = $1 AND c.state = 'connected' AND p.author_id = c.other_id \
            AND p.deleted_at IS NULL AND p.kind = 'story' AND p.audience = 'connections' AND p.expires_at > $2 \
          ORDER BY p.expires_at DESC, p.post_id DESC LIMIT $3) AS connection_stories \
        UNION SELECT post_id FROM (\
          SELECT p.expires_at, p.post_id FROM page_followers f CROSS JOIN posts p \
          WHERE f.account_id = $1 AND p.author_id = f.page_id \
            AND p.deleted_at IS NULL AND p.kind = 'story' AND p.audience = 'page' AND p.expires_at > $2 \
          ORDER BY p.expires_at DESC, p.post_id DESC LIMIT $3) AS page_stories";
    LIVE_OF = "SELECT post_id FROM posts WHERE author_id = $1 AND deleted_at IS NULL AND kind = 'story' \
               AND expires_at > $2 ORDER BY expires_at, post_id LIMIT $3";
    OF_AUTHOR = "SELECT expires_at, post_id FROM posts WHERE author_id = $1 AND deleted_at IS NULL AND kind = 'story' \
                 AND (expires_at, post_id) < ($2, $3) ORDER BY expires_at DESC, post_id DESC LIMIT $4";
}

/// Stories that are live at `now` and may address the viewer: for each way into an audience the newest `limit` of those
/// written after `since`, which is not later than the oldest live one. In no particular order.
///
/// # Errors
/// As every statement.
pub async fn live_for(
    tx: &mut Tx,
    viewer: AccountId,
    now: TimeMs,
    since: TimeMs,
    limit: u32,
) -> Result<Vec<PostId>, StoreError> {
    tx.query(&LIVE_FOR, params![viewer, now, limit, since]).await
}

/// At most `limit` stories of an author that are live at `now`, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn live_of(tx: &mut Tx, author: AccountId, now: TimeMs, limit: u32) -> Result<Vec<PostId>, StoreError> {
    tx.query(&LIVE_OF, params![author, now, limit]).await
}

/// An author's stories, those that are over among them, the newest first.
///
/// # Errors
/// As every statement.
pub async fn of_author(
    tx: &mut Tx,
    author: AccountId,
    after: StoryKey,
    limit: u32,
) -> Result<Vec<StoryKey>, StoreError> {
    tx.query(&OF_AUTHOR, params![author, after.expires_at, after.post_id, limit]).await
}
