//! Who speaks as a page, and who looks after it.

use doorpost_model::{AccountId, TimeMs, page::PageRole};

use super::PagePlace;
use crate::{StoreError, Tx, params, row, statements};

row! {
    /// Somebody of a page's staff.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct StaffRow {
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        pub role: PageRole,
        pub since: TimeMs,
    }
}

statements! {
    PUT = "INSERT INTO page_staff (page_id, account_id, role, since) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (page_id, account_id) DO UPDATE SET role = excluded.role";
    REMOVE = "DELETE FROM page_staff WHERE page_id = $1 AND account_id = $2";
    ROLE = "SELECT role FROM page_staff WHERE page_id = $1 AND account_id = $2";
    ROLES = "SELECT account_id, role FROM page_staff WHERE page_id = $1";
    ALL = "SELECT s.account_id, a.handle, a.name, s.role, s.since FROM page_staff s \
           JOIN accounts a ON a.account_id = s.account_id WHERE s.page_id = $1 ORDER BY s.since, s.account_id";
    COUNT_ADMINS = "SELECT COUNT(*) FROM page_staff WHERE page_id = $1 AND role = 'admin'";
    COUNT_OF_ACCOUNT = "SELECT COUNT(*) FROM page_staff WHERE account_id = $1";
    OF_ACCOUNT = "SELECT since, page_id FROM page_staff WHERE account_id = $1 AND (since, page_id) < ($2, $3) \
                  ORDER BY since DESC, page_id DESC LIMIT $4";
    DROP_ALL = "DELETE FROM page_staff WHERE page_id = $1";
}

/// Gives somebody a role, in the place of the one they have.
///
/// # Errors
/// As every statement.
pub async fn put(
    tx: &mut Tx,
    page: AccountId,
    account: AccountId,
    role: PageRole,
    now: TimeMs,
) -> Result<(), StoreError> {
    tx.execute(&PUT, params![page, account, role, now]).await.map(drop)
}

/// Takes somebody off the staff. `false`: they were not on it.
///
/// # Errors
/// As every statement.
pub async fn remove(tx: &mut Tx, page: AccountId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&REMOVE, params![page, account]).await? == 1)
}

/// Somebody's role, if on the staff.
///
/// # Errors
/// As every statement.
pub async fn role(tx: &mut Tx, page: AccountId, account: AccountId) -> Result<Option<PageRole>, StoreError> {
    tx.query_opt(&ROLE, params![page, account]).await
}

/// Everybody's role.
///
/// # Errors
/// As every statement.
pub async fn roles(tx: &mut Tx, page: AccountId) -> Result<Vec<(AccountId, PageRole)>, StoreError> {
    tx.query(&ROLES, params![page]).await
}

/// The whole staff, the longest on it first.
///
/// # Errors
/// As every statement.
pub async fn all(tx: &mut Tx, page: AccountId) -> Result<Vec<StaffRow>, StoreError> {
    tx.query(&ALL, params![page]).await
}

/// How many admins there are.
///
/// # Errors
/// As every statement.
pub async fn count_admins(tx: &mut Tx, page: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_ADMINS, params![page]).await
}

/// On how many pages' staff an account is.
///
/// # Errors
/// As every statement.
pub async fn count_of_account(tx: &mut Tx, account: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_OF_ACCOUNT, params![account]).await
}

/// The pages on whose staff an account is, after a place, the latest first.
///
/// # Errors
/// As every statement.
pub async fn of_account(
    tx: &mut Tx,
    account: AccountId,
    before: PagePlace,
    limit: u32,
) -> Result<Vec<PagePlace>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account, before.0, before.1, limit]).await
}

/// Takes everybody off the staff.
///
/// # Errors
/// As every statement.
pub async fn drop_all(tx: &mut Tx, page: AccountId) -> Result<(), StoreError> {
    tx.execute(&DROP_ALL, params![page]).await.map(drop)
}
