//! Who is connected, and who gets which chat.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, PoisonError},
};

use doorpost_model::{AccountId, ChatId, DeviceId, SessionId, limits::SOCKETS_PER_ACCOUNT_MAX};

use super::connection::{Connection, End};

/// All open sockets. A device has one; a newer one takes the place of the older.
#[derive(Default)]
pub(super) struct Registry {
    by_device: HashMap<DeviceId, Arc<Connection>>,
    by_account: HashMap<AccountId, Vec<Arc<Connection>>>,
    by_chat: HashMap<ChatId, Vec<Arc<Connection>>>,
}

impl Registry {
    pub(super) fn len(&self) -> usize {
        self.by_device.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.by_device.values()
    }

    pub(super) fn accounts(&self) -> Vec<AccountId> {
        self.by_account.keys().copied().collect()
    }

    pub(super) fn of_device(&self, device: DeviceId) -> Option<&Arc<Connection>> {
        self.by_device.get(&device)
    }

    pub(super) fn of_account(&self, account: AccountId) -> &[Arc<Connection>] {
        self.by_account.get(&account).map_or(&[], Vec::as_slice)
    }

    pub(super) fn of_chat(&self, chat: ChatId) -> &[Arc<Connection>] {
        self.by_chat.get(&chat).map_or(&[], Vec::as_slice)
    }

    pub(super) fn of_session(&self, session: SessionId) -> impl Iterator<Item = &Arc<Connection>> {
        self.iter().filter(move |connection| connection.session_id == session)
    }

    /// Adds a connection. An older one of the device, and the oldest ones of an account that has too
    /// many, are told to end.
    pub(super) fn insert(&mut self, connection: &Arc<Connection>) {
        if let Some(older) = self.by_device.insert(connection.device_id, connection.clone()) {
            self.forget(&older);
            older.end(End::Replaced);
        }
        let of_account = self.by_account.entry(connection.account_id).or_default();
        of_account.push(connection.clone());
        if of_account.len() > SOCKETS_PER_ACCOUNT_MAX {
            of_account[0].end(End::Replaced);
        }
    }

    /// Takes a connection out, unless another has taken its place already.
    pub(super) fn remove(&mut self, connection: &Arc<Connection>) {
        if let Entry::Occupied(entry) = self.by_device.entry(connection.device_id)
            && Arc::ptr_eq(entry.get(), connection)
        {
            entry.remove();
        }
        self.forget(connection);
    }

    pub(super) fn subscribe(&mut self, chat: ChatId, connection: &Arc<Connection>) {
        let mut chats = connection.chats.lock().unwrap_or_else(PoisonError::into_inner);
        if !chats.contains(&chat) {
            chats.push(chat);
            self.by_chat.entry(chat).or_default().push(connection.clone());
        }
    }

    pub(super) fn unsubscribe(&mut self, chat: ChatId, connection: &Arc<Connection>) {
        connection.chats.lock().unwrap_or_else(PoisonError::into_inner).retain(|&other| other != chat);
        drop_from(&mut self.by_chat, chat, connection);
    }

    fn forget(&mut self, connection: &Arc<Connection>) {
        drop_from(&mut self.by_account, connection.account_id, connection);
        for chat in std::mem::take(&mut *connection.chats.lock().unwrap_or_else(PoisonError::into_inner)) {
            drop_from(&mut self.by_chat, chat, connection);
        }
    }
}

fn drop_from<K: std::hash::Hash + Eq>(
    map: &mut HashMap<K, Vec<Arc<Connection>>>,
    key: K,
    connection: &Arc<Connection>,
) {
    if let Entry::Occupied(mut entry) = map.entry(key) {
        entry.get_mut().retain(|other| !Arc::ptr_eq(other, connection));
        if entry.get().is_empty() {
            entry.remove();
        }
    }
}
