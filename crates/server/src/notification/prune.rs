//! Forgetting old notifications.

use doorpost_model::{
    TimeMs,
    limits::{NOTIFICATION_TTL_MS, NOTIFICATIONS_MAX},
};
use doorpost_store::{StoreError, Tx, notification as rows};

/// Accounts that one transaction looks at.
const BATCH_MAX: u32 = 500;

/// Forgets what is too old at `now`, and of accounts that have too many the oldest.
///
/// # Errors
/// As every statement.
pub(crate) async fn prune(tx: &mut Tx, now: TimeMs) -> Result<(), StoreError> {
    rows::prune(tx, now.plus(-NOTIFICATION_TTL_MS)).await?;
    let most = u32::try_from(NOTIFICATIONS_MAX).unwrap_or(u32::MAX);
    for account in rows::crowded(tx, most, BATCH_MAX).await? {
        rows::keep_newest(tx, account, most).await?;
    }
    Ok(())
}
