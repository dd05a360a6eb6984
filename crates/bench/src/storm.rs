//! A flood of requests to one chat by approval, while people talk in others.

use std::{cell::RefCell, collections::VecDeque, rc::Rc, time::Duration};

use data_encoding::BASE64URL_NOPAD;
use doorpost_client::{Event, Method, Platform, native::NativePlatform};
use doorpost_mls::identity::{AccountSecrets, Device};
use doorpost_model::{
    AccountId, Binary, DeviceId, SessionId, TimeMs,
    admission::Versioned,
    invite::{Admission, JoinRequest, JoinStatus, RequestState},
};
use doorpost_store::{self as store, Store, StoreConfig, StoreError, account::NewAccount, device::DeviceRow};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{
    Failure,
    clock::{now, since},
    person::{self, OpenDoor},
    random::Random,
    report::{Latencies, Row},
    scenarios::{Label, talkers},
    traffic::{self, Pace},
    world::{World, open_door},
};

/// How long the storm lasts.
const STORM: Duration = Duration::from_secs(60);
/// How long the talk elsewhere is measured before it.
const CALM: Duration = Duration::from_secs(20);
/// Requests on their way at a time: more than the server has turns for.
const IN_FLIGHT: usize = 64;
/// Chats in which people talk meanwhile, of ten each, with this many messages a second together.
const CHATS: usize = 20;
const TALK_PER_SECOND: u32 = 200;
/// Accounts made in one transaction.
const ACCOUNTS_PER_TX: usize = 500;

/// Somebody who wants in: a session and the request, made before the clock starts.
struct Applicant {
    token: String,
    request: JoinRequest,
}

#[derive(Default)]
struct Seen {
    latencies: Latencies,
    queued: usize,
    peak_kib: u64,
}

/// `requests` accounts ask for one chat within a minute, evenly; 200 messages a second go through 20 other chats, before
/// and during it. The accounts are written into the database beforehand: signing up is not what is measured.
///
/// # Errors
/// [`Failure`] when a request is not queued, or a message refused.
pub async fn storm(world: &mut World, label: Label, requests: usize) -> Result<Vec<Row>, Failure> {
    let host = world.client().await?;
    let door = open_door(&host, "Storm", Admission::Approval).await?;
    let (people, lanes) = talkers(world, &host, CHATS).await?;
    let seats: Vec<_> = people.iter().zip(lanes).collect();
    let open = people[0].open_door(door.invite_id).await?;
    let platform = NativePlatform::new(&world.target.url()).map_err(failure)?;
    let applicants = applicants(&world.random, &open, platform.now(), &world.target.database, requests).await?;

    let senders = people.len();
    let pace = Pace::PerSecond(TALK_PER_SECOND);
    let calm = label.row(format!("Talk in {CHATS} chats of 10, {TALK_PER_SECOND} messages/s, nothing else"));
    let calm = traffic::run(&world.target, &world.random, 0, &seats, senders, pace, CALM, calm).await?;

    let (notes, listener) = count_notes(&host);
    let seen = Rc::new(RefCell::new(Seen::default()));
    let before_kib = world.target.resident_kib()?;
    let (cpu_before, started) = (world.target.cpu()?, now());
    let row = label.row(format!("The same while {requests} ask for one chat"));
    let (during, asked) = tokio::join!(
        traffic::run(&world.target, &world.random, 1, &seats, senders, pace, STORM, row),
        ask_all(&platform, &open, applicants, &seen, world),
    );
    asked?;
    let (elapsed, cpu) = (since(started).as_secs_f64(), world.target.cpu()? - cpu_before);
    listener.abort();
    host.stop().await;
    let mut seen = seen.borrow_mut();
    if seen.queued != requests {
        return Err(Failure(format!("{} of {requests} requests are in the queue", seen.queued)));
    }
    let row = label
        .row(format!("Storm: {requests} requests to one chat by approval"))
        .with("all queued after", elapsed, "s")
        .with("asking p50", seen.latencies.percentile_ms(50), "ms")
        .with("asking p99", seen.latencies.percentile_ms(99), "ms")
        .with("notes to the host", f64::from(*notes.borrow()), "")
        .with("server CPU", cpu.as_secs_f64(), "s")
        .with("server memory before", before_kib as f64 / 1024.0, "MiB")
        .with("server memory, most", seen.peak_kib as f64 / 1024.0, "MiB");
    Ok(vec![calm, during?, row])
}

/// How often the host's device is told that its queue changed.
fn count_notes(host: &doorpost_client::Client<NativePlatform>) -> (Rc<RefCell<u32>>, JoinHandle<()>) {
    let notes = Rc::new(RefCell::new(0));
    let (mut events, count) = (host.subscribe(), Rc::clone(&notes));
    let listener = tokio::task::spawn_local(async move {
        while let Some(event) = events.next().await {
            if matches!(event, Event::Queue { .. }) {
                *count.borrow_mut() += 1;
            }
        }
    });
    (notes, listener)
}

/// Asks evenly over [`STORM`], at most [`IN_FLIGHT`] at a time.
async fn ask_all(
    platform: &NativePlatform,
    open: &OpenDoor,
    applicants: VecDeque<Applicant>,
    seen: &Rc<RefCell<Seen>>,
    world: &World,
) -> Result<(), Failure> {
    let path = format!("/api/invites/{}/join", open.invite_id);
    let (count, started) = (applicants.len(), now());
    let queue = Rc::new(RefCell::new(applicants));
    let workers = (0..IN_FLIGHT).map(|_| async {
        loop {
            let next = {
                let mut queue = queue.borrow_mut();
                let turn = count - queue.len();
                queue.pop_front().map(|applicant| (turn, applicant))
            };
            let Some((turn, applicant)) = next else { return Ok::<_, Failure>(()) };
            let due = STORM.mul_f64(turn as f64 / count as f64);
            tokio::time::sleep(due.saturating_sub(since(started))).await;
            let began = now();
            let (token, request) = (Some(applicant.token.as_str()), Some(&applicant.request));
            let status: JoinStatus = person::call(platform, token, Method::Post, &path, request).await?;
            let mut seen = seen.borrow_mut();
            seen.latencies.push(since(began));
            seen.queued += usize::from(status.state == RequestState::Requested);
            if turn % 1_000 == 0 {
                seen.peak_kib = seen.peak_kib.max(world.target.resident_kib()?);
            }
        }
    });
    futures_util::future::try_join_all(workers).await.map(drop)
}

/// Accounts with a device and a session, written straight into the server's database, with their requests.
async fn applicants(
    random: &Random,
    open: &OpenDoor,
    at: TimeMs,
    database: &StoreConfig,
    count: usize,
) -> Result<VecDeque<Applicant>, Failure> {
    let store = Store::open(database).await.map_err(failure)?;
    let mut applicants = VecDeque::with_capacity(count);
    while applicants.len() < count {
        let mut rows = Vec::new();
        for _ in 0..ACCOUNTS_PER_TX.min(count - applicants.len()) {
            let (row, device) = new_account(random, at);
            let token: [u8; 32] = random.bytes();
            let (_, made) = open.present(&device, at, random)?;
            applicants.push_back(Applicant {
                token: BASE64URL_NOPAD.encode(&token),
                request: JoinRequest { key_package: Binary(made.key_package), answers: None },
            });
            rows.push((row, Sha256::digest(token).into(), SessionId(Uuid::from_bytes(random.bytes()))));
        }
        store
            .write::<_, StoreError, _>(move |tx| Box::pin(async move { insert(tx, &rows).await }))
            .await
            .map_err(failure)?;
    }
    Ok(applicants)
}

/// What the database is to hold of one applicant.
struct AccountRows {
    account: NewAccount,
    device: DeviceRow,
    identity_key: Vec<u8>,
    sealing_key: Vec<u8>,
    sealing_signature: Vec<u8>,
}

fn new_account(random: &Random, at: TimeMs) -> (AccountRows, Device) {
    let account_id = AccountId(Uuid::from_bytes(random.bytes()));
    let secrets = AccountSecrets::generate(random);
    let device = secrets.certify_device(account_id, DeviceId(Uuid::from_bytes(random.bytes())), random);
    let handle = format!("s{}", data_encoding::HEXLOWER.encode(&random.bytes::<10>()));
    let rows = AccountRows {
        account: NewAccount {
            account_id,
            name: handle.clone(),
            handle,
            is_operator: false,
            password_hash: None,
            created_at: at,
        },
        device: DeviceRow {
            device_id: device.device_id(),
            account_id,
            name: "load generator".into(),
            credential: device.credential().to_bytes(),
            signature_key: device.signature_key().to_vec(),
            created_at: at,
            revoked_at: None,
        },
        identity_key: secrets.identity_key().to_vec(),
        sealing_key: secrets.sealing_key().to_vec(),
        sealing_signature: secrets.signed_sealing_key(account_id).signature.0,
    };
    (rows, device)
}

async fn insert(tx: &mut store::Tx, rows: &[(AccountRows, [u8; 32], SessionId)]) -> Result<(), StoreError> {
    for (row, token_hash, session_id) in rows {
        let account_id = row.account.account_id;
        store::account::insert(tx, &row.account).await?;
        let keys = (&row.identity_key, &row.sealing_key, &row.sealing_signature);
        store::account::set_first_identity(tx, account_id, keys.0, keys.1, keys.2).await?;
        store::device::insert(tx, &row.device).await?;
        store::session::insert(tx, *session_id, account_id, token_hash, row.account.created_at).await?;
        store::session::bind_device(tx, *session_id, row.device.device_id).await?;
    }
    Ok(())
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}
