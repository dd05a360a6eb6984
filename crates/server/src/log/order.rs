//! One at a time for each chat.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use doorpost_model::ChatId;
use tokio::sync::OwnedMutexGuard;

type Lock = Arc<tokio::sync::Mutex<()>>;

/// A lock for each chat that anybody waits for. First come, first served.
#[derive(Clone, Default)]
pub(crate) struct ChatLocks(Arc<Mutex<HashMap<ChatId, Lock>>>);

/// Holding a chat's lock.
pub(crate) struct ChatTurn {
    locks: ChatLocks,
    chat_id: ChatId,
    guard: Option<OwnedMutexGuard<()>>,
}

impl ChatLocks {
    pub(crate) async fn lock(&self, chat_id: ChatId) -> ChatTurn {
        let lock = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(chat_id).or_default().clone();
        let guard = Some(lock.lock_owned().await);
        ChatTurn { locks: self.clone(), chat_id, guard }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl Drop for ChatTurn {
    fn drop(&mut self) {
        let mut locks = self.locks.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.guard = None;
        if locks.get(&self.chat_id).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.chat_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_lock_is_held_by_one_and_forgotten_when_nobody_wants_it() {
        let locks = ChatLocks::default();
        let (one, other) = (ChatId::from_bytes([1; 16]), ChatId::from_bytes([2; 16]));
        let turn = locks.lock(one).now_or_never().expect("free");
        assert!(locks.lock(other).now_or_never().is_some());
        let mut waiting = Box::pin(locks.lock(one));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(turn);
        let turn = waiting.now_or_never().expect("free now");
        assert_eq!(locks.len(), 1);
        drop(turn);
        assert_eq!(locks.len(), 0);
    }
}
