//! What hangs on posts and comments, and goes with them.

use doorpost_model::{AccountId, PostId, TimeMs, group::GroupKind, question::AnswersFor};
use doorpost_store::{Store, comment, group::post as group_post, hanging, mention, reaction};

use crate::{
    comment::{comment_id, new_comment},
    group::make,
    harness::{accounts, on_both, read, tx, write},
    post::post_id,
    question::{a_question, answer, texts},
};

on_both!(what_hangs_on_a_comment_goes, what_hangs_on_a_post_goes, what_hangs_on_a_groups_posts_goes);

/// How many rows of each kind hang on a post, and on the one comment under it.
#[derive(Debug, PartialEq, Eq)]
struct Hanging {
    answers: usize,
    reactions: usize,
    names: usize,
    comments: u32,
    comment_reactions: usize,
    comment_names: usize,
}

const ALL: Hanging =
    Hanging { answers: 1, reactions: 1, names: 1, comments: 1, comment_reactions: 1, comment_names: 1 };
const NOTHING: Hanging =
    Hanging { answers: 0, reactions: 0, names: 0, comments: 0, comment_reactions: 0, comment_names: 0 };

/// A post with something of everything; its comment has its number.
async fn hung(store: &Store, number: u8, author: AccountId, ann: AccountId) -> PostId {
    let post = a_question(store, u32::from(number), author, AnswersFor::Audience).await;
    answer(store, post, ann, "Kale", 5).await;
    let row = new_comment(number, post, ann, None);
    write(
        store,
        tx!(tx => {
            comment::insert(tx, &row).await?;
            reaction::put_on_post(tx, post, ann, "a", TimeMs(1)).await?;
            reaction::put_on_comment(tx, row.comment_id, ann, "a", TimeMs(1)).await?;
            mention::add_to_post(tx, post, &[ann]).await?;
            mention::add_to_comment(tx, row.comment_id, &[ann]).await
        }),
    )
    .await;
    post
}

async fn left(store: &Store, number: u8, viewer: AccountId) -> Hanging {
    let (post, said) = (post_id(u32::from(number)), comment_id(number));
    let answers = texts(store, post, doorpost_store::question::Answers::All).await.len();
    read(
        store,
        tx!(tx => Ok(Hanging {
            answers,
            reactions: reaction::of_posts(tx, viewer, &[post]).await?.len(),
            names: mention::in_posts(tx, viewer, &[post]).await?.len(),
            comments: comment::count(tx, post).await?,
            comment_reactions: reaction::of_comments(tx, viewer, &[said]).await?.len(),
            comment_names: mention::in_comments(tx, viewer, &[said]).await?.len(),
        })),
    )
    .await
}

async fn what_hangs_on_a_comment_goes(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    hung(&store, 1, author, ann).await;
    hung(&store, 2, author, ann).await;
    assert_eq!(left(&store, 1, ann).await, ALL);
    write(&store, tx!(tx => hanging::forget_names_in_comment(tx, comment_id(1)).await)).await;
    assert_eq!(left(&store, 1, ann).await, Hanging { comment_names: 0, ..ALL });
    write(&store, tx!(tx => hanging::forget_of_comment(tx, comment_id(1)).await)).await;
    assert_eq!(left(&store, 1, ann).await, Hanging { comment_names: 0, comment_reactions: 0, ..ALL });
    assert_eq!(left(&store, 2, ann).await, ALL);
}

async fn what_hangs_on_a_post_goes(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    let post = hung(&store, 1, author, ann).await;
    hung(&store, 2, author, ann).await;
    write(&store, tx!(tx => hanging::forget_names_in_post(tx, post).await)).await;
    assert_eq!(left(&store, 1, ann).await, Hanging { names: 0, ..ALL });
    write(&store, tx!(tx => hanging::forget_of_post(tx, post).await)).await;
    assert_eq!([left(&store, 1, ann).await, left(&store, 2, ann).await], [NOTHING, ALL]);
}

async fn what_hangs_on_a_groups_posts_goes(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    let one = make(&store, 1, GroupKind::Open).await;
    let other = make(&store, 2, GroupKind::Open).await;
    for (number, group) in [(1, one), (2, one), (3, other)] {
        let post = hung(&store, number, author, ann).await;
        write(&store, tx!(tx => group_post::insert(tx, post, group, TimeMs(1), false).await)).await;
    }
    write(&store, tx!(tx => hanging::forget_of_group(tx, one).await)).await;
    let mut hanging = Vec::new();
    for number in 1..=3 {
        hanging.push(left(&store, number, ann).await);
    }
    assert_eq!(hanging, [NOTHING, NOTHING, ALL]);
}
