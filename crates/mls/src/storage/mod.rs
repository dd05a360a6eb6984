//! Where a device's MLS state lives: a key-value view to read through, and the set of what changed.
//!
//! Keys are a tag of one byte and what the value is named by; values are in postcard. The caller keeps
//! them in one table (`key BLOB PRIMARY KEY, value BLOB`). Everything of a chat is found from its id, so
//! it can be deleted without being read ([`crate::member::Groups::delete`]).

mod overlay;
mod provider;

pub(crate) use overlay::{Overlay, OverlayError, Tag, key};

/// A consistent view of the stored keys. Reading one's own uncommitted writes is not needed.
pub trait KeyValue {
    /// # Errors
    /// [`KeyValueError`] when the store could not be read; a key that is not there is `None`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, KeyValueError>;
}

impl<K: KeyValue + ?Sized> KeyValue for &K {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, KeyValueError> {
        (**self).get(key)
    }
}

/// Why a value cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyValueError {
    #[error("the store could not be read: {0}")]
    Unreadable(String),
    /// It is not what was written.
    #[error("a stored value is damaged")]
    Damaged,
}

/// What an operation changed: key and new value, or none to delete it. Sorted by key, each key once.
/// Must be committed in one transaction, and before anything that came with it leaves the device.
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use = "the group in memory is ahead of the store until this is committed"]
pub struct WriteSet(pub Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl std::fmt::Debug for WriteSet {
    /// Keys are counted, never shown: the values are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WriteSet({} keys)", self.0.len())
    }
}

/// A store with nothing in it.
pub(crate) struct Empty;

impl KeyValue for Empty {
    fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, KeyValueError> {
        Ok(None)
    }
}

impl KeyValue for WriteSet {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, KeyValueError> {
        let position = self.0.binary_search_by(|(other, _)| other.as_slice().cmp(key));
        Ok(position.ok().and_then(|position| self.0[position].1.clone()))
    }
}
