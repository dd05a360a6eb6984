//! Key packages that devices leave for those who write to them while they are away.

use doorpost_model::{AccountId, ChatId, DeviceId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// What is left of a device's key packages.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Left {
        /// Those that are given out once.
        pub one_time: u32,
        pub has_last_resort: bool,
        /// Of the next.
        pub next_number: i64,
    }
}

/// The number of the last resort.
pub const LAST_RESORT: i64 = 0;

statements! {
    PUT = "INSERT INTO key_packages (device_id, number, key_package, expires_at) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (device_id, number) DO UPDATE SET key_package = excluded.key_package, \
           expires_at = excluded.expires_at";
    LEFT = "SELECT (SELECT COUNT(*) FROM key_packages k WHERE k.device_id = $1 AND k.number > 0 AND k.expires_at > $2), \
            EXISTS (SELECT 1 FROM key_packages k WHERE k.device_id = $1 AND k.number = 0 AND k.expires_at > $2), \
            (SELECT COALESCE(MAX(k.number), 0) + 1 FROM key_packages k WHERE k.device_id = $1)";
    TAKE = "DELETE FROM key_packages WHERE device_id = $1 AND number = \
            (SELECT MIN(number) FROM key_packages WHERE device_id = $1 AND number > 0 AND expires_at > $2) \
            RETURNING key_package";
    LAST = "SELECT key_package FROM key_packages WHERE device_id = $1 AND number = 0 AND expires_at > $2";
    MISSING = "SELECT d.device_id FROM devices d WHERE d.account_id = $2 AND d.revoked_at IS NULL \
               AND NOT EXISTS (SELECT 1 FROM chat_devices c WHERE c.chat_id = $1 AND c.device_id = d.device_id) \
               ORDER BY d.device_id";
    DELETE_OF_REVOKED = "DELETE FROM key_packages WHERE device_id IN \
                      (SELECT device_id FROM devices WHERE account_id = $1 AND revoked_at IS NOT NULL)";
    DELETE_EXPIRED = "DELETE FROM key_packages WHERE device_id = $1 AND expires_at <= $2";
}

/// Keeps a key package under its number; the last resort ([`LAST_RESORT`]) in the place of the one before.
///
/// # Errors
/// As every statement.
pub async fn put(
    tx: &mut Tx,
    device: DeviceId,
    number: i64,
    key_package: &[u8],
    expires_at: TimeMs,
) -> Result<(), StoreError> {
    tx.execute(&PUT, params![device, number, key_package, expires_at]).await.map(drop)
}

/// What is left of a device's, good at `now`.
///
/// # Errors
/// As every statement.
pub async fn left(tx: &mut Tx, device: DeviceId, now: TimeMs) -> Result<Left, StoreError> {
    tx.query_one(&LEFT, params![device, now]).await
}

/// Takes the oldest that is given out once.
///
/// # Errors
/// As every statement.
pub async fn take(tx: &mut Tx, device: DeviceId, now: TimeMs) -> Result<Option<Vec<u8>>, StoreError> {
    tx.query_opt(&TAKE, params![device, now]).await
}

/// The last resort, which stays.
///
/// # Errors
/// As every statement.
pub async fn last_resort(tx: &mut Tx, device: DeviceId, now: TimeMs) -> Result<Option<Vec<u8>>, StoreError> {
    tx.query_opt(&LAST, params![device, now]).await
}

/// Devices of an account that are not in a chat.
///
/// # Errors
/// As every statement.
pub async fn devices_missing(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<Vec<DeviceId>, StoreError> {
    tx.query(&MISSING, params![chat, account]).await
}

/// Forgets those of an account's devices that were revoked.
///
/// # Errors
/// As every statement.
pub async fn delete_of_revoked(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    tx.execute(&DELETE_OF_REVOKED, params![account]).await.map(drop)
}

/// Forgets those of a device whose time was over at `now`.
///
/// # Errors
/// As every statement.
pub async fn delete_expired(tx: &mut Tx, device: DeviceId, now: TimeMs) -> Result<(), StoreError> {
    tx.execute(&DELETE_EXPIRED, params![device, now]).await.map(drop)
}
