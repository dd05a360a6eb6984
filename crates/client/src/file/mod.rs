//! Files in chats.
//!
//! A file is encrypted once, into a file of the core's own ([`FilePlace::Own`]); only then its message is written, and
//! waits in the outbox until the server has all of the ciphertext. So nothing is ever encrypted twice under one key,
//! the original may change or go, and an upload goes on after any stop. The same ciphertext is what this device reads
//! later, and what others download.

mod open;
mod send;
mod upload;

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use doorpost_model::{ApiError, ErrorCode, FileId, limits};

use crate::{
    Event, FileAccessError, FilePlace, Platform,
    core::{Core, Pulse},
    event::FileStep,
    store::file,
};

pub(crate) use send::Outgoing;

/// Ciphertext that this device keeps of files that were sent or read; those used last stay.
const CACHE_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Pauses after tries without an answer; after the last one the next connection tries again.
const PAUSES_MS: [u64; 6] = [100, 300, 1_000, 2_000, 5_000, 10_000];

/// What is under way.
#[derive(Default)]
pub(crate) struct Transfers {
    running: RefCell<BTreeSet<FileId>>,
    /// Of these, the ones that are to stop.
    stopping: RefCell<BTreeSet<FileId>>,
    /// Fires whenever one has ended.
    ended: Pulse,
}

impl Transfers {
    /// Marks a file; `false` when somebody is at it.
    fn begin(&self, file_id: FileId) -> bool {
        self.running.borrow_mut().insert(file_id)
    }

    /// Whoever is at a file is to stop, at the next part.
    fn stop(&self, file_id: FileId) {
        if self.running.borrow().contains(&file_id) {
            self.stopping.borrow_mut().insert(file_id);
        }
    }

    fn is_stopping(&self, file_id: FileId) -> bool {
        self.stopping.borrow().contains(&file_id)
    }

    /// Ends it for a file that was marked, however whoever is at it ends.
    fn until_done(&self, file_id: FileId) -> Underway<'_> {
        Underway { transfers: self, file_id }
    }

    /// Until nobody is at the file.
    async fn idle(&self, file_id: FileId) {
        loop {
            let ended = self.ended.next();
            if !self.running.borrow().contains(&file_id) {
                return;
            }
            // The sender is dropped with the core alone.
            let _ = ended.await;
        }
    }
}

/// Somebody is at a file.
struct Underway<'a> {
    transfers: &'a Transfers,
    file_id: FileId,
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.transfers.running.borrow_mut().remove(&self.file_id);
        self.transfers.stopping.borrow_mut().remove(&self.file_id);
        self.transfers.ended.fire();
    }
}

/// How far something has come with a file, for whoever shows it.
struct Progress {
    file_id: FileId,
    step: FileStep,
    total_bytes: u64,
}

impl<P: Platform> Core<P> {
    fn show_progress(&self, progress: &Progress, done_bytes: u64) {
        let Progress { file_id, step, total_bytes } = *progress;
        self.emit(&Event::FileProgress { file_id, step, done_bytes, total_bytes });
    }

    /// Removes what no message needs any more, beside the caller.
    pub(crate) fn drop_unused_files_soon(self: &Rc<Self>) {
        if file::unused_blobs(self.store.read()).is_ok_and(|unused| unused.is_empty()) {
            return;
        }
        self.spawn(async move |core| {
            let result = core.drop_unused_files().await;
            core.background(result);
        });
    }

    async fn drop_unused_files(&self) -> Result<(), ApiError> {
        for file_id in file::unused_blobs(self.store.read())? {
            self.drop_file(file_id).await?;
        }
        Ok(())
    }

    /// At the start: removes what a stop left behind.
    pub(crate) fn tidy_files_soon(self: &Rc<Self>) {
        self.spawn(async move |core| {
            let result = core.tidy_files().await;
            core.background(result);
        });
    }

    async fn tidy_files(&self) -> Result<(), ApiError> {
        self.drop_unused_files().await?;
        for file_id in self.platform().own_files().await.map_err(unusable)? {
            let is_busy = self.transfers.running.borrow().contains(&file_id);
            if !is_busy && !file::has_blob(self.store.read(), file_id)? {
                self.drop_file(file_id).await?;
            }
        }
        Ok(())
    }

    /// Removes all of the core's own files: the store that knows their keys is gone.
    pub(crate) async fn forget_files(&self) -> Result<(), ApiError> {
        for file_id in self.platform().own_files().await.map_err(unusable)? {
            self.drop_file(file_id).await?;
        }
        Ok(())
    }

    /// Makes room: drops what was not used for longest.
    async fn shrink_cache(&self) -> Result<(), ApiError> {
        for file_id in file::blobs_over(self.store.read(), CACHE_BYTES_MAX)? {
            self.drop_file(file_id).await?;
        }
        Ok(())
    }

    async fn drop_file(&self, file_id: FileId) -> Result<(), ApiError> {
        self.platform().remove_file(&FilePlace::Own(file_id)).await.map_err(unusable)?;
        Ok(file::delete_blob(self.store.read(), file_id)?)
    }
}

fn unusable(error: FileAccessError) -> ApiError {
    match error {
        FileAccessError::Unsupported => {
            ApiError::new(ErrorCode::Conflict, "Files cannot be sent or opened by this program yet.")
        }
        FileAccessError::Failed(cause) => {
            ApiError::new(ErrorCode::Internal, format!("A file on this device could not be used: {cause}."))
        }
    }
}

/// Chunks of one part, of which each but a file's last has this many plaintext bytes.
const PART_PLAINTEXT_BYTES: usize =
    (limits::FILE_PART_BYTES / doorpost_model::file::SEALED_CHUNK_BYTES * doorpost_model::file::CHUNK_BYTES) as usize;
