//! Who helps to run the server, and who writes nothing for a time.

use doorpost_model::{
    AccountId, TimeMs,
    moderation::{ModeratorView, ServerRole},
    people::AccountRef,
};

use crate::{FromRow, Row, StoreError, Tx, params, statements};

statements! {
    OF_ACCOUNT = "SELECT is_operator, is_moderator FROM accounts WHERE account_id = $1";
    SET_MODERATOR = "UPDATE accounts SET is_moderator = $2 WHERE account_id = $1 AND is_moderator <> $2";
    MODERATORS = "SELECT account_id, handle, name, is_operator, is_moderator FROM accounts \
                  WHERE is_moderator OR is_operator ORDER BY is_operator DESC, handle LIMIT $1";
    SUSPEND = "UPDATE accounts SET suspended_until = $2 WHERE account_id = $1";
    SUSPENDED_UNTIL = "SELECT suspended_until FROM accounts WHERE account_id = $1";
}

/// The role that these two columns stand for.
#[must_use]
pub const fn of(is_operator: bool, is_moderator: bool) -> Option<ServerRole> {
    match (is_operator, is_moderator) {
        (true, _) => Some(ServerRole::Operator),
        (false, true) => Some(ServerRole::Moderator),
        (false, false) => None,
    }
}

impl FromRow for ModeratorView {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let account = AccountRef::from_row(row)?;
        Ok(Self { account, role: of(row.get(3)?, row.get(4)?).unwrap_or(ServerRole::Moderator) })
    }
}

/// An account's role; none without an account.
///
/// # Errors
/// As every statement.
pub async fn of_account(tx: &mut Tx, account: AccountId) -> Result<Option<ServerRole>, StoreError> {
    let flags: Option<(bool, bool)> = tx.query_opt(&OF_ACCOUNT, params![account]).await?;
    Ok(flags.and_then(|(is_operator, is_moderator)| of(is_operator, is_moderator)))
}

/// Makes an account a moderator, or no more; `false` when that is so already.
///
/// # Errors
/// As every statement.
pub async fn set_moderator(tx: &mut Tx, account: AccountId, is_moderator: bool) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_MODERATOR, params![account, is_moderator]).await? == 1)
}

/// The operator and the moderators, by handle.
///
/// # Errors
/// As every statement.
pub async fn moderators(tx: &mut Tx, limit: u32) -> Result<Vec<ModeratorView>, StoreError> {
    tx.query(&MODERATORS, params![limit]).await
}

/// Suspends an account until then, or no more.
///
/// # Errors
/// As every statement.
pub async fn suspend(tx: &mut Tx, account: AccountId, until: Option<TimeMs>) -> Result<(), StoreError> {
    tx.execute(&SUSPEND, params![account, until]).await.map(drop)
}

/// Until when an account was last suspended, which may be over.
///
/// # Errors
/// As every statement.
pub async fn suspended_until(tx: &mut Tx, account: AccountId) -> Result<Option<TimeMs>, StoreError> {
    let until: Option<Option<TimeMs>> = tx.query_opt(&SUSPENDED_UNTIL, params![account]).await?;
    Ok(until.flatten())
}
