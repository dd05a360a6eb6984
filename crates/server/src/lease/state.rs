//! What is known of the leases there are. Nothing here reads a clock or sends anything.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use doorpost_model::{ChatId, DeviceId, LeaseId, RequestId, TimeMs};

use crate::log::ChatLocks;

/// How long a newcomer without a socket counts as waiting after it last asked.
const ASKED_TTL_MS: i64 = 10_000;
/// When everybody was asked in vain, they are asked again after this.
pub(super) const ASK_AGAIN_MS: i64 = 5_000;

/// The leases of all chats that have something pending.
#[derive(Default)]
pub struct Leases {
    chats: Mutex<HashMap<ChatId, ChatLease>>,
    /// When newcomers last asked for their status.
    asked: Mutex<HashMap<RequestId, TimeMs>>,
    /// One at a time decides who is next in a chat.
    pub(super) turns: ChatLocks,
}

/// Who is to commit next in a chat, and who was asked before.
#[derive(Default)]
pub(super) struct ChatLease {
    pub(super) holder: Option<Holder>,
    /// Devices that were asked since the last commit and did not come forward.
    pub(super) tried: HashSet<DeviceId>,
    /// The device whose commit was accepted last: it is there, and quick.
    pub(super) last_committer: Option<DeviceId>,
    /// When to ask everybody again.
    pub(super) ask_again_at: Option<TimeMs>,
    /// Somebody is looking up what is pending, to give the lease.
    pub(super) is_advancing: bool,
    /// What was looked up is no longer true: a commit came meanwhile.
    pub(super) is_stale: bool,
}

/// Who holds a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) device_id: DeviceId,
    pub(super) by: By,
    /// From then on it is the next one's turn.
    pub(super) until: TimeMs,
}

/// How a holder is to commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A member's device, for all that is pending.
    Batch(LeaseId),
    /// A newcomer, for itself.
    External(RequestId),
}

impl Leases {
    /// Acts on a chat's lease; one without anything to remember is forgotten afterwards.
    pub(super) fn with<T>(&self, chat_id: ChatId, act: impl FnOnce(&mut ChatLease) -> T) -> T {
        let mut chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        let lease = chats.entry(chat_id).or_default();
        let result = act(lease);
        if lease.is_idle() {
            chats.remove(&chat_id);
        }
        result
    }

    /// The chats whose holder has had its time, or whose people are to be asked again.
    pub(super) fn due(&self, now: TimeMs) -> Vec<ChatId> {
        self.chats_where(|lease| {
            lease.holder.is_some_and(|holder| holder.until <= now) || lease.ask_again_at.is_some_and(|at| at <= now)
        })
    }

    /// The chats in which this device holds the lease.
    pub(super) fn held_by(&self, device: DeviceId) -> Vec<ChatId> {
        self.chats_where(|lease| lease.holder.is_some_and(|holder| holder.device_id == device))
    }

    fn chats_where(&self, is_meant: impl Fn(&ChatLease) -> bool) -> Vec<ChatId> {
        let chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        chats.iter().filter(|(_, lease)| is_meant(lease)).map(|(chat_id, _)| *chat_id).collect()
    }

    /// Notes that a newcomer asked for its status.
    pub(super) fn note_asked(&self, request: RequestId, now: TimeMs) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(request, now);
    }

    /// Whether a newcomer asked not long ago.
    pub(super) fn asked_lately(&self, request: RequestId, now: TimeMs) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(&request).is_some_and(|at| at.plus(ASKED_TTL_MS) > now)
    }

    /// Forgets who asked long ago.
    pub(super) fn forget_asked(&self, now: TimeMs) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, at| at.plus(ASKED_TTL_MS) > now);
    }
}

impl ChatLease {
    /// The holder whose time has not run out.
    pub(super) fn current(&self, now: TimeMs) -> Option<Holder> {
        self.holder.filter(|holder| holder.until > now)
    }

    /// A commit was accepted: nobody holds the lease, and everybody may be asked again.
    pub(super) fn committed(&mut self, committer: DeviceId) {
        *self = Self {
            last_committer: Some(committer),
            is_advancing: self.is_advancing,
            is_stale: true,
            ..Self::default()
        };
    }

    /// The holder has not come forward: it is the next one's turn.
    pub(super) fn pass_on(&mut self) {
        if let Some(holder) = self.holder.take() {
            self.tried.insert(holder.device_id);
        }
    }

    fn is_idle(&self) -> bool {
        self.holder.is_none()
            && self.tried.is_empty()
            && self.ask_again_at.is_none()
            && self.last_committer.is_none()
            && !self.is_advancing
    }
}
