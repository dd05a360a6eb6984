//! The local store in the origin's private file system.

use doorpost_client::{StoreError, StoreFiles};
use doorpost_model::TimeMs;
use rsqlite_vfs::VfsFilesManager;
use rusqlite::Connection;
use sqlite_wasm_vfs::sahpool::{OpfsSAHPoolCfgBuilder, OpfsSAHPoolUtil, install};

const DIRECTORY: &str = "doorpost";
const VFS: &str = "opfs-sahpool";
/// The store, its WAL and journal; as many again for each that was set aside.
const SLOTS: usize = 12;

/// The pool of file handles. A damaged store stays as it is, and one with the next number takes its place.
pub(crate) struct OpfsFiles(OpfsSAHPoolUtil);

impl OpfsFiles {
    /// Takes the origin's files for this worker.
    pub(crate) async fn install() -> Result<Self, StoreError> {
        let config = OpfsSAHPoolCfgBuilder::new().vfs_name(VFS).directory(DIRECTORY).initial_capacity(SLOTS).build();
        let pool = install::<sqlite_wasm_rs::WasmOsCallback>(&config, true)
            .await
            .map_err(|error| StoreError::Files(error.to_string()))?;
        if pool.is_paused() {
            pool.resume().await.map_err(|error| StoreError::Files(error.to_string()))?;
        }
        Ok(Self(pool))
    }

    /// Lets another worker have the files. Without open databases alone; else the worker's end does it.
    pub(crate) fn release(&self) {
        // Fails while the database is open: then the handles go with the worker.
        let _ = self.0.pause();
    }

    /// The number of the newest store.
    fn newest(&self) -> Result<Option<u32>, StoreError> {
        let names = self.0.names().map_err(|error| StoreError::Files(error.to_string()))?;
        Ok(names.iter().filter_map(|name| number(name)).max())
    }
}

fn name(number: u32) -> String {
    format!("store-{number}.db")
}

fn number(name: &str) -> Option<u32> {
    name.trim_start_matches('/').strip_prefix("store-")?.strip_suffix(".db")?.parse().ok()
}

impl StoreFiles for OpfsFiles {
    fn open(&self) -> Result<Connection, StoreError> {
        Ok(Connection::open(name(self.newest()?.unwrap_or(0)))?)
    }

    fn set_aside(&self, _now: TimeMs) -> Result<(), StoreError> {
        let next = self.newest()?.map_or(0, |newest| newest + 1);
        // Made now, so that it is the newest.
        let connection = Connection::open(name(next))?;
        connection.execute_batch("PRAGMA user_version = 0; CREATE TABLE placeholder (x); DROP TABLE placeholder")?;
        Ok(())
    }
}
