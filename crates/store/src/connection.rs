//! Connections and requests for them: two rows a pair, each as one side sees the other.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, TimeMs,
    people::{AccountRef, ConnectionView, Relation},
};

use crate::{FromRow, Row, StoreError, Tx, Value, params, statements, stored_as_text};

statements! {
    REQUEST = "INSERT INTO connections (account_id, other_id, state, since) VALUES {rows:4} ON CONFLICT DO NOTHING";
    ACCEPT = "UPDATE connections SET state = 'connected', since = $3
        WHERE (account_id = $1 AND other_id = $2 AND state = 'incoming')
           OR (account_id = $2 AND other_id = $1 AND state = 'requested')";
    DELETE_REQUEST = "DELETE FROM connections
        WHERE (account_id = $1 AND other_id = $2 AND state = 'requested')
           OR (account_id = $2 AND other_id = $1 AND state = 'incoming')";
    DELETE = "DELETE FROM connections
        WHERE (account_id = $1 AND other_id = $2) OR (account_id = $2 AND other_id = $1)";
    RELATION = "SELECT state FROM connections WHERE account_id = $1 AND other_id = $2";
    RELATIONS = "SELECT other_id, state FROM connections WHERE account_id = $1 AND other_id IN ({list})";
    CONNECTED_AMONG = "SELECT other_id FROM connections
        WHERE account_id = $1 AND state = 'connected' AND other_id IN ({list})";
    CONNECTED_IDS = "SELECT other_id FROM connections WHERE account_id = $1 AND state = 'connected'";
    OF_ACCOUNT = "SELECT a.account_id, a.handle, a.name, c.state, c.since
        FROM connections c JOIN accounts a ON a.account_id = c.other_id
        WHERE c.account_id = $1 ORDER BY c.since DESC, c.other_id DESC";
    COUNT = "SELECT COUNT(*) FROM connections WHERE account_id = $1";
}

// Of these only three are ever stored; the schema checks it.
stored_as_text!(Relation {
    Me = "me",
    None = "none",
    Requested = "requested",
    Incoming = "incoming",
    Connected = "connected",
});

impl FromRow for ConnectionView {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let account = AccountRef { account_id: row.get(0)?, handle: row.get(1)?, name: row.get(2)? };
        Ok(Self { account, relation: row.get(3)?, since: row.get(4)? })
    }
}

/// Keeps the request of `from` to `to`; `false` when there is a request or a connection already.
///
/// # Errors
/// The database's.
pub async fn request(tx: &mut Tx, from: AccountId, to: AccountId, now: TimeMs) -> Result<bool, StoreError> {
    let row =
        |account: AccountId, other: AccountId, state| [account.into(), other.into(), Value::from(state), now.into()];
    let mut rows = [row(from, to, Relation::Requested), row(to, from, Relation::Incoming)];
    // In the pair's order, so that two who ask each other at once cannot wait for one another.
    if to < from {
        rows.reverse();
    }
    Ok(tx.execute_rows(&REQUEST, &[], &rows).await? == 2)
}

/// Makes a connection of the request that `account_id` had from `other_id`; `false` when there is none.
///
/// # Errors
/// The database's.
pub async fn accept(tx: &mut Tx, account_id: AccountId, other_id: AccountId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&ACCEPT, params![account_id, other_id, now]).await? == 2)
}

/// Removes the request of `from` to `to`, declined or taken back; `false` when there is none.
///
/// # Errors
/// The database's.
pub async fn delete_request(tx: &mut Tx, from: AccountId, to: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE_REQUEST, params![from, to]).await? == 2)
}

/// Removes whatever is between two accounts, request or connection; `false` when there is nothing.
/// Who removes a connection also calls [`crate::list::remove_each_other`].
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, one: AccountId, other: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![one, other]).await? > 0)
}

/// How `other_id` stands to `account_id`.
///
/// # Errors
/// The database's.
pub async fn relation(tx: &mut Tx, account_id: AccountId, other_id: AccountId) -> Result<Relation, StoreError> {
    if account_id == other_id {
        return Ok(Relation::Me);
    }
    let state: Option<Relation> = tx.query_opt(&RELATION, params![account_id, other_id]).await?;
    Ok(state.unwrap_or(Relation::None))
}

/// How each of `others` stands to `account_id`; those without any relation are missing.
///
/// # Errors
/// The database's.
pub async fn relations(
    tx: &mut Tx,
    account_id: AccountId,
    others: &[AccountId],
) -> Result<HashMap<AccountId, Relation>, StoreError> {
    let rows: Vec<(AccountId, Relation)> = tx.query_list(&RELATIONS, params![account_id], others).await?;
    Ok(rows.into_iter().collect())
}

/// Which of `others` are connected with `account_id`, in no particular order.
///
/// # Errors
/// The database's.
pub async fn connected_among(
    tx: &mut Tx,
    account_id: AccountId,
    others: &[AccountId],
) -> Result<Vec<AccountId>, StoreError> {
    tx.query_list(&CONNECTED_AMONG, params![account_id], others).await
}

/// Everybody who is connected with an account, in no particular order.
///
/// # Errors
/// The database's.
pub async fn connected_ids(tx: &mut Tx, account_id: AccountId) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&CONNECTED_IDS, params![account_id]).await
}

/// An account's connections and requests, the newest first.
///
/// # Errors
/// The database's.
pub async fn of_account(tx: &mut Tx, account_id: AccountId) -> Result<Vec<ConnectionView>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account_id]).await
}

/// How many connections and requests an account has.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx, account_id: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT, params![account_id]).await
}
