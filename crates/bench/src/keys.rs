//! A device's store of keys.

use std::{cell::RefCell, collections::BTreeMap};

use doorpost_mls::storage::{KeyValue, KeyValueError, WriteSet};

/// Keys of one device, in memory.
#[derive(Default)]
pub struct Keys(RefCell<BTreeMap<Vec<u8>, Vec<u8>>>);

impl KeyValue for Keys {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, KeyValueError> {
        Ok(self.0.borrow().get(key).cloned())
    }
}

impl Keys {
    pub fn commit(&self, writes: WriteSet) {
        let mut keys = self.0.borrow_mut();
        for (key, value) in writes.0 {
            match value {
                Some(value) => keys.insert(key, value),
                None => keys.remove(&key),
            };
        }
    }
}
