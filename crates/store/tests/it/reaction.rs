//! Reactions to posts and comments.

use doorpost_model::{AccountId, TimeMs};
use doorpost_store::{
    Store, block,
    reaction::{self, ReactionRow},
    story::TraceKey,
};

use crate::{
    comment::{comment_id, talk},
    harness::{accounts, on_both, read, tx, write},
    post::post_id,
};

on_both!(one_of_each_person_counted_for_a_viewer, pages_have_the_newest_first, reactions_are_taken_off);

/// Counts of the post and of its first comment: each emoji with how many and whether the viewer is among them.
pub async fn counts(store: &Store, viewer: AccountId) -> [Vec<(String, u32, u32)>; 2] {
    let mut of_post = read(store, tx!(tx => reaction::of_posts(tx, viewer, &[post_id(1), post_id(2)]).await)).await;
    let mut of_comment = read(store, tx!(tx => reaction::of_comments(tx, viewer, &[comment_id(1)]).await)).await;
    of_post.sort_by(|a, b| a.emoji.cmp(&b.emoji));
    of_comment.sort_by(|a, b| a.emoji.cmp(&b.emoji));
    [
        of_post.into_iter().map(|row| (row.emoji, row.count, row.mine)).collect(),
        of_comment.into_iter().map(|row| (row.emoji, row.count, row.mine)).collect(),
    ]
}

pub async fn react(store: &Store, account: AccountId, emoji: &'static str, at: i64) {
    write(store, tx!(tx => reaction::put_on_post(tx, post_id(1), account, emoji, TimeMs(at)).await)).await;
    write(store, tx!(tx => reaction::put_on_comment(tx, comment_id(1), account, emoji, TimeMs(at)).await)).await;
}

async fn one_of_each_person_counted_for_a_viewer(store: Store) {
    let [author, ann, bob] = accounts(&store, [1, 2, 3]).await;
    talk(&store, author, &[(1, ann, None)]).await;
    react(&store, ann, "a", 1).await;
    react(&store, ann, "b", 2).await;
    react(&store, bob, "b", 3).await;
    let both = vec![("b".to_owned(), 2, 1)];
    assert_eq!(counts(&store, ann).await, [both.clone(), both]);
    write(&store, tx!(tx => block::insert(tx, bob, ann, TimeMs(1)).await)).await;
    let own = vec![("b".to_owned(), 1, 1)];
    assert_eq!(counts(&store, ann).await, [own.clone(), own]);
    let all = vec![("b".to_owned(), 2, 0)];
    assert_eq!(counts(&store, author).await, [all.clone(), all]);
}

async fn pages_have_the_newest_first(store: Store) {
    let [author, ann, bob] = accounts(&store, [1, 2, 3]).await;
    talk(&store, author, &[(1, ann, None)]).await;
    react(&store, ann, "a", 1).await;
    react(&store, bob, "b", 2).await;
    let row = ReactionRow {
        account_id: bob,
        handle: "person_3".to_owned(),
        name: "Person 3".to_owned(),
        emoji: "b".to_owned(),
        reacted_at: TimeMs(2),
    };
    let page = read(&store, tx!(tx => reaction::page_of_post(tx, post_id(1), TraceKey::START, 1).await)).await;
    assert_eq!(page, std::slice::from_ref(&row));
    let page = read(&store, tx!(tx => reaction::page_of_comment(tx, comment_id(1), TraceKey::START, 1).await)).await;
    assert_eq!(page, [row]);
    let after = TraceKey { at: TimeMs(2), account_id: bob };
    let page = read(&store, tx!(tx => reaction::page_of_comment(tx, comment_id(1), after, 9).await)).await;
    assert_eq!(page.into_iter().map(|row| row.account_id).collect::<Vec<_>>(), [ann]);
}

async fn reactions_are_taken_off(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    talk(&store, author, &[(1, ann, None)]).await;
    react(&store, ann, "a", 1).await;
    assert!(write(&store, tx!(tx => reaction::off_post(tx, post_id(1), ann).await)).await);
    assert!(!write(&store, tx!(tx => reaction::off_post(tx, post_id(1), ann).await)).await);
    assert!(write(&store, tx!(tx => reaction::off_comment(tx, comment_id(1), ann).await)).await);
    assert_eq!(counts(&store, ann).await, [vec![], vec![]]);
}
