//! The store as one operation sees it: what is stored, overlaid with what the operation wrote.

use std::{cell::RefCell, collections::BTreeMap};

use serde::{Serialize, de::DeserializeOwned};

use super::{KeyValue, KeyValueError, WriteSet};

/// What a key holds; the first byte of every key. Never renumber.
#[expect(clippy::enum_variant_names, reason = "a confirmation tag is called so in RFC 9420")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Tag {
    JoinConfig = 1,
    OwnLeafNodes = 2,
    Proposals = 3,
    Tree = 4,
    GroupContext = 5,
    InterimTranscriptHash = 6,
    ConfirmationTag = 7,
    GroupState = 8,
    MessageSecrets = 9,
    ResumptionPsks = 10,
    OwnLeafIndex = 11,
    EpochSecrets = 12,
    /// Of all epochs a group has keys of, in one value: so all are found without knowing the epochs.
    EpochKeyPairs = 13,
    /// This crate's own: the bytes of this device's commit that waits.
    PendingCommit = 14,
    /// This crate's own: the number of the door whose key is stored.
    Door = 15,
    /// This crate's own: devices that were taken out of the group because their accounts revoked them.
    RevokedDevices = 16,
    SignatureKeyPair = 32,
    EncryptionKeyPair = 33,
    KeyPackage = 34,
    Psk = 35,
}

impl Tag {
    /// Those whose key is the group's id and that are made anew with the group.
    pub const OF_GROUP: [Self; 15] = [
        Self::JoinConfig,
        Self::OwnLeafNodes,
        Self::Proposals,
        Self::Tree,
        Self::GroupContext,
        Self::InterimTranscriptHash,
        Self::ConfirmationTag,
        Self::GroupState,
        Self::MessageSecrets,
        Self::ResumptionPsks,
        Self::OwnLeafIndex,
        Self::EpochSecrets,
        Self::EpochKeyPairs,
        Self::PendingCommit,
        Self::Door,
    ];
}

/// Why the overlay could not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverlayError {
    #[error(transparent)]
    Read(#[from] KeyValueError),
    #[error("a stored value is damaged: {0}")]
    Damaged(String),
}

impl OverlayError {
    /// Whether the value is there and is not what was written; else the store could not be read.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::Read(KeyValueError::Damaged))
    }
}

/// The key for `tag` and a name.
pub fn key(tag: Tag, name: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(name, vec![tag as u8]).expect("postcard writes to memory without failing")
}

/// Reads through to the store, keeps what is written.
pub struct Overlay<'s> {
    store: &'s dyn KeyValue,
    writes: RefCell<BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
}

impl<'s> Overlay<'s> {
    pub fn new(store: &'s dyn KeyValue) -> Self {
        Self { store, writes: RefCell::default() }
    }

    /// Everything that was written.
    pub fn into_writes(self) -> WriteSet {
        WriteSet(self.writes.into_inner().into_iter().collect())
    }

    pub fn get_bytes(&self, key: &[u8]) -> Result<Option<Vec<u8>>, OverlayError> {
        if let Some(written) = self.writes.borrow().get(key) {
            return Ok(written.clone());
        }
        Ok(self.store.get(key)?)
    }

    pub fn put_bytes(&self, key: Vec<u8>, value: Vec<u8>) {
        self.writes.borrow_mut().insert(key, Some(value));
    }

    pub fn delete(&self, key: Vec<u8>) {
        self.writes.borrow_mut().insert(key, None);
    }

    pub fn get<V: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<V>, OverlayError> {
        self.get_bytes(key)?.map(|bytes| decode(&bytes)).transpose()
    }

    pub fn put<V: Serialize>(&self, key: Vec<u8>, value: &V) -> Result<(), OverlayError> {
        self.put_bytes(key, encode(value)?);
        Ok(())
    }
}

pub fn encode<V: Serialize + ?Sized>(value: &V) -> Result<Vec<u8>, OverlayError> {
    postcard::to_stdvec(value).map_err(|error| OverlayError::Damaged(error.to_string()))
}

pub fn decode<V: DeserializeOwned>(bytes: &[u8]) -> Result<V, OverlayError> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err(OverlayError::Damaged("bytes left over".to_owned())),
        Err(error) => Err(OverlayError::Damaged(error.to_string())),
    }
}
