//! Files of the page under the paths that commands name: some to be read, some being written.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag};

/// Bytes that are gathered before the browser, which may put them on disk, gets them.
const GATHER_BYTES: u64 = 8 * 1024 * 1024;

/// Shared by the bindings and the platform.
#[derive(Clone, Default)]
pub(crate) struct LentFiles(Rc<RefCell<BTreeMap<String, Lent>>>);

enum Lent {
    Source(Blob),
    Target(Target),
}

/// A file that is written from its beginning to its end.
#[derive(Default)]
struct Target {
    /// What the browser has already, and what follows it.
    parts: Array,
    size_bytes: u64,
    gathered_bytes: u64,
}

impl LentFiles {
    pub(crate) fn lend(&self, path: String, file: Blob) {
        self.0.borrow_mut().insert(path, Lent::Source(file));
    }

    /// What was written to a path, as a blob; the path is free again.
    pub(crate) fn take(&self, path: &str, media_type: &str) -> Option<Blob> {
        match self.0.borrow_mut().remove(path)? {
            Lent::Target(target) => {
                let options = BlobPropertyBag::new();
                options.set_type(media_type);
                Blob::new_with_blob_sequence_and_options(&target.parts, &options).ok()
            }
            Lent::Source(_) => None,
        }
    }

    pub(crate) fn remove(&self, path: &str) {
        self.0.borrow_mut().remove(path);
    }

    pub(crate) fn size(&self, path: &str) -> Option<u64> {
        self.0.borrow().get(path).map(|lent| match lent {
            Lent::Source(file) => file.size() as u64,
            Lent::Target(target) => target.size_bytes,
        })
    }

    pub(crate) async fn read(&self, path: &str, offset: u64, length: usize) -> Result<Vec<u8>, JsValue> {
        let slice = match self.0.borrow().get(path) {
            Some(Lent::Source(file)) => file.slice_with_f64_and_f64(offset as f64, offset as f64 + length as f64)?,
            _ => return Err(JsValue::from_str("there is no such file")),
        };
        bytes_of(&slice).await
    }

    pub(crate) fn write(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), JsValue> {
        let mut files = self.0.borrow_mut();
        if offset == 0 {
            files.insert(path.to_owned(), Lent::Target(Target::default()));
        }
        match files.get_mut(path) {
            Some(Lent::Target(target)) if target.size_bytes == offset => target.append(bytes),
            _ => Err(JsValue::from_str("a file is written from its beginning on")),
        }
    }
}

impl Target {
    fn append(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        self.parts.push(&Uint8Array::from(bytes));
        self.size_bytes += bytes.len() as u64;
        self.gathered_bytes += bytes.len() as u64;
        if self.gathered_bytes >= GATHER_BYTES {
            self.parts = Array::of1(&Blob::new_with_blob_sequence(&self.parts)?.into());
            self.gathered_bytes = 0;
        }
        Ok(())
    }
}

/// All bytes of a blob.
pub(crate) async fn bytes_of(blob: &Blob) -> Result<Vec<u8>, JsValue> {
    Ok(Uint8Array::new(&JsFuture::from(blob.array_buffer()).await?).to_vec())
}
