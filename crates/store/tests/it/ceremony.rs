//! WebAuthn ceremonies.

use doorpost_model::{CeremonyId, TimeMs};
use doorpost_store::{Store, ceremony};

use crate::harness::{on_both, tx, write};

on_both!(taken_once, not_taken_late);

fn id(number: u8) -> CeremonyId {
    CeremonyId::from_bytes([number; 16])
}

async fn taken_once(store: Store) {
    write(&store, tx!(tx => ceremony::insert(tx, id(1), "state", TimeMs(10)).await)).await;
    for expected in [Some("state"), None] {
        let taken = write(&store, tx!(tx => ceremony::take(tx, id(1), TimeMs(9)).await)).await;
        assert_eq!(taken.as_deref(), expected);
    }
}

async fn not_taken_late(store: Store) {
    for (number, expires_at) in [(1, 10), (2, 10), (3, 11)] {
        let expires_at = TimeMs(expires_at);
        write(&store, tx!(tx => ceremony::insert(tx, id(number), "state", expires_at).await)).await;
    }
    assert_eq!(write(&store, tx!(tx => ceremony::take(tx, id(1), TimeMs(10)).await)).await, None);
    assert_eq!(write(&store, tx!(tx => ceremony::delete_expired(tx, TimeMs(10)).await)).await, 1);
    let taken = write(&store, tx!(tx => ceremony::take(tx, id(3), TimeMs(10)).await)).await;
    assert_eq!(taken.as_deref(), Some("state"));
}
