//! Posts, audiences and the feed's keys.

use doorpost_model::{
    AccountId, HighlightId, InviteId, ListId, PostId, TimeMs,
    invite::Admission,
    post::{AudienceKind, PostKind},
};
use doorpost_store::{
    Store, block, connection,
    invite::{self, InviteRow},
    list,
    post::{
        self, AuthoredPost, PostRow,
        audience::{self, PostList, PostPerson},
        feed::{self, CONNECTIONS_WINDOW, FeedKey},
    },
    story::highlight,
};

use crate::harness::{account_id, accounts, on_both, read, tx, write};

on_both!(
    a_post_is_kept_once,
    text_and_audience_change,
    a_deleted_post_is_an_empty_row,
    seen_says_how_the_viewer_stands_to_it,
    an_audience_names_lists_and_people,
    the_feed_has_every_way_into_an_audience,
    the_feed_goes_on_after_a_key,
    the_feed_of_many_lists_is_a_page_at_a_time,
    an_authors_posts_come_to_those_they_are_for,
    posts_of_quiet_connections_are_found_beyond_the_window,
    an_authors_posts_and_whom_they_reach,
);

const HIGHLIGHT: HighlightId = HighlightId::from_bytes([9; 16]);

fn sorted<T: Ord>(mut rows: Vec<T>) -> Vec<T> {
    rows.sort();
    rows
}

pub fn post_id(number: u32) -> PostId {
    PostId::from_bytes(u128::from(number).to_be_bytes())
}

/// A post written at its number.
pub fn new_post(number: u32, author_id: AccountId, audience: AudienceKind) -> PostRow {
    PostRow {
        post_id: post_id(number),
        author_id,
        text: format!("Post {number} 🦊"),
        audience,
        created_at: TimeMs(i64::from(number)),
        edited_at: None,
        deleted_at: None,
        kind: PostKind::Post,
        expires_at: None,
        is_kept: false,
        spoken_by: None,
    }
}

pub async fn posts(store: &Store, posts: Vec<PostRow>) {
    for row in posts {
        assert!(write(store, tx!(tx => post::insert(tx, &row).await)).await);
    }
}

pub async fn connect(store: &Store, one: AccountId, other: AccountId) {
    write(
        store,
        tx!(tx => {
            connection::request(tx, one, other, TimeMs(1)).await?;
            connection::accept(tx, other, one, TimeMs(2)).await
        }),
    )
    .await;
}

async fn a_list(store: &Store, number: u8, owner: AccountId, members: Vec<AccountId>) -> ListId {
    let list_id = ListId::from_bytes([number; 16]);
    write(
        store,
        tx!(tx => {
            list::insert(tx, list_id, owner, &format!("List {number}"), TimeMs(1)).await?;
            list::add(tx, list_id, &members, TimeMs(1)).await
        }),
    )
    .await;
    list_id
}

async fn a_post_is_kept_once(store: Store) {
    let [me, other] = accounts(&store, [1, 2]).await;
    let row = new_post(1, me, AudienceKind::Public);
    posts(&store, vec![row.clone()]).await;
    let again = PostRow { text: "other".into(), author_id: other, ..row.clone() };
    assert!(!write(&store, tx!(tx => post::insert(tx, &again).await)).await);
    let locked = write(&store, tx!(tx => post::lock(tx, post_id(1)).await)).await;
    assert_eq!(locked, Some(row.clone()));
    assert_eq!(read(&store, tx!(tx => post::get(tx, post_id(1)).await)).await, Some(row));
    assert_eq!(read(&store, tx!(tx => post::get(tx, post_id(2)).await)).await, None);
}

async fn text_and_audience_change(store: Store) {
    let [me] = accounts(&store, [1]).await;
    posts(&store, vec![new_post(1, me, AudienceKind::Public)]).await;
    assert!(write(&store, tx!(tx => post::set_text(tx, post_id(1), "new", TimeMs(9)).await)).await);
    for kind in [AudienceKind::Lists, AudienceKind::People, AudienceKind::Connections] {
        assert!(write(&store, tx!(tx => post::set_audience(tx, post_id(1), kind).await)).await);
        let found = read(&store, tx!(tx => post::get(tx, post_id(1)).await)).await.expect("found");
        assert_eq!((found.audience, found.text.as_str(), found.edited_at), (kind, "new", Some(TimeMs(9))));
    }
    assert!(!write(&store, tx!(tx => post::set_text(tx, post_id(2), "new", TimeMs(9)).await)).await);
}

async fn a_deleted_post_is_an_empty_row(store: Store) {
    let [me] = accounts(&store, [1]).await;
    posts(&store, vec![new_post(1, me, AudienceKind::Public)]).await;
    assert!(write(&store, tx!(tx => post::delete(tx, post_id(1), TimeMs(9)).await)).await);
    assert!(!write(&store, tx!(tx => post::delete(tx, post_id(1), TimeMs(10)).await)).await);
    assert!(!write(&store, tx!(tx => post::set_text(tx, post_id(1), "back", TimeMs(11)).await)).await);
    let found = read(&store, tx!(tx => post::get(tx, post_id(1)).await)).await.expect("found");
    assert_eq!((found.text.as_str(), found.deleted_at), ("", Some(TimeMs(9))));
    assert!(keys(&store, me, FeedKey::START, 10).await.is_empty());
}

async fn seen_says_how_the_viewer_stands_to_it(store: Store) {
    let [author, friend, listed, named, blocker, blocked] = accounts(&store, [1, 2, 3, 4, 5, 6]).await;
    connect(&store, friend, author).await;
    let list = a_list(&store, 1, author, vec![listed]).await;
    write(
        &store,
        tx!(tx => {
            // Asked and not answered is not connected.
            connection::request(tx, author, account_id(4), TimeMs(1)).await?;
            block::insert(tx, account_id(5), author, TimeMs(1)).await?;
            block::insert(tx, author, account_id(6), TimeMs(1)).await
        }),
    )
    .await;
    posts(&store, vec![new_post(1, author, AudienceKind::Lists)]).await;
    let invite = an_invite(1);
    write(
        &store,
        tx!(tx => {
            audience::add_lists(tx, post_id(1), TimeMs(1), &[list]).await?;
            audience::add_people(tx, post_id(1), TimeMs(1), &[named]).await?;
            invite::insert(tx, &invite).await
        }),
    )
    .await;
    for (viewer, expected) in [
        (author, [false, false, false, false]),
        (friend, [true, false, false, false]),
        (listed, [false, false, true, false]),
        (named, [false, false, false, true]),
        (blocker, [false, true, false, false]),
        (blocked, [false, true, false, false]),
    ] {
        let seen = read(&store, tx!(tx => post::seen(tx, viewer, &[post_id(1), post_id(7)]).await)).await;
        let [seen] = seen.try_into().expect("one post");
        assert_eq!([seen.connected, seen.blocked, seen.in_lists, seen.named], expected, "{viewer}");
        assert_eq!((seen.author_handle.as_str(), seen.author_name.as_str()), ("person_1", "Person 1"));
        let through = read(&store, tx!(tx => post::seen_by_invite(tx, viewer, an_invite(1).invite_id).await)).await;
        let through = through.expect("found");
        assert_eq!((through.post, through.ends_with_post), (seen, true));
    }
    let unknown = InviteId::from_bytes([9; 16]);
    assert_eq!(read(&store, tx!(tx => post::seen_by_invite(tx, author, unknown).await)).await, None);
}

/// An invite of post 1 into a chat of the same number.
fn an_invite(number: u8) -> InviteRow {
    InviteRow {
        invite_id: InviteId::from_bytes([number; 16]),
        post_id: post_id(1),
        chat_id: doorpost_model::ChatId::from_bytes([number; 16]),
        author_id: account_id(1),
        admission: Admission::Open,
        questions: "[]".into(),
        seats: None,
        seats_taken: 0,
        expires_at: None,
        ends_with_post: true,
        closed_at: None,
        created_at: TimeMs(1),
        join_key: vec![1; 32],
        sealed_door: vec![2; 72],
        secret: vec![3; 32],
    }
}

async fn an_audience_names_lists_and_people(store: Store) {
    let [author, ann, bob, eve] = accounts(&store, [1, 2, 3, 4]).await;
    let one = a_list(&store, 1, author, vec![ann, bob]).await;
    let two = a_list(&store, 2, author, vec![bob, eve]).await;
    posts(&store, vec![new_post(1, author, AudienceKind::Lists), new_post(2, author, AudienceKind::People)]).await;
    write(
        &store,
        tx!(tx => {
            audience::add_lists(tx, post_id(1), TimeMs(1), &[one, two]).await?;
            audience::add_lists(tx, post_id(1), TimeMs(1), &[one]).await?;
            audience::add_people(tx, post_id(2), TimeMs(2), &[eve, ann]).await
        }),
    )
    .await;
    let both = [post_id(1), post_id(2)];
    let lists = read(&store, tx!(tx => audience::lists(tx, &both).await)).await;
    assert_eq!(lists, [one, two].map(|list_id| PostList { post_id: post_id(1), list_id }));
    let people = read(&store, tx!(tx => audience::people(tx, &both).await)).await;
    let person = |handle: &str| PostPerson { post_id: post_id(2), handle: handle.into() };
    assert_eq!(people, [person("person_2"), person("person_4")]);
    let mut in_lists = read(&store, tx!(tx => audience::accounts_in_lists(tx, post_id(1)).await)).await;
    in_lists.sort_unstable();
    assert_eq!(in_lists, [ann, bob, eve]);
    let mut named = read(&store, tx!(tx => audience::accounts_named(tx, post_id(2)).await)).await;
    named.sort_unstable();
    assert_eq!(named, [ann, eve]);
    write(
        &store,
        tx!(tx => {
            audience::clear_lists(tx, post_id(1)).await?;
            audience::clear_people(tx, post_id(2)).await
        }),
    )
    .await;
    assert_eq!(read(&store, tx!(tx => audience::accounts_in_lists(tx, post_id(1)).await)).await, []);
    assert_eq!(read(&store, tx!(tx => audience::accounts_named(tx, post_id(2)).await)).await, []);
}

async fn keys(store: &Store, viewer: AccountId, before: FeedKey, limit: i64) -> Vec<u32> {
    let keys = read(store, tx!(tx => feed::recent_keys(tx, viewer, before, limit).await)).await;
    keys.into_iter().map(number_of).collect()
}

fn number_of(key: FeedKey) -> u32 {
    let number = u128::from_be_bytes(*key.post_id.as_bytes());
    u32::try_from(number).expect("a small number")
}

async fn the_feed_has_every_way_into_an_audience(store: Store) {
    let [viewer, friend, stranger, blocked] = accounts(&store, [1, 2, 3, 4]).await;
    connect(&store, viewer, friend).await;
    write(&store, tx!(tx => block::insert(tx, blocked, viewer, TimeMs(1)).await)).await;
    let with_viewer = a_list(&store, 1, friend, vec![viewer]).await;
    let also_with_viewer = a_list(&store, 2, friend, vec![viewer]).await;
    let without = a_list(&store, 3, friend, vec![stranger]).await;
    use AudienceKind::{Connections, Lists, People, Public};
    posts(
        &store,
        vec![
            new_post(1, viewer, People),
            new_post(2, stranger, Public),
            new_post(3, friend, Connections),
            new_post(4, stranger, Connections),
            new_post(5, friend, Lists),
            new_post(6, friend, Lists),
            new_post(7, stranger, People),
            new_post(8, stranger, People),
            new_post(9, blocked, Public),
            new_post(10, viewer, Public),
        ],
    )
    .await;
    write(
        &store,
        tx!(tx => {
            audience::add_lists(tx, post_id(5), TimeMs(5), &[with_viewer, also_with_viewer]).await?;
            audience::add_lists(tx, post_id(6), TimeMs(6), &[without]).await?;
            audience::add_people(tx, post_id(7), TimeMs(7), &[viewer]).await?;
            audience::add_people(tx, post_id(8), TimeMs(8), &[friend]).await
        }),
    )
    .await;
    assert_eq!(keys(&store, viewer, FeedKey::START, 100).await, [10, 7, 5, 3, 2, 1]);
    assert_eq!(keys(&store, viewer, FeedKey::START, 3).await, [10, 7, 5]);
}

async fn the_feed_goes_on_after_a_key(store: Store) {
    let [author, viewer] = accounts(&store, [1, 2]).await;
    // Three in each millisecond: the id decides within it.
    let rows = (0..30).map(|number| PostRow {
        created_at: TimeMs(i64::from(number / 3)),
        ..new_post(number, author, AudienceKind::Public)
    });
    posts(&store, rows.collect()).await;
    let mut seen = Vec::new();
    let mut before = FeedKey::START;
    loop {
        let page = read(&store, tx!(tx => feed::recent_keys(tx, viewer, before, 4).await)).await;
        let Some(&last) = page.last() else { break };
        before = last;
        seen.extend(page.into_iter().map(number_of));
    }
    assert_eq!(seen, (0..30).rev().collect::<Vec<_>>());
}

async fn the_feed_of_many_lists_is_a_page_at_a_time(store: Store) {
    let [author, viewer] = accounts(&store, [1, 2]).await;
    let busy = a_list(&store, 1, author, vec![viewer]).await;
    let quiet = a_list(&store, 2, author, vec![viewer]).await;
    posts(&store, (1..=30).map(|number| new_post(number, author, AudienceKind::Lists)).collect()).await;
    write(
        &store,
        tx!(tx => {
            for number in 1..=30_u32 {
                // Every tenth is for both.
                let lists: &[ListId] = if number % 10 == 0 { &[busy, quiet] } else { &[busy] };
                audience::add_lists(tx, post_id(number), TimeMs(i64::from(number)), lists).await?;
            }
            for number in [29, 28, 27, 26, 25] {
                post::delete(tx, post_id(number), TimeMs(99)).await?;
                audience::out_of_feeds(tx, post_id(number)).await?;
            }
            Ok(())
        }),
    )
    .await;
    let mut seen = Vec::new();
    let mut before = FeedKey::START;
    loop {
        let page = read(&store, tx!(tx => feed::recent_keys(tx, viewer, before, 4).await)).await;
        let Some(&last) = page.last() else { break };
        before = last;
        seen.extend(page.into_iter().map(number_of));
    }
    assert_eq!(seen, [30].into_iter().chain((1..=24).rev()).collect::<Vec<_>>());
}

async fn an_authors_posts_come_to_those_they_are_for(store: Store) {
    let [author, friend, stranger] = accounts(&store, [1, 2, 3]).await;
    connect(&store, author, friend).await;
    let list = a_list(&store, 1, author, vec![friend]).await;
    use AudienceKind::{Connections, Lists, People, Public};
    let audiences = [(1, Public), (2, Connections), (3, Lists), (4, People), (5, Public)];
    posts(&store, audiences.into_iter().map(|(number, audience)| new_post(number, author, audience)).collect()).await;
    posts(&store, vec![new_post(6, friend, Public)]).await;
    write(
        &store,
        tx!(tx => {
            audience::add_lists(tx, post_id(3), TimeMs(3), &[list]).await?;
            audience::add_people(tx, post_id(4), TimeMs(4), &[stranger]).await?;
            post::delete(tx, post_id(5), TimeMs(9)).await
        }),
    )
    .await;
    let of_author = async |viewer: AccountId, before: FeedKey, limit: i64| {
        let keys = read(&store, tx!(tx => feed::author_keys(tx, viewer, author, before, limit).await)).await;
        keys.into_iter().map(number_of).collect::<Vec<_>>()
    };
    assert_eq!(of_author(author, FeedKey::START, 9).await, [4, 3, 2, 1]);
    assert_eq!(of_author(friend, FeedKey::START, 9).await, [3, 2, 1]);
    assert_eq!(of_author(stranger, FeedKey::START, 9).await, [4, 1]);
    let after = FeedKey { created_at: TimeMs(3), post_id: post_id(3) };
    assert_eq!(of_author(friend, after, 1).await, [2]);
    let of_list = async |list: ListId, before: FeedKey| {
        let keys = read(&store, tx!(tx => feed::list_keys(tx, list, before, 9).await)).await;
        keys.into_iter().map(number_of).collect::<Vec<_>>()
    };
    assert_eq!(of_list(list, FeedKey::START).await, [3]);
    assert!(of_list(list, after).await.is_empty());
    write(&store, tx!(tx => post::set_audience(tx, post_id(3), Public).await)).await;
    assert!(of_list(list, FeedKey::START).await.is_empty(), "the list is named, the audience is another");
}

async fn posts_of_quiet_connections_are_found_beyond_the_window(store: Store) {
    let [viewer, quiet, loud] = accounts(&store, [1, 2, 3]).await;
    connect(&store, viewer, quiet).await;
    let window = u32::try_from(CONNECTIONS_WINDOW).expect("small");
    let rows = (0..window).map(|number| new_post(10 + number, loud, AudienceKind::Connections));
    let rows: Vec<_> = [new_post(1, quiet, AudienceKind::Connections)].into_iter().chain(rows).collect();
    write(
        &store,
        tx!(tx => {
            for row in &rows {
                post::insert(tx, row).await?;
            }
            Ok(())
        }),
    )
    .await;
    assert!(keys(&store, viewer, FeedKey::START, 10).await.is_empty(), "beyond the window");
    let end = read(&store, tx!(tx => feed::window_end(tx, FeedKey::START).await)).await.expect("there is more");
    assert_eq!(number_of(end), 10);
    let found = read(&store, tx!(tx => feed::connections_keys(tx, viewer, end, 10).await)).await;
    assert_eq!(found.into_iter().map(number_of).collect::<Vec<_>>(), [1]);
    assert_eq!(read(&store, tx!(tx => feed::window_end(tx, end).await)).await, None);
}

async fn an_authors_posts_and_whom_they_reach(store: Store) {
    let [author, listed, named, other] = accounts(&store, [1, 2, 3, 4]).await;
    let list = a_list(&store, 1, author, vec![listed, other]).await;
    let second = a_list(&store, 2, author, vec![listed]).await;
    use AudienceKind::{Lists, People, Public};
    let rows = [(1, author, Lists), (2, author, People), (3, author, Public), (4, author, Lists), (5, other, Public)];
    posts(&store, rows.into_iter().map(|(number, by, audience)| new_post(number, by, audience)).collect()).await;
    let story = |number| PostRow {
        kind: PostKind::Story,
        expires_at: Some(TimeMs(100)),
        created_at: TimeMs(0),
        ..new_post(number, author, Lists)
    };
    posts(&store, vec![story(6), story(7)]).await;
    write(
        &store,
        tx!(tx => {
            audience::add_lists(tx, post_id(1), TimeMs(1), &[list, second]).await?;
            audience::add_lists(tx, post_id(4), TimeMs(4), &[list]).await?;
            audience::add_lists(tx, post_id(6), TimeMs(0), &[list]).await?;
            audience::add_lists(tx, post_id(7), TimeMs(0), &[list]).await?;
            highlight::put(tx, HIGHLIGHT, author, "Garden", TimeMs(1)).await?;
            highlight::add_stories(tx, HIGHLIGHT, &[post_id(7)]).await?;
            audience::add_people(tx, post_id(2), TimeMs(2), &[named]).await?;
            post::delete(tx, post_id(4), TimeMs(9)).await
        }),
    )
    .await;
    let row = |number, audience, kind| AuthoredPost { post_id: post_id(number), audience, kind };
    let found = read(&store, tx!(tx => post::of_author(tx, author, TimeMs(99), 2).await)).await;
    let newest = [row(3, Public, PostKind::Post), row(2, People, PostKind::Post)];
    assert_eq!(found, newest, "the newest, and none that is deleted");
    let [post, over, kept] =
        [row(1, Lists, PostKind::Post), row(6, Lists, PostKind::Story), row(7, Lists, PostKind::Story)];
    let found = read(&store, tx!(tx => post::for_list(tx, list, TimeMs(99), 10).await)).await;
    assert_eq!(found, [post, kept, over]);
    let found = read(&store, tx!(tx => post::for_list(tx, list, TimeMs(100), 10).await)).await;
    assert_eq!(found, [post, kept], "a story that is over and not kept is there no more");
    let found = read(&store, tx!(tx => post::of_author(tx, author, TimeMs(100), 10).await)).await;
    assert_eq!(found, [newest[0], newest[1], post, kept]);
    let reached = read(&store, tx!(tx => audience::reached_by_lists(tx, author, &[listed]).await)).await;
    let expected: Vec<_> = [1, 6, 7].map(|number| (post_id(number), listed)).into();
    assert_eq!(sorted(reached), expected, "once, though two lists hold the account");
    let reached = read(&store, tx!(tx => audience::reached_by_name(tx, author, &[listed, named]).await)).await;
    assert_eq!(reached, [(post_id(2), named)]);
}
