//! Chats of two: one for each pair of accounts.

use doorpost_model::{AccountId, ChatId, TimeMs, people::AccountRef};

use crate::{FromRow, Row, StoreError, Tx, params, row, statements};

row! {
    /// The chat of two accounts.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DirectRow {
        pub chat_id: ChatId,
        pub made_by: AccountId,
        /// Who asked the other, while that is not accepted.
        pub request_by: Option<AccountId>,
        /// One blocks the other, or it has ended.
        pub is_closed: bool,
        pub declined: bool,
        /// One of the two has another identity since.
        pub ended: bool,
        /// The door, sealed to the one who did not make the chat.
        pub sealed_door: Vec<u8>,
        /// Key packages that were given out for it.
        pub claims: u32,
        pub low_id: AccountId,
        pub high_id: AccountId,
    }
}

impl DirectRow {
    /// The other one of the two.
    #[must_use]
    pub fn other(&self, account: AccountId) -> AccountId {
        if self.low_id == account { self.high_id } else { self.low_id }
    }
}

/// A chat of two, as one of them sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectOfAccount {
    pub chat_id: ChatId,
    pub other: AccountRef,
    pub request_by: Option<AccountId>,
    pub declined: bool,
    pub ended: bool,
    /// The one who asks blocks the other.
    pub blocks: bool,
}

impl FromRow for DirectOfAccount {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            chat_id: row.get(0)?,
            other: AccountRef { account_id: row.get(1)?, handle: row.get(2)?, name: row.get(3)? },
            request_by: row.get(4)?,
            declined: row.get(5)?,
            ended: row.get(6)?,
            blocks: row.get(7)?,
        })
    }
}

statements! {
    INSERT = "INSERT INTO direct_chats \
              (chat_id, low_id, high_id, made_by, declined, ended, sealed_door, claims, created_at) \
              VALUES ($1, $2, $3, $4, FALSE, FALSE, $5, 0, $6) ON CONFLICT DO NOTHING";
    OF_PAIR = "SELECT d.chat_id, d.made_by, c.request_by, c.is_closed, d.declined, d.ended, d.sealed_door, d.claims, \
               d.low_id, d.high_id FROM direct_chats d JOIN chats c ON c.chat_id = d.chat_id \
               WHERE d.low_id = $1 AND d.high_id = $2 AND NOT d.ended";
    OF_CHAT = "SELECT d.chat_id, d.made_by, c.request_by, c.is_closed, d.declined, d.ended, d.sealed_door, d.claims, \
               d.low_id, d.high_id FROM direct_chats d JOIN chats c ON c.chat_id = d.chat_id WHERE d.chat_id = $1";
    OF_ACCOUNT = "SELECT d.chat_id, a.account_id, a.handle, a.name, c.request_by, d.declined, d.ended, \
                  EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = a.account_id) \
                  FROM direct_chats d JOIN chats c ON c.chat_id = d.chat_id \
                  JOIN accounts a ON (a.account_id = d.low_id OR a.account_id = d.high_id) AND a.account_id <> $1 \
                  WHERE d.low_id = $1 OR d.high_id = $1 ORDER BY d.created_at, d.chat_id";
    OF_MEMBER = "SELECT d.chat_id, a.account_id, a.handle, a.name, c.request_by, d.declined, d.ended, \
                 EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = a.account_id) \
                 FROM direct_chats d JOIN chats c ON c.chat_id = d.chat_id \
                 JOIN accounts a ON (a.account_id = d.low_id OR a.account_id = d.high_id) AND a.account_id <> $1 \
                 WHERE d.chat_id = $2 AND (d.low_id = $1 OR d.high_id = $1)";
    SET_REQUEST = "UPDATE chats SET request_by = $2 WHERE chat_id = $1";
    SET_CLOSED = "UPDATE chats SET is_closed = $2 WHERE chat_id = $1";
    SET_DECLINED = "UPDATE direct_chats SET declined = $2 WHERE chat_id = $1";
    END_OF_ACCOUNT = "UPDATE direct_chats SET ended = TRUE WHERE (low_id = $1 OR high_id = $1) AND NOT ended \
                      RETURNING chat_id";
    HAS_DECLINED = "SELECT EXISTS (SELECT 1 FROM direct_chats \
                    WHERE low_id = $1 AND high_id = $2 AND made_by = $3 AND declined)";
    COUNT_REQUESTS = "SELECT COUNT(*) FROM direct_chats d JOIN chats c ON c.chat_id = d.chat_id \
                      WHERE c.request_by = $1 AND d.made_by = $1 AND NOT d.ended";
    COUNT_ASKING = "SELECT COUNT(*) FROM direct_chats d JOIN chats c ON c.chat_id = d.chat_id \
                    WHERE (d.low_id = $1 OR d.high_id = $1) AND c.request_by <> $1 AND NOT d.declined AND NOT d.ended";
    ADD_CLAIMS = "UPDATE direct_chats SET claims = claims + $2 WHERE chat_id = $1";
}

/// The two in the order in which they are kept.
fn pair(one: AccountId, other: AccountId) -> (AccountId, AccountId) {
    (one.min(other), one.max(other))
}

/// Keeps the chat of two accounts, made by the first. `false`: they have one that has not ended, and nothing was done.
///
/// # Errors
/// As every statement.
pub async fn insert(
    tx: &mut Tx,
    made_by: AccountId,
    other: AccountId,
    chat: ChatId,
    sealed_door: &[u8],
    now: TimeMs,
) -> Result<bool, StoreError> {
    let (low, high) = pair(made_by, other);
    Ok(tx.execute(&INSERT, params![chat, low, high, made_by, sealed_door, now]).await? == 1)
}

/// The chat of two accounts, if they have one that has not ended.
///
/// # Errors
/// As every statement.
pub async fn of_pair(tx: &mut Tx, one: AccountId, other: AccountId) -> Result<Option<DirectRow>, StoreError> {
    let (low, high) = pair(one, other);
    tx.query_opt(&OF_PAIR, params![low, high]).await
}

/// Whose chat of two it is; none for other chats.
///
/// # Errors
/// As every statement.
pub async fn of_chat(tx: &mut Tx, chat: ChatId) -> Result<Option<DirectRow>, StoreError> {
    tx.query_opt(&OF_CHAT, params![chat]).await
}

/// An account's chats of two, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<DirectOfAccount>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account]).await
}

/// A chat as one of the two sees it; none when it is no chat of two, or of others.
///
/// # Errors
/// As every statement.
pub async fn of_member(tx: &mut Tx, account: AccountId, chat: ChatId) -> Result<Option<DirectOfAccount>, StoreError> {
    tx.query_opt(&OF_MEMBER, params![account, chat]).await
}

/// Says who asked the other; none: that is accepted.
///
/// # Errors
/// As every statement.
pub async fn set_request(tx: &mut Tx, chat: ChatId, request_by: Option<AccountId>) -> Result<(), StoreError> {
    tx.execute(&SET_REQUEST, params![chat, request_by]).await.map(drop)
}

/// Says whether neither of the two writes to the other.
///
/// # Errors
/// As every statement.
pub async fn set_closed(tx: &mut Tx, chat: ChatId, is_closed: bool) -> Result<(), StoreError> {
    tx.execute(&SET_CLOSED, params![chat, is_closed]).await.map(drop)
}

/// Ends all chats of two of an account; the answer is which have ended by this.
///
/// # Errors
/// As every statement.
pub async fn end_of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<ChatId>, StoreError> {
    tx.query(&END_OF_ACCOUNT, params![account]).await
}

/// Says whether the one who was asked does not want it.
///
/// # Errors
/// As every statement.
pub async fn set_declined(tx: &mut Tx, chat: ChatId, declined: bool) -> Result<(), StoreError> {
    tx.execute(&SET_DECLINED, params![chat, declined]).await.map(drop)
}

/// Whether `other` has declined to write with `asked_by`, in a chat that may have ended since.
///
/// # Errors
/// As every statement.
pub async fn has_declined(tx: &mut Tx, other: AccountId, asked_by: AccountId) -> Result<bool, StoreError> {
    let (low, high) = pair(asked_by, other);
    tx.query_one(&HAS_DECLINED, params![low, high, asked_by]).await
}

/// How many people have asked an account that has neither accepted nor declined.
///
/// # Errors
/// As every statement.
pub async fn count_asking(tx: &mut Tx, account: AccountId) -> Result<i64, StoreError> {
    tx.query_one(&COUNT_ASKING, params![account]).await
}

/// How many people an account has asked who have not accepted.
///
/// # Errors
/// As every statement.
pub async fn count_requests(tx: &mut Tx, account: AccountId) -> Result<i64, StoreError> {
    tx.query_one(&COUNT_REQUESTS, params![account]).await
}

/// Counts key packages that were given out for a chat.
///
/// # Errors
/// As every statement.
pub async fn add_claims(tx: &mut Tx, chat: ChatId, claims: u32) -> Result<(), StoreError> {
    tx.execute(&ADD_CLAIMS, params![chat, claims]).await.map(drop)
}
