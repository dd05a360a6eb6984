//! Domains that links may not lead to.

use doorpost_model::{TimeMs, moderation::BlockedDomain};

use crate::{FromRow, Row, StoreError, Tx, params, statements};

statements! {
    BLOCK_DOMAIN = "INSERT INTO blocked_domains (domain, note, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    UNBLOCK_DOMAIN = "DELETE FROM blocked_domains WHERE domain = $1";
    COUNT_DOMAINS = "SELECT COUNT(*) FROM blocked_domains";
    DOMAINS = "SELECT domain, note, added_at FROM blocked_domains WHERE domain > $1 ORDER BY domain LIMIT $2";
    BLOCKED_AMONG = "SELECT domain FROM blocked_domains WHERE domain IN ({list})";
}

impl FromRow for BlockedDomain {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { domain: row.get(0)?, note: row.get(1)?, added_at: row.get(2)? })
    }
}

/// Blocks a domain; `false` when it is blocked already.
///
/// # Errors
/// As every statement.
pub async fn block_domain(tx: &mut Tx, domain: &str, note: &str, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&BLOCK_DOMAIN, params![domain, note, now]).await? == 1)
}

/// Blocks a domain no more; `false` when it was not.
///
/// # Errors
/// As every statement.
pub async fn unblock_domain(tx: &mut Tx, domain: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&UNBLOCK_DOMAIN, params![domain]).await? == 1)
}

/// How many are blocked.
///
/// # Errors
/// As every statement.
pub async fn count_domains(tx: &mut Tx) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_DOMAINS, params![]).await
}

/// Blocked domains after one, in their order.
///
/// # Errors
/// As every statement.
pub async fn domains(tx: &mut Tx, after: &str, limit: u32) -> Result<Vec<BlockedDomain>, StoreError> {
    tx.query(&DOMAINS, params![after, limit]).await
}

/// Which of these are blocked.
///
/// # Errors
/// As every statement.
pub async fn blocked_among(tx: &mut Tx, domains: &[&str]) -> Result<Vec<String>, StoreError> {
    tx.query_list(&BLOCKED_AMONG, params![], domains).await
}
