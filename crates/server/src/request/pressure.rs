//! What keeps a flood of requests from everything else: few are looked at at a time, and those that wait are not
//! counted anew for each.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use doorpost_model::{ErrorCode, InviteId, TimeMs, invite::RequestState, limits::REQUESTS_WAITING_MAX};
use doorpost_store::{self as store, StoreError};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    app::App,
    http::{Error, Result},
};

/// Requests that are looked at at a time; the others wait their turn, without a place in the database's queues.
const TURNS: usize = 4;
/// How long a count is good for, with those added that asked since (milliseconds).
const COUNT_TTL_MS: i64 = 1_000;
/// Invites whose counts are held.
const COUNTS_MAX: usize = 1_024;

/// The turns of those who ask, and how many wait at the invites they ask at.
pub struct Asking {
    turns: Semaphore,
    counts: Mutex<HashMap<InviteId, Count>>,
}

#[derive(Clone, Copy)]
struct Count {
    waiting: i64,
    counted_at: TimeMs,
}

impl Default for Asking {
    fn default() -> Self {
        Self { turns: Semaphore::new(TURNS), counts: Mutex::default() }
    }
}

impl Asking {
    /// Waits for a turn, first come, first served; it ends when the permit is dropped.
    ///
    /// # Errors
    /// `internal`, never while the server runs.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        self.turns.acquire().await.map_err(Error::internal)
    }

    /// Whether one more may wait at this invite. The bound keeps the queue's cost within reason, so being off by
    /// those who ask within [`COUNT_TTL_MS`] does no harm; counting takes as long as there are many.
    ///
    /// # Errors
    /// `limit_reached`.
    pub(super) async fn check_room(&self, app: &App, invite: InviteId, now: TimeMs) -> Result<()> {
        let waiting = match self.one_more(invite, now) {
            Some(waiting) => waiting,
            None => {
                let state = RequestState::Requested;
                let waiting = app
                    .store
                    .read::<_, StoreError, _>(move |tx| {
                        Box::pin(async move { store::request::count_of_invite(tx, invite, state).await })
                    })
                    .await?;
                self.put(invite, waiting, now);
                waiting
            }
        };
        let is_full = usize::try_from(waiting).is_ok_and(|waiting| waiting >= REQUESTS_WAITING_MAX);
        if is_full { Err(ErrorCode::LimitReached.into()) } else { Ok(()) }
    }

    /// How many waited before this one, where that was counted a short while ago.
    fn one_more(&self, invite: InviteId, now: TimeMs) -> Option<i64> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get_mut(&invite).filter(|count| count.is_fresh(now))?;
        count.waiting += 1;
        Some(count.waiting - 1)
    }

    fn put(&self, invite: InviteId, waiting: i64, now: TimeMs) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= COUNTS_MAX {
            counts.retain(|_, count| count.is_fresh(now));
            if counts.len() >= COUNTS_MAX {
                counts.clear();
            }
        }
        counts.insert(invite, Count { waiting: waiting + 1, counted_at: now });
    }
}

impl Count {
    fn is_fresh(&self, now: TimeMs) -> bool {
        (0..COUNT_TTL_MS).contains(&(now.0 - self.counted_at.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite(number: u16) -> InviteId {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&number.to_be_bytes());
        InviteId::from_bytes(id)
    }

    #[test]
    fn those_who_asked_since_are_counted_and_after_a_while_all_anew() {
        let asking = Asking::default();
        assert_eq!(asking.one_more(invite(1), TimeMs(0)), None);
        asking.put(invite(1), 7, TimeMs(0));
        assert_eq!(asking.one_more(invite(1), TimeMs(1)), Some(8));
        assert_eq!(asking.one_more(invite(1), TimeMs(COUNT_TTL_MS - 1)), Some(9));
        assert_eq!(asking.one_more(invite(1), TimeMs(COUNT_TTL_MS)), None);
        // A clock that was turned back.
        assert_eq!(asking.one_more(invite(1), TimeMs(-1)), None);
    }

    #[test]
    fn no_more_counts_are_held_than_allowed() {
        let asking = Asking::default();
        for number in 0..2_000 {
            asking.put(invite(number), 0, TimeMs(0));
            assert!(asking.counts.lock().expect("counts").len() <= COUNTS_MAX);
        }
        assert_eq!(asking.one_more(invite(1_999), TimeMs(1)), Some(1));
    }
}
