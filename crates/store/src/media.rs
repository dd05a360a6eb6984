//! Photos and videos of posts: whose they are, how much has come, their sizes, and the post they are in.

use doorpost_model::{
    AccountId, MediaId, PostId, TimeMs,
    media::{MediaKind, PictureSize, VideoRefusal},
};

use crate::{StoreError, Tx, params, post::padded, row, statements, stored_as_text};

stored_as_text!(PictureSize {
    Small = "small",
    Medium = "medium",
    Large = "large",
});

row! {
    /// A photo, in a post or not yet.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct MediaRow {
        pub media_id: MediaId,
        /// Who uploads it.
        pub account_id: AccountId,
        /// Bytes of what is uploaded.
        pub size_bytes: i64,
        pub received_bytes: i64,
        /// When its sizes were there.
        pub finished_at: Option<TimeMs>,
        /// Empty until then.
        pub blurhash: String,
        pub post_id: Option<PostId>,
        pub kind: MediaKind,
        /// Of a video: since when it is to be made anew, until it is.
        pub making_since: Option<TimeMs>,
        /// Of a video: why it is not taken.
        pub refused: Option<VideoRefusal>,
    }
}

row! {
    /// One size of a photo.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct SizeRow {
        pub size: PictureSize,
        pub width_px: i64,
        pub height_px: i64,
        pub size_bytes: i64,
    }
}

row! {
    /// One size of a photo in a post.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ShownSize {
        pub post_id: PostId,
        pub media_id: MediaId,
        pub alt: String,
        pub blurhash: String,
        pub size: PictureSize,
        pub width_px: i64,
        pub height_px: i64,
        /// Of a video.
        pub film_width_px: Option<i64>,
        pub film_height_px: Option<i64>,
        pub film_duration_ms: Option<i64>,
    }
}

statements! {
    INSERT = "INSERT INTO media (media_id, account_id, size_bytes, received_bytes, kept_bytes, created_at, staged, \
              blurhash, alt, removed, kind) VALUES ($1, $2, $3, 0, $3, $4, TRUE, '', '', FALSE, $5) ON CONFLICT DO NOTHING";
    GET = "SELECT media_id, account_id, size_bytes, received_bytes, finished_at, blurhash, post_id, kind, making_since, \
           refused FROM media WHERE media_id = $1 AND removed = FALSE";
    USED_BYTES = "SELECT CAST(COALESCE(SUM(kept_bytes), 0) AS BIGINT) FROM media WHERE account_id = $1";
    ADVANCE = "UPDATE media SET received_bytes = $3 WHERE media_id = $1 AND received_bytes = $2 AND removed = FALSE";
    FINISH = "UPDATE media SET finished_at = $4, blurhash = $2, kept_bytes = $3, making_since = NULL \
              WHERE media_id = $1 AND finished_at IS NULL AND removed = FALSE";
    ADD_SIZES = "INSERT INTO media_sizes (media_id, size, width_px, height_px, size_bytes) VALUES {rows:5}";
    UNSTAGE = "UPDATE media SET staged = FALSE WHERE media_id = $1 AND finished_at IS NOT NULL";
    SIZE = "SELECT size, width_px, height_px, size_bytes FROM media_sizes WHERE media_id = $1 AND size = $2";
    SIZES = "SELECT size, width_px, height_px, size_bytes FROM media_sizes WHERE media_id = $1 ORDER BY width_px";
    ATTACH = "UPDATE media SET post_id = $3, position = $4, alt = $5 WHERE media_id = $1 AND account_id = $2 \
              AND post_id IS NULL AND finished_at IS NOT NULL AND removed = FALSE \
              AND NOT EXISTS (SELECT 1 FROM pictures c WHERE c.media_id = media.media_id)";
    OF_POSTS = "SELECT m.post_id, m.media_id, m.alt, m.blurhash, s.size, s.width_px, s.height_px, \
                 f.width_px, f.height_px, f.duration_ms \
                FROM media m JOIN media_sizes s ON s.media_id = m.media_id \
                LEFT JOIN films f ON f.media_id = m.media_id \
                WHERE m.removed = FALSE AND m.post_id IN ({list}) ORDER BY m.post_id, m.position, s.width_px";
    REMOVE = "UPDATE media SET removed = TRUE WHERE media_id = $1 AND post_id IS NULL \
              AND NOT EXISTS (SELECT 1 FROM pictures c WHERE c.media_id = media.media_id)";
    REMOVE_OF_POST = "UPDATE media SET removed = TRUE WHERE post_id = $1 RETURNING media_id";
    UNUSED = "SELECT media_id FROM media WHERE post_id IS NULL AND created_at < $1 \
              AND NOT EXISTS (SELECT 1 FROM pictures c WHERE c.media_id = media.media_id) \
              ORDER BY created_at LIMIT $2";
    REMOVED = "SELECT media_id FROM media WHERE removed = TRUE ORDER BY media_id LIMIT $1";
    STAGED = "SELECT media_id FROM media WHERE staged = TRUE AND finished_at IS NOT NULL \
              ORDER BY finished_at LIMIT $1";
    DELETE_SIZES = "DELETE FROM media_sizes WHERE media_id = $1";
    DELETE = "DELETE FROM media WHERE media_id = $1 AND removed = TRUE";
}

/// Adds a photo of which nothing is there yet. `false`: there is one with that id, perhaps one that is being removed, and
/// nothing was done.
///
/// # Errors
/// As every statement.
pub async fn insert(
    tx: &mut Tx,
    media: MediaId,
    account: AccountId,
    kind: MediaKind,
    size_bytes: i64,
    now: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&INSERT, params![media, account, size_bytes, now, kind]).await? == 1)
}

/// None for one that is being removed, too.
///
/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, media: MediaId) -> Result<Option<MediaRow>, StoreError> {
    tx.query_opt(&GET, params![media]).await
}

/// Bytes of all photos of an account, those under way included.
///
/// # Errors
/// As every statement.
pub async fn used_bytes(tx: &mut Tx, account: AccountId) -> Result<i64, StoreError> {
    tx.query_one(&USED_BYTES, params![account]).await
}

/// Bytes `from` to `to` are there. `false`: another part came first, or the photo is gone.
///
/// # Errors
/// As every statement.
pub async fn advance(tx: &mut Tx, media: MediaId, from: i64, to: i64) -> Result<bool, StoreError> {
    Ok(tx.execute(&ADVANCE, params![media, from, to]).await? == 1)
}

/// The sizes are there: they take `kept_bytes` together. `false`: they were there before, or the photo is gone.
///
/// # Errors
/// As every statement.
pub async fn finish(
    tx: &mut Tx,
    media: MediaId,
    blurhash: &str,
    kept_bytes: i64,
    now: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&FINISH, params![media, blurhash, kept_bytes, now]).await? == 1)
}

/// Adds the sizes of a photo.
///
/// # Errors
/// As every statement.
pub async fn add_sizes(tx: &mut Tx, media: MediaId, sizes: &[SizeRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = sizes
        .iter()
        .map(|row| [media.into(), row.size.into(), row.width_px.into(), row.height_px.into(), row.size_bytes.into()])
        .collect();
    tx.execute_rows(&ADD_SIZES, &[], &rows).await.map(drop)
}

/// Nothing is left of what was uploaded; only the sizes of a finished photo are.
///
/// # Errors
/// As every statement.
pub async fn unstage(tx: &mut Tx, media: MediaId) -> Result<(), StoreError> {
    tx.execute(&UNSTAGE, params![media]).await.map(drop)
}

/// One size of a photo.
///
/// # Errors
/// As every statement.
pub async fn size(tx: &mut Tx, media: MediaId, size: PictureSize) -> Result<Option<SizeRow>, StoreError> {
    tx.query_opt(&SIZE, params![media, size]).await
}

/// The sizes of a photo, the smallest first.
///
/// # Errors
/// As every statement.
pub async fn sizes(tx: &mut Tx, media: MediaId) -> Result<Vec<SizeRow>, StoreError> {
    tx.query(&SIZES, params![media]).await
}

/// Puts a photo into a post. `false`: it is not `account`'s, not finished, in a post already, a picture, or gone.
///
/// # Errors
/// As every statement.
pub async fn attach(
    tx: &mut Tx,
    media: MediaId,
    account: AccountId,
    post: PostId,
    position: i64,
    alt: &str,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&ATTACH, params![media, account, post, position, alt]).await? == 1)
}

/// The photos of these posts in their order, a row for each size, the smallest first.
///
/// # Errors
/// As every statement.
pub async fn of_posts(tx: &mut Tx, posts: &[PostId]) -> Result<Vec<ShownSize>, StoreError> {
    tx.query_list(&OF_POSTS, &[], &padded(posts)).await
}

/// Nobody gets the photo from now on; one in a post, and somebody's picture, stays. `false`: it does, or was never there.
///
/// # Errors
/// As every statement.
pub async fn remove(tx: &mut Tx, media: MediaId) -> Result<bool, StoreError> {
    Ok(tx.execute(&REMOVE, params![media]).await? == 1)
}

/// Nobody gets the photos of a post from now on; gives those that are to be deleted.
///
/// # Errors
/// As every statement.
pub async fn remove_of_post(tx: &mut Tx, post: PostId) -> Result<Vec<MediaId>, StoreError> {
    tx.query(&REMOVE_OF_POST, params![post]).await
}

/// At most `limit` photos that were begun before `before`, are in no post and nobody's picture.
///
/// # Errors
/// As every statement.
pub async fn unused(tx: &mut Tx, before: TimeMs, limit: u32) -> Result<Vec<MediaId>, StoreError> {
    tx.query(&UNUSED, params![before, limit]).await
}

/// At most `limit` photos that nobody gets any more.
///
/// # Errors
/// As every statement.
pub async fn removed(tx: &mut Tx, limit: u32) -> Result<Vec<MediaId>, StoreError> {
    tx.query(&REMOVED, params![limit]).await
}

/// At most `limit` photos whose sizes are there, and perhaps what was uploaded too.
///
/// # Errors
/// As every statement.
pub async fn staged(tx: &mut Tx, limit: u32) -> Result<Vec<MediaId>, StoreError> {
    tx.query(&STAGED, params![limit]).await
}

/// Forgets the sizes of a photo.
///
/// # Errors
/// As every statement.
pub async fn delete_sizes(tx: &mut Tx, media: MediaId) -> Result<(), StoreError> {
    tx.execute(&DELETE_SIZES, params![media]).await.map(drop)
}

/// Forgets a photo that nobody gets any more and that has no sizes.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, media: MediaId) -> Result<(), StoreError> {
    tx.execute(&DELETE, params![media]).await.map(drop)
}
