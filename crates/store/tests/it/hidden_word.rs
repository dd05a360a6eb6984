//! Words that hide comments.

use doorpost_store::{Store, hidden_word};

use crate::harness::{accounts, on_both, read, tx, write};

on_both!(words_keep_their_order_until_they_are_cleared);

async fn words_keep_their_order_until_they_are_cleared(store: Store) {
    let [ann, bob] = accounts(&store, [1, 2]).await;
    let words = vec!["weeds".to_owned(), "Buy now".to_owned(), "🌵".to_owned()];
    let new = words.clone();
    write(&store, tx!(tx => hidden_word::add(tx, ann, &new).await)).await;
    assert_eq!(read(&store, tx!(tx => hidden_word::all(tx, ann).await)).await, words);
    assert!(read(&store, tx!(tx => hidden_word::all(tx, bob).await)).await.is_empty());
    write(&store, tx!(tx => hidden_word::clear(tx, ann).await)).await;
    assert!(read(&store, tx!(tx => hidden_word::all(tx, ann).await)).await.is_empty());
}
