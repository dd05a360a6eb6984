//! One device's socket, as the rest of the server sees it.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use bytes::Bytes;
use doorpost_model::{AccountId, ChatId, DeviceId, SessionId, TimeMs, frame::ServerFrame, limits::SIGNAL_PAUSE_MS};
use tokio::sync::Notify;

use super::outbox::Outbox;
use crate::http::WithDevice;

/// Why the server closes a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The session ended or the device was revoked.
    SessionEnded,
    /// The session speaks for another device from now on.
    DeviceChanged,
    /// The same device has opened another socket.
    Replaced,
    /// Nothing was heard of the device for too long.
    Idle,
    /// The server shuts down.
    GoingAway,
}

/// An open socket.
pub(super) struct Connection {
    pub(super) account_id: AccountId,
    pub(super) device_id: DeviceId,
    pub(super) session_id: SessionId,
    pub(super) outbox: Outbox,
    /// The chats whose entries it gets.
    pub(super) chats: Mutex<Vec<ChatId>>,
    /// The device may be asked to commit for others.
    available: AtomicBool,
    heard_at_ms: AtomicI64,
    signalled_at_ms: AtomicI64,
    end: Mutex<Option<End>>,
    ended: Notify,
}

impl Connection {
    pub(super) fn new(viewer: WithDevice, now: TimeMs) -> Self {
        Self {
            account_id: viewer.account_id,
            device_id: viewer.device_id,
            session_id: viewer.session_id,
            outbox: Outbox::default(),
            chats: Mutex::default(),
            available: AtomicBool::new(true),
            heard_at_ms: AtomicI64::new(now.0),
            signalled_at_ms: AtomicI64::new(i64::MIN),
            end: Mutex::default(),
            ended: Notify::new(),
        }
    }

    pub(super) fn send(&self, frame: &ServerFrame) {
        self.outbox.push(&[encode(frame)]);
    }

    pub(super) fn is_available(&self) -> bool {
        self.available.load(Ordering::Relaxed)
    }

    /// Notes whether the device may be asked; `true` when it may be now and might not before.
    pub(super) fn set_available(&self, available: bool) -> bool {
        !self.available.swap(available, Ordering::Relaxed) && available
    }

    /// Something came from the device.
    pub(super) fn heard(&self, now: TimeMs) {
        self.heard_at_ms.store(now.0, Ordering::Relaxed);
    }

    pub(super) fn heard_at(&self) -> TimeMs {
        TimeMs(self.heard_at_ms.load(Ordering::Relaxed))
    }

    /// Whether the device may send a signal now; the next one may come after [`SIGNAL_PAUSE_MS`].
    pub(super) fn may_signal(&self, now: TimeMs) -> bool {
        let may = now.0.saturating_sub(self.signalled_at_ms.load(Ordering::Relaxed)) >= SIGNAL_PAUSE_MS;
        if may {
            self.signalled_at_ms.store(now.0, Ordering::Relaxed);
        }
        may
    }

    /// Makes the socket's task close it. The first reason stays.
    pub(super) fn end(&self, why: End) {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
        self.ended.notify_one();
    }

    /// Resolves once [`Connection::end`] has been called.
    pub(super) async fn ended(&self) -> End {
        loop {
            if let Some(why) = *self.end.lock().unwrap_or_else(PoisonError::into_inner) {
                return why;
            }
            self.ended.notified().await;
        }
    }
}

/// A frame as it goes over the socket.
pub(super) fn encode(frame: &ServerFrame) -> Bytes {
    Bytes::from(frame.to_bytes())
}
