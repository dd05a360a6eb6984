//! What is kept in memory of chats.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use doorpost_mls::delivery::ChatGroup;
use doorpost_model::{ChatId, ErrorCode, admission::ChatPolicy};
use doorpost_store as store;
use tokio::sync::OwnedMutexGuard;

use crate::{
    app::App,
    http::{Error, Result},
    lease::Leases,
    log::{ChatLocks, Lanes, Paces},
};

/// Groups kept in memory. One of 1,000 members takes a few megabytes.
const GROUPS_MAX: usize = 256;

/// Public groups held in memory, messages on their way into logs, and who is to commit next.
#[derive(Default)]
pub struct Groups {
    cache: Mutex<Cache>,
    pub(crate) lanes: Lanes,
    pub(crate) paces: Paces,
    /// Held from taking sequences of a chat's log until the entries are published.
    pub(crate) order: ChatLocks,
    pub(crate) leases: Leases,
}

#[derive(Default)]
struct Cache {
    slots: HashMap<ChatId, Slot>,
    /// Counts up with every use.
    uses: u64,
}

struct Slot {
    group: Arc<tokio::sync::Mutex<Option<ChatGroup>>>,
    last_use: u64,
}

/// A chat's group, held still. Nobody else reads or changes it meanwhile.
pub(crate) struct HeldGroup {
    chat_id: ChatId,
    guard: OwnedMutexGuard<Option<ChatGroup>>,
}

impl Groups {
    /// Waits for a chat's group and holds it, without loading it.
    pub(crate) async fn hold(&self, chat_id: ChatId) -> HeldGroup {
        let group = self.cache.lock().unwrap_or_else(PoisonError::into_inner).slot(chat_id);
        HeldGroup { chat_id, guard: group.lock_owned().await }
    }

    /// A chat's policy as it is now.
    ///
    /// # Errors
    /// As [`HeldGroup::take`].
    pub(crate) async fn policy(&self, app: &App, chat_id: ChatId) -> Result<ChatPolicy> {
        self.read(app, chat_id, |group| group.policy().clone()).await
    }

    /// What `read` takes from a chat's group as it is now.
    ///
    /// # Errors
    /// As [`HeldGroup::take`].
    pub(crate) async fn read<T>(&self, app: &App, chat_id: ChatId, read: impl FnOnce(&ChatGroup) -> T) -> Result<T> {
        let mut held = self.hold(chat_id).await;
        let group = held.take(app).await?;
        let taken = read(&group);
        held.put(group);
        Ok(taken)
    }
}

impl Cache {
    fn slot(&mut self, chat_id: ChatId) -> Arc<tokio::sync::Mutex<Option<ChatGroup>>> {
        self.uses += 1;
        if !self.slots.contains_key(&chat_id) && self.slots.len() >= GROUPS_MAX {
            self.forget_oldest();
        }
        let slot = self.slots.entry(chat_id).or_insert_with(|| Slot { group: Arc::default(), last_use: 0 });
        slot.last_use = self.uses;
        slot.group.clone()
    }

    /// Forgets the group that was longest unused, of those that nobody holds or waits for.
    fn forget_oldest(&mut self) {
        let oldest = self
            .slots
            .iter()
            .filter(|(_, slot)| Arc::strong_count(&slot.group) == 1)
            .min_by_key(|(_, slot)| slot.last_use)
            .map(|(chat_id, _)| *chat_id);
        if let Some(chat_id) = oldest {
            self.slots.remove(&chat_id);
        }
    }
}

impl HeldGroup {
    /// The group, loaded from its snapshot if it is not in memory. Give it back with
    /// [`HeldGroup::put`]; otherwise it is loaded anew next time.
    ///
    /// # Errors
    /// `not_found` when there is no such chat; `internal` when its snapshot is damaged.
    pub(crate) async fn take(&mut self, app: &App) -> Result<ChatGroup> {
        if let Some(group) = self.guard.take() {
            return Ok(group);
        }
        let chat_id = self.chat_id;
        let row = app
            .store
            .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::chat_group::get(tx, chat_id).await?) }))
            .await?
            .ok_or(ErrorCode::NotFound)?;
        blocking(move || ChatGroup::load(&row.snapshot)).await?.map_err(Error::internal)
    }

    /// The group in memory is not the stored one any more: the next who asks loads it.
    pub(crate) fn forget(&mut self) {
        *self.guard = None;
    }

    /// Keeps the group for the next who asks. It must be as the store has it.
    pub(crate) fn put(&mut self, group: ChatGroup) {
        *self.guard = Some(group);
    }
}

/// Runs something that takes milliseconds of CPU beside the tasks that serve sockets.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// Runs something to its end although the client that asked for it may go away: what is committed
/// must also reach the group in memory and the sockets.
pub(crate) async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_groups_are_kept_than_allowed_and_held_ones_stay() {
        let mut cache = Cache::default();
        let chat = |number: u16| {
            let mut id = [0; 16];
            id[..2].copy_from_slice(&number.to_be_bytes());
            ChatId::from_bytes(id)
        };
        let held = cache.slot(chat(0));
        for number in 1..=600 {
            cache.slot(chat(number));
        }
        assert_eq!(cache.slots.len(), GROUPS_MAX);
        assert!(Arc::ptr_eq(&held, &cache.slot(chat(0))));
        assert!(cache.slots.contains_key(&chat(600)));
        assert!(!cache.slots.contains_key(&chat(1)));
    }
}
