//! Where ciphertext is kept: one object a part, in a folder of the data folder.
//!
//! Parts are never changed and never put together, so an upload goes on where it was after any stop, and an object
//! store elsewhere would need nothing else than this.

use std::{fs::File, io, ops::Range, path::Path as FsPath, sync::Arc};

use bytes::Bytes;
use doorpost_model::limits::FILE_PART_BYTES;
use futures_util::{Stream, StreamExt as _, stream};
use object_store::{ObjectStoreExt as _, local::LocalFileSystem, path::Path};

use super::FileKey;

/// The folder's name in the data folder.
const FOLDER: &str = "files";
const PART_BYTES: u64 = FILE_PART_BYTES as u64;

/// What keeps files from being kept; one line for the operator.
#[derive(Debug, thiserror::Error)]
#[error("files cannot be kept in {FOLDER}/ of the data folder: {0}")]
pub struct FileStorageError(Box<dyn std::error::Error + Send + Sync>);

impl From<object_store::Error> for FileStorageError {
    fn from(error: object_store::Error) -> Self {
        Self(error.into())
    }
}

impl From<io::Error> for FileStorageError {
    fn from(error: io::Error) -> Self {
        Self(error.into())
    }
}

/// The parts of all files.
#[derive(Clone)]
pub struct FileStorage(Arc<LocalFileSystem>);

impl FileStorage {
    /// Makes the folder where it is missing.
    ///
    /// # Errors
    /// [`FileStorageError`]
    pub fn open(data: &FsPath) -> Result<Self, FileStorageError> {
        let folder = data.join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        Ok(Self(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true))))
    }

    /// Keeps the part that begins at `offset`; it is on disk when this ends well. One that was there is replaced.
    pub(super) async fn put(&self, key: FileKey, offset: u64, bytes: Bytes) -> Result<(), FileStorageError> {
        let place = place(key, offset);
        // Written under another name, then renamed.
        self.0.put(&place, bytes.into()).await?;
        let path = self.0.path_to_filesystem(&place)?;
        tokio::task::spawn_blocking(move || sync(&path)).await.map_err(|error| FileStorageError(error.into()))??;
        Ok(())
    }

    /// The bytes of `range`, of a file that is complete; `None` if it has just been deleted. One part at a time is in
    /// memory. A file that is deleted while it is read ends with an error.
    pub(super) async fn read(
        &self,
        key: FileKey,
        range: Range<u64>,
    ) -> Result<Option<impl Stream<Item = Result<Bytes, FileStorageError>> + Send + use<>>, FileStorageError> {
        let mut pieces = pieces(range);
        let Some((offset, piece)) = pieces.next() else { return Ok(None) };
        let first = match self.0.get_range(&place(key, offset), piece).await {
            Ok(bytes) => bytes,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let objects = Arc::clone(&self.0);
        let rest = stream::iter(pieces).then(move |(offset, piece)| {
            let objects = Arc::clone(&objects);
            async move { Ok(objects.get_range(&place(key, offset), piece).await?) }
        });
        Ok(Some(stream::once(std::future::ready(Ok(first))).chain(rest)))
    }

    /// Deletes all parts of a file of `size_bytes`, as many as there are.
    pub(super) async fn delete(&self, key: FileKey, size_bytes: u64) -> Result<(), FileStorageError> {
        for (offset, _) in pieces(0..size_bytes) {
            match self.0.delete(&place(key, offset)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// `chat/file/number of the part`.
fn place(key: FileKey, offset: u64) -> Path {
    Path::from_iter([key.chat_id.to_string(), key.file_id.to_string(), (offset / PART_BYTES).to_string()])
}

/// Where the parts begin that a range touches, each with what is wanted of it.
fn pieces(range: Range<u64>) -> impl Iterator<Item = (u64, Range<u64>)> {
    let first = range.start / PART_BYTES;
    let end = range.end.div_ceil(PART_BYTES);
    (first..end).map(move |part| {
        let offset = part * PART_BYTES;
        let from = range.start.max(offset) - offset;
        let to = range.end.min(offset + PART_BYTES) - offset;
        (offset, from..to)
    })
}

/// Makes a file, and the names of the folders it is in, outlast a loss of power.
fn sync(path: &FsPath) -> io::Result<()> {
    File::open(path)?.sync_all()?;
    // File, chat, and the folder of all.
    for folder in path.ancestors().skip(1).take(3) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use doorpost_model::{ChatId, FileId};
    use futures_util::TryStreamExt as _;

    use super::*;

    const KEY: FileKey = FileKey { chat_id: ChatId::from_bytes([1; 16]), file_id: FileId::from_bytes([2; 16]) };

    #[test]
    fn a_range_is_cut_at_parts() {
        let cut = |range| pieces(range).collect::<Vec<_>>();
        assert_eq!(cut(0..1), [(0, 0..1)]);
        assert_eq!(cut(0..PART_BYTES), [(0, 0..PART_BYTES)]);
        assert_eq!(cut(PART_BYTES - 1..PART_BYTES + 2), [(0, PART_BYTES - 1..PART_BYTES), (PART_BYTES, 0..2)]);
        assert_eq!(cut(PART_BYTES * 2 + 5..PART_BYTES * 2 + 9), [(PART_BYTES * 2, 5..9)]);
        assert!(cut(0..0).is_empty());
    }

    #[tokio::test]
    async fn parts_are_read_across_and_deleted() {
        let data = tempfile::tempdir().expect("a folder");
        let storage = FileStorage::open(data.path()).expect("a storage");
        let size = PART_BYTES + 3;
        storage.put(KEY, 0, vec![1; FILE_PART_BYTES as usize].into()).await.expect("kept");
        storage.put(KEY, PART_BYTES, vec![2; 3].into()).await.expect("kept");
        let read = storage.read(KEY, PART_BYTES - 2..size).await.expect("a disk").expect("there");
        assert_eq!(read.try_collect::<Vec<Bytes>>().await.expect("read").concat(), [1, 1, 2, 2, 2]);
        let cut_off = storage.read(KEY, 0..size).await.expect("a disk").expect("there");
        storage.delete(KEY, size).await.expect("deleted");
        storage.delete(KEY, size).await.expect("deleted already");
        assert!(cut_off.try_collect::<Vec<_>>().await.is_err(), "deleted while it was read");
        assert!(storage.read(KEY, 0..1).await.expect("a disk").is_none());
        let left = std::fs::read_dir(data.path().join(FOLDER)).expect("the folder").count();
        assert_eq!(left, 0, "empty folders go too");
    }
}
