//! The world of the home feed's measurement: many posts, and one viewer whom some of them reach in every way there is.

use doorpost_model::{
    AccountId, CommentId, GroupId, ListId, PostId, TimeMs,
    group::{GroupKind, GroupRole},
    post::{AudienceKind, PostKind},
};
use doorpost_store::{
    self as store, Store, StoreError, Tx,
    account::NewAccount,
    comment::CommentRow,
    group::GroupRow,
    post::{PostRow, audience},
};
use uuid::Uuid;

use crate::{Failure, random::Random};

/// People in the world, and how many of them the viewer is connected with.
const PEOPLE: usize = 5_000;
pub const CONNECTIONS: usize = 1_000;
/// Connections who have the viewer in a list; the viewer has as many lists.
pub const LISTS: usize = 100;
const LIST_MEMBERS: usize = 50;
/// Groups and pages in the world, and how many of each the viewer is in or follows.
const GROUPS: usize = 200;
const PAGES: usize = 200;
const OF_VIEWER: usize = 50;
/// People whom the viewer mutes, and posts that the viewer hides: the newest.
const MUTED: usize = 20;
const HIDDEN: usize = 20;
/// Every so many posts have reactions and comments, so many of each.
const TALKED_ABOUT: usize = 5;
const COMMENTS: usize = 3;
/// Posts written in one transaction.
const POSTS_PER_TX: usize = 2_000;

/// Who and what there is beside the posts.
struct Cast {
    viewer: AccountId,
    people: Vec<AccountId>,
    /// Connections' lists that the viewer is in; the owner of each is the connection with its number.
    their_lists: Vec<ListId>,
    own_lists: Vec<ListId>,
    groups: Vec<GroupId>,
    pages: Vec<AccountId>,
}

/// Writes people, connections, lists, groups, pages, mutes and posts; the newest post is of `at`, each one before it a second
/// older. Of twenty posts seven are public, seven for connections, two for a list that the viewer is in, one for three named
/// people (now and then the viewer), one in a group, two of a page for its followers.
///
/// # Errors
/// [`Failure`] when the database refuses something.
pub async fn populate(
    store: &Store,
    random: &Random,
    viewer: AccountId,
    at: TimeMs,
    posts: usize,
) -> Result<(), Failure> {
    let id = || Uuid::from_bytes(random.bytes());
    let cast = std::sync::Arc::new(Cast {
        viewer,
        people: (0..PEOPLE).map(|_| AccountId(id())).collect(),
        their_lists: (0..LISTS).map(|_| ListId(id())).collect(),
        own_lists: (0..LISTS).map(|_| ListId(id())).collect(),
        groups: (0..GROUPS).map(|_| GroupId(id())).collect(),
        pages: (0..PAGES).map(|_| AccountId(id())).collect(),
    });
    let all = cast.clone();
    let people = store.write(move |tx| Box::pin(async move { insert_people(tx, &all, at).await }));
    people.await.map_err(failure)?;
    for start in (0..posts).step_by(POSTS_PER_TX) {
        let batch: Vec<Post> = (start..posts.min(start + POSTS_PER_TX))
            .map(|number| {
                let age = i64::try_from(posts - number).unwrap_or(i64::MAX).saturating_mul(1_000);
                post(random, &cast, TimeMs(at.0 - age), number)
            })
            .collect();
        let hides = start + POSTS_PER_TX >= posts;
        store
            .write(move |tx| {
                Box::pin(async move {
                    insert_posts(tx, &batch).await?;
                    for post in batch.iter().rev().take(if hides { HIDDEN } else { 0 }) {
                        store::hidden::hide_post(tx, viewer, post.row.post_id, at).await?;
                    }
                    Ok(())
                })
            })
            .await
            .map_err(failure::<StoreError>)?;
    }
    Ok(())
}

async fn insert_people(tx: &mut Tx, cast: &Cast, at: TimeMs) -> Result<(), StoreError> {
    for &account_id in cast.people.iter().chain(&cast.pages) {
        let handle = format!("f{}", &account_id.0.simple().to_string()[..19]);
        let account = NewAccount {
            account_id,
            name: handle.clone(),
            handle,
            is_operator: false,
            password_hash: None,
            created_at: at,
        };
        store::account::insert(tx, &account).await?;
    }
    for &other in &cast.people[..CONNECTIONS] {
        store::connection::request(tx, other, cast.viewer, at).await?;
        store::connection::accept(tx, cast.viewer, other, at).await?;
    }
    for &other in &cast.people[CONNECTIONS - MUTED..CONNECTIONS] {
        store::mute::insert(tx, cast.viewer, other, at).await?;
    }
    insert_lists(tx, cast, at).await?;
    insert_groups(tx, cast, at).await?;
    for (number, &page) in cast.pages.iter().enumerate() {
        store::page::insert(tx, page, false, at).await?;
        if number < OF_VIEWER {
            store::page::follow(tx, page, cast.viewer, at).await?;
        }
    }
    Ok(())
}

/// The first connections' lists, which hold the viewer, and the viewer's, which hold connections.
async fn insert_lists(tx: &mut Tx, cast: &Cast, at: TimeMs) -> Result<(), StoreError> {
    let Cast { viewer, people, their_lists, own_lists, .. } = cast;
    for (number, (&list_id, &owner)) in their_lists.iter().zip(people).enumerate() {
        store::list::insert(tx, list_id, owner, "Neighbours", at).await?;
        store::list::add(tx, list_id, &[*viewer], at).await?;
        store::list::insert(tx, own_lists[number], *viewer, &format!("List {number}"), at).await?;
        let members = &people[number * 5 % (CONNECTIONS - LIST_MEMBERS)..][..LIST_MEMBERS];
        store::list::add(tx, own_lists[number], members, at).await?;
    }
    Ok(())
}

async fn insert_groups(tx: &mut Tx, cast: &Cast, at: TimeMs) -> Result<(), StoreError> {
    for (number, &group_id) in cast.groups.iter().enumerate() {
        let group = GroupRow {
            group_id,
            kind: GroupKind::Closed,
            name: format!("Group {number}"),
            description: String::new(),
            rules: String::new(),
            questions: "[]".to_owned(),
            posts_wait: false,
            member_count: 1,
            created_at: at,
        };
        store::group::insert(tx, &group).await?;
        store::group::member::insert(tx, group_id, cast.people[number], GroupRole::Owner, at).await?;
        if number < OF_VIEWER {
            store::group::member::insert(tx, group_id, cast.viewer, GroupRole::Member, at).await?;
        }
    }
    Ok(())
}

async fn insert_posts(tx: &mut Tx, posts: &[Post]) -> Result<(), StoreError> {
    for Post { row, list, group, named, comments } in posts {
        store::post::insert(tx, row).await?;
        match row.audience {
            AudienceKind::Lists => audience::add_lists(tx, row.post_id, row.created_at, &[*list]).await?,
            AudienceKind::People => audience::add_people(tx, row.post_id, row.created_at, named).await?,
            AudienceKind::Group => store::group::post::insert(tx, row.post_id, *group, row.created_at, false).await?,
            AudienceKind::Public | AudienceKind::Connections | AudienceKind::Page => {}
        }
        for comment in comments {
            store::comment::insert(tx, comment).await?;
            store::reaction::put_on_post(tx, row.post_id, comment.author_id, "👍", comment.created_at).await?;
        }
    }
    Ok(())
}

/// A post, with the list, group or people that its audience names if it is of that kind, and what is said under it.
struct Post {
    row: PostRow,
    list: ListId,
    group: GroupId,
    named: [AccountId; 3],
    comments: Vec<CommentRow>,
}

fn post(random: &Random, cast: &Cast, created_at: TimeMs, number: usize) -> Post {
    let below = |bound: usize| usize::from(u16::from_le_bytes(random.bytes())) % bound;
    let anybody = || cast.people[below(cast.people.len())];
    let owner = below(LISTS);
    let (author_id, audience) = match number % 20 {
        0..7 => (anybody(), AudienceKind::Public),
        7..14 => (anybody(), AudienceKind::Connections),
        14 | 15 => (cast.people[owner], AudienceKind::Lists),
        16 => (anybody(), AudienceKind::People),
        17 => (anybody(), AudienceKind::Group),
        _ => (cast.pages[below(PAGES)], AudienceKind::Page),
    };
    let third = if number % 200 == 16 { cast.viewer } else { anybody() };
    let row = PostRow {
        post_id: PostId(Uuid::from_bytes(random.bytes())),
        author_id,
        text: format!("Number {number} of many: who is in for a walk by the river on Saturday morning?"),
        audience,
        created_at,
        edited_at: None,
        deleted_at: None,
        kind: PostKind::Post,
        expires_at: None,
        is_kept: false,
        spoken_by: None,
    };
    let comments = if number.is_multiple_of(TALKED_ABOUT) { COMMENTS } else { 0 };
    let comments = (0..comments).map(|_| CommentRow {
        comment_id: CommentId(Uuid::from_bytes(random.bytes())),
        post_id: row.post_id,
        author_id: anybody(),
        parent_id: None,
        answers_id: None,
        text: "I bring the thermos.".to_owned(),
        created_at,
        edited_at: None,
        deleted_at: None,
        hidden: false,
    });
    let comments = comments.collect();
    Post {
        row,
        list: cast.their_lists[owner],
        group: cast.groups[below(GROUPS)],
        named: [anybody(), anybody(), third],
        comments,
    }
}

fn failure<E: std::fmt::Display>(error: E) -> Failure {
    Failure(error.to_string())
}
