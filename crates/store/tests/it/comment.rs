//! Comments: what is kept, and what of it is for whom.

use doorpost_model::{AccountId, CommentId, PostId, TimeMs, post::AudienceKind};
use doorpost_store::{
    Store, block,
    comment::{self, CommentKey, CommentRow, Reader, TextRow},
    post,
};

use crate::{
    harness::{accounts, on_both, read, tx, write},
    post::{new_post, post_id, posts},
};

on_both!(
    a_comment_is_kept_once_and_changes,
    threads_and_replies_are_in_their_order,
    what_is_not_for_a_reader_is_neither_listed_nor_counted,
    seen_says_how_the_viewer_stands_to_those_in_it,
    hidden_words_hide_and_show,
    a_post_is_closed,
);

pub fn comment_id(number: u8) -> CommentId {
    CommentId::from_bytes([number; 16])
}

/// A comment written at its number.
pub fn new_comment(number: u8, post_id: PostId, author_id: AccountId, parent: Option<u8>) -> CommentRow {
    CommentRow {
        comment_id: comment_id(number),
        post_id,
        author_id,
        parent_id: parent.map(comment_id),
        answers_id: None,
        text: format!("Comment {number}"),
        created_at: TimeMs(i64::from(number)),
        edited_at: None,
        deleted_at: None,
        hidden: false,
    }
}

/// A public post with these comments.
pub async fn talk(store: &Store, author: AccountId, comments: &[(u8, AccountId, Option<u8>)]) -> PostId {
    posts(store, vec![new_post(1, author, AudienceKind::Public)]).await;
    for &(number, writer, parent) in comments {
        let row = new_comment(number, post_id(1), writer, parent);
        assert!(write(store, tx!(tx => comment::insert(tx, &row).await)).await);
    }
    post_id(1)
}

const fn of(viewer: AccountId) -> Reader {
    Reader { viewer, wrote_post: false }
}

async fn threads(store: &Store, reader: Reader, post: PostId) -> Vec<CommentId> {
    let keys = read(store, tx!(tx => comment::threads(tx, reader, post, CommentKey::LAST, 9).await)).await;
    keys.into_iter().map(|key| key.comment_id).collect()
}

async fn replies(store: &Store, reader: Reader, number: u8) -> Vec<CommentId> {
    let top = comment_id(number);
    let keys = read(store, tx!(tx => comment::replies(tx, reader, top, CommentKey::FIRST, 9).await)).await;
    keys.into_iter().map(|key| key.comment_id).collect()
}

async fn count(store: &Store, viewer: AccountId, post: PostId) -> u32 {
    let counts = read(store, tx!(tx => comment::counts(tx, viewer, &[post, post_id(9)]).await)).await;
    counts.into_iter().find(|(id, _)| *id == post).map_or(0, |(_, count)| count)
}

async fn a_comment_is_kept_once_and_changes(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    let post = talk(&store, author, &[(1, ann, None)]).await;
    let row = new_comment(1, post, ann, None);
    let again = CommentRow { text: "Other".to_owned(), ..row.clone() };
    assert!(!write(&store, tx!(tx => comment::insert(tx, &again).await)).await);
    let get = async || read(&store, tx!(tx => comment::get(tx, comment_id(1)).await)).await;
    assert_eq!(get().await, Some(row.clone()));
    assert!(write(&store, tx!(tx => comment::set_text(tx, comment_id(1), "New", true, TimeMs(5)).await)).await);
    let changed = CommentRow { text: "New".to_owned(), hidden: true, edited_at: Some(TimeMs(5)), ..row };
    assert_eq!(get().await, Some(changed.clone()));
    assert!(write(&store, tx!(tx => comment::delete(tx, comment_id(1), TimeMs(6)).await)).await);
    assert!(!write(&store, tx!(tx => comment::delete(tx, comment_id(1), TimeMs(7)).await)).await);
    assert_eq!(get().await, Some(CommentRow { text: String::new(), deleted_at: Some(TimeMs(6)), ..changed }));
    assert!(!write(&store, tx!(tx => comment::set_text(tx, comment_id(1), "New", true, TimeMs(8)).await)).await);
}

async fn threads_and_replies_are_in_their_order(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    let all = [(1, ann, None), (2, author, None), (3, ann, Some(1)), (4, author, Some(1)), (5, ann, Some(1))];
    let post = talk(&store, author, &all).await;
    assert_eq!(threads(&store, of(ann), post).await, [2, 1].map(comment_id));
    let before = CommentKey { created_at: TimeMs(2), comment_id: comment_id(2) };
    let next = read(&store, tx!(tx => comment::threads(tx, of(ann), post, before, 1).await)).await;
    assert_eq!(next, [CommentKey { created_at: TimeMs(1), comment_id: comment_id(1) }]);
    assert_eq!(replies(&store, of(ann), 1).await, [3, 4, 5].map(comment_id));
    let after = next[0];
    let page = read(&store, tx!(tx => comment::replies(tx, of(ann), comment_id(1), after, 2).await)).await;
    assert_eq!(page.last().map(|key| key.comment_id), Some(comment_id(4)));
    let tops = [1, 2].map(comment_id);
    let mut first = read(&store, tx!(tx => comment::first_replies(tx, of(ann), &tops, 2).await)).await;
    first.sort();
    assert_eq!(first, [3, 4].map(comment_id));
}

async fn what_is_not_for_a_reader_is_neither_listed_nor_counted(store: Store) {
    let [author, ann, bob, cyd] = accounts(&store, [1, 2, 3, 4]).await;
    let all = [(1, ann, None), (2, bob, None), (3, cyd, Some(2)), (4, bob, Some(1))];
    let post = talk(&store, author, &all).await;
    for (blocker, blocked) in [(ann, bob), (bob, ann)] {
        write(&store, tx!(tx => block::insert(tx, blocker, blocked, TimeMs(1)).await)).await;
        assert_eq!(threads(&store, of(ann), post).await, [2, 1].map(comment_id), "one has a reply for the reader");
        assert!(replies(&store, of(ann), 1).await.is_empty());
        assert_eq!(count(&store, ann, post).await, 2);
        assert_eq!(count(&store, bob, post).await, 3);
        assert_eq!(count(&store, cyd, post).await, 4);
        write(&store, tx!(tx => block::delete(tx, blocker, blocked).await)).await;
    }
    write(&store, tx!(tx => comment::set_hidden(tx, &[comment_id(3)], true).await)).await;
    write(&store, tx!(tx => comment::delete(tx, comment_id(2), TimeMs(9)).await)).await;
    assert_eq!(threads(&store, of(ann), post).await, [comment_id(1)], "nobody answered whom the reader may read");
    assert_eq!(threads(&store, of(cyd), post).await, [2, 1].map(comment_id), "its writer reads what is hidden");
    assert_eq!(replies(&store, Reader { viewer: author, wrote_post: true }, 2).await, [comment_id(3)]);
    assert_eq!([count(&store, ann, post).await, count(&store, author, post).await], [2, 3]);
    assert_eq!(read(&store, tx!(tx => comment::count(tx, post).await)).await, 4, "of all");
}

async fn seen_says_how_the_viewer_stands_to_those_in_it(store: Store) {
    let [author, ann, bob] = accounts(&store, [1, 2, 3]).await;
    let post = talk(&store, author, &[(1, ann, None), (2, bob, Some(1))]).await;
    let row = CommentRow { answers_id: Some(bob), ..new_comment(3, post, ann, Some(1)) };
    write(&store, tx!(tx => comment::insert(tx, &row).await)).await;
    write(&store, tx!(tx => block::insert(tx, bob, author, TimeMs(1)).await)).await;
    let ids = [1, 2, 3].map(comment_id);
    let mut seen = read(&store, tx!(tx => comment::seen(tx, author, &ids).await)).await;
    seen.sort_by_key(|comment| comment.comment_id);
    assert_eq!(seen.iter().map(|row| row.blocked).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(seen.iter().map(|row| row.answers_blocked).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(seen[0].reply_count, 1);
    assert_eq!((seen[2].answers_id, seen[2].answers_handle.as_deref()), (Some(bob), Some("person_3")));
    assert_eq!(
        (seen[0].author_id, seen[0].author_handle.as_str(), seen[0].text.as_str()),
        (ann, "person_2", "Comment 1")
    );
}

async fn hidden_words_hide_and_show(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    talk(&store, author, &[(1, ann, None), (2, author, None), (3, ann, None)]).await;
    let under = read(&store, tx!(tx => comment::under_posts_of(tx, author, 1).await)).await;
    assert_eq!(under, [TextRow { comment_id: comment_id(3), text: "Comment 3".to_owned(), hidden: false }]);
    write(&store, tx!(tx => comment::set_hidden(tx, &[comment_id(3), comment_id(1)], true).await)).await;
    write(&store, tx!(tx => comment::set_hidden(tx, &[comment_id(1)], false).await)).await;
    let under = read(&store, tx!(tx => comment::under_posts_of(tx, author, 9).await)).await;
    assert_eq!(under.into_iter().map(|row| row.hidden).collect::<Vec<_>>(), [true, false]);
}

async fn a_post_is_closed(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    let post = talk(&store, author, &[(1, ann, None), (2, ann, Some(1))]).await;
    assert!(write(&store, tx!(tx => comment::set_closed(tx, post, true).await)).await);
    let seen = read(&store, tx!(tx => post::seen(tx, ann, &[post]).await)).await;
    assert!(seen[0].comments_closed);
}
