//! Files beside the store: reading and writing them piece by piece.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use doorpost_model::FileId;

use super::files::make_private_folder;
use crate::platform::FileAccessError;

pub(super) fn size(path: &Path) -> Result<Option<u64>, FileAccessError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
        Ok(_) => Err(FileAccessError::Failed("it is no file".to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

pub(super) fn read(path: &Path, offset: u64, length: usize) -> Result<Vec<u8>, FileAccessError> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::with_capacity(length);
        file.take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(failed)
}

pub(super) fn write(path: &Path, offset: u64, bytes: &[u8]) -> Result<(), FileAccessError> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(offset == 0).truncate(false).open(path)?;
        file.set_len(offset)?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    };
    write().map_err(failed)
}

pub(super) fn remove(path: &Path) -> Result<(), FileAccessError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

/// The files of the folder that are named like one of the core's.
pub(super) fn list(folder: &Path) -> Result<Vec<FileId>, FileAccessError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let names = entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>();
    Ok(names.map_err(failed)?.iter().filter_map(|name| name.to_str()?.parse().ok()).collect())
}

pub(super) fn make_folder(folder: &Path) -> Result<(), FileAccessError> {
    make_private_folder(folder).map_err(failed)
}

fn failed(error: io::Error) -> FileAccessError {
    FileAccessError::Failed(error.to_string())
}
