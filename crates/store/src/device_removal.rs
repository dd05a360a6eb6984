//! Revoked devices whose leaves are still in a group.

use doorpost_model::{ChatId, DeviceId, TimeMs};

use crate::{StoreError, Tx, params, statements};

statements! {
    INSERT = "INSERT INTO device_removals (chat_id, device_id, account_id, revocation, revoked_at)
        SELECT chat_id, device_id, account_id, $2, $3 FROM chat_devices WHERE device_id = $1
        ON CONFLICT DO NOTHING";
    // An account's last leaf stays until another of its devices is in: else the account itself would be out.
    OF_CHAT = "SELECT r.revocation FROM device_removals r WHERE r.chat_id = $1 AND EXISTS
        (SELECT 1 FROM chat_devices d WHERE d.chat_id = r.chat_id AND d.account_id = r.account_id)
        ORDER BY r.revoked_at, r.device_id LIMIT $2";
    DELETE = "DELETE FROM device_removals WHERE chat_id = $1 AND device_id = $2";
}

/// Queues a revoked device for removal from every chat it is in.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, device_id: DeviceId, revocation: &[u8], at: TimeMs) -> Result<(), StoreError> {
    tx.execute(&INSERT, params![device_id, revocation, at]).await.map(drop)
}

/// The oldest `limit` revocations (`DeviceRevocation` in postcard) that can be carried out in a chat: whose account has
/// another device there.
///
/// # Errors
/// The database's.
pub async fn of_chat(tx: &mut Tx, chat: ChatId, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
    tx.query(&OF_CHAT, params![chat, limit]).await
}

/// A device's leaf is out of a chat's group.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, chat: ChatId, device_id: DeviceId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![chat, device_id]).await? == 1)
}
