//! Videos of posts: which are to be made anew, what has become of each, and the film that is shown.

use doorpost_model::{
    AccountId, MediaId, TimeMs,
    media::{MediaKind, VideoRefusal},
};

use crate::{StoreError, Tx, params, row, statements, stored_as_text};

stored_as_text!(MediaKind {
    Photo = "photo",
    Video = "video",
});

stored_as_text!(VideoRefusal {
    Unknown = "unknown",
    Damaged = "damaged",
    TooCostly = "too_costly",
    TooLong = "too_long",
    Unavailable = "unavailable",
});

row! {
    /// A video that is to be made anew.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct WaitingRow {
        pub media_id: MediaId,
        /// Bytes of what was uploaded.
        pub size_bytes: i64,
    }
}

row! {
    /// What is shown of a video.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FilmRow {
        pub width_px: i64,
        pub height_px: i64,
        pub duration_ms: i64,
        pub size_bytes: i64,
    }
}

statements! {
    WAIT = "UPDATE media SET making_since = $2 WHERE media_id = $1 AND kind = 'video' AND finished_at IS NULL \
            AND making_since IS NULL AND refused IS NULL AND removed = FALSE";
    WAITING_OF = "SELECT COUNT(*) FROM media WHERE making_since IS NOT NULL AND account_id = $1";
    WAITING = "SELECT COUNT(*) FROM media WHERE making_since IS NOT NULL";
    NEXT = "SELECT media_id, size_bytes FROM media WHERE making_since IS NOT NULL AND removed = FALSE \
            ORDER BY making_since, media_id LIMIT 1";
    BEGIN = "UPDATE media SET attempts = attempts + 1 WHERE media_id = $1 AND making_since IS NOT NULL \
             RETURNING attempts";
    REFUSE = "UPDATE media SET refused = $2, making_since = NULL, kept_bytes = 0 \
              WHERE media_id = $1 AND making_since IS NOT NULL";
    ADD_FILM = "INSERT INTO films (media_id, width_px, height_px, duration_ms, size_bytes) VALUES ($1, $2, $3, $4, $5)";
    FILM = "SELECT width_px, height_px, duration_ms, size_bytes FROM films WHERE media_id = $1";
    DELETE_FILM = "DELETE FROM films WHERE media_id = $1";
}

/// The video is to be made anew from now on. `false`: it is so already, or is no video that could be.
///
/// # Errors
/// As every statement.
pub async fn wait(tx: &mut Tx, media: MediaId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&WAIT, params![media, now]).await? == 1)
}

/// How many videos of an account are to be made anew.
///
/// # Errors
/// As every statement.
pub async fn waiting_of(tx: &mut Tx, account: AccountId) -> Result<i64, StoreError> {
    tx.query_one(&WAITING_OF, params![account]).await
}

/// How many videos are to be made anew.
///
/// # Errors
/// As every statement.
pub async fn waiting(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.query_one(&WAITING, params![]).await
}

/// The video that has waited longest.
///
/// # Errors
/// As every statement.
pub async fn next(tx: &mut Tx) -> Result<Option<WaitingRow>, StoreError> {
    tx.query_opt(&NEXT, params![]).await
}

/// The server begins with a video; gives how often it has, this time included. None: it waits no longer.
///
/// # Errors
/// As every statement.
pub async fn begin(tx: &mut Tx, media: MediaId) -> Result<Option<i64>, StoreError> {
    tx.query_opt(&BEGIN, params![media]).await
}

/// The video is not taken, and takes no room any more. `false`: it waits no longer.
///
/// # Errors
/// As every statement.
pub async fn refuse(tx: &mut Tx, media: MediaId, refusal: VideoRefusal) -> Result<bool, StoreError> {
    Ok(tx.execute(&REFUSE, params![media, refusal]).await? == 1)
}

/// Adds what is shown of a video.
///
/// # Errors
/// As every statement.
pub async fn add_film(tx: &mut Tx, media: MediaId, film: &FilmRow) -> Result<(), StoreError> {
    let FilmRow { width_px, height_px, duration_ms, size_bytes } = *film;
    tx.execute(&ADD_FILM, params![media, width_px, height_px, duration_ms, size_bytes]).await.map(drop)
}

/// What is shown of a video.
///
/// # Errors
/// As every statement.
pub async fn film(tx: &mut Tx, media: MediaId) -> Result<Option<FilmRow>, StoreError> {
    tx.query_opt(&FILM, params![media]).await
}

/// Forgets what is shown of a video.
///
/// # Errors
/// As every statement.
pub async fn delete_film(tx: &mut Tx, media: MediaId) -> Result<(), StoreError> {
    tx.execute(&DELETE_FILM, params![media]).await.map(drop)
}
