//! Frames that wait for one socket.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use doorpost_model::limits::SOCKET_QUEUE_FRAMES_MAX;
use tokio::sync::Notify;

/// Bytes that may wait for one socket, besides [`SOCKET_QUEUE_FRAMES_MAX`] frames.
const OUTBOX_BYTES_MAX: usize = 8 * 1024 * 1024;
/// With more frames than this a queue is not quiet.
const QUIET_FRAMES_MAX: usize = 32;
/// Room for frames that an empty queue keeps; more is given back.
const KEPT_CAPACITY: usize = 16;

/// Encoded frames on their way to a socket, in order and bounded.
#[derive(Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    filled: Notify,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// Frames were dropped and the device has not been told yet.
    overflowed: bool,
}

/// What the socket is to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Write the frames that were taken.
    Write,
    /// Frames were dropped: tell the device where its chats stand.
    Resync,
}

impl Outbox {
    /// Adds frames at the end.
    pub(super) fn push(&self, frames: &[Bytes]) {
        self.with_queue(|queue| {
            // Until the device has been told, whatever comes is part of what it has to read anyway.
            if queue.overflowed {
                return;
            }
            queue.bytes += frames.iter().map(Bytes::len).sum::<usize>();
            queue.frames.extend(frames.iter().cloned());
            if queue.frames.len() > SOCKET_QUEUE_FRAMES_MAX || queue.bytes > OUTBOX_BYTES_MAX {
                *queue = Queue { overflowed: true, ..Queue::default() };
            }
        });
        self.filled.notify_one();
    }

    /// Adds a frame at the end, unless many are waiting: what can be done without must not make others wait.
    pub(super) fn push_if_quiet(&self, frame: &Bytes) {
        let is_quiet = self.with_queue(|queue| !queue.overflowed && queue.frames.len() < QUIET_FRAMES_MAX);
        if is_quiet {
            self.push(std::slice::from_ref(frame));
        }
    }

    /// Adds a frame before all others.
    pub(super) fn push_first(&self, frame: Bytes) {
        self.with_queue(|queue| {
            queue.bytes += frame.len();
            queue.frames.push_front(frame);
        });
        self.filled.notify_one();
    }

    /// Waits until there is something to do; moves up to `limit` frames into `taken`. Nothing is lost
    /// when the future is dropped.
    pub(super) async fn next(&self, taken: &mut Vec<Bytes>, limit: usize) -> Next {
        loop {
            if let Some(next) = self.with_queue(|queue| queue.take(taken, limit)) {
                return next;
            }
            self.filled.notified().await;
        }
    }

    fn with_queue<T>(&self, act: impl FnOnce(&mut Queue) -> T) -> T {
        act(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Queue {
    fn take(&mut self, taken: &mut Vec<Bytes>, limit: usize) -> Option<Next> {
        if self.overflowed {
            self.overflowed = false;
            return Some(Next::Resync);
        }
        if self.frames.is_empty() {
            return None;
        }
        let count = self.frames.len().min(limit);
        taken.extend(self.frames.drain(..count));
        self.bytes -= taken[taken.len() - count..].iter().map(Bytes::len).sum::<usize>();
        if self.frames.is_empty() && self.frames.capacity() > KEPT_CAPACITY {
            self.frames = VecDeque::new();
        }
        Some(Next::Write)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn frame(byte: u8) -> Bytes {
        Bytes::from(vec![byte; 3])
    }

    fn next(outbox: &Outbox, taken: &mut Vec<Bytes>, limit: usize) -> Option<Next> {
        outbox.next(taken, limit).now_or_never()
    }

    #[test]
    fn frames_come_out_in_order_and_no_more_than_asked_for() {
        let outbox = Outbox::default();
        outbox.push(&[frame(1), frame(2)]);
        outbox.push(&[frame(3)]);
        outbox.push_first(frame(0));
        let mut taken = Vec::new();
        assert_eq!(next(&outbox, &mut taken, 3), Some(Next::Write));
        assert_eq!(taken, [frame(0), frame(1), frame(2)]);
        assert_eq!(next(&outbox, &mut taken, 3), Some(Next::Write));
        assert_eq!(taken.len(), 4);
        assert_eq!(next(&outbox, &mut taken, 3), None);
    }

    #[test]
    fn an_overflow_empties_the_queue_and_asks_for_one_resync() {
        let outbox = Outbox::default();
        for _ in 0..=SOCKET_QUEUE_FRAMES_MAX {
            outbox.push(&[frame(1)]);
        }
        outbox.push(&[frame(2)]);
        let mut taken = Vec::new();
        assert_eq!(next(&outbox, &mut taken, 10), Some(Next::Resync));
        assert!(taken.is_empty());
        assert_eq!(next(&outbox, &mut taken, 10), None);
        outbox.push(&[frame(3)]);
        assert_eq!(next(&outbox, &mut taken, 10), Some(Next::Write));
        assert_eq!(taken, [frame(3)]);
    }

    #[test]
    fn what_can_be_done_without_waits_for_a_quiet_queue() {
        let outbox = Outbox::default();
        for _ in 0..QUIET_FRAMES_MAX {
            outbox.push_if_quiet(&frame(1));
        }
        outbox.push_if_quiet(&frame(2));
        let mut taken = Vec::new();
        assert_eq!(next(&outbox, &mut taken, 1_000), Some(Next::Write));
        assert_eq!(taken, vec![frame(1); QUIET_FRAMES_MAX]);
        outbox.push_if_quiet(&frame(2));
        assert_eq!(next(&outbox, &mut taken, 1), Some(Next::Write));
    }

    #[test]
    fn bytes_are_bounded_too() {
        let outbox = Outbox::default();
        let large = Bytes::from(vec![0; OUTBOX_BYTES_MAX / 2]);
        outbox.push(&[large.clone(), large.clone()]);
        outbox.push(&[frame(1)]);
        assert_eq!(next(&outbox, &mut Vec::new(), 10), Some(Next::Resync));
    }
}
