//! Those whom posts and comments name.

use doorpost_model::{AccountId, TimeMs, group::GroupKind};
use doorpost_store::{Store, block, group::post as group_post, mention};

use crate::{
    comment::{comment_id, talk},
    group::make,
    harness::{accounts, on_both, read, tx, write},
    post::post_id,
};

const NOBODY: [Vec<String>; 2] = [Vec::new(), Vec::new()];

on_both!(names_are_there_for_whom_no_block_parts, names_are_forgotten);

/// The handles in the post, and in its first comment.
async fn named(store: &Store, viewer: AccountId) -> [Vec<String>; 2] {
    let in_post = read(store, tx!(tx => mention::in_posts(tx, viewer, &[post_id(1)]).await)).await;
    let in_comment = read(store, tx!(tx => mention::in_comments(tx, viewer, &[comment_id(1)]).await)).await;
    [in_post.into_iter().map(|row| row.handle).collect(), in_comment.into_iter().map(|row| row.handle).collect()]
}

async fn name(store: &Store, accounts: Vec<AccountId>) {
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

async fn names_are_forgotten(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    talk(&store, author, &[(1, ann, None)]).await;
    let one = vec!["person_2".to_owned()];
    name(&store, vec![ann]).await;
    write(&store, tx!(tx => mention::forget_post(tx, post_id(1)).await)).await;
    assert_eq!(named(&store, author).await, [vec![], one.clone()]);
    write(&store, tx!(tx => mention::forget_comment(tx, comment_id(1)).await)).await;
    assert_eq!(named(&store, author).await, NOBODY);
    name(&store, vec![ann]).await;
    write(&store, tx!(tx => mention::forget_of_comments(tx, post_id(1)).await)).await;
    assert_eq!(named(&store, author).await, [one, vec![]]);
    name(&store, vec![ann]).await;
    let group = make(&store, 1, GroupKind::Open).await;
    write(&store, tx!(tx => group_post::insert(tx, post_id(1), group, TimeMs(1), false).await)).await;
    write(&store, tx!(tx => mention::forget_group_comments(tx, group).await)).await;
    write(&store, tx!(tx => mention::forget_group(tx, group).await)).await;
    assert_eq!(named(&store, author).await, NOBODY);
}
