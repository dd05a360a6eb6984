//! Stories, what viewers leave on them, and highlights.

use doorpost_model::{
    AccountId, HighlightId, InviteId, ListId, PostId, RequestId, TimeMs,
    invite::{Admission, RequestState},
    post::{AudienceKind, PostKind},
};
use doorpost_store::{
    Store, hanging,
    invite::{self, InviteRow},
    list,
    post::{self, PostRow, audience},
    question, request,
    story::{
        self, StoryRow, TraceKey, ViewRow, ViewerRow, VotesRow,
        bar::{self, StoryKey},
        highlight::{self, HighlightRow, HighlightStory},
    },
};

use crate::{
    chat::{a_chat, chat_id},
    harness::{accounts, on_both, read, tx, write},
    post::{connect, new_post, post_id, posts},
    request::new_request,
};

on_both!(
    a_story_has_a_canvas_until_it_is_deleted,
    views_count_once_and_for_the_author,
    a_vote_replaces_the_one_before_and_an_answer_is_noted,
    viewers_come_with_their_request,
    the_bar_has_every_way_into_an_audience,
    an_authors_stories_in_pages,
    highlights_hold_stories,
    a_request_by_a_story_that_is_over_is_over,
);

const ENDS: TimeMs = TimeMs(1_000);

fn new_story(number: u32, author: AccountId, audience: AudienceKind) -> PostRow {
    PostRow { kind: PostKind::Story, expires_at: Some(ENDS), text: String::new(), ..new_post(number, author, audience) }
}

async fn a_story(store: &Store, number: u32, author: AccountId) -> PostId {
    posts(store, vec![new_story(number, author, AudienceKind::Public)]).await;
    let is_story = write(store, tx!(tx => story::set_canvas(tx, post_id(number), "{}").await)).await;
    assert!(is_story);
    post_id(number)
}

/// A story whose invite, number 1, ends with it.
async fn a_story_with_an_invite(store: &Store, author: AccountId) -> (PostId, InviteId) {
    let post_id = a_story(store, 1, author).await;
    let row = InviteRow {
        invite_id: InviteId::from_bytes([1; 16]),
        post_id,
        chat_id: chat_id(1),
        author_id: author,
        admission: Admission::Approval,
        questions: "[]".to_owned(),
        seats: None,
        seats_taken: 0,
        expires_at: None,
        ends_with_post: true,
        closed_at: None,
        created_at: TimeMs(1),
        join_key: vec![1; 32],
        sealed_door: vec![2; 72],
        secret: vec![3; 32],
    };
    let invite_id = row.invite_id;
    a_chat(store, 1).await;
    assert!(write(store, tx!(tx => invite::insert(tx, &row).await)).await);
    (post_id, invite_id)
}

/// Asks to come in through invite 1.
async fn ask(store: &Store, account: AccountId) -> RequestId {
    let row = new_request(1, 1, account, RequestState::Requested);
    let request_id = row.request_id;
    assert!(write(store, tx!(tx => request::insert(tx, &row).await)).await);
    request_id
}

fn view(post: PostId, account_id: AccountId, at: i64) -> ViewRow {
    ViewRow { post_id: post, account_id, seen_at: TimeMs(at) }
}

async fn of_post(store: &Store, viewer: AccountId, post: PostId) -> Option<StoryRow> {
    read(store, tx!(tx => story::of_posts(tx, viewer, &[post]).await)).await.pop()
}

async fn a_story_has_a_canvas_until_it_is_deleted(store: Store) {
    let [author, viewer] = accounts(&store, [1, 2]).await;
    posts(&store, vec![new_post(1, author, AudienceKind::Public)]).await;
    assert!(!write(&store, tx!(tx => story::set_canvas(tx, post_id(1), "{}").await)).await, "a post has none");
    let post = a_story(&store, 2, author).await;
    let row = StoryRow {
        post_id: post,
        canvas: "{}".to_owned(),
        expires_at: ENDS,
        seen: false,
        answered: false,
        choice: None,
        view_count: None,
    };
    assert_eq!(of_post(&store, viewer, post).await, Some(row.clone()));
    assert_eq!(of_post(&store, author, post).await, Some(StoryRow { view_count: Some(0), ..row }));
    write(&store, tx!(tx => post::delete(tx, post, TimeMs(5)).await)).await;
    assert_eq!(of_post(&store, author, post).await, None);
}

async fn views_count_once_and_for_the_author(store: Store) {
    let [author, ann, bob] = accounts(&store, [1, 2, 3]).await;
    let post = a_story(&store, 1, author).await;
    let other = a_story(&store, 2, author).await;
    let views = [view(post, ann, 10), view(post, bob, 11), view(other, ann, 12)];
    write(&store, tx!(tx => story::add_views(tx, &views).await)).await;
    write(&store, tx!(tx => story::add_views(tx, &[view(post, ann, 20)]).await)).await;
    assert_eq!(of_post(&store, author, post).await.expect("there").view_count, Some(2));
    let seen = of_post(&store, ann, post).await.expect("there");
    assert_eq!((seen.seen, seen.view_count), (true, None));
    let viewed = read(&store, tx!(tx => story::viewed_among(tx, bob, &[post, other]).await)).await;
    assert_eq!(viewed, [post]);
    write(&store, tx!(tx => story::delete_views(tx, post).await)).await;
    assert_eq!(of_post(&store, author, post).await.expect("there").view_count, Some(0));
    assert_eq!(of_post(&store, author, other).await.expect("there").view_count, Some(1));
}

async fn a_vote_replaces_the_one_before_and_an_answer_is_noted(store: Store) {
    let [author, ann, bob] = accounts(&store, [1, 2, 3]).await;
    let post = a_story(&store, 1, author).await;
    for (account, choice) in [(ann, 0), (bob, 1), (ann, 1)] {
        write(&store, tx!(tx => story::put_vote(tx, post, account, choice).await)).await;
    }
    let votes = read(&store, tx!(tx => story::votes(tx, &[post]).await)).await;
    assert_eq!(votes, [VotesRow { post_id: post, choice: 1, count: 2 }]);
    assert_eq!(of_post(&store, ann, post).await.expect("there").choice, Some(1));

    write(&store, tx!(tx => question::put(tx, post, ann, "Leeks", false, TimeMs(7)).await)).await;
    assert!(of_post(&store, ann, post).await.expect("there").answered);

    write(&store, tx!(tx => story::delete_votes(tx, post).await)).await;
    write(&store, tx!(tx => hanging::forget_of_post(tx, post).await)).await;
    let left = of_post(&store, ann, post).await.expect("there");
    assert_eq!((left.choice, left.answered), (None, false));
}

async fn viewers_come_with_their_request(store: Store) {
    let [author, ann, bob, cyd] = accounts(&store, [1, 2, 3, 4]).await;
    let (post, _) = a_story_with_an_invite(&store, author).await;
    let views = [view(post, ann, 10), view(post, bob, 10), view(post, cyd, 30)];
    write(&store, tx!(tx => story::add_views(tx, &views).await)).await;
    let asked = ask(&store, bob).await;
    let row = |account: AccountId, at, request: Option<RequestId>| {
        let number = account.as_bytes()[0];
        ViewerRow {
            account_id: account,
            handle: format!("person_{number}"),
            name: format!("Person {number}"),
            seen_at: TimeMs(at),
            request_id: request,
            request_state: request.map(|_| RequestState::Requested),
        }
    };
    let first = read(&store, tx!(tx => story::viewers(tx, post, TraceKey::START, 2).await)).await;
    assert_eq!(first, [row(cyd, 30, None), row(bob, 10, Some(asked))]);
    let after = TraceKey { at: TimeMs(10), account_id: bob };
    let rest = read(&store, tx!(tx => story::viewers(tx, post, after, 2).await)).await;
    assert_eq!(rest, [row(ann, 10, None)]);
}

async fn the_bar_has_every_way_into_an_audience(store: Store) {
    let [viewer, friend, stranger] = accounts(&store, [1, 2, 3]).await;
    connect(&store, viewer, friend).await;
    use AudienceKind::{Connections, Lists, People, Public};
    let over = PostRow { expires_at: Some(TimeMs(500)), ..new_story(9, stranger, Public) };
    let rows = vec![
        new_story(1, stranger, Public),
        new_story(2, friend, Connections),
        new_story(3, stranger, Connections),
        new_story(4, friend, Lists),
        new_story(5, stranger, People),
        new_story(6, viewer, Lists),
        new_story(7, stranger, Public),
        new_post(8, stranger, Public),
        over,
    ];
    posts(&store, rows).await;
    let list_id = ListId::from_bytes([7; 16]);
    write(
        &store,
        tx!(tx => {
            list::insert(tx, list_id, friend, "Hiking", TimeMs(1)).await?;
            list::add(tx, list_id, &[viewer], TimeMs(1)).await?;
            audience::add_lists(tx, post_id(4), TimeMs(4), &[list_id]).await?;
            audience::out_of_feeds(tx, post_id(4)).await?;
            audience::add_people(tx, post_id(5), TimeMs(5), &[viewer]).await?;
            post::delete(tx, post_id(7), TimeMs(9)).await
        }),
    )
    .await;
    let mut found = read(&store, tx!(tx => bar::live_for(tx, viewer, TimeMs(500), TimeMs(0), 10).await)).await;
    found.sort_unstable();
    assert_eq!(found, [1, 2, 4, 5, 6].map(post_id));
    let found = read(&store, tx!(tx => bar::live_for(tx, viewer, ENDS, TimeMs(0), 10).await)).await;
    assert_eq!(found, [], "all are over");
    let few = read(&store, tx!(tx => bar::live_for(tx, stranger, TimeMs(0), TimeMs(0), 1).await)).await;
    assert!(few.len() <= 5, "the limit is each way's");
}

async fn an_authors_stories_in_pages(store: Store) {
    let [author, other] = accounts(&store, [1, 2]).await;
    let story = |number: u32| PostRow {
        expires_at: Some(TimeMs(i64::from(number) * 100)),
        ..new_story(number, author, AudienceKind::People)
    };
    posts(&store, vec![story(1), story(2), story(3), new_story(4, other, AudienceKind::Public)]).await;
    let live = read(&store, tx!(tx => bar::live_of(tx, author, TimeMs(100), 10).await)).await;
    assert_eq!(live, [post_id(2), post_id(3)], "the oldest first");
    let key = |number: u32| StoryKey { expires_at: TimeMs(i64::from(number) * 100), post_id: post_id(number) };
    let first = read(&store, tx!(tx => bar::of_author(tx, author, StoryKey::START, 2).await)).await;
    assert_eq!(first, [key(3), key(2)]);
    let rest = read(&store, tx!(tx => bar::of_author(tx, author, key(2), 2).await)).await;
    assert_eq!(rest, [key(1)]);
}

async fn highlights_hold_stories(store: Store) {
    let [author, other] = accounts(&store, [1, 2]).await;
    let first = a_story(&store, 1, author).await;
    let second = a_story(&store, 2, author).await;
    let set = HighlightId::from_bytes([5; 16]);
    assert!(write(&store, tx!(tx => highlight::put(tx, set, author, "Garden", TimeMs(1)).await)).await);
    assert!(!write(&store, tx!(tx => highlight::put(tx, set, other, "Mine", TimeMs(2)).await)).await);
    assert!(write(&store, tx!(tx => highlight::put(tx, set, author, "Allotment", TimeMs(2)).await)).await);
    write(&store, tx!(tx => highlight::add_stories(tx, set, &[second, first]).await)).await;
    let row = HighlightRow { highlight_id: set, account_id: author, name: "Allotment".to_owned() };
    assert_eq!(read(&store, tx!(tx => highlight::get(tx, set).await)).await, Some(row.clone()));
    assert_eq!(read(&store, tx!(tx => highlight::of_account(tx, author).await)).await, [row]);
    let in_set = |post_id| HighlightStory { highlight_id: set, post_id };
    let stories = read(&store, tx!(tx => highlight::stories_of(tx, author).await)).await;
    assert_eq!(stories, [in_set(first), in_set(second)], "the oldest first");
    assert!(read(&store, tx!(tx => post::get(tx, first).await)).await.expect("there").is_kept);
    let seen = read(&store, tx!(tx => post::seen(tx, other, &[first]).await)).await.pop().expect("there");
    assert_eq!((seen.is_kept, seen.expires_at), (true, Some(ENDS)));

    write(&store, tx!(tx => highlight::forget_story(tx, first).await)).await;
    let stories = read(&store, tx!(tx => highlight::stories_of(tx, author).await)).await;
    assert_eq!(stories, [in_set(second)]);
    write(&store, tx!(tx => highlight::clear(tx, set).await)).await;
    write(&store, tx!(tx => highlight::delete(tx, set).await)).await;
    assert_eq!(read(&store, tx!(tx => highlight::get(tx, set).await)).await, None);
    assert!(!read(&store, tx!(tx => post::get(tx, second).await)).await.expect("there").is_kept);
}

async fn a_request_by_a_story_that_is_over_is_over(store: Store) {
    let [author, ann] = accounts(&store, [1, 2]).await;
    let (post, invite) = a_story_with_an_invite(&store, author).await;
    ask(&store, ann).await;
    let before = TimeMs(ENDS.0 - 1);
    assert_eq!(read(&store, tx!(tx => request::invites_over(tx, before).await)).await, []);
    assert_eq!(read(&store, tx!(tx => request::invites_over(tx, ENDS).await)).await, [invite]);
    let set = HighlightId::from_bytes([5; 16]);
    write(
        &store,
        tx!(tx => {
            highlight::put(tx, set, author, "Kept", TimeMs(1)).await?;
            highlight::add_stories(tx, set, &[post]).await
        }),
    )
    .await;
    let found = read(&store, tx!(tx => request::invites_over(tx, ENDS).await)).await;
    assert_eq!(found, [], "a story that is kept keeps its invite");
}
