//! The platform of native programs: hyper and tungstenite on a current-thread tokio runtime. A client
//! runs inside a [`tokio::task::LocalSet`].

mod blobs;
mod files;
mod http;
mod socket;

use std::{path::PathBuf, time::Duration};

use doorpost_model::{FileId, TimeMs};
use rand::RngCore;

pub use files::FolderFiles;

use crate::platform::{
    FileAccessError, FilePlace, HttpRequest, HttpResponse, LocalFuture, NetworkError, Platform, SessionMode, Socket,
};

/// The real machine, and one server.
#[derive(Clone)]
pub struct NativePlatform {
    base_url: String,
    http: http::HttpClient,
    /// Where the core's own files are, if it may have any.
    files: Option<PathBuf>,
}

impl NativePlatform {
    /// `base_url` is `http://host[:port]` or `https://…`, without a path.
    ///
    /// # Errors
    /// [`NetworkError`] when `base_url` is not such an address.
    pub fn new(base_url: &str) -> Result<Self, NetworkError> {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let uri: hyper::Uri = base_url.parse().map_err(|_| NetworkError("not an address of a server".to_owned()))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") if cfg!(feature = "tls") => {}
            _ => return Err(NetworkError("the address must begin with http:// or https://".to_owned())),
        }
        if uri.host().is_none_or(str::is_empty) || uri.path() != "/" || uri.query().is_some() {
            return Err(NetworkError("the address must be http://host[:port], without a path".to_owned()));
        }
        Ok(Self { base_url, http: http::HttpClient::new(), files: None })
    }

    /// Lets the core keep files in this folder, which belongs to one client alone. Without it files are not supported.
    #[must_use]
    pub fn with_files(self, folder: impl Into<PathBuf>) -> Self {
        Self { files: Some(folder.into()), ..self }
    }

    fn path(&self, place: &FilePlace) -> Result<PathBuf, FileAccessError> {
        match place {
            FilePlace::Own(file_id) => {
                let folder = self.files.as_ref().ok_or(FileAccessError::Unsupported)?;
                Ok(folder.join(file_id.to_string()))
            }
            FilePlace::Named(path) => Ok(PathBuf::from(path)),
        }
    }

    /// The server's address, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

impl Platform for NativePlatform {
    fn session_mode(&self) -> SessionMode {
        SessionMode::Bearer
    }

    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, NetworkError> {
        self.http.send(&self.base_url, request).await
    }

    async fn connect(&self, path: &str, bearer: Option<&str>) -> Result<Socket, NetworkError> {
        socket::connect(&self.base_url, path, bearer).await
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where the core's clock is the machine's")]
    fn now(&self) -> TimeMs {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        TimeMs(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep(&self, duration_ms: u64) {
        tokio::time::sleep(Duration::from_millis(duration_ms)).await;
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where the core's randomness is the machine's")]
    fn fill_random(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }

    fn spawn_local(&self, future: LocalFuture) {
        tokio::task::spawn_local(future);
    }

    async fn file_size(&self, place: &FilePlace) -> Result<Option<u64>, FileAccessError> {
        blobs::size(&self.path(place)?)
    }

    async fn read_file(&self, place: &FilePlace, offset: u64, length: usize) -> Result<Vec<u8>, FileAccessError> {
        blobs::read(&self.path(place)?, offset, length)
    }

    async fn write_file(&self, place: &FilePlace, offset: u64, bytes: &[u8]) -> Result<(), FileAccessError> {
        let path = self.path(place)?;
        if let (FilePlace::Own(_), Some(folder)) = (place, &self.files) {
            blobs::make_folder(folder)?;
        }
        blobs::write(&path, offset, bytes)
    }

    async fn remove_file(&self, place: &FilePlace) -> Result<(), FileAccessError> {
        blobs::remove(&self.path(place)?)
    }

    async fn own_files(&self) -> Result<Vec<FileId>, FileAccessError> {
        self.files.as_deref().map_or_else(|| Ok(Vec::new()), blobs::list)
    }
}
