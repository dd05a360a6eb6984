//! W1 to W4.

use std::{cell::RefCell, collections::VecDeque, rc::Rc, time::Duration};

use doorpost_client::{Client, Command, Event, native::NativePlatform};
use doorpost_model::{content::Text, frame::ClientFrame, invite::Admission as Entry, limits::SOCKET_IDLE_TTL_MS};
use futures_util::StreamExt;
use tokio::{sync::Notify, task::JoinHandle};
use uuid::Uuid;

use crate::{
    Failure,
    clock::{now, since},
    person::{Admission, Person, Prepared},
    report::{Latencies, Row},
    socket::{self, Glimpse, glimpse},
    traffic::{self, Lane, Pace},
    world::{Door, World, bring_in, call, open_door},
};

/// Joiners of W3 that follow the whole log after the clock, spread evenly over the order in which they came in.
const VERIFIED_MAX: usize = 100;
/// Following a log takes as long as there are commits, and each commit as long as there are members: of more joiners fewer
/// follow it, so that their number times the chat's size stays below this.
const VERIFIED_TIMES_MEMBERS_MAX: usize = 100_000;
/// Joins measured one by one into the chat that W3 has filled.
const ONE_BY_ONE: usize = 10;
const MEASURED: Duration = Duration::from_secs(10);
/// How often a socket says something.
const SIGN_OF_LIFE: Duration = Duration::from_millis(SOCKET_IDLE_TTL_MS as u64 / 3);
/// A joiner asks by itself when no event came for this long.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which database, for the report.
#[derive(Clone, Copy)]
pub struct Label {
    pub database: &'static str,
    pub durability: &'static str,
}

impl Label {
    pub fn row(self, scenario: impl Into<String>) -> Row {
        Row::new(scenario, self.database, self.durability)
    }
}

/// W1: one chat of 100 devices, ten of which send. Back-to-back with windows of 1 and 32, and paced; opaque payloads.
///
/// # Errors
/// [`Failure`] when anything is refused.
pub async fn w1_opaque(world: &mut World, label: Label, devices: usize) -> Result<Vec<Row>, Failure> {
    let host = world.client().await?;
    let door = open_door(&host, "W1", Entry::Open).await?;
    let mut people = world.people(devices).await?;
    let epoch = fill(world, &mut people, door).await?;
    // The host's own device would decrypt; here it stands aside.
    host.stop().await;
    let lanes = vec![Lane { chat_id: door.chat_id, epoch }];
    let seats: Vec<_> = people.iter().map(|person| (person, lanes.clone())).collect();
    let mut rows = Vec::new();
    for (number, (name, pace)) in (0..).zip([
        ("back-to-back, 1 in flight", Pace::Window(1)),
        ("back-to-back, 32 in flight", Pace::Window(32)),
        ("paced, 200 messages/s", Pace::PerSecond(200)),
    ]) {
        let row = label.row(format!("W1 opaque: {devices} devices, 10 senders, {name}"));
        rows.push(traffic::run(&world.target, &world.random, number, &seats, 10, pace, MEASURED, row).await?);
    }
    Ok(rows)
}

/// W1 with everything on the real client core: all devices encrypt, decrypt and store, on the generator's one core.
///
/// # Errors
/// [`Failure`] when anything is refused.
pub async fn w1_real(world: &mut World, label: Label, devices: usize) -> Result<Vec<Row>, Failure> {
    let mut clients = vec![world.client().await?];
    let door = open_door(&clients[0], "W1", Entry::Open).await?;
    for _ in 1..devices {
        clients.push(come_in(world, door).await?);
    }
    let delivered = Rc::new(RefCell::new(0_u64));
    let mut tasks: Vec<JoinHandle<()>> = Vec::new();
    for client in &clients {
        let (mut events, delivered) = (client.subscribe(), Rc::clone(&delivered));
        tasks.push(tokio::task::spawn_local(async move {
            while let Some(event) = events.next().await {
                if let Event::Messages { messages, .. } = event {
                    *delivered.borrow_mut() += messages.iter().filter(|message| message.seq.is_some()).count() as u64;
                }
            }
        }));
    }
    let (messages, cpu_before, started) = (20_u64, world.target.cpu()?, now());
    let expected = messages * clients.len() as u64;
    for number in 0..messages {
        let send = Command::Send {
            chat_id: door.chat_id,
            text: Text { text: "x".repeat(200), ..Text::default() },
            local_id: Uuid::from_bytes(world.random.bytes()).to_string(),
        };
        call(&clients[number as usize % 10.min(clients.len())], send).await?;
    }
    while *delivered.borrow() < expected {
        if since(started) > Duration::from_secs(120) {
            return Err(Failure(format!("{} of {expected} deliveries after two minutes", delivered.borrow())));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let (elapsed, cpu) = (since(started).as_secs_f64(), world.target.cpu()? - cpu_before);
    tasks.iter().for_each(JoinHandle::abort);
    Ok(vec![
        label
            .row(format!("W1 real core: {devices} devices encrypt, decrypt and store on one core"))
            .with("deliveries decrypted and stored", expected as f64 / elapsed, "1/s")
            .with("server CPU per 1,000 deliveries", cpu.as_secs_f64() / expected as f64 * 1e3, "s"),
    ])
}

/// W2: 200 chats of 10, paced 200 messages a second; opaque payloads. A hundred accounts are in 18 chats each.
///
/// # Errors
/// [`Failure`] when anything is refused.
pub async fn w2(world: &mut World, label: Label, chats: usize) -> Result<Vec<Row>, Failure> {
    let host = world.client().await?;
    let (people, lanes) = talkers(world, &host, chats).await?;
    host.stop().await;
    let seats: Vec<_> = people.iter().zip(lanes).collect();
    let row = label.row(format!("W2 opaque: {chats} chats of 10, paced 200 messages/s"));
    let pace = Pace::PerSecond(200);
    Ok(vec![traffic::run(&world.target, &world.random, 0, &seats, people.len(), pace, MEASURED, row).await?])
}

/// A hundred people, nine of them in each of the host's chats, and which they are in.
///
/// # Errors
/// [`Failure`] when anything is refused.
pub async fn talkers(
    world: &mut World,
    host: &Client<NativePlatform>,
    chats: usize,
) -> Result<(Vec<Person>, Vec<Vec<Lane>>), Failure> {
    const ACCOUNTS: usize = 100;
    const OTHERS: usize = 9;
    let mut people = world.people(ACCOUNTS).await?;
    let mut lanes: Vec<Vec<Lane>> = vec![Vec::new(); ACCOUNTS];
    for chat in 0..chats {
        let door = open_door(host, &format!("Talk {chat}"), Entry::Open).await?;
        let members: Vec<usize> = (0..OTHERS).map(|other| (chat * OTHERS + other) % ACCOUNTS).collect();
        let mut epoch = 0;
        for &member in &members {
            let person = &mut people[member];
            let prepared = person.prepare(door.invite_id, &world.random).await?;
            let admission = bring_in(person, door, &prepared).await?;
            epoch = admission.epoch().max(epoch);
        }
        members.iter().for_each(|&member| lanes[member].push(Lane { chat_id: door.chat_id, epoch }));
    }
    Ok((people, lanes))
}

/// Whose device is there when W3 begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Online {
    Host,
    /// Somebody who came in before; the host is away.
    Member,
    /// Those who come in make the commits from the first on.
    Nobody,
}

/// W3: `joiners` accounts join one chat, 50 at a time. `sample` of them, evenly, do everything on the clock with the
/// real client core; the others take their frames, and at most [`VERIFIED_MAX`] of them decrypt and compare epochs after the clock: what
/// all of them would have to follow grows with the square of their number. Then [`ONE_BY_ONE`] more join, one after the other,
/// while the host (or that member) alone is there.
///
/// # Errors
/// [`Failure`] when somebody does not get in, or the epochs differ.
pub async fn w3(
    world: &mut World,
    label: Label,
    joiners: usize,
    sample: usize,
    online: Online,
) -> Result<Vec<Row>, Failure> {
    const AT_A_TIME: usize = 50;
    let sample_every = joiners.div_ceil(sample.max(1));
    let host = world.client().await?;
    let door = open_door(&host, "W3", Entry::Open).await?;
    if online != Online::Host {
        host.stop().await;
    }
    let _member = if online == Online::Member { Some(come_in(world, door).await?) } else { None };
    let mut queue = VecDeque::new();
    for index in 0..joiners {
        queue.push_back(if index % sample_every == 0 {
            Joiner::Sample(Box::new(world.client().await?))
        } else {
            let person = world.people(1).await?.remove(0);
            let prepared = person.prepare(door.invite_id, &world.random).await?;
            let watch = Watch::open(world, &person).await?;
            Joiner::Other(Box::new(Other { person, prepared, watch, admission: None }))
        });
    }
    let queue = Rc::new(RefCell::new(queue));
    let (sample, others, done) = (
        Rc::new(RefCell::new(Latencies::default())),
        Rc::new(RefCell::new(Latencies::default())),
        Rc::new(RefCell::new(Vec::new())),
    );
    let (cpu_before, started) = (world.target.cpu()?, now());
    let mut workers = Vec::new();
    for _ in 0..AT_A_TIME {
        let (queue, sample, others, done) =
            (Rc::clone(&queue), Rc::clone(&sample), Rc::clone(&others), Rc::clone(&done));
        workers.push(tokio::task::spawn_local(async move {
            loop {
                let Some(mut joiner) = queue.borrow_mut().pop_front() else { return Ok::<_, Failure>(()) };
                let began = now();
                joiner.join(door).await?;
                match joiner {
                    Joiner::Sample(_) => sample.borrow_mut().push(since(began)),
                    Joiner::Other(_) => others.borrow_mut().push(since(began)),
                }
                done.borrow_mut().push(joiner);
            }
        }));
    }
    for worker in workers {
        worker.await.map_err(|error| Failure(error.to_string()))??;
    }
    let (elapsed, cpu) = (since(started).as_secs_f64(), world.target.cpu()? - cpu_before);
    let memory = world.target.resident_kib()? as f64 / 1024.0;
    let (mut received, mut epochs) = (0_u64, Vec::new());
    let joined = std::mem::take(&mut *done.borrow_mut());
    let verified = (VERIFIED_TIMES_MEMBERS_MAX / joiners.max(1)).clamp(1, VERIFIED_MAX);
    let spread = joined.len().div_ceil(verified);
    for (index, joiner) in joined.into_iter().enumerate() {
        if let Joiner::Other(mut other) = joiner {
            received += other.watch.received();
            let admission = other.admission.take().ok_or_else(|| Failure("somebody is not in".into()))?;
            if index % spread == 0 {
                epochs.push(other.person.catch_up(door.chat_id, &other.prepared.door, admission).await?);
            }
            other.person.rest();
        }
    }
    epochs.sort_unstable();
    epochs.dedup();
    if epochs.len() != 1 {
        return Err(Failure(format!("epochs differ: {epochs:?}")));
    }
    let mode = match online {
        Online::Host => "host online",
        Online::Member => "host offline, a member online",
        Online::Nobody => "nobody online at first",
    };
    let one_by_one = if online == Online::Nobody { None } else { Some(one_by_one(world, label, door, joiners).await?) };
    let (mut sample, mut others) = (sample.take(), others.take());
    let together = label
        .row(format!("W3: {joiners} join one chat, {AT_A_TIME} at a time, {mode}"))
        .with("all in after", elapsed, "s")
        .with("sample (everything on the clock) p50", sample.percentile_ms(50), "ms")
        .with("sample p95", sample.percentile_ms(95), "ms")
        .with("sample p99", sample.percentile_ms(99), "ms")
        .with("others until the welcome is there p50", others.percentile_ms(50), "ms")
        .with("others p95", others.percentile_ms(95), "ms")
        .with("epochs (commits)", epochs[0] as f64, "")
        .with("bytes to the others' sockets", received as f64 / 1e6, "MB")
        .with("server CPU", cpu.as_secs_f64(), "s")
        .with("server memory", memory, "MiB");
    Ok([together].into_iter().chain(one_by_one).collect())
}

/// Joins into a chat of about `members`, each done before the next begins.
async fn one_by_one(world: &mut World, label: Label, door: Door, members: usize) -> Result<Row, Failure> {
    let (mut person, mut server) = (Latencies::default(), Latencies::default());
    for _ in 0..ONE_BY_ONE {
        let client = world.client().await?;
        let (cpu_before, began) = (world.target.cpu()?, now());
        join(&client, door).await?;
        person.push(since(began));
        server.push(world.target.cpu()? - cpu_before);
        client.stop().await;
    }
    let row = label.row(format!("One join into a chat of {members}"));
    Ok(row
        .with("the person is in, p50", person.percentile_ms(50), "ms")
        .with("slowest", person.percentile_ms(100), "ms")
        .with("server CPU p50", server.percentile_ms(50), "ms"))
}

/// Somebody with the real client core who is in and stays connected.
async fn come_in(world: &mut World, door: Door) -> Result<Client<NativePlatform>, Failure> {
    let client = world.client().await?;
    join(&client, door).await?;
    Ok(client)
}

async fn join(client: &Client<NativePlatform>, door: Door) -> Result<(), Failure> {
    let join = Command::Join { invite_id: door.invite_id, secret: None, answers: Vec::new() };
    call(client, join).await.map(drop)
}

/// W4: memory per idle socket, each a session and a device of its own.
///
/// # Errors
/// [`Failure`] when a socket is refused.
pub async fn w4(world: &mut World, label: Label, sockets: usize) -> Result<Vec<Row>, Failure> {
    let people = world.people(sockets).await?;
    let before = world.target.resident_kib()?;
    let mut watches = Vec::new();
    for person in &people {
        watches.push(Watch::open(world, person).await?);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let per_socket = (world.target.resident_kib()? as f64 - before as f64) / sockets as f64;
    Ok(vec![label.row(format!("W4: {sockets} idle sockets")).with("memory per socket", per_socket, "KiB").with(
        "memory per 1,000 sockets",
        per_socket * 1_000.0 / 1_024.0,
        "MiB",
    )])
}

/// Brings `people` in; the epoch after the last.
async fn fill(world: &World, people: &mut [Person], door: Door) -> Result<u64, Failure> {
    let mut epoch = 0;
    for person in people {
        let prepared = person.prepare(door.invite_id, &world.random).await?;
        epoch = bring_in(person, door, &prepared).await?.epoch().max(epoch);
        person.rest();
    }
    Ok(epoch)
}

enum Joiner {
    Sample(Box<Client<NativePlatform>>),
    Other(Box<Other>),
}

struct Other {
    person: Person,
    prepared: Prepared,
    watch: Watch,
    admission: Option<Admission>,
}

impl Joiner {
    async fn join(&mut self, door: Door) -> Result<(), Failure> {
        match self {
            Self::Sample(client) => join(client, door).await,
            Self::Other(other) => {
                let mut status = other.person.ask(door.invite_id, &other.prepared).await?;
                loop {
                    other.admission = other.person.step(&status, &other.prepared).await?;
                    if other.admission.is_some() {
                        return Ok(());
                    }
                    // Nothing is lost when the event never comes: the question is asked again.
                    let _ = tokio::time::timeout(PATIENCE, other.watch.hint.notified()).await;
                    status = other.person.status(&status).await?;
                }
            }
        }
    }
}

/// A socket that takes its frames and remembers only how much came, and that a hint did.
struct Watch {
    hint: Rc<Notify>,
    bytes: Rc<RefCell<u64>>,
    tasks: [JoinHandle<()>; 2],
}

impl Watch {
    async fn open(world: &World, person: &Person) -> Result<Self, Failure> {
        let (mut writer, mut reader) =
            socket::connect_small(&world.target.address, &person.token, world.random.bytes()).await?;
        writer.queue(&ClientFrame::Available { available: false }.to_bytes());
        writer.flush().await?;
        let (hint, bytes) = (Rc::new(Notify::new()), Rc::new(RefCell::new(0)));
        let (notify, count) = (Rc::clone(&hint), Rc::clone(&bytes));
        let read = tokio::task::spawn_local(async move {
            let take = |frame: &[u8]| {
                *count.borrow_mut() += frame.len() as u64;
                if glimpse(frame) == Some(Glimpse::Hint) {
                    notify.notify_one();
                }
            };
            while matches!(reader.read(take).await, Ok(true)) {}
        });
        // A socket that says nothing is closed by the server.
        let speak = tokio::task::spawn_local(async move {
            loop {
                tokio::time::sleep(SIGN_OF_LIFE).await;
                writer.queue(&ClientFrame::Available { available: false }.to_bytes());
                if writer.flush().await.is_err() {
                    return;
                }
            }
        });
        Ok(Self { hint, bytes, tasks: [read, speak] })
    }

    fn received(&self) -> u64 {
        *self.bytes.borrow()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
