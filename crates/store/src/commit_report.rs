//! Reports of devices that could not follow a commit.

use doorpost_model::{AccountId, ChatId, DeviceId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// An account that reported a commit.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Reporter {
        pub account_id: AccountId,
        pub is_host: bool,
        /// Of its first device that did.
        pub reported_at: TimeMs,
    }
}

statements! {
    INSERT = "INSERT INTO commit_reports (chat_id, seq, device_id, account_id, reported_at, group_info) \
              VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    OF_COMMIT = "SELECT r.account_id, EXISTS (SELECT 1 FROM chat_members m WHERE m.chat_id = r.chat_id \
                 AND m.account_id = r.account_id AND m.role = 'host'), MIN(r.reported_at) FROM commit_reports r \
                 WHERE r.chat_id = $1 AND r.seq = $2 GROUP BY r.chat_id, r.account_id ORDER BY r.account_id";
    GROUP_INFOS = "SELECT group_info FROM commit_reports \
                   WHERE chat_id = $1 AND seq = $2 AND group_info IS NOT NULL ORDER BY reported_at, device_id";
    COUNT_OTHERS = "SELECT COUNT(DISTINCT account_id) FROM chat_devices \
                    WHERE chat_id = $1 AND joined_seq < $2 AND account_id <> $3";
    DELETE = "DELETE FROM commit_reports WHERE chat_id = $1";
}

/// A device's word that it could not follow a commit.
#[derive(Clone, Copy, Debug)]
pub struct NewReport<'a> {
    /// The commit's entry.
    pub seq: i64,
    pub device_id: DeviceId,
    pub account_id: AccountId,
    pub reported_at: TimeMs,
    /// That of the epoch before the commit, as the device has it.
    pub group_info: Option<&'a [u8]>,
}

/// Adds a device's report. `false`: it has reported that commit before.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, chat: ChatId, report: NewReport<'_>) -> Result<bool, StoreError> {
    let NewReport { seq, device_id, account_id, reported_at, group_info } = report;
    Ok(tx.execute(&INSERT, params![chat, seq, device_id, account_id, reported_at, group_info]).await? == 1)
}

/// The group infos that came with the reports of the commit in entry `seq`, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn group_infos(tx: &mut Tx, chat: ChatId, seq: i64) -> Result<Vec<Vec<u8>>, StoreError> {
    tx.query(&GROUP_INFOS, params![chat, seq]).await
}

/// Who reported the commit in entry `seq`.
///
/// # Errors
/// As every statement.
pub async fn of_commit(tx: &mut Tx, chat: ChatId, seq: i64) -> Result<Vec<Reporter>, StoreError> {
    tx.query(&OF_COMMIT, params![chat, seq]).await
}

/// How many accounts but the maker's have a device that was in the chat before entry `seq`.
///
/// # Errors
/// As every statement.
pub async fn count_others(tx: &mut Tx, chat: ChatId, seq: i64, maker: AccountId) -> Result<i64, StoreError> {
    tx.query_one(&COUNT_OTHERS, params![chat, seq, maker]).await
}

/// Forgets a chat's reports: the commit was taken back, or is confirmed.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, chat: ChatId) -> Result<(), StoreError> {
    tx.execute(&DELETE, params![chat]).await.map(drop)
}
