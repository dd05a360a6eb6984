//! The home feed of somebody with many connections, in a world of many posts.

use doorpost_client::{Method, Platform, native::NativePlatform};
use doorpost_model::{
    AccountId, ListId, PostId, TimeMs,
    account::Me,
    people::Page,
    post::{AudienceKind, PostKind, PostView},
};
use doorpost_store::{
    self as store, Store, StoreError, Tx,
    account::NewAccount,
    post::{PostRow, audience},
};
use uuid::Uuid;

use crate::{
    Failure,
    clock::{now, since},
    person,
    random::Random,
    report::{Latencies, Row},
    scenarios::Label,
    world::World,
};

/// People in the world, and how many of them the viewer is connected with.
const PEOPLE: usize = 5_000;
const CONNECTIONS: usize = 1_000;
/// Connections who have the viewer in a list; the viewer has as many lists.
const LISTS: usize = 100;
const LIST_MEMBERS: usize = 50;
/// How often the first page is read.
const READS: usize = 1_000;
/// Pages read one after the other, each from the end of the one before.
const PAGES: usize = 200;
/// Posts written in one transaction.
const POSTS_PER_TX: usize = 2_000;

/// Reads the feed of one viewer. Of ten posts four are public, four for connections, one for a list that the viewer is in and
/// one for three named people, now and then the viewer. The world is written straight into the database.
///
/// # Errors
/// [`Failure`] when a page is refused or empty.
pub async fn feed(world: &mut World, label: Label, posts: usize) -> Result<Vec<Row>, Failure> {
    let viewer = world.people(1).await?.remove(0);
    let platform = NativePlatform::new(&world.target.url()).map_err(failure)?;
    let me: Me = person::call::<(), _>(&platform, Some(&viewer.token), Method::Get, "/api/me", None).await?;
    populate(
        &Store::open(&world.target.database).await.map_err(failure)?,
        &world.random,
        me.account_id,
        platform.now(),
        posts,
    )
    .await?;

    let read = |cursor: Option<String>| {
        let path = cursor.map_or("/api/feed".to_owned(), |cursor| format!("/api/feed?cursor={cursor}"));
        let (platform, token) = (&platform, viewer.token.as_str());
        async move {
            let began = now();
            let page: Page<PostView> = person::call::<(), _>(platform, Some(token), Method::Get, &path, None).await?;
            Ok::<_, Failure>((page, since(began)))
        }
    };
    // What the first read of all compiles and brings into memory is not what a reader waits for.
    read(None).await?;
    let (mut first, mut later, mut shown) = (Latencies::default(), Latencies::default(), 0);
    let cpu_before = world.target.cpu()?;
    for _ in 0..READS {
        let (page, elapsed) = read(None).await?;
        shown += page.items.len();
        first.push(elapsed);
    }
    let cpu = (world.target.cpu()? - cpu_before).as_secs_f64() * 1e3 / READS as f64;
    let mut cursor = None;
    for _ in 0..PAGES {
        let (page, elapsed) = read(cursor).await?;
        later.push(elapsed);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    if shown < READS {
        return Err(Failure("the feed is empty".into()));
    }
    let row = label.row(format!("Home feed: {CONNECTIONS} connections, {LISTS} lists, {posts} posts"));
    Ok(vec![
        row.with("posts on the first page", shown as f64 / READS as f64, "")
            .with("first page p50", first.percentile_ms(50), "ms")
            .with("first page p99", first.percentile_ms(99), "ms")
            .with("server CPU", cpu, "ms")
            .with("up to 200 pages on p50", later.percentile_ms(50), "ms")
            .with("up to 200 pages on, slowest", later.percentile_ms(100), "ms"),
    ])
}

/// Writes people, connections, lists and posts; the newest post is of `at`, each one before it a second older.
async fn populate(store: &Store, random: &Random, viewer: AccountId, at: TimeMs, posts: usize) -> Result<(), Failure> {
    let people: Vec<AccountId> = (0..PEOPLE).map(|_| AccountId(Uuid::from_bytes(random.bytes()))).collect();
    let lists: [Vec<ListId>; 2] =
        std::array::from_fn(|_| (0..LISTS).map(|_| ListId(Uuid::from_bytes(random.bytes()))).collect());
    let (all, of_connections) = (people.clone(), lists[0].clone());
    store
        .write(move |tx| {
            Box::pin(async move {
                insert_people(tx, &all, at).await?;
                connect(tx, viewer, &all[..CONNECTIONS], at).await?;
                insert_lists(tx, viewer, &all[..CONNECTIONS], &lists, at).await
            })
        })
        .await
        .map_err(failure)?;
    for start in (0..posts).step_by(POSTS_PER_TX) {
        let batch: Vec<Post> = (start..posts.min(start + POSTS_PER_TX))
            .map(|number| {
                let age = i64::try_from(posts - number).unwrap_or(i64::MAX).saturating_mul(1_000);
                post(random, &people, &of_connections, viewer, TimeMs(at.0 - age), number)
            })
            .collect();
        store.write(move |tx| Box::pin(async move { insert_posts(tx, &batch).await })).await.map_err(failure)?;
    }
    Ok(())
}

async fn insert_people(tx: &mut Tx, people: &[AccountId], at: TimeMs) -> Result<(), StoreError> {
    for &account_id in people {
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
    Ok(())
}

async fn connect(tx: &mut Tx, viewer: AccountId, others: &[AccountId], at: TimeMs) -> Result<(), StoreError> {
    for &other in others {
        store::connection::request(tx, other, viewer, at).await?;
        store::connection::accept(tx, viewer, other, at).await?;
    }
    Ok(())
}

/// The first connections' lists, which hold the viewer, and the viewer's, which hold connections.
async fn insert_lists(
    tx: &mut Tx,
    viewer: AccountId,
    connections: &[AccountId],
    [theirs, own]: &[Vec<ListId>; 2],
    at: TimeMs,
) -> Result<(), StoreError> {
    for (number, (&list_id, &owner)) in theirs.iter().zip(connections).enumerate() {
        store::list::insert(tx, list_id, owner, "Neighbours", at).await?;
        store::list::add(tx, list_id, &[viewer], at).await?;
        store::list::insert(tx, own[number], viewer, &format!("List {number}"), at).await?;
        let members = &connections[number * 5 % (CONNECTIONS - LIST_MEMBERS)..][..LIST_MEMBERS];
        store::list::add(tx, own[number], members, at).await?;
    }
    Ok(())
}

async fn insert_posts(tx: &mut Tx, posts: &[Post]) -> Result<(), StoreError> {
    for Post { row, list, named } in posts {
        store::post::insert(tx, row).await?;
        match row.audience {
            AudienceKind::Lists => audience::add_lists(tx, row.post_id, row.created_at, &[*list]).await?,
            AudienceKind::People => audience::add_people(tx, row.post_id, row.created_at, named).await?,
            // The world that is measured has no groups.
            AudienceKind::Public | AudienceKind::Connections | AudienceKind::Group | AudienceKind::Page => {}
        }
    }
    Ok(())
}

/// A post, with the list or the people that its audience names if it is of that kind.
struct Post {
    row: PostRow,
    list: ListId,
    named: [AccountId; 3],
}

fn post(
    random: &Random,
    people: &[AccountId],
    lists: &[ListId],
    viewer: AccountId,
    created_at: TimeMs,
    number: usize,
) -> Post {
    let below = |bound: usize| usize::from(u16::from_le_bytes(random.bytes())) % bound;
    let anybody = || people[below(people.len())];
    let owner = below(lists.len());
    let (author_id, audience) = match number % 10 {
        0..4 => (anybody(), AudienceKind::Public),
        4..8 => (anybody(), AudienceKind::Connections),
        8 => (people[owner], AudienceKind::Lists),
        _ => (anybody(), AudienceKind::People),
    };
    let third = if number % 100 == 9 { viewer } else { anybody() };
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
    Post { row, list: lists[owner], named: [anybody(), anybody(), third] }
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}
