//! Whose new posts somebody wants to be told of.

use doorpost_model::{AccountId, TimeMs};
use doorpost_store::{Store, watch};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(watches_are_ones_own_and_read_in_portions,);

async fn watches_are_ones_own_and_read_in_portions(store: Store) {
    let [me, ann, bob] = accounts(&store, [1, 2, 3]).await;
    for (account, watched) in [(me, ann), (bob, ann), (me, bob)] {
        assert!(write(&store, tx!(tx => watch::insert(tx, account, watched, TimeMs(5)).await)).await);
        assert!(!write(&store, tx!(tx => watch::insert(tx, account, watched, TimeMs(9)).await)).await);
    }
    assert_eq!(read(&store, tx!(tx => watch::count(tx, me).await)).await, 2);
    assert!(read(&store, tx!(tx => watch::is_watched(tx, me, ann).await)).await);
    assert!(!read(&store, tx!(tx => watch::is_watched(tx, ann, me).await)).await);
    let first = AccountId::from_bytes([0; 16]);
    assert_eq!(read(&store, tx!(tx => watch::watching(tx, ann, first, 9).await)).await, [me, bob]);
    assert_eq!(read(&store, tx!(tx => watch::watching(tx, ann, first, 1).await)).await, [me]);
    assert_eq!(read(&store, tx!(tx => watch::watching(tx, ann, me, 1).await)).await, [bob]);
    assert!(write(&store, tx!(tx => watch::delete(tx, me, ann).await)).await);
    assert!(!write(&store, tx!(tx => watch::delete(tx, me, ann).await)).await);
    assert_eq!(read(&store, tx!(tx => watch::watching(tx, ann, first, 9).await)).await, [bob]);
}
