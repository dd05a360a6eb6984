//! One server on one data folder.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// Held as long as the server runs; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

/// The data folder cannot be used; the text is one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum DataLockError {
    #[error("cannot use the data folder {path}: {cause}")]
    Folder { path: PathBuf, cause: io::Error },
    #[error("another server is running on the data folder {path}")]
    Taken { path: PathBuf },
}

impl DataLock {
    /// Makes the data folder (for its owner alone) where it is missing, and takes its lock.
    ///
    /// # Errors
    /// [`DataLockError`] without the rights to it, or when another server has it.
    pub fn take(data: &Path) -> Result<Self, DataLockError> {
        let folder = |cause| DataLockError::Folder { path: data.to_owned(), cause };
        create_private_dir(data).map_err(folder)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(data.join("doorpost.lock"))
            .map_err(folder)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(DataLockError::Taken { path: data.to_owned() }),
            Err(TryLockError::Error(cause)) => Err(folder(cause)),
        }
    }
}

fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_server_at_a_time() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let data = dir.path().join("data");
        let first = DataLock::take(&data).expect("free");
        assert!(matches!(DataLock::take(&data), Err(DataLockError::Taken { .. })));
        drop(first);
        DataLock::take(&data).expect("free again");
    }

    #[test]
    fn a_file_is_not_a_folder() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("file");
        fs::write(&path, b"").expect("write");
        assert!(matches!(DataLock::take(&path), Err(DataLockError::Folder { .. })));
    }
}
