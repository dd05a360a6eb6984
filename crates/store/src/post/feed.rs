//! Where a viewer's feed goes on: keys of posts, newest first. The queries narrow; the gate decides.

use doorpost_model::{AccountId, ListId, PostId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A post's place in every feed: newest first, by id within a millisecond.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct FeedKey {
        pub created_at: TimeMs,
        pub post_id: PostId,
    }
}

impl FeedKey {
    /// Stands before every post: where a feed begins.
    pub const START: Self = Self { created_at: TimeMs(i64::MAX), post_id: PostId::from_bytes([0xFF; 16]) };
}

/// How many posts for connections [`recent_keys`] looks through for the viewer's.
pub const CONNECTIONS_WINDOW: i64 = 1_000;

statements! {
    // One range of an index for each way into an audience, and the newest of them all. A post that
    // comes in two ways (one's own public post) comes once: UNION, not UNION ALL.
    // CROSS JOIN keeps SQLite to the order written: from the viewer's few rows to their posts. How far back the viewer's
    // lists, groups and pages are looked at is bounded first, once: where more of them than the page has room for have a newest
    // post (of a time of its own: one post may be in many lists), by those; otherwise by what one of them alone fills it with.
    // Connections are asked about one by one, in the posts' order, until the page is full; PostgreSQL would compare all with all.
    // What the viewer does not want to see is left out in each range, also where it is counted: a page fills all the same.
    RECENT = "SELECT created_at, post_id FROM (\
        SELECT created_at, post_id FROM (\
          SELECT p.created_at, p.post_id FROM posts p \
          WHERE p.deleted_at IS NULL AND p.kind = 'post' AND p.audience = 'public' AND (p.created_at, p.post_id) < ($2, $3) \
            AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = p.author_id) \
            AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = p.author_id AND b.blocked_id = $1) \
            AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = p.author_id) \
            AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = p.post_id) \
          ORDER BY p.created_at DESC, p.post_id DESC LIMIT $4) AS public_posts \
        UNION SELECT created_at, post_id FROM (\
          SELECT p.created_at, p.post_id FROM posts p \
          WHERE p.deleted_at IS NULL AND p.kind = 'post' AND p.author_id = $1 AND p.audience <> 'group' \
            AND (p.created_at, p.post_id) < ($2, $3) \
            AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = p.post_id) \
          ORDER BY p.created_at DESC, p.post_id DESC LIMIT $4) AS own_posts \
        UNION SELECT created_at, post_id FROM (\
          SELECT n.created_at, n.post_id FROM post_people n JOIN posts p ON p.post_id = n.post_id \
          WHERE n.account_id = $1 AND (n.created_at, n.post_id) < ($2, $3) \
            AND p.deleted_at IS NULL AND p.kind = 'post' AND p.audience = 'people' \
            AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = p.author_id) \
            AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = p.post_id) \
          ORDER BY n.created_at DESC, n.post_id DESC LIMIT $4) AS naming_posts \
        UNION SELECT created_at, post_id FROM (\
          WITH mine AS MATERIALIZED (SELECT m.list_id, (SELECT x.created_at FROM post_lists x \
            JOIN posts y ON y.post_id = x.post_id \
            WHERE x.list_id = m.list_id AND (x.created_at, x.post_id) < ($2, $3) AND y.deleted_at IS NULL \
              AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = y.author_id) \
              AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = y.post_id) \
            ORDER BY x.created_at DESC, x.post_id DESC LIMIT 1) AS newest \
            FROM list_members m WHERE m.account_id = $1), \
          bound AS MATERIALIZED (SELECT COALESCE(\
            (SELECT DISTINCT newest FROM mine WHERE newest IS NOT NULL ORDER BY newest DESC LIMIT 1 OFFSET $4), \
            (SELECT MAX((SELECT x.created_at FROM post_lists x JOIN posts y ON y.post_id = x.post_id \
              WHERE x.list_id = mine.list_id AND (x.created_at, x.post_id) < ($2, $3) AND y.deleted_at IS NULL \
                AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = y.author_id) \
                AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = y.post_id) \
              ORDER BY x.created_at DESC, x.post_id DESC LIMIT 1 OFFSET $4)) FROM mine), 0) AS since) \
          SELECT DISTINCT l.created_at, l.post_id FROM mine CROSS JOIN post_lists l CROSS JOIN posts p \
          WHERE l.list_id = mine.list_id AND mine.newest >= (SELECT since FROM bound) \
            AND l.created_at >= (SELECT since FROM bound) AND (l.created_at, l.post_id) < ($2, $3) \
            AND p.post_id = l.post_id AND p.deleted_at IS NULL \
            AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = p.author_id) \
            AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = p.post_id) \
          ORDER BY l.created_at DESC, l.post_id DESC LIMIT $4) AS list_posts \
        UNION SELECT created_at, post_id FROM (\
          WITH mine AS MATERIALIZED (SELECT m.group_id, (SELECT x.created_at FROM group_posts x \
            JOIN posts y ON y.post_id = x.post_id \
            WHERE x.group_id = m.group_id AND x.pending = FALSE AND (x.created_at, x.post_id) < ($2, $3) \
              AND y.deleted_at IS NULL \
              AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = y.author_id) \
              AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = y.post_id) \
            ORDER BY x.created_at DESC, x.post_id DESC LIMIT 1) AS newest \
            FROM group_members m WHERE m.account_id = $1), \
          bound AS MATERIALIZED (SELECT COALESCE(\
            (SELECT DISTINCT newest FROM mine WHERE newest IS NOT NULL ORDER BY newest DESC LIMIT 1 OFFSET $4), \
            (SELECT MAX((SELECT x.created_at FROM group_posts x JOIN posts y ON y.post_id = x.post_id \
              WHERE x.group_id = mine.group_id AND x.pending = FALSE AND (x.created_at, x.post_id) < ($2, $3) \
                AND y.deleted_at IS NULL \
                AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = y.author_id) \
                AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = y.post_id) \
              ORDER BY x.created_at DESC, x.post_id DESC LIMIT 1 OFFSET $4)) FROM mine), 0) AS since) \
          SELECT q.created_at, q.post_id FROM mine CROSS JOIN group_posts q CROSS JOIN posts p \
          WHERE q.group_id = mine.group_id AND mine.newest >= (SELECT since FROM bound) \
            AND q.pending = FALSE AND q.created_at >= (SELECT since FROM bound) \
            AND (q.created_at, q.post_id) < ($2, $3) AND p.post_id = q.post_id AND p.deleted_at IS NULL \
            AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = p.author_id) \
            AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = p.post_id) \
          ORDER BY q.created_at DESC, q.post_id DESC LIMIT $4) AS group_posts_of_mine \
        UNION SELECT created_at, post_id FROM (\
          WITH mine AS MATERIALIZED (SELECT m.page_id, (SELECT x.created_at FROM posts x \
            WHERE x.author_id = m.page_id AND x.deleted_at IS NULL AND x.kind = 'post' \
              AND x.audience IN ('page', 'public') AND (x.created_at, x.post_id) < ($2, $3) \
              AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = x.post_id) \
            ORDER BY x.created_at DESC, x.post_id DESC LIMIT 1) AS newest \
            FROM page_followers m WHERE m.account_id = $1 \
              AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = m.page_id)), \
          bound AS MATERIALIZED (SELECT COALESCE(\
            (SELECT DISTINCT newest FROM mine WHERE newest IS NOT NULL ORDER BY newest DESC LIMIT 1 OFFSET $4), \
            (SELECT MAX((SELECT x.created_at FROM posts x \
              WHERE x.author_id = mine.page_id AND x.deleted_at IS NULL AND x.kind = 'post' \
                AND x.audience IN ('page', 'public') AND (x.created_at, x.post_id) < ($2, $3) \
                AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = x.post_id) \
              ORDER BY x.created_at DESC, x.post_id DESC LIMIT 1 OFFSET $4)) FROM mine), 0) AS since) \
          SELECT q.created_at, q.post_id FROM mine CROSS JOIN posts q \
          WHERE q.author_id = mine.page_id AND mine.newest >= (SELECT since FROM bound) \
            AND q.created_at >= (SELECT since FROM bound) AND q.deleted_at IS NULL \
            AND q.kind = 'post' AND q.audience = 'page' AND (q.created_at, q.post_id) < ($2, $3) \
            AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = q.post_id) \
          ORDER BY q.created_at DESC, q.post_id DESC LIMIT $4) AS page_posts_of_mine \
        UNION SELECT created_at, post_id FROM (\
          SELECT w.created_at, w.post_id FROM (\
            SELECT p.created_at, p.post_id, p.author_id FROM posts p \
            WHERE p.deleted_at IS NULL AND p.kind = 'post' AND p.audience = 'connections' AND (p.created_at, p.post_id) < ($2, $3) \
            ORDER BY p.created_at DESC, p.post_id DESC LIMIT $5) AS w \
          WHERE (SELECT c.state FROM connections c WHERE c.account_id = $1 AND c.other_id = w.author_id) = 'connected' \
            AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = w.author_id) \
            AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = w.post_id) \
          ORDER BY w.created_at DESC, w.post_id DESC LIMIT $4) AS connection_posts\
      ) AS keys ORDER BY created_at DESC, post_id DESC LIMIT $4";
    // Posts for connections from each connection's own posts: for viewers whose connections seldom
    // post among many who do.
    OF_CONNECTIONS = "SELECT p.created_at, p.post_id FROM connections c CROSS JOIN posts p \
        WHERE c.account_id = $1 AND p.author_id = c.other_id AND c.state = 'connected' AND p.deleted_at IS NULL AND p.kind = 'post' \
          AND p.audience = 'connections' AND (p.created_at, p.post_id) < ($2, $3) \
          AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = p.author_id) \
          AND NOT EXISTS (SELECT 1 FROM hidden_posts h WHERE h.account_id = $1 AND h.post_id = p.post_id) \
        ORDER BY p.created_at DESC, p.post_id DESC LIMIT $4";
    // As RECENT, of one author.
    OF_AUTHOR = "SELECT p.created_at, p.post_id FROM posts p \
        WHERE p.author_id = $2 AND p.deleted_at IS NULL AND p.kind = 'post' AND p.audience <> 'group' \
          AND (p.created_at, p.post_id) < ($3, $4) \
          AND (p.author_id = $1 OR p.audience IN ('public', 'page') \
            OR (p.audience = 'connections' AND EXISTS (SELECT 1 FROM connections c WHERE c.account_id = $1 \
              AND c.other_id = p.author_id AND c.state = 'connected')) \
            OR (p.audience = 'lists' AND EXISTS (SELECT 1 FROM post_lists l JOIN list_members m ON m.list_id = l.list_id \
              WHERE l.post_id = p.post_id AND m.account_id = $1)) \
            OR (p.audience = 'people' AND EXISTS (SELECT 1 FROM post_people n WHERE n.post_id = p.post_id \
              AND n.account_id = $1))) \
        ORDER BY p.created_at DESC, p.post_id DESC LIMIT $5";
    OF_LIST = "SELECT l.created_at, l.post_id FROM post_lists l JOIN posts p ON p.post_id = l.post_id \
        WHERE l.list_id = $1 AND (l.created_at, l.post_id) < ($2, $3) AND p.deleted_at IS NULL AND p.audience = 'lists' \
        ORDER BY l.created_at DESC, l.post_id DESC LIMIT $4";
    WINDOW_END = "SELECT created_at, post_id FROM posts \
        WHERE deleted_at IS NULL AND kind = 'post' AND audience = 'connections' AND (created_at, post_id) < ($1, $2) \
        ORDER BY created_at DESC, post_id DESC LIMIT 1 OFFSET $3";
}

/// The newest `limit` posts before `before` that the viewer may be addressed by, newest first: of groups' posts those let
/// through in groups the viewer is in, of pages' those of pages the viewer follows. Of posts for connections only those among the newest [`CONNECTIONS_WINDOW`]:
/// older than [`window_end`], some may be missing.
///
/// # Errors
/// As every statement.
pub async fn recent_keys(
    tx: &mut Tx,
    viewer: AccountId,
    before: FeedKey,
    limit: i64,
) -> Result<Vec<FeedKey>, StoreError> {
    let params = params![viewer, before.created_at, before.post_id, limit, CONNECTIONS_WINDOW];
    tx.query(&RECENT, params).await
}

/// The last post for connections that [`recent_keys`] looks at; none when it looks at all there are.
///
/// # Errors
/// As every statement.
pub async fn window_end(tx: &mut Tx, before: FeedKey) -> Result<Option<FeedKey>, StoreError> {
    let last = CONNECTIONS_WINDOW - 1;
    tx.query_opt(&WINDOW_END, params![before.created_at, before.post_id, last]).await
}

/// The newest `limit` posts for connections before `before` whose authors the viewer is connected
/// with, newest first, however far back.
///
/// # Errors
/// As every statement.
pub async fn connections_keys(
    tx: &mut Tx,
    viewer: AccountId,
    before: FeedKey,
    limit: i64,
) -> Result<Vec<FeedKey>, StoreError> {
    let params = params![viewer, before.created_at, before.post_id, limit];
    tx.query(&OF_CONNECTIONS, params).await
}

/// The newest `limit` posts of one author before `before` that may be addressed to the viewer, newest first; none that
/// are in groups.
///
/// # Errors
/// As every statement.
pub async fn author_keys(
    tx: &mut Tx,
    viewer: AccountId,
    author: AccountId,
    before: FeedKey,
    limit: i64,
) -> Result<Vec<FeedKey>, StoreError> {
    tx.query(&OF_AUTHOR, params![viewer, author, before.created_at, before.post_id, limit]).await
}

/// The newest `limit` posts before `before` whose audience names a list, newest first.
///
/// # Errors
/// As every statement.
pub async fn list_keys(tx: &mut Tx, list: ListId, before: FeedKey, limit: i64) -> Result<Vec<FeedKey>, StoreError> {
    tx.query(&OF_LIST, params![list, before.created_at, before.post_id, limit]).await
}
