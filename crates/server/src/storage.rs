//! Where files and photos are kept: beside the database, in parts of at most a megabyte, each one object.
//!
//! Parts are never changed and never put together, so an upload goes on where it was after any stop.

use std::{
    fmt,
    fs::File,
    io,
    ops::Range,
    path::{Path as FsPath, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use doorpost_model::{MediaId, limits::FILE_PART_BYTES, media::PictureSize};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use object_store::{
    ObjectStore, ObjectStoreExt as _, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
};

use crate::file::FileKey;

const PART_BYTES: u64 = FILE_PART_BYTES as u64;
/// How often, and for how long, a request to an object store elsewhere is tried again.
const RETRIES_MAX: usize = 3;
const RETRY_TIMEOUT: Duration = Duration::from_secs(15);

/// Where an operator keeps files and photos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageConfig {
    /// In the data folder.
    Folder,
    S3(S3Config),
}

/// A bucket of an object store that speaks S3.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Config {
    pub bucket: String,
    /// Amazon's own unless it is named: `https://HOST` or, for one beside this server, `http://HOST:PORT`.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// Absent: as the machine this runs on is known to the store.
    pub access_key: Option<S3Key>,
}

/// What opens a bucket.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Key {
    pub id: String,
    pub secret: String,
}

impl fmt::Debug for S3Config {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket, endpoint, region, access_key: _ } = self;
        f.debug_struct("S3Config")
            .field("bucket", bucket)
            .field("endpoint", endpoint)
            .field("region", region)
            .finish_non_exhaustive()
    }
}

/// What keeps things from being kept; one line for the operator.
#[derive(Debug, thiserror::Error)]
#[error("files cannot be kept: {0}")]
pub struct StorageError(Box<dyn std::error::Error + Send + Sync>);

impl From<object_store::Error> for StorageError {
    fn from(error: object_store::Error) -> Self {
        Self(error.into())
    }
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        Self(error.into())
    }
}

/// What is kept in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The ciphertext of a file in a chat.
    File(FileKey),
    /// A photo as somebody uploaded it; nobody is ever given it.
    Upload(MediaId),
    /// One size of a photo.
    Size(MediaId, PictureSize),
    /// What is shown of a video.
    Film(MediaId),
}

impl Kept {
    fn folder(self) -> Path {
        match self {
            Self::File(key) => Path::from_iter(["files".to_owned(), key.chat_id.to_string(), key.file_id.to_string()]),
            Self::Upload(media_id) => media_folder(media_id).join("upload"),
            Self::Size(media_id, size) => media_folder(media_id).join(size.as_str()),
            Self::Film(media_id) => media_folder(media_id).join("film"),
        }
    }

    /// The part that begins at `offset`.
    fn part(self, offset: u64) -> Path {
        self.folder().join((offset / PART_BYTES).to_string())
    }
}

/// Everything of a photo.
fn media_folder(media_id: MediaId) -> Path {
    Path::from_iter(["media".to_owned(), media_id.to_string()])
}

/// The parts of all files and photos.
#[derive(Clone)]
pub struct Storage {
    objects: Arc<dyn ObjectStore>,
    /// Where the objects are files; none in a bucket.
    folder: Option<Folder>,
}

/// A folder of this machine, where a file is safe only once it was synced, and may be left half written.
#[derive(Clone)]
struct Folder {
    root: Arc<FsPath>,
    files: Arc<LocalFileSystem>,
}

impl Storage {
    /// Opens the data folder, or a bucket elsewhere that answers.
    ///
    /// # Errors
    /// [`StorageError`]
    pub async fn open(config: &StorageConfig, data: &FsPath) -> Result<Self, StorageError> {
        match config {
            StorageConfig::Folder => Self::in_folder(data),
            StorageConfig::S3(s3) => Self::in_bucket(s3).await,
        }
    }

    fn in_folder(data: &FsPath) -> Result<Self, StorageError> {
        let files = Arc::new(LocalFileSystem::new_with_prefix(data)?.with_automatic_cleanup(true));
        let root = data.canonicalize()?.into();
        Ok(Self { objects: Arc::clone(&files) as _, folder: Some(Folder { root, files }) })
    }

    async fn in_bucket(config: &S3Config) -> Result<Self, StorageError> {
        let retry = RetryConfig { max_retries: RETRIES_MAX, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new().with_bucket_name(&config.bucket).with_retry(retry);
        if let Some(endpoint) = &config.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some(region) = &config.region {
            builder = builder.with_region(region);
        }
        if let Some(key) = &config.access_key {
            builder = builder.with_access_key_id(&key.id).with_secret_access_key(&key.secret);
        }
        let storage = Self { objects: Arc::new(builder.build()?), folder: None };
        // A bucket that cannot be read is said at the start, not at somebody's first photo.
        storage.objects.list(Some(&Path::from("media"))).try_next().await?;
        Ok(storage)
    }

    /// Keeps the part that begins at `offset`; it is on disk when this ends well. One that was there is replaced.
    pub(crate) async fn put(&self, kept: Kept, offset: u64, bytes: Bytes) -> Result<(), StorageError> {
        let place = kept.part(offset);
        // In a folder it is written under another name, then renamed.
        self.objects.put(&place, bytes.into()).await?;
        let Some(folder) = &self.folder else { return Ok(()) };
        let path = folder.files.path_to_filesystem(&place)?;
        let root = Arc::clone(&folder.root);
        blocking(move || sync(&path, &root)).await
    }

    /// Keeps something whole, as [`Self::put`] keeps its parts.
    pub(crate) async fn put_all(&self, kept: Kept, bytes: Bytes) -> Result<(), StorageError> {
        for start in (0..bytes.len()).step_by(FILE_PART_BYTES as usize) {
            let end = bytes.len().min(start + FILE_PART_BYTES as usize);
            self.put(kept, start as u64, bytes.slice(start..end)).await?;
        }
        Ok(())
    }

    /// The bytes of `range`, of something that is complete; `None` if it has just been deleted. One part at a time is in
    /// memory. What is deleted while it is read ends with an error.
    pub(crate) async fn read(
        &self,
        kept: Kept,
        range: Range<u64>,
    ) -> Result<Option<impl Stream<Item = Result<Bytes, StorageError>> + Send + use<>>, StorageError> {
        let mut pieces = pieces(range);
        let Some((offset, piece)) = pieces.next() else { return Ok(None) };
        let first = match self.objects.get_range(&kept.part(offset), piece).await {
            Ok(bytes) => bytes,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let objects = Arc::clone(&self.objects);
        let rest = stream::iter(pieces).then(move |(offset, piece)| {
            let objects = Arc::clone(&objects);
            async move { Ok(objects.get_range(&kept.part(offset), piece).await?) }
        });
        Ok(Some(stream::once(std::future::ready(Ok(first))).chain(rest)))
    }

    /// Deletes all parts there are.
    pub(crate) async fn delete(&self, kept: Kept) -> Result<(), StorageError> {
        self.delete_folder(&kept.folder()).await
    }

    /// Deletes everything of a photo.
    pub(crate) async fn delete_media(&self, media_id: MediaId) -> Result<(), StorageError> {
        self.delete_folder(&media_folder(media_id)).await
    }

    async fn delete_folder(&self, place: &Path) -> Result<(), StorageError> {
        let Some(folder) = &self.folder else { return self.delete_objects(place).await };
        // Also what was being written when the server was stopped, under whatever name.
        let path: PathBuf = folder.root.join(place.as_ref());
        blocking(move || match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        })
        .await
    }

    async fn delete_objects(&self, place: &Path) -> Result<(), StorageError> {
        let places = self.objects.list(Some(place)).map_ok(|object| object.location).boxed();
        let mut deleted = self.objects.delete_stream(places);
        while let Some(outcome) = deleted.next().await {
            match outcome {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), StorageError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|error| StorageError(error.into()))??)
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

/// Makes a file, and the names of the folders it is in below `root`, outlast a loss of power.
fn sync(path: &FsPath, root: &FsPath) -> io::Result<()> {
    File::open(path)?.sync_all()?;
    for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(root)) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use doorpost_model::{ChatId, FileId};
    use futures_util::TryStreamExt as _;

    use super::*;

    const KEPT: Kept =
        Kept::File(FileKey { chat_id: ChatId::from_bytes([1; 16]), file_id: FileId::from_bytes([2; 16]) });
    const MEDIA: MediaId = MediaId::from_bytes([3; 16]);

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
        let storage = Storage::in_folder(data.path()).expect("a storage");
        let size = PART_BYTES + 3;
        storage.put(KEPT, 0, vec![1; FILE_PART_BYTES as usize].into()).await.expect("kept");
        storage.put(KEPT, PART_BYTES, vec![2; 3].into()).await.expect("kept");
        let read = storage.read(KEPT, PART_BYTES - 2..size).await.expect("a disk").expect("there");
        assert_eq!(read.try_collect::<Vec<Bytes>>().await.expect("read").concat(), [1, 1, 2, 2, 2]);
        let cut_off = storage.read(KEPT, 0..size).await.expect("a disk").expect("there");
        storage.delete(KEPT).await.expect("deleted");
        storage.delete(KEPT).await.expect("deleted already");
        assert!(cut_off.try_collect::<Vec<_>>().await.is_err(), "deleted while it was read");
        assert!(storage.read(KEPT, 0..1).await.expect("a disk").is_none());
    }

    #[tokio::test]
    async fn all_of_a_photo_is_deleted_what_was_half_written_too() {
        let data = tempfile::tempdir().expect("a folder");
        let storage = Storage::in_folder(data.path()).expect("a storage");
        let large = Kept::Size(MEDIA, PictureSize::Large);
        let bytes: Bytes = (0..PART_BYTES + 9).map(|place| (place % 251) as u8).collect::<Vec<_>>().into();
        storage.put_all(large, bytes.clone()).await.expect("kept");
        storage.put(Kept::Upload(MEDIA), 0, vec![1; 3].into()).await.expect("kept");
        let read = storage.read(large, 0..PART_BYTES + 9).await.expect("a disk").expect("there");
        assert_eq!(read.try_collect::<Vec<Bytes>>().await.expect("read").concat(), bytes);
        let folder = data.path().join("media").join(MEDIA.to_string());
        std::fs::write(folder.join("upload").join("1#7"), b"half").expect("written");
        storage.delete(Kept::Upload(MEDIA)).await.expect("deleted");
        assert!(!folder.join("upload").exists() && folder.join("large").exists());
        storage.delete_media(MEDIA).await.expect("deleted");
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn in_a_bucket_as_in_a_folder() {
        let objects = Arc::new(object_store::memory::InMemory::new());
        let storage = Storage { objects: Arc::clone(&objects) as _, folder: None };
        let (small, large) = (Kept::Size(MEDIA, PictureSize::Small), Kept::Size(MEDIA, PictureSize::Large));
        storage.put_all(small, vec![1; 5].into()).await.expect("kept");
        storage.put_all(large, vec![2; FILE_PART_BYTES as usize + 5].into()).await.expect("kept");
        let another = Kept::Size(MediaId::from_bytes([4; 16]), PictureSize::Small);
        storage.put_all(another, vec![3; 5].into()).await.expect("kept");
        let read = storage.read(large, PART_BYTES - 1..PART_BYTES + 1).await.expect("a store").expect("there");
        assert_eq!(read.try_collect::<Vec<Bytes>>().await.expect("read").concat(), [2, 2]);
        storage.delete(large).await.expect("deleted");
        assert!(storage.read(large, 0..1).await.expect("a store").is_none());
        assert!(storage.read(small, 0..1).await.expect("a store").is_some());
        storage.delete_media(MEDIA).await.expect("deleted");
        storage.delete_media(MEDIA).await.expect("deleted already");
        let left: Vec<_> = objects.list(None).try_collect().await.expect("a list");
        assert_eq!(left.len(), 1, "another's stays");
    }
}
