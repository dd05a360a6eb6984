//! The server's identity.

use doorpost_model::{RealmId, TimeMs};
use doorpost_store::{Store, realm};

use crate::harness::{on_both, tx, write};

on_both!(the_first_candidate_stays);

async fn the_first_candidate_stays(store: Store) {
    let first = RealmId::from_bytes([1; 16]);
    for candidate in [1, 2, 1] {
        let candidate = RealmId::from_bytes([candidate; 16]);
        let kept = write(&store, tx!(tx => realm::ensure(tx, candidate, TimeMs(5)).await)).await;
        assert_eq!(kept, first);
    }
}
