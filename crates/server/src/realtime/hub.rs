//! The hub: what the use cases push to sockets.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, SessionId, TimeMs,
    chat::LogEntry,
    frame::{Hint, ServerFrame},
    limits::SOCKET_IDLE_TTL_MS,
};
use tokio::sync::Notify;

use super::{
    connection::{Connection, End, encode},
    fanout::Fanout,
    registry::Registry,
};

/// Open sockets, and what is sent to them. Clones are handles to the same hub.
///
/// Nothing here waits for a socket, and nothing here is stored: state is committed first, then pushed.
#[derive(Clone, Default)]
pub struct Hub {
    registry: Arc<RwLock<Registry>>,
    fanout: Arc<Fanout>,
    /// Chats whose hosts will hear of their queue; see [`Hub::note_queue_changed`].
    queues_changed: Arc<Mutex<HashSet<ChatId>>>,
    /// A socket has gone.
    gone: Arc<Notify>,
}

/// A device with an open socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnlineDevice {
    pub account_id: AccountId,
    pub device_id: DeviceId,
    /// It may be asked to commit for others.
    pub available: bool,
}

impl Hub {
    /// The accounts that have a socket open, each once, in no particular order.
    #[must_use]
    pub fn online_accounts(&self) -> Vec<AccountId> {
        self.read().accounts()
    }

    /// Whether the account has a socket open.
    #[must_use]
    pub fn is_there(&self, account: AccountId) -> bool {
        !self.read().of_account(account).is_empty()
    }

    /// Whether this device has a socket open.
    #[must_use]
    pub fn is_online(&self, device: DeviceId) -> bool {
        self.read().of_device(device).is_some()
    }

    /// The connected devices that get a chat's entries.
    #[must_use]
    pub fn online_in(&self, chat: ChatId) -> Vec<OnlineDevice> {
        self.read()
            .of_chat(chat)
            .iter()
            .map(|connection| OnlineDevice {
                account_id: connection.account_id,
                device_id: connection.device_id,
                available: connection.is_available(),
            })
            .collect()
    }

    /// Tells every socket of an account to read something again.
    pub fn hint(&self, account: AccountId, hint: Hint) {
        self.hint_accounts(&[account], hint);
    }

    /// Tells every socket of these accounts to read something again.
    pub fn hint_accounts(&self, accounts: &[AccountId], hint: Hint) {
        let frame = [encode(&ServerFrame::Hint(hint))];
        let registry = self.read();
        for &account in accounts {
            for connection in registry.of_account(account) {
                connection.outbox.push(&frame);
            }
        }
    }

    /// As [`Hub::hint`], for the account's devices other than one.
    pub fn hint_other_devices(&self, account: AccountId, except: Option<DeviceId>, hint: Hint) {
        let frame = [encode(&ServerFrame::Hint(hint))];
        for connection in self.read().of_account(account) {
            if Some(connection.device_id) != except {
                connection.outbox.push(&frame);
            }
        }
    }

    /// Sends a frame to one device; `false` when it is not connected.
    pub fn send(&self, device: DeviceId, frame: &ServerFrame) -> bool {
        let registry = self.read();
        let connection = registry.of_device(device);
        if let Some(connection) = connection {
            connection.send(frame);
        }
        connection.is_some()
    }

    /// Sends committed entries to the sockets of their chats. Those of one chat must come in the order
    /// of their sequence, over calls too.
    pub fn publish(&self, entries: Vec<LogEntry>) {
        self.fanout.publish(&self.registry, entries);
    }

    /// Passes a signal on to the sockets of the chat's other people; of a device that is not in the chat, to nobody.
    pub(super) fn signal(&self, from: &Connection, chat_id: ChatId, payload: Binary) {
        let registry = self.read();
        let connections = registry.of_chat(chat_id);
        if !connections.iter().any(|connection| connection.device_id == from.device_id) {
            return;
        }
        let frame = encode(&ServerFrame::Signal { chat_id, account_id: from.account_id, payload });
        for connection in connections.iter().filter(|connection| connection.account_id != from.account_id) {
            connection.outbox.push_if_quiet(&frame);
        }
    }

    /// The device, where connected, gets the chat's entries from now on.
    pub fn add_device(&self, chat: ChatId, device: DeviceId) {
        let mut registry = self.write();
        if let Some(connection) = registry.of_device(device).cloned() {
            registry.subscribe(chat, &connection);
        }
    }

    /// The device gets nothing of the chat any more.
    pub fn drop_device(&self, chat: ChatId, device: DeviceId) {
        let mut registry = self.write();
        if let Some(connection) = registry.of_device(device).cloned() {
            registry.unsubscribe(chat, &connection);
        }
    }

    /// No device of the account gets anything of the chat any more.
    pub fn drop_account(&self, chat: ChatId, account: AccountId) {
        let mut registry = self.write();
        for connection in registry.of_account(account).to_vec() {
            registry.unsubscribe(chat, &connection);
        }
    }

    /// Sends `SessionEnded` to the session's sockets and closes them.
    pub fn end_session(&self, session: SessionId) {
        for connection in self.read().of_session(session) {
            connection.end(End::SessionEnded);
        }
    }

    /// As [`Hub::end_session`] for the sockets of a device that was revoked.
    pub fn end_device(&self, device: DeviceId) {
        if let Some(connection) = self.read().of_device(device) {
            connection.end(End::SessionEnded);
        }
    }

    /// Closes the socket of a device whose session speaks for another device from now on: it may come again.
    pub fn reopen_device(&self, device: DeviceId) {
        if let Some(connection) = self.read().of_device(device) {
            connection.end(End::DeviceChanged);
        }
    }

    /// Closes every socket with a close frame (1001, going away); resolves when they are gone.
    pub async fn close_all(&self) {
        loop {
            let gone = self.gone.notified();
            {
                let registry = self.read();
                if registry.len() == 0 {
                    return;
                }
                registry.iter().for_each(|connection| connection.end(End::GoingAway));
            }
            gone.await;
        }
    }

    /// Closes the sockets of devices that have been silent for [`SOCKET_IDLE_TTL_MS`].
    pub fn close_idle(&self, now: TimeMs) {
        let oldest = now.plus(-SOCKET_IDLE_TTL_MS);
        for connection in self.read().iter().filter(|connection| connection.heard_at() < oldest) {
            connection.end(End::Idle);
        }
    }

    /// Notes that the hosts of a chat are to hear of their queue. However many requests come, they
    /// hear of it once for each [`Hub::take_queues_changed`].
    pub(crate) fn note_queue_changed(&self, chat: ChatId) {
        self.queues_changed.lock().unwrap_or_else(PoisonError::into_inner).insert(chat);
    }

    /// The chats noted since the last call.
    pub(crate) fn take_queues_changed(&self) -> Vec<ChatId> {
        self.queues_changed.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }

    pub(super) fn connect(&self, connection: &Arc<Connection>) {
        let mut registry = self.write();
        registry.insert(connection);
        gauge(&registry);
    }

    pub(super) fn disconnect(&self, connection: &Arc<Connection>) {
        let mut registry = self.write();
        registry.remove(connection);
        gauge(&registry);
        self.gone.notify_waiters();
    }

    /// The connection gets the entries of these chats from now on.
    pub(super) fn subscribe(&self, connection: &Arc<Connection>, chats: &[ChatId]) {
        let mut registry = self.write();
        for &chat in chats {
            registry.subscribe(chat, connection);
        }
    }

    pub(super) fn unsubscribe(&self, connection: &Arc<Connection>, chat: ChatId) {
        self.write().unsubscribe(chat, connection);
    }

    fn read(&self) -> RwLockReadGuard<'_, Registry> {
        self.registry.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Registry> {
        self.registry.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge of sockets needs no more than 52 bits")]
fn gauge(registry: &Registry) {
    metrics::gauge!("doorpost_sockets").set(registry.len() as f64);
}
