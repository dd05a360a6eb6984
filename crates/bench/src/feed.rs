//! The home feed of somebody with many connections, in a world of many posts.

use doorpost_client::{Method, Platform, native::NativePlatform};
use doorpost_model::{account::Me, people::Page, post::PostView};
use doorpost_store::Store;

use crate::{
    Failure,
    clock::{now, since},
    feed_world::{CONNECTIONS, LISTS, populate},
    person,
    report::{Latencies, Row},
    scenarios::Label,
    world::World,
};

/// How often the first page is read.
const READS: usize = 1_000;
/// Pages read one after the other, each from the end of the one before.
const PAGES: usize = 200;

/// Reads the feed of one viewer. The world is written straight into the database.
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

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}
