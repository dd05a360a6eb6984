//! The lane of each chat: messages wait in it in order, and are committed in batches.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Mutex, PoisonError},
};

use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, ErrorCode, TimeMs,
    chat::{EntryKind, MessageAccepted},
};
use doorpost_store::{
    StoreError, Tx, chat,
    log::{self, EntryRow},
};
use tokio::sync::oneshot;

use super::{marked, unsigned};
use crate::{app::App, push};

/// Messages that may wait for one chat.
const LANE_MAX: usize = 4_096;
/// Messages and bytes that one transaction may carry.
const BATCH_MAX: usize = 256;
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Messages on their way into logs. A chat has a lane, and a task that empties it, only while
/// something is on its way.
#[derive(Default)]
pub struct Lanes(Mutex<HashMap<ChatId, VecDeque<Waiting>>>);

/// A message to append.
pub(super) struct Message {
    pub(super) account_id: AccountId,
    pub(super) device_id: DeviceId,
    pub(super) client_seq: i64,
    /// The epoch it was encrypted in.
    pub(super) epoch: i64,
    pub(super) payload: Binary,
}

pub(super) type Outcome = Result<MessageAccepted, ErrorCode>;

struct Waiting {
    message: Message,
    answer: oneshot::Sender<Outcome>,
}

/// Queues a message; the answer comes once it is on disk and on its way to the sockets.
pub(super) fn enter(app: &App, chat_id: ChatId, message: Message) -> Result<oneshot::Receiver<Outcome>, ErrorCode> {
    let (answer, receiver) = oneshot::channel();
    let waiting = Waiting { message, answer };
    let mut lanes = app.groups.lanes.0.lock().unwrap_or_else(PoisonError::into_inner);
    match lanes.get_mut(&chat_id) {
        Some(lane) if lane.len() >= LANE_MAX => return Err(ErrorCode::Busy),
        Some(lane) => lane.push_back(waiting),
        None => {
            lanes.insert(chat_id, VecDeque::from([waiting]));
            tokio::spawn(drain(app.clone(), chat_id));
        }
    }
    Ok(receiver)
}

/// Commits batch after batch until the lane is empty.
async fn drain(app: App, chat_id: ChatId) {
    while let Some(batch) = next_batch(&app, chat_id) {
        let (messages, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.message, waiting.answer)).unzip();
        // Held until the batch is published: entries leave in the order of their sequence.
        let turn = app.groups.order.lock(chat_id).await;
        let outcomes = commit(&app, chat_id, messages).await;
        drop(turn);
        for (index, answer) in answers.into_iter().enumerate() {
            let outcome = match &outcomes {
                Ok(outcomes) => outcomes.get(index).copied().unwrap_or(Err(ErrorCode::Internal)),
                Err(code) => Err(*code),
            };
            // Who asked may be gone; the message is in the log all the same.
            let _gone = answer.send(outcome);
        }
    }
}

fn next_batch(app: &App, chat_id: ChatId) -> Option<Vec<Waiting>> {
    let mut lanes = app.groups.lanes.0.lock().unwrap_or_else(PoisonError::into_inner);
    let lane = lanes.get_mut(&chat_id)?;
    let mut bytes = 0;
    let mut batch = Vec::new();
    while let Some(waiting) = lane.front() {
        bytes += waiting.message.payload.0.len();
        if batch.len() >= BATCH_MAX || (bytes > BATCH_BYTES_MAX && !batch.is_empty()) {
            break;
        }
        batch.extend(lane.pop_front());
    }
    if batch.is_empty() {
        lanes.remove(&chat_id);
        return None;
    }
    Some(batch)
}

async fn commit(app: &App, chat_id: ChatId, messages: Vec<Message>) -> Result<Vec<Outcome>, ErrorCode> {
    let at = app.clock.now();
    let paced = app.clone();
    let result =
        app.store.write::<_, StoreError, _>(move |tx| Box::pin(append_batch(tx, paced, chat_id, at, messages))).await;
    match result {
        Ok(Appended { outcomes, entries }) => {
            if !entries.is_empty() {
                push::note(app, chat_id, entries.iter().map(|entry| entry.sender_account).collect());
            }
            metrics::counter!("doorpost_messages_total").increment(u64::try_from(entries.len()).unwrap_or(0));
            app.hub.publish(entries.into_iter().map(|row| marked(&app.franking, row)).collect());
            Ok(outcomes)
        }
        Err(error) if error.is_transient() => Err(ErrorCode::Busy),
        Err(error) => {
            tracing::error!(%error, "messages were not stored");
            Err(ErrorCode::Internal)
        }
    }
}

/// What became of a batch.
struct Appended {
    /// One for each message, in order.
    outcomes: Vec<Outcome>,
    entries: Vec<EntryRow>,
}

async fn append_batch(
    tx: &mut Tx,
    app: App,
    chat_id: ChatId,
    at: TimeMs,
    messages: Vec<Message>,
) -> Result<Appended, StoreError> {
    let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
    let mut outcomes = Vec::with_capacity(messages.len());
    let mut entries: Vec<EntryRow> = Vec::with_capacity(messages.len());
    let Some(reserved) = chat::reserve(tx, chat_id, count).await? else {
        outcomes.resize(messages.len(), Err(ErrorCode::NotFound));
        return Ok(Appended { outcomes, entries });
    };
    let mut senders = Senders::find(tx, chat_id, &messages).await?;
    let mut last_seq = reserved.last_seq - i64::from(count);
    let mut asked = reserved.request_by.is_some() && log::has_message(tx, chat_id).await?;
    for message in messages {
        let known = match senders.is_new(&message) {
            true => None,
            false => find_again(tx, chat_id, &message, &entries).await?,
        };
        let outcome = match known {
            Some(accepted) => Ok(accepted),
            None if !senders.may_send(&message) => Err(ErrorCode::NotFound),
            None if senders.is_suspended(&message) => Err(ErrorCode::Suspended),
            None if message.epoch != reserved.epoch => Err(ErrorCode::StaleEpoch),
            None if reserved.request_by.is_some_and(|by| asked || reserved.is_closed || by != message.account_id) => {
                Err(ErrorCode::RequestPending)
            }
            None if reserved.is_closed => Err(ErrorCode::DirectClosed),
            None if reserved.only_hosts_write && !senders.is_host(&message) => Err(ErrorCode::OnlyHostsWrite),
            None if reserved.is_slow
                && !senders.is_host(&message)
                && !app.groups.paces.allow(chat_id, message.account_id, at) =>
            {
                Err(ErrorCode::SlowMode)
            }
            None => {
                last_seq += 1;
                senders.note(&message);
                asked = true;
                entries.push(entry(chat_id, last_seq, at, message));
                Ok(MessageAccepted { seq: unsigned(last_seq), at })
            }
        };
        outcomes.push(outcome);
    }
    log::insert(tx, &entries).await?;
    if last_seq != reserved.last_seq {
        chat::set_last_seq(tx, chat_id, last_seq).await?;
    }
    Ok(Appended { outcomes, entries })
}

/// The devices of a batch that are in the chat.
struct Senders(HashMap<DeviceId, Sender>);

struct Sender {
    account_id: AccountId,
    is_host: bool,
    is_suspended: bool,
    /// Its highest number so far.
    newest: i64,
}

impl Senders {
    async fn find(tx: &mut Tx, chat_id: ChatId, messages: &[Message]) -> Result<Self, StoreError> {
        let mut seen = HashSet::new();
        let devices: Vec<DeviceId> =
            messages.iter().map(|message| message.device_id).filter(|device| seen.insert(*device)).collect();
        let rows = log::senders(tx, chat_id, &devices).await?;
        Ok(Self(
            rows.into_iter()
                .map(|row| {
                    let newest = row.newest_client_seq.unwrap_or(-1);
                    let sender = Sender {
                        account_id: row.account_id,
                        is_host: row.is_host,
                        is_suspended: row.is_suspended,
                        newest,
                    };
                    (row.device_id, sender)
                })
                .collect(),
        ))
    }

    /// A number above all others of the device: the message cannot be there already.
    fn is_new(&self, message: &Message) -> bool {
        self.0.get(&message.device_id).is_some_and(|sender| message.client_seq > sender.newest)
    }

    fn may_send(&self, message: &Message) -> bool {
        self.0.get(&message.device_id).is_some_and(|sender| sender.account_id == message.account_id)
    }

    fn is_host(&self, message: &Message) -> bool {
        self.0.get(&message.device_id).is_some_and(|sender| sender.is_host)
    }

    fn is_suspended(&self, message: &Message) -> bool {
        self.0.get(&message.device_id).is_some_and(|sender| sender.is_suspended)
    }

    fn note(&mut self, message: &Message) {
        if let Some(sender) = self.0.get_mut(&message.device_id) {
            sender.newest = message.client_seq.max(sender.newest);
        }
    }
}

/// Where a message stands that may have been sent before, in the log or earlier in this batch.
async fn find_again(
    tx: &mut Tx,
    chat_id: ChatId,
    message: &Message,
    batch: &[EntryRow],
) -> Result<Option<MessageAccepted>, StoreError> {
    let same = |entry: &&EntryRow| entry.sender_device == message.device_id && entry.client_seq == message.client_seq;
    if let Some(entry) = batch.iter().find(same) {
        return Ok(Some(MessageAccepted { seq: unsigned(entry.seq), at: entry.at }));
    }
    let place = log::place(tx, chat_id, message.device_id, message.client_seq).await?;
    Ok(place.map(|place| MessageAccepted { seq: unsigned(place.seq), at: place.at }))
}

fn entry(chat_id: ChatId, seq: i64, at: TimeMs, message: Message) -> EntryRow {
    EntryRow {
        chat_id,
        seq,
        kind: EntryKind::Message,
        epoch: message.epoch,
        sender_account: message.account_id,
        sender_device: message.device_id,
        client_seq: message.client_seq,
        at,
        payload: message.payload,
    }
}
