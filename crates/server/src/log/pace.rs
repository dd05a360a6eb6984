//! Slow mode at the server: a bound on how much one member sends, of whatever kind.
//!
//! The server cannot tell a message from a receipt or a reaction, which slow mode does not hold back. How long lies
//! between two messages is what clients see to; here only floods end.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use doorpost_model::{
    AccountId, ChatId, TimeMs,
    limits::{SLOW_MODE_BURST, SLOW_MODE_REFILL_MS},
};

const REFILL_MS: i64 = SLOW_MODE_REFILL_MS.cast_signed();
/// Members kept before those are forgotten who have not sent for long, which changes no answer.
const MEMBERS_MAX: usize = 100_000;

/// When each member of a chat in slow mode would have sent all they did, had they sent evenly.
#[derive(Default)]
pub struct Paces(Mutex<HashMap<(ChatId, AccountId), TimeMs>>);

impl Paces {
    /// Counts one entry of a member. `false`: it is too much at once.
    pub(super) fn allow(&self, chat_id: ChatId, account_id: AccountId, now: TimeMs) -> bool {
        let mut evenly = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if evenly.len() >= MEMBERS_MAX {
            evenly.retain(|_, at| *at > now);
        }
        let at = evenly.entry((chat_id, account_id)).or_insert(now);
        let next = (*at).max(now).plus(REFILL_MS);
        let is_fine = next <= now.plus(i64::from(SLOW_MODE_BURST) * REFILL_MS);
        if is_fine {
            *at = next;
        }
        is_fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_at_once_and_then_evenly() {
        let paces = Paces::default();
        let (chat, one, other) =
            (ChatId::from_bytes([1; 16]), AccountId::from_bytes([2; 16]), AccountId::from_bytes([3; 16]));
        let now = TimeMs(1_000_000);
        for _ in 0..SLOW_MODE_BURST {
            assert!(paces.allow(chat, one, now));
        }
        assert!(!paces.allow(chat, one, now));
        assert!(!paces.allow(chat, one, now.plus(REFILL_MS - 1)));
        assert!(paces.allow(chat, other, now), "each for themselves");
        assert!(paces.allow(chat, one, now.plus(REFILL_MS)));
        assert!(!paces.allow(chat, one, now.plus(REFILL_MS)));
    }
}
