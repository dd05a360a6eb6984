//! Many people who look at stories at once.

use std::cell::RefCell;

use data_encoding::BASE64URL_NOPAD;
use doorpost_client::{Method, Platform, native::NativePlatform};
use doorpost_model::{
    AccountId, PostId, SessionId, TimeMs,
    account::Me,
    limits::STORY_TTL_MS,
    post::{AudienceKind, PostKind},
    story::StoriesSeen,
};
use doorpost_store::{self as store, Store, StoreError, Tx, account::NewAccount, post::PostRow};
use sha2::{Digest, Sha256};
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

/// Who looks, and at how many stories each.
const VIEWERS: usize = 2_000;
const STORIES: usize = 50;
/// Stories that one request names: each as it is shown, and what was shown within a moment together.
const AT_A_TIME: [usize; 2] = [1, 10];
/// Requests on their way at a time.
const IN_FLIGHT: usize = 64;
const CANVAS: &str = r#"{"version":1,"background":{"kind":"gradient","gradient":"sea"},"layers":[]}"#;

/// Each viewer is shown each of one author's public stories, as quickly as the server takes it; each way of telling has
/// stories of its own. Accounts and stories are written straight into the database.
///
/// # Errors
/// [`Failure`] when a view is refused, or not counted.
pub async fn stories(world: &mut World, label: Label) -> Result<Vec<Row>, Failure> {
    let author = world.people(1).await?.remove(0);
    let platform = NativePlatform::new(&world.target.url()).map_err(failure)?;
    let me: Me = person::call::<(), _>(&platform, Some(&author.token), Method::Get, "/api/me", None).await?;
    let store = Store::open(&world.target.database).await.map_err(failure)?;
    let tokens = insert_viewers(&store, &world.random, platform.now()).await?;
    let mut rows = Vec::new();
    for at_a_time in AT_A_TIME {
        let stories = insert_stories(&store, &world.random, me.account_id, platform.now()).await?;
        // Viewer after viewer within each few stories, as when all of them have just been published.
        let turns: Vec<(&[PostId], &str)> = stories
            .chunks(at_a_time)
            .flat_map(|chunk| tokens.iter().map(move |token| (chunk, token.as_str())))
            .collect();
        let (cpu_before, started) = (world.target.cpu()?, now());
        let mut latencies = look(&platform, &turns).await?;
        let (elapsed, cpu) = (since(started).as_secs_f64(), (world.target.cpu()? - cpu_before).as_secs_f64());
        let views = VIEWERS * STORIES;
        let counted = store
            .read::<_, StoreError, _>(move |tx| Box::pin(count(tx, me.account_id, stories)))
            .await
            .map_err(failure)?;
        if counted != views as u64 {
            return Err(Failure(format!("{counted} of {views} views are counted")));
        }
        let row = label.row(format!("Story views, {at_a_time} to a request, {IN_FLIGHT} requests on their way"));
        rows.push(
            row.with("views/s", views as f64 / elapsed, "")
                .with("request p50", latencies.percentile_ms(50), "ms")
                .with("request p99", latencies.percentile_ms(99), "ms")
                .with("server CPU a view", cpu * 1e6 / views as f64, "µs"),
        );
    }
    Ok(rows)
}

/// Tells of every turn, at most [`IN_FLIGHT`] at a time.
async fn look(platform: &NativePlatform, turns: &[(&[PostId], &str)]) -> Result<Latencies, Failure> {
    let (latencies, next) = (RefCell::new(Latencies::default()), RefCell::new(turns.iter()));
    let workers = (0..IN_FLIGHT).map(|_| async {
        loop {
            let turn = next.borrow_mut().next();
            let Some(&(posts, token)) = turn else { return Ok::<_, Failure>(()) };
            let (began, seen) = (now(), StoriesSeen { post_ids: posts.to_vec() });
            person::call::<_, ()>(platform, Some(token), Method::Post, "/api/stories/seen", Some(&seen)).await?;
            latencies.borrow_mut().push(since(began));
        }
    });
    futures_util::future::try_join_all(workers).await?;
    Ok(latencies.into_inner())
}

/// Accounts, each with a session; gives the sessions' tokens.
async fn insert_viewers(store: &Store, random: &Random, at: TimeMs) -> Result<Vec<String>, Failure> {
    let (mut tokens, mut rows) = (Vec::with_capacity(VIEWERS), Vec::with_capacity(VIEWERS));
    for number in 0..VIEWERS {
        let token: [u8; 32] = random.bytes();
        tokens.push(BASE64URL_NOPAD.encode(&token));
        let handle = format!("v{number}_{}", data_encoding::HEXLOWER.encode(&random.bytes::<4>()));
        let account = NewAccount {
            account_id: AccountId(Uuid::from_bytes(random.bytes())),
            name: handle.clone(),
            handle,
            is_operator: false,
            password_hash: None,
            created_at: at,
        };
        rows.push((account, <[u8; 32]>::from(Sha256::digest(token)), SessionId(Uuid::from_bytes(random.bytes()))));
    }
    store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                for (account, token_hash, session_id) in &rows {
                    store::account::insert(tx, account).await?;
                    store::session::insert(tx, *session_id, account.account_id, token_hash, at).await?;
                }
                Ok(())
            })
        })
        .await
        .map_err(failure)?;
    Ok(tokens)
}

/// Public stories that are live at `at`.
async fn insert_stories(
    store: &Store,
    random: &Random,
    author_id: AccountId,
    at: TimeMs,
) -> Result<Vec<PostId>, Failure> {
    let posts: Vec<PostId> = (0..STORIES).map(|_| PostId(Uuid::from_bytes(random.bytes()))).collect();
    let written = posts.clone();
    store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                for post_id in written {
                    let row = PostRow {
                        post_id,
                        author_id,
                        text: String::new(),
                        audience: AudienceKind::Public,
                        created_at: at,
                        edited_at: None,
                        deleted_at: None,
                        kind: PostKind::Story,
                        expires_at: Some(TimeMs(at.0 + STORY_TTL_MS)),
                        is_kept: false,
                        spoken_by: None,
                    };
                    store::post::insert(tx, &row).await?;
                    store::story::set_canvas(tx, post_id, CANVAS).await?;
                }
                Ok(())
            })
        })
        .await
        .map_err(failure)?;
    Ok(posts)
}

/// How many views their author is told of.
async fn count(tx: &mut Tx, author: AccountId, stories: Vec<PostId>) -> Result<u64, StoreError> {
    let rows = store::story::of_posts(tx, author, &stories).await?;
    Ok(rows.iter().filter_map(|row| row.view_count).map(u64::from).sum())
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}
