//! WebAuthn ceremonies under way.

use doorpost_model::{CeremonyId, TimeMs};

use crate::{StoreError, Tx, params, statements};

statements! {
    INSERT = "INSERT INTO ceremonies (ceremony_id, state, expires_at) VALUES ($1, $2, $3)";
    TAKE = "DELETE FROM ceremonies WHERE ceremony_id = $1 RETURNING state, expires_at";
    DELETE_EXPIRED = "DELETE FROM ceremonies WHERE expires_at <= $1";
}

/// Remembers a ceremony; `state` is the caller's own.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, ceremony_id: CeremonyId, state: &str, expires_at: TimeMs) -> Result<(), StoreError> {
    tx.execute(&INSERT, params![ceremony_id, state, expires_at]).await.map(drop)
}

/// Takes a ceremony out, so that it is finished once at most: its state, unless it has run out by `now`.
///
/// # Errors
/// The database's.
pub async fn take(tx: &mut Tx, ceremony_id: CeremonyId, now: TimeMs) -> Result<Option<String>, StoreError> {
    let taken: Option<(String, TimeMs)> = tx.query_opt(&TAKE, params![ceremony_id]).await?;
    Ok(taken.filter(|(_, expires_at)| now < *expires_at).map(|(state, _)| state))
}

/// Forgets those that have run out by `now`; gives their number.
///
/// # Errors
/// The database's.
pub async fn delete_expired(tx: &mut Tx, now: TimeMs) -> Result<u64, StoreError> {
    tx.execute(&DELETE_EXPIRED, params![now]).await
}
