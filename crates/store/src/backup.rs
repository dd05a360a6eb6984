//! Backups: segments that an account's devices sealed.

use doorpost_model::{AccountId, DeviceId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

statements! {
    BEGIN = "INSERT INTO backups (account_id, began_at, size_bytes) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING";
    GET = "SELECT began_at, size_bytes FROM backups WHERE account_id = $1";
    DELETE = "DELETE FROM backups WHERE account_id = $1";
    GROW = "UPDATE backups SET size_bytes = size_bytes + $2 WHERE account_id = $1";
    NEXT_NUMBER = "SELECT next_number FROM backup_chains WHERE account_id = $1 AND device_id = $2";
    ADVANCE = "INSERT INTO backup_chains (account_id, device_id, next_number) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, device_id) DO UPDATE SET next_number = excluded.next_number";
    INSERT = "INSERT INTO backup_segments (account_id, device_id, number, sealed, expires_at)
        VALUES ($1, $2, $3, $4, $5)";
    SEALED = "SELECT sealed FROM backup_segments WHERE account_id = $1 AND device_id = $2 AND number = $3";
    PAGE = "SELECT device_id, number, sealed FROM backup_segments
        WHERE account_id = $1 AND (device_id, number) > ($2, $3)
        AND (expires_at IS NULL OR expires_at > $4) ORDER BY device_id, number LIMIT $5";
    DELETE_EXPIRED = "DELETE FROM backup_segments WHERE expires_at <= $1 RETURNING account_id, CAST(length(sealed) AS BIGINT)";
}

row! {
    /// An account's backup.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct BackupRow {
        pub began_at: TimeMs,
        /// Ciphertext in its segments.
        pub size_bytes: i64,
    }
}

row! {
    /// A segment as it is kept.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SegmentRow {
        pub device_id: DeviceId,
        pub number: i64,
        pub sealed: Vec<u8>,
    }
}

/// Begins an account's backup; `false` when it has one.
///
/// # Errors
/// The database's.
pub async fn begin(tx: &mut Tx, account_id: AccountId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&BEGIN, params![account_id, now]).await? == 1)
}

/// An account's backup, if it has one.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, account_id: AccountId) -> Result<Option<BackupRow>, StoreError> {
    tx.query_opt(&GET, params![account_id]).await
}

/// Deletes an account's backup with all of its segments; `false` when it has none.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, account_id: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![account_id]).await? == 1)
}

/// Counts bytes that came, or (negative) went.
///
/// # Errors
/// The database's.
pub async fn grow(tx: &mut Tx, account_id: AccountId, bytes: i64) -> Result<(), StoreError> {
    tx.execute(&GROW, params![account_id, bytes]).await.map(drop)
}

/// The number that a device's next segment has.
///
/// # Errors
/// The database's.
pub async fn next_number(tx: &mut Tx, account_id: AccountId, device_id: DeviceId) -> Result<i64, StoreError> {
    let next: Option<i64> = tx.query_opt(&NEXT_NUMBER, params![account_id, device_id]).await?;
    Ok(next.unwrap_or(0))
}

/// Sets the number that a device's next segment has.
///
/// # Errors
/// The database's.
pub async fn advance(
    tx: &mut Tx,
    account_id: AccountId,
    device_id: DeviceId,
    next_number: i64,
) -> Result<(), StoreError> {
    tx.execute(&ADVANCE, params![account_id, device_id, next_number]).await.map(drop)
}

/// Adds a segment.
///
/// # Errors
/// The database's.
pub async fn insert(
    tx: &mut Tx,
    account_id: AccountId,
    segment: &SegmentRow,
    expires_at: Option<TimeMs>,
) -> Result<(), StoreError> {
    let params = params![account_id, segment.device_id, segment.number, &segment.sealed, expires_at];
    tx.execute(&INSERT, params).await.map(drop)
}

/// A segment's ciphertext.
///
/// # Errors
/// The database's.
pub async fn sealed(
    tx: &mut Tx,
    account_id: AccountId,
    device_id: DeviceId,
    number: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    tx.query_opt(&SEALED, params![account_id, device_id, number]).await
}

/// The next `limit` segments behind a device's number whose time is not over at `now`, by device and number.
///
/// # Errors
/// The database's.
pub async fn page(
    tx: &mut Tx,
    account_id: AccountId,
    after: (DeviceId, i64),
    now: TimeMs,
    limit: u32,
) -> Result<Vec<SegmentRow>, StoreError> {
    tx.query(&PAGE, params![account_id, after.0, after.1, now, limit]).await
}

/// Deletes segments whose time is over at `now`; gives whose they were and how long.
///
/// # Errors
/// The database's.
pub async fn delete_expired(tx: &mut Tx, now: TimeMs) -> Result<Vec<(AccountId, i64)>, StoreError> {
    tx.query(&DELETE_EXPIRED, params![now]).await
}
