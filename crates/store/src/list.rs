//! Lists: named sets of an account's connections.

use doorpost_model::{AccountId, ListId, TimeMs, list::ListView, people::AccountRef};

use crate::{FromRow, Row, StoreError, Tx, Value, params, statements};

statements! {
    INSERT = "INSERT INTO lists (list_id, owner_id, name, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    // Renames unless the owner has another list of that name; a violated rule would end the transaction.
    RENAME = "UPDATE lists SET name = $3 WHERE list_id = $1 AND owner_id = $2
        AND NOT EXISTS (SELECT 1 FROM lists o WHERE o.owner_id = $2 AND o.name = $3 AND o.list_id <> $1)";
    DELETE = "DELETE FROM lists WHERE list_id = $1 AND owner_id = $2";
    OF_OWNER = "SELECT l.list_id, l.name, (SELECT COUNT(*) FROM list_members m WHERE m.list_id = l.list_id),
            l.created_at
        FROM lists l WHERE l.owner_id = $1 ORDER BY l.name";
    FIND = "SELECT l.list_id, l.name, (SELECT COUNT(*) FROM list_members m WHERE m.list_id = l.list_id),
            l.created_at
        FROM lists l WHERE l.list_id = $1 AND l.owner_id = $2";
    FIND_BY_NAME = "SELECT l.list_id, l.name, (SELECT COUNT(*) FROM list_members m WHERE m.list_id = l.list_id),
            l.created_at
        FROM lists l WHERE l.owner_id = $1 AND l.name = $2";
    OWNED_AMONG = "SELECT list_id FROM lists WHERE owner_id = $1 AND list_id IN ({list})";
    COUNT = "SELECT COUNT(*) FROM lists WHERE owner_id = $1";
    MEMBERS = "SELECT a.account_id, a.handle, a.name
        FROM list_members m JOIN accounts a ON a.account_id = m.account_id
        WHERE m.list_id = $1 ORDER BY a.handle";
    COUNT_MEMBERS = "SELECT COUNT(*) FROM list_members WHERE list_id = $1";
    ADD = "INSERT INTO list_members (list_id, account_id, added_at) VALUES {rows:3} ON CONFLICT DO NOTHING";
    REMOVE = "DELETE FROM list_members WHERE list_id = $1 AND account_id IN ({list})";
    REMOVE_EACH_OTHER = "DELETE FROM list_members
        WHERE (account_id = $1 AND list_id IN (SELECT list_id FROM lists WHERE owner_id = $2))
           OR (account_id = $2 AND list_id IN (SELECT list_id FROM lists WHERE owner_id = $1))";
    HOLDING = "SELECT m.list_id FROM lists l JOIN list_members m ON m.list_id = l.list_id
        WHERE l.owner_id = $1 AND m.account_id = $2 ORDER BY l.name";
    HELD_AMONG = "SELECT account_id FROM list_members WHERE list_id = $1 AND account_id IN ({list})";
    MEMBER_IDS = "SELECT DISTINCT account_id FROM list_members WHERE list_id IN ({list})";
}

impl FromRow for ListView {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { list_id: row.get(0)?, name: row.get(1)?, member_count: row.get(2)?, created_at: row.get(3)? })
    }
}

/// Makes an empty list; `false` when its owner has one of that name.
///
/// # Errors
/// The database's.
pub async fn insert(
    tx: &mut Tx,
    list_id: ListId,
    owner: AccountId,
    name: &str,
    now: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&INSERT, params![list_id, owner, name, now]).await? == 1)
}

/// Renames a list of `owner`; `false` when there is no such list, or another of that name.
///
/// # Errors
/// The database's.
pub async fn rename(tx: &mut Tx, list_id: ListId, owner: AccountId, name: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&RENAME, params![list_id, owner, name]).await? == 1)
}

/// Deletes a list of `owner` with its memberships; `false` when there is no such list.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, list_id: ListId, owner: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&DELETE, params![list_id, owner]).await? == 1)
}

/// An account's lists, by name.
///
/// # Errors
/// The database's.
pub async fn of_owner(tx: &mut Tx, owner: AccountId) -> Result<Vec<ListView>, StoreError> {
    tx.query(&OF_OWNER, params![owner]).await
}

/// A list of `owner`.
///
/// # Errors
/// The database's.
pub async fn find(tx: &mut Tx, list_id: ListId, owner: AccountId) -> Result<Option<ListView>, StoreError> {
    tx.query_opt(&FIND, params![list_id, owner]).await
}

/// The list of `owner` with this name.
///
/// # Errors
/// The database's.
pub async fn find_by_name(tx: &mut Tx, owner: AccountId, name: &str) -> Result<Option<ListView>, StoreError> {
    tx.query_opt(&FIND_BY_NAME, params![owner, name]).await
}

/// Which of these lists are `owner`'s, in no particular order.
///
/// # Errors
/// The database's.
pub async fn owned_among(tx: &mut Tx, owner: AccountId, list_ids: &[ListId]) -> Result<Vec<ListId>, StoreError> {
    tx.query_list(&OWNED_AMONG, params![owner], list_ids).await
}

/// How many lists an account has.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx, owner: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT, params![owner]).await
}

/// Who is in a list, by handle.
///
/// # Errors
/// The database's.
pub async fn members(tx: &mut Tx, list_id: ListId) -> Result<Vec<AccountRef>, StoreError> {
    tx.query(&MEMBERS, params![list_id]).await
}

/// How many are in a list.
///
/// # Errors
/// The database's.
pub async fn count_members(tx: &mut Tx, list_id: ListId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_MEMBERS, params![list_id]).await
}

/// Puts accounts into a list; gives the number of those who were not in it.
///
/// # Errors
/// The database's.
pub async fn add(tx: &mut Tx, list_id: ListId, accounts: &[AccountId], now: TimeMs) -> Result<u64, StoreError> {
    let rows: Vec<[Value<'_>; 3]> =
        accounts.iter().map(|account| [list_id.into(), account.into(), now.into()]).collect();
    tx.execute_rows(&ADD, &[], &rows).await
}

/// Takes accounts out of a list; gives the number of those who were in it.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, list_id: ListId, accounts: &[AccountId]) -> Result<u64, StoreError> {
    tx.execute_list(&REMOVE, params![list_id], accounts).await
}

/// Takes each of two accounts out of all lists of the other.
///
/// # Errors
/// The database's.
pub async fn remove_each_other(tx: &mut Tx, one: AccountId, other: AccountId) -> Result<(), StoreError> {
    tx.execute(&REMOVE_EACH_OTHER, params![one, other]).await.map(drop)
}

/// Which of the owner's lists an account is in, by name.
///
/// # Errors
/// The database's.
pub async fn holding(tx: &mut Tx, owner: AccountId, account_id: AccountId) -> Result<Vec<ListId>, StoreError> {
    tx.query(&HOLDING, params![owner, account_id]).await
}

/// Which of these accounts are in a list, in no particular order.
///
/// # Errors
/// The database's.
pub async fn held_among(tx: &mut Tx, list_id: ListId, accounts: &[AccountId]) -> Result<Vec<AccountId>, StoreError> {
    tx.query_list(&HELD_AMONG, params![list_id], accounts).await
}

/// Everybody who is in any of these lists, each once, by id.
///
/// # Errors
/// The database's.
pub async fn member_ids(tx: &mut Tx, list_ids: &[ListId]) -> Result<Vec<AccountId>, StoreError> {
    let mut found: Vec<AccountId> = tx.query_list(&MEMBER_IDS, &[], list_ids).await?;
    // A chunk knows nothing of the others.
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
