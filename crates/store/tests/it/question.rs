//! Questions and answers.

use doorpost_model::{AccountId, PostId, TimeMs, post::AudienceKind, question::AnswersFor};
use doorpost_store::{
    Store, block,
    question::{self, AnswerRow, Answers, QuestionRow},
    story::TraceKey,
};

use crate::{
    harness::{accounts, on_both, read, tx, write},
    post::{new_post, post_id, posts},
};

on_both!(
    an_answer_replaces_the_one_before_and_is_not_published,
    pages_are_for_whom_they_are,
    a_viewer_counts_what_is_for_them,
    answers_are_taken_back,
);

pub async fn a_question(store: &Store, number: u32, author: AccountId, answers_for: AnswersFor) -> PostId {
    posts(store, vec![new_post(number, author, AudienceKind::Public)]).await;
    assert!(write(store, tx!(tx => question::ask(tx, post_id(number), answers_for).await)).await);
    post_id(number)
}

pub async fn answer(store: &Store, post: PostId, account: AccountId, text: &'static str, at: i64) {
    write(store, tx!(tx => question::put(tx, post, account, text, true, TimeMs(at)).await)).await;
}

pub async fn texts(store: &Store, post: PostId, answers: Answers) -> Vec<String> {
    let page = read(store, tx!(tx => question::page(tx, post, answers, TraceKey::START, 9).await)).await;
    page.into_iter().map(|row| row.text).collect()
}

async fn an_answer_replaces_the_one_before_and_is_not_published(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    let post = a_question(&store, 1, author, AnswersFor::Asker).await;
    answer(&store, post, ann, "Kale", 5).await;
    assert!(write(&store, tx!(tx => question::set_published(tx, post, ann, Some(TimeMs(6))).await)).await);
    let row = read(&store, tx!(tx => question::get(tx, post, ann).await)).await.expect("an answer");
    let expected = AnswerRow {
        account_id: ann,
        handle: "person_2".to_owned(),
        name: "Person 2".to_owned(),
        text: "Kale".to_owned(),
        answered_at: TimeMs(5),
        may_publish: true,
        published_at: Some(TimeMs(6)),
    };
    assert_eq!(row, expected);
    write(&store, tx!(tx => question::put(tx, post, ann, "Leeks", false, TimeMs(7)).await)).await;
    let row = read(&store, tx!(tx => question::get(tx, post, ann).await)).await.expect("an answer");
    assert_eq!((row.text.as_str(), row.may_publish, row.published_at), ("Leeks", false, None));
    assert!(!write(&store, tx!(tx => question::set_published(tx, post, author, None).await)).await);
}

async fn pages_are_for_whom_they_are(store: Store) {
    let [author, ann, bob, cyd] = accounts(&store, [1, 2, 3, 4]).await;
    let post = a_question(&store, 1, author, AnswersFor::Asker).await;
    for (account, text, at) in [(ann, "Kale", 5), (bob, "Beans", 6), (cyd, "Leeks", 7)] {
        answer(&store, post, account, text, at).await;
    }
    write(&store, tx!(tx => question::set_published(tx, post, bob, Some(TimeMs(8))).await)).await;
    assert_eq!(texts(&store, post, Answers::All).await, ["Leeks", "Beans", "Kale"]);
    assert_eq!(texts(&store, post, Answers::PublishedAndOf(ann)).await, ["Beans", "Kale"]);
    let after = TraceKey { at: TimeMs(7), account_id: cyd };
    let page = read(&store, tx!(tx => question::page(tx, post, Answers::All, after, 1).await)).await;
    assert_eq!(page.into_iter().map(|row| row.text).collect::<Vec<_>>(), ["Beans"]);
}

async fn a_viewer_counts_what_is_for_them(store: Store) {
    let [author, ann, bob] = accounts(&store, [1, 2, 3]).await;
    let open = a_question(&store, 1, author, AnswersFor::Audience).await;
    let own = a_question(&store, 2, author, AnswersFor::Asker).await;
    posts(&store, vec![new_post(3, author, AudienceKind::Public)]).await;
    for post in [open, own] {
        answer(&store, post, ann, "Kale", 5).await;
        answer(&store, post, bob, "Beans", 6).await;
    }
    let of = async |viewer| {
        let mut rows = read(&store, tx!(tx => question::of_posts(tx, viewer, &[open, own, post_id(3)]).await)).await;
        rows.sort_by_key(|row| row.post_id);
        rows.into_iter().map(|QuestionRow { answered, answer_count, .. }| (answered, answer_count)).collect::<Vec<_>>()
    };
    assert_eq!(of(author).await, [(false, 2), (false, 2)]);
    assert_eq!(of(ann).await, [(true, 2), (true, 1)]);
    write(&store, tx!(tx => block::insert(tx, bob, ann, TimeMs(9)).await)).await;
    assert_eq!(of(ann).await, [(true, 1), (true, 1)], "a block parts the two");
    write(&store, tx!(tx => question::set_published(tx, own, bob, Some(TimeMs(9))).await)).await;
    assert_eq!(of(ann).await, [(true, 1), (true, 1)]);
}

async fn answers_are_taken_back(store: Store) {
    let [author, ann, bob] = accounts(&store, [1, 2, 3]).await;
    let post = a_question(&store, 1, author, AnswersFor::Audience).await;
    answer(&store, post, ann, "Kale", 5).await;
    answer(&store, post, bob, "Beans", 6).await;
    assert!(write(&store, tx!(tx => question::delete(tx, post, ann).await)).await);
    assert!(!write(&store, tx!(tx => question::delete(tx, post, ann).await)).await);
    assert_eq!(texts(&store, post, Answers::All).await, ["Beans"]);
}
