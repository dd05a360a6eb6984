//! Devices: installations of a client, each an MLS client of its account.

use std::collections::HashMap;

use doorpost_model::{AccountId, DeviceId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

statements! {
    INSERT = "INSERT INTO devices (device_id, account_id, name, credential, signature_key, created_at, revoked_at)
        VALUES ($1, $2, $3, $4, $5, $6, NULL) ON CONFLICT DO NOTHING";
    BY_ID = "SELECT device_id, account_id, name, credential, signature_key, created_at, revoked_at
        FROM devices WHERE device_id = $1";
    MANY = "SELECT device_id, account_id, name, credential, signature_key, created_at, revoked_at
        FROM devices WHERE device_id IN ({list})";
    OF_ACCOUNT = "SELECT device_id, account_id, name, credential, signature_key, created_at, revoked_at
        FROM devices WHERE account_id = $1 AND revoked_at IS NULL ORDER BY created_at, device_id";
    LISTED = "SELECT d.device_id, d.name, d.created_at, MAX(s.last_used_at)
        FROM devices d LEFT JOIN sessions s ON s.device_id = d.device_id
        WHERE d.account_id = $1 AND d.revoked_at IS NULL
        GROUP BY d.device_id, d.name, d.created_at ORDER BY d.created_at, d.device_id";
    RENAME = "UPDATE devices SET name = $3 WHERE device_id = $1 AND account_id = $2 AND revoked_at IS NULL";
    COUNT = "SELECT COUNT(*) FROM devices WHERE account_id = $1 AND revoked_at IS NULL";
    REVOKE = "UPDATE devices SET revoked_at = $3 WHERE device_id = $1 AND account_id = $2 AND revoked_at IS NULL";
    REVOKE_ALL = "UPDATE devices SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL
        RETURNING device_id";
    REVOKE_OTHERS = "UPDATE devices SET revoked_at = $3
        WHERE account_id = $1 AND device_id <> $2 AND revoked_at IS NULL RETURNING device_id";
}

row! {
    /// A device as it is kept.
    #[derive(Clone, PartialEq, Eq)]
    pub struct DeviceRow {
        pub device_id: DeviceId,
        pub account_id: AccountId,
        pub name: String,
        /// `model::admission::DeviceCredential` in postcard.
        pub credential: Vec<u8>,
        /// Ed25519 public key of its MLS leaf.
        pub signature_key: Vec<u8>,
        pub created_at: TimeMs,
        pub revoked_at: Option<TimeMs>,
    }
}

row! {
    /// A device in its account's list.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ListedDevice {
        pub device_id: DeviceId,
        pub name: String,
        pub created_at: TimeMs,
        /// Of the session of it that was used last; none without a session.
        pub last_used_at: Option<TimeMs>,
    }
}

/// Adds a device (never revoked, whatever the row says); `false` when the id is known already, be it another account's.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, device: &DeviceRow) -> Result<bool, StoreError> {
    let params = params![
        device.device_id,
        device.account_id,
        &device.name,
        &device.credential,
        &device.signature_key,
        device.created_at,
    ];
    Ok(tx.execute(&INSERT, params).await? == 1)
}

/// The device with this id, revoked or not.
///
/// # Errors
/// The database's.
pub async fn find(tx: &mut Tx, device_id: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
    tx.query_opt(&BY_ID, params![device_id]).await
}

/// These devices, revoked or not; those that do not exist are missing.
///
/// # Errors
/// The database's.
pub async fn find_many(tx: &mut Tx, device_ids: &[DeviceId]) -> Result<HashMap<DeviceId, DeviceRow>, StoreError> {
    let rows: Vec<DeviceRow> = tx.query_list(&MANY, &[], device_ids).await?;
    Ok(rows.into_iter().map(|row| (row.device_id, row)).collect())
}

/// An account's devices that are not revoked, the oldest first.
///
/// # Errors
/// The database's.
pub async fn of_account(tx: &mut Tx, account_id: AccountId) -> Result<Vec<DeviceRow>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account_id]).await
}

/// As [`of_account`], with when each was last used.
///
/// # Errors
/// The database's.
pub async fn listed(tx: &mut Tx, account_id: AccountId) -> Result<Vec<ListedDevice>, StoreError> {
    tx.query(&LISTED, params![account_id]).await
}

/// Gives a device of an account another name; `false` when there is none, or it is revoked.
///
/// # Errors
/// The database's.
pub async fn rename(tx: &mut Tx, account_id: AccountId, device_id: DeviceId, name: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&RENAME, params![device_id, account_id, name]).await? == 1)
}

/// How many devices of an account are not revoked.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx, account_id: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT, params![account_id]).await
}

/// Revokes a device of an account; `false` when there is none to revoke.
///
/// # Errors
/// The database's.
pub async fn revoke(tx: &mut Tx, account_id: AccountId, device_id: DeviceId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&REVOKE, params![device_id, account_id, now]).await? == 1)
}

/// Revokes all devices of an account; gives those that were not before.
///
/// # Errors
/// The database's.
pub async fn revoke_all(tx: &mut Tx, account_id: AccountId, now: TimeMs) -> Result<Vec<DeviceId>, StoreError> {
    tx.query(&REVOKE_ALL, params![account_id, now]).await
}

/// Revokes all devices of an account but `keep`; gives those that were not before.
///
/// # Errors
/// The database's.
pub async fn revoke_others(
    tx: &mut Tx,
    account_id: AccountId,
    keep: DeviceId,
    now: TimeMs,
) -> Result<Vec<DeviceId>, StoreError> {
    tx.query(&REVOKE_OTHERS, params![account_id, keep, now]).await
}
