//! The one place that turns committed entries into bytes for connections.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use doorpost_model::{ChatId, chat::LogEntry, frame::ServerFrame};

use super::{connection::encode, registry::Registry};

/// Entries on their way to the sockets. Each is encoded once; each connection of its chat gets the
/// same bytes, all entries of a chat that come together in one go.
#[derive(Default)]
pub(super) struct Fanout {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    entries: Vec<LogEntry>,
    /// A task is delivering and will come back for what is added meanwhile.
    delivering: bool,
}

impl Fanout {
    /// Queues entries, those of a chat in the order of their sequence.
    pub(super) fn publish(self: &Arc<Self>, registry: &Arc<RwLock<Registry>>, entries: Vec<LogEntry>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entries.extend(entries);
        if !waiting.delivering && !waiting.entries.is_empty() {
            waiting.delivering = true;
            tokio::spawn(self.clone().deliver(registry.clone()));
        }
    }

    async fn deliver(self: Arc<Self>, registry: Arc<RwLock<Registry>>) {
        while let Some(entries) = self.take() {
            let delivered = deliver_batch(&registry.read().unwrap_or_else(PoisonError::into_inner), entries);
            metrics::counter!("doorpost_messages_delivered_total").increment(delivered);
            tokio::task::yield_now().await;
        }
    }

    fn take(&self) -> Option<Vec<LogEntry>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.entries.is_empty() {
            waiting.delivering = false;
            return None;
        }
        Some(std::mem::take(&mut waiting.entries))
    }
}

/// Puts a batch into the outboxes; gives the number of messages times the sockets of each one's chat.
fn deliver_batch(registry: &Registry, entries: Vec<LogEntry>) -> u64 {
    let mut delivered = 0;
    let mut messages = 0;
    let mut frames: Vec<Bytes> = Vec::with_capacity(entries.len());
    let mut entries = entries.into_iter().peekable();
    while let Some(entry) = entries.next() {
        let chat = entry.chat_id;
        messages += usize::from(entry.is_message());
        frames.push(encode(&ServerFrame::Entry(entry)));
        if entries.peek().is_none_or(|next| next.chat_id != chat) {
            delivered += messages * deliver_chat(registry, chat, &frames);
            messages = 0;
            frames.clear();
        }
    }
    u64::try_from(delivered).unwrap_or(u64::MAX)
}

/// Gives the number of sockets.
fn deliver_chat(registry: &Registry, chat: ChatId, frames: &[Bytes]) -> usize {
    let connections = registry.of_chat(chat);
    for connection in connections {
        connection.outbox.push(frames);
    }
    connections.len()
}
