//! The key of the server's marks.

use doorpost_model::TimeMs;
use doorpost_store::{Store, franking};

use crate::harness::{on_both, tx, write};

on_both!(the_first_key_stays);

async fn the_first_key_stays(store: Store) {
    for candidate in [1, 2, 1] {
        let kept = write(&store, tx!(tx => franking::ensure(tx, [candidate; 32], TimeMs(5)).await)).await;
        assert_eq!(kept, [1; 32]);
    }
}
