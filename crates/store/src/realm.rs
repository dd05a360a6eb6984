//! The server's lasting identity.

use doorpost_model::{RealmId, TimeMs};

use crate::{StoreError, Tx, params, statements};

statements! {
    // The update changes nothing; it makes the row that is there come back.
    ENSURE = "INSERT INTO realm (singleton, realm_id, created_at) VALUES (1, $1, $2)
        ON CONFLICT (singleton) DO UPDATE SET singleton = excluded.singleton RETURNING realm_id";
}

/// The identity made at the first start; `candidate` becomes it if there is none yet.
///
/// # Errors
/// The database's.
pub async fn ensure(tx: &mut Tx, candidate: RealmId, now: TimeMs) -> Result<RealmId, StoreError> {
    tx.query_one(&ENSURE, params![candidate, now]).await
}
