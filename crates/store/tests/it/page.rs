//! Pages, their staff, their followers.

use doorpost_model::{AccountId, TimeMs, group::GroupKind, page::PageRole, people::AccountKind, post::AudienceKind};
use doorpost_store::{
    Store, account, block, group, member,
    page::{self, PageNumbersRow, link::LinkRow},
    post,
};

use crate::{
    chat::a_chat,
    group::{group_id, new_group},
    harness::{account_id, accounts, on_both, read, tx, write},
    post::{new_post, post_id, posts},
};

on_both!(
    a_page_is_seen_as_one_stands_to_it,
    followers_are_counted,
    pages_are_listed_by_whose_they_are,
    staff_have_roles,
    links_keep_their_order,
    chats_and_groups_belong_to_pages,
    numbers_are_of_what_is_there,
    a_page_that_ended_is_nowhere,
);

const START: (TimeMs, AccountId) = (TimeMs(i64::MAX), AccountId::from_bytes([0xFF; 16]));

/// Makes pages of plain accounts.
async fn pages<const N: usize>(store: &Store, numbers: [u8; N]) -> [AccountId; N] {
    let pages = accounts(store, numbers).await;
    for (page, number) in pages.into_iter().zip(numbers) {
        write(store, tx!(tx => page::insert(tx, page, false, TimeMs(i64::from(number))).await)).await;
    }
    pages
}

async fn a_page_is_seen_as_one_stands_to_it(store: Store) {
    let [ann, ben] = accounts(&store, [1, 2]).await;
    let [club] = pages(&store, [9]).await;
    write(&store, tx!(tx => page::staff::put(tx, club, ann, PageRole::Editor, TimeMs(1)).await)).await;
    write(&store, tx!(tx => block::insert(tx, ben, club, TimeMs(1)).await)).await;
    write(&store, tx!(tx => page::set_shows_roles(tx, club, true).await)).await;
    assert!(write(&store, tx!(tx => page::lock(tx, club).await)).await);
    assert!(!write(&store, tx!(tx => page::lock(tx, ann).await)).await, "no page");
    let by_ann = read(&store, tx!(tx => page::seen(tx, ann, &[club, ben]).await)).await;
    assert_eq!(by_ann.len(), 1, "what is no page is left out");
    assert_eq!((by_ann[0].role, by_ann[0].blocked, by_ann[0].shows_roles), (Some(PageRole::Editor), false, true));
    assert_eq!((&by_ann[0].handle[..], &by_ann[0].name[..]), ("person_9", "Person 9"));
    let by_ben = read(&store, tx!(tx => page::seen(tx, ben, &[club]).await)).await;
    assert_eq!((by_ben[0].role, by_ben[0].blocked, by_ben[0].follows), (None, true, false));
}

async fn followers_are_counted(store: Store) {
    let [ann, ben, cleo] = accounts(&store, [1, 2, 3]).await;
    let [club] = pages(&store, [9]).await;
    for (account, is_new) in [(ann, true), (ann, false), (ben, true)] {
        assert_eq!(write(&store, tx!(tx => page::follow(tx, club, account, TimeMs(5)).await)).await, is_new);
    }
    let count = async || read(&store, tx!(tx => page::seen(tx, ann, &[club]).await)).await[0].follower_count;
    assert_eq!(count().await, 2);
    assert_eq!(read(&store, tx!(tx => page::count_followed(tx, ann).await)).await, 1);
    let followers = read(&store, tx!(tx => page::followers_among(tx, club, &[cleo, ben]).await)).await;
    assert_eq!(followers, [ben]);
    assert!(write(&store, tx!(tx => page::unfollow(tx, club, ann).await)).await);
    assert!(!write(&store, tx!(tx => page::unfollow(tx, club, ann).await)).await);
    assert_eq!(count().await, 1);
}

async fn pages_are_listed_by_whose_they_are(store: Store) {
    let [ann] = accounts(&store, [1]).await;
    let [club, shop, other] = pages(&store, [7, 8, 9]).await;
    for (page, at) in [(club, 1), (shop, 2)] {
        write(&store, tx!(tx => page::follow(tx, page, ann, TimeMs(at)).await)).await;
        write(&store, tx!(tx => page::staff::put(tx, page, ann, PageRole::Admin, TimeMs(at)).await)).await;
    }
    let ids = |places: Vec<(TimeMs, AccountId)>| places.into_iter().map(|(_, page)| page).collect::<Vec<_>>();
    let followed = read(&store, tx!(tx => page::followed(tx, ann, START, 9).await)).await;
    assert_eq!(ids(followed.clone()), [shop, club]);
    assert_eq!(ids(read(&store, tx!(tx => page::followed(tx, ann, followed[0], 9).await)).await), [club]);
    assert_eq!(ids(read(&store, tx!(tx => page::staff::of_account(tx, ann, START, 1).await)).await), [shop]);
    assert_eq!(
        ids(read(&store, tx!(tx => page::named_like(tx, "%person%", START, 9).await)).await),
        [other, shop, club]
    );
    assert_eq!(ids(read(&store, tx!(tx => page::named_like(tx, "%_8", START, 9).await)).await), [shop]);
}

async fn staff_have_roles(store: Store) {
    let [ann, ben] = accounts(&store, [1, 2]).await;
    let [club] = pages(&store, [9]).await;
    for (account, role) in [(ann, PageRole::Admin), (ben, PageRole::Analyst), (ben, PageRole::Community)] {
        write(&store, tx!(tx => page::staff::put(tx, club, account, role, TimeMs(3)).await)).await;
    }
    assert_eq!(read(&store, tx!(tx => page::staff::role(tx, club, ben).await)).await, Some(PageRole::Community));
    let all = read(&store, tx!(tx => page::staff::all(tx, club).await)).await;
    assert_eq!(all.iter().map(|row| row.handle.as_str()).collect::<Vec<_>>(), ["person_1", "person_2"]);
    let mut roles = read(&store, tx!(tx => page::staff::roles(tx, club).await)).await;
    roles.sort_unstable();
    assert_eq!(roles, [(ann, PageRole::Admin), (ben, PageRole::Community)]);
    assert_eq!(read(&store, tx!(tx => page::staff::count_admins(tx, club).await)).await, 1);
    assert_eq!(read(&store, tx!(tx => page::staff::count_of_account(tx, ben).await)).await, 1);
    assert!(write(&store, tx!(tx => page::staff::remove(tx, club, ben).await)).await);
    assert!(!write(&store, tx!(tx => page::staff::remove(tx, club, ben).await)).await);
    write(&store, tx!(tx => page::staff::drop_all(tx, club).await)).await;
    assert_eq!(read(&store, tx!(tx => page::staff::role(tx, club, ann).await)).await, None);
}

async fn links_keep_their_order(store: Store) {
    let [club] = pages(&store, [9]).await;
    let link = |url: &str| LinkRow { url: url.to_owned(), verified_at: None };
    let links = vec![link("https://b.example/"), link("https://a.example/")];
    write(&store, tx!(tx => page::link::set(tx, club, &links).await)).await;
    write(&store, tx!(tx => page::link::set_verified(tx, club, "https://a.example/", Some(TimeMs(4))).await)).await;
    let all = read(&store, tx!(tx => page::link::all(tx, club).await)).await;
    assert_eq!(all[0], link("https://b.example/"));
    assert_eq!(all[1], LinkRow { verified_at: Some(TimeMs(4)), ..link("https://a.example/") });
}

async fn chats_and_groups_belong_to_pages(store: Store) {
    let [ann] = accounts(&store, [1]).await;
    let [club] = pages(&store, [9]).await;
    let chat = a_chat(&store, 1).await;
    write(&store, tx!(tx => page::staff::put(tx, club, ann, PageRole::Editor, TimeMs(1)).await)).await;
    let speaks_for = async || read(&store, tx!(tx => member::named(tx, chat).await)).await[0].speaks_for.clone();
    assert_eq!(speaks_for().await, None, "on the staff, but not in a chat of the page");
    write(&store, tx!(tx => page::set_of_chat(tx, chat, club).await)).await;
    assert_eq!(speaks_for().await.as_deref(), Some("Person 9"));
    write(&store, tx!(tx => page::staff::remove(tx, club, ann).await)).await;
    assert_eq!(speaks_for().await, None, "off the staff");
    for (number, kind) in [(1, GroupKind::Open), (2, GroupKind::Secret)] {
        write(&store, tx!(tx => group::insert(tx, &new_group(number, kind)).await)).await;
        write(&store, tx!(tx => page::set_of_group(tx, group_id(number), Some(club)).await)).await;
    }
    assert_eq!(
        read(&store, tx!(tx => page::groups(tx, club, 9).await)).await,
        [group_id(1)],
        "a secret one is not told"
    );
    let seen = read(&store, tx!(tx => group::seen(tx, ann, &[group_id(1)]).await)).await;
    assert_eq!(seen[0].page_handle.as_deref(), Some("person_9"));
    write(&store, tx!(tx => page::set_of_group(tx, group_id(1), None).await)).await;
    assert_eq!(read(&store, tx!(tx => page::groups(tx, club, 9).await)).await, []);
}

/// A page's post by somebody of its staff.
fn spoken(number: u32, page: AccountId, by: AccountId) -> post::PostRow {
    post::PostRow { spoken_by: Some(by), ..new_post(number, page, AudienceKind::Page) }
}

async fn numbers_are_of_what_is_there(store: Store) {
    let [ann] = accounts(&store, [1]).await;
    let [club] = pages(&store, [9]).await;
    write(&store, tx!(tx => page::follow(tx, club, ann, TimeMs(20)).await)).await;
    posts(&store, vec![spoken(10, club, ann), spoken(30, club, ann)]).await;
    let since = async |at| read(&store, tx!(tx => page::numbers(tx, club, TimeMs(at)).await)).await;
    let numbers = PageNumbersRow { followers: 1, new_followers: 1, posts: 2, story_views: 0, joined: 0 };
    assert_eq!(since(5).await, numbers);
    assert_eq!(since(25).await, PageNumbersRow { new_followers: 0, posts: 1, ..numbers });
    assert_eq!(read(&store, tx!(tx => page::posts(tx, club).await)).await.len(), 2);
    let seen = read(&store, tx!(tx => post::seen(tx, ann, &[post_id(10)]).await)).await;
    assert_eq!((seen[0].spoken_by, seen[0].page_role, seen[0].speaker_role), (Some(ann), None, None));
}

async fn a_page_that_ended_is_nowhere(store: Store) {
    let [ann] = accounts(&store, [1]).await;
    let [club] = pages(&store, [9]).await;
    write(&store, tx!(tx => page::follow(tx, club, ann, TimeMs(1)).await)).await;
    write(&store, tx!(tx => page::staff::put(tx, club, ann, PageRole::Admin, TimeMs(1)).await)).await;
    write(&store, tx!(tx => page::end(tx, club).await)).await;
    assert_eq!(read(&store, tx!(tx => page::seen(tx, ann, &[club]).await)).await, []);
    assert_eq!(read(&store, tx!(tx => page::followed(tx, ann, START, 9).await)).await, []);
    let row = read(&store, tx!(tx => account::find(tx, account_id(9)).await)).await.expect("its handle is kept");
    assert_eq!((row.kind, row.name.as_str(), row.handle.as_str()), (AccountKind::Gone, "", "person_9"));
}
