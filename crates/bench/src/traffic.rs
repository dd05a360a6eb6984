//! Opaque messages through the real sockets: W1 and W2 without the encryption on the other people's machines.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant},
};

use doorpost_mls::{Entropy, delivery::frame_opaque};
use doorpost_model::{Binary, ChatId, frame::ClientFrame};
use tokio::task::JoinHandle;

use crate::{
    Failure,
    clock::{now, since},
    person::Person,
    random::Random,
    report::{Latencies, Row},
    socket::{self, Glimpse, Sender, glimpse},
    target::Target,
};

/// Ciphertext bytes of a message of 200 bytes of text.
const CIPHERTEXT_BYTES: usize = 300;
/// More than a device sends in one run.
const CLIENT_SEQS_PER_RUN: u64 = 1_000_000_000;
const WARM_UP: Duration = Duration::from_secs(2);

/// What was sent and what came, shared by all sockets of the run.
struct Counts {
    /// The senders' first number of this run: a number is never used twice.
    first_client_seq: u64,
    /// When each message of each sender left, in the order of its numbers.
    sent_at: Vec<Vec<Instant>>,
    sender_of: HashMap<[u8; 16], usize>,
    measuring: bool,
    deliveries: u64,
    accepted: u64,
    refused: u64,
    latencies: Latencies,
}

type Shared = Rc<RefCell<Counts>>;

/// One chat that a device sends to.
#[derive(Clone, Copy)]
pub struct Lane {
    pub chat_id: ChatId,
    pub epoch: u64,
}

/// How senders send.
#[derive(Clone, Copy)]
pub enum Pace {
    /// Each sender keeps this many unacknowledged.
    Window(usize),
    /// All senders together, evenly, this many a second.
    PerSecond(u32),
}

struct Device {
    index: usize,
    lanes: Vec<Lane>,
    writer: Sender,
    ciphertext: Vec<u8>,
}

impl Device {
    /// Queues the next message; its own number is its place in `sent_at`.
    fn queue_next(&mut self, counts: &mut Counts) {
        let sent_at = &mut counts.sent_at[self.index];
        let lane = self.lanes[sent_at.len() % self.lanes.len()];
        let frame = ClientFrame::Send {
            chat_id: lane.chat_id,
            client_seq: counts.first_client_seq + sent_at.len() as u64,
            payload: Binary(frame_opaque(lane.chat_id, lane.epoch, &self.ciphertext)),
        };
        sent_at.push(now());
        self.writer.queue(&frame.to_bytes());
    }
}

/// Opens a socket for each of `people`; the first `senders` of them send to their lanes. Runs over the same
/// lanes have different numbers.
///
/// # Errors
/// [`Failure`] when a socket breaks or the server refuses a message.
#[expect(clippy::too_many_arguments, reason = "each is another side of one run")]
pub async fn run(
    target: &Target,
    random: &Random,
    run_number: u64,
    people: &[(&Person, Vec<Lane>)],
    senders: usize,
    pace: Pace,
    measured: Duration,
    row: Row,
) -> Result<Row, Failure> {
    let counts: Shared = Rc::new(RefCell::new(Counts {
        first_client_seq: run_number * CLIENT_SEQS_PER_RUN,
        sent_at: vec![Vec::new(); people.len()],
        sender_of: people.iter().enumerate().map(|(i, (p, _))| (*p.device.device_id().as_bytes(), i)).collect(),
        measuring: false,
        deliveries: 0,
        accepted: 0,
        refused: 0,
        latencies: Latencies::default(),
    }));
    let mut tasks: Vec<JoinHandle<std::io::Result<()>>> = Vec::new();
    let mut paced = Vec::new();
    for (index, (person, lanes)) in people.iter().enumerate() {
        let (mut writer, reader) = socket::connect(&target.address, &person.token, random.bytes()).await?;
        writer.queue(&ClientFrame::Available { available: false }.to_bytes());
        writer.flush().await?;
        let mut ciphertext = vec![0; CIPHERTEXT_BYTES];
        random.fill(&mut ciphertext);
        let device = Device { index, lanes: lanes.clone(), writer, ciphertext };
        let window = match pace {
            Pace::Window(window) if index < senders => window,
            _ => 0,
        };
        if matches!(pace, Pace::PerSecond(_)) && index < senders {
            paced.push(device);
            tasks.push(tokio::task::spawn_local(receive(reader, None, 0, Rc::clone(&counts))));
        } else {
            tasks.push(tokio::task::spawn_local(receive(reader, Some(device), window, Rc::clone(&counts))));
        }
    }
    if let Pace::PerSecond(rate) = pace {
        tasks.push(tokio::task::spawn_local(send_evenly(paced, rate, Rc::clone(&counts))));
    }
    tokio::time::sleep(WARM_UP).await;
    let (cpu_before, started) = (target.cpu()?, now());
    counts.borrow_mut().measuring = true;
    tokio::time::sleep(measured).await;
    counts.borrow_mut().measuring = false;
    let (elapsed, cpu) = (since(started).as_secs_f64(), target.cpu()? - cpu_before);
    for task in &tasks {
        if task.is_finished() {
            return Err(Failure("a socket closed during the run".into()));
        }
        task.abort();
    }
    let mut counts = counts.borrow_mut();
    if counts.refused > 0 {
        return Err(Failure(format!("{} messages were refused", counts.refused)));
    }
    let deliveries = counts.deliveries as f64;
    Ok(row
        .with("deliveries", deliveries / elapsed, "1/s")
        .with("messages", counts.accepted as f64 / elapsed, "1/s")
        .with("delivery p50", counts.latencies.percentile_ms(50), "ms")
        .with("delivery p99", counts.latencies.percentile_ms(99), "ms")
        .with("server CPU per 1,000 deliveries", cpu.as_secs_f64() / deliveries.max(1.0) * 1e3, "s")
        .with("server memory", target.resident_kib()? as f64 / 1024.0, "MiB"))
}

/// Reads one socket, counts, and keeps the sender's window full.
async fn receive(
    mut reader: socket::Receiver,
    mut device: Option<Device>,
    window: usize,
    counts: Shared,
) -> std::io::Result<()> {
    if let Some(device) = device.as_mut() {
        (0..window).for_each(|_| device.queue_next(&mut counts.borrow_mut()));
        device.writer.flush().await?;
    }
    loop {
        let mut answered = 0;
        let open = reader
            .read(|frame| {
                let counts = &mut *counts.borrow_mut();
                match glimpse(frame) {
                    Some(Glimpse::Entry { sender_device, client_seq, .. }) if counts.measuring => {
                        counts.deliveries += 1;
                        let sent = counts.sender_of.get(&sender_device).map(|&sender| &counts.sent_at[sender]);
                        let number = client_seq.wrapping_sub(counts.first_client_seq) as usize;
                        if let Some(at) = sent.and_then(|sent| sent.get(number)) {
                            counts.latencies.push(since(*at));
                        }
                    }
                    Some(Glimpse::Sent { accepted, .. }) => {
                        answered += 1;
                        counts.accepted += u64::from(accepted && counts.measuring);
                        counts.refused += u64::from(!accepted);
                    }
                    _ => {}
                }
            })
            .await?;
        if !open {
            return Ok(());
        }
        if let (Some(device), true) = (device.as_mut(), window > 0 && answered > 0) {
            (0..answered).for_each(|_| device.queue_next(&mut counts.borrow_mut()));
            device.writer.flush().await?;
        }
    }
}

/// Sends `rate` messages a second, one sender after the other.
async fn send_evenly(mut devices: Vec<Device>, rate: u32, counts: Shared) -> std::io::Result<()> {
    let mut interval = tokio::time::interval(Duration::from_secs(1) / rate);
    let mut turn = 0;
    loop {
        interval.tick().await;
        let count = devices.len();
        let device = &mut devices[turn % count];
        device.queue_next(&mut counts.borrow_mut());
        device.writer.flush().await?;
        turn += 1;
    }
}
