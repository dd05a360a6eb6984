//! The key of the server's marks on messages.

use doorpost_model::TimeMs;

use crate::{StoreError, Tx, params, statements};

statements! {
    // The update changes nothing; it makes the row that is there come back.
    ENSURE = "INSERT INTO franking_keys (singleton, secret, created_at) VALUES (1, $1, $2)
        ON CONFLICT (singleton) DO UPDATE SET singleton = excluded.singleton RETURNING secret";
}

/// The key made at the first start; `candidate` becomes it if there is none yet.
///
/// # Errors
/// The database's.
pub async fn ensure(tx: &mut Tx, candidate: [u8; 32], now: TimeMs) -> Result<[u8; 32], StoreError> {
    tx.query_one(&ENSURE, params![&candidate, now]).await
}
