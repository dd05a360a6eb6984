//! Devices that wait to be linked to an account.

use doorpost_model::{AccountId, LinkId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

statements! {
    INSERT = "INSERT INTO device_links (link_id, claim_hash, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    COUNT = "SELECT COUNT(*) FROM device_links";
    GET = "SELECT claim_hash, account_id, sealed, expires_at FROM device_links WHERE link_id = $1";
    HAND_OVER = "UPDATE device_links SET account_id = $2, sealed = $3
        WHERE link_id = $1 AND expires_at > $4 AND (sealed IS NULL OR (account_id = $2 AND sealed = $3))";
    DELETE = "DELETE FROM device_links WHERE link_id = $1";
    DELETE_EXPIRED = "DELETE FROM device_links WHERE expires_at <= $1";
}

row! {
    /// A device that waits.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct LinkRow {
        /// SHA-256 of what the waiting device alone has.
        pub claim_hash: Vec<u8>,
        /// The account that handed over, and what it did.
        pub account_id: Option<AccountId>,
        pub sealed: Option<Vec<u8>>,
        pub expires_at: TimeMs,
    }
}

/// Adds a device that waits; `false` when the id is taken.
///
/// # Errors
/// The database's.
pub async fn insert(
    tx: &mut Tx,
    link_id: LinkId,
    claim_hash: &[u8; 32],
    expires_at: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&INSERT, params![link_id, claim_hash, expires_at]).await? == 1)
}

/// How many there are, those that have run out included.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx) -> Result<u32, StoreError> {
    tx.query_one(&COUNT, &[]).await
}

/// A device that waits, or has waited too long.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, link_id: LinkId) -> Result<Option<LinkRow>, StoreError> {
    tx.query_opt(&GET, params![link_id]).await
}

/// Keeps what is handed over to a device that waits; the same twice is once. `false`: nobody waits there at `now`, or
/// something else was handed over.
///
/// # Errors
/// The database's.
pub async fn hand_over(
    tx: &mut Tx,
    link_id: LinkId,
    account_id: AccountId,
    sealed: &[u8],
    now: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&HAND_OVER, params![link_id, account_id, sealed, now]).await? == 1)
}

/// Forgets a device that waited; `false` when somebody else did.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, link_id: LinkId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![link_id]).await? == 1)
}

/// Forgets those that have run out by `now`; gives their number.
///
/// # Errors
/// The database's.
pub async fn delete_expired(tx: &mut Tx, now: TimeMs) -> Result<u64, StoreError> {
    tx.execute(&DELETE_EXPIRED, params![now]).await
}
