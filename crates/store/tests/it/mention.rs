//! Those whom posts and comments name.

use doorpost_model::{AccountId, TimeMs};
use doorpost_store::{Store, block, mention};

use crate::{
    comment::{comment_id, talk},
    harness::{accounts, on_both, read, tx, write},
    post::post_id,
};

on_both!(names_are_there_for_whom_no_block_parts);

/// The handles in the post, and in its first comment.
pub async fn named(store: &Store, viewer: AccountId) -> [Vec<String>; 2] {
    let in_post = read(store, tx!(tx => mention::in_posts(tx, viewer, &[post_id(1)]).await)).await;
    let in_comment = read(store, tx!(tx => mention::in_comments(tx, viewer, &[comment_id(1)]).await)).await;
    [in_post.into_iter().map(|row| row.handle).collect(), in_comment.into_iter().map(|row| row.handle).collect()]
}

pub async fn name(store: &Store, accounts: Vec<AccountId>) {
    let of_comment = accounts.clone();
    write(store, tx!(tx => mention::add_to_post(tx, post_id(1), &accounts).await)).await;
    write(store, tx!(tx => mention::add_to_comment(tx, comment_id(1), &of_comment).await)).await;
}

async fn names_are_there_for_whom_no_block_parts(store: Store) {
    let [author, ann, bob] = accounts(&store, [1, 2, 3]).await;
    talk(&store, author, &[(1, ann, None)]).await;
    name(&store, vec![ann, bob]).await;
    name(&store, vec![bob]).await;
    let both = vec!["person_2".to_owned(), "person_3".to_owned()];
    assert_eq!(named(&store, author).await, [both.clone(), both]);
    write(&store, tx!(tx => block::insert(tx, bob, author, TimeMs(1)).await)).await;
    let one = vec!["person_2".to_owned()];
    assert_eq!(named(&store, author).await, [one.clone(), one]);
}
