//! The local store in a folder.

use std::path::{Path, PathBuf};

use doorpost_model::TimeMs;
use rusqlite::Connection;

use crate::store::{StoreError, StoreFiles};

const NAME: &str = "store.db";

/// The store `store.db` in a folder that belongs to one client alone.
#[derive(Clone, Debug)]
pub struct FolderFiles {
    folder: PathBuf,
}

impl FolderFiles {
    /// The folder is made if it is not there, for its owner alone.
    ///
    /// # Errors
    /// [`std::io::Error`] when it cannot be made.
    pub fn new(folder: impl Into<PathBuf>) -> std::io::Result<Self> {
        let folder = folder.into();
        make_private_folder(&folder)?;
        Ok(Self { folder })
    }

    /// Where the store is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }
}

impl StoreFiles for FolderFiles {
    fn open(&self) -> Result<Connection, StoreError> {
        // SQLite would open it for reading alone.
        match std::fs::OpenOptions::new().write(true).open(self.path()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Files(error.to_string()));
            }
            _ => {}
        }
        let connection = Connection::open(self.path())?;
        restrict(&self.path());
        Ok(connection)
    }

    fn set_aside(&self, now: TimeMs) -> Result<(), StoreError> {
        for suffix in ["", "-wal", "-shm"] {
            let from = self.folder.join(format!("{NAME}{suffix}"));
            let to = self.folder.join(format!("store.corrupt-{}.db{suffix}", now.0));
            match std::fs::rename(&from, &to) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(StoreError::Files(error.to_string())),
            }
        }
        Ok(())
    }
}

/// Makes a folder that is not there, for its owner alone.
pub(super) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// The store holds keys: for its owner alone.
fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)) {
            tracing::warn!(%error, "the local store's permissions could not be narrowed");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}
