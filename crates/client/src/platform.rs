//! What the core needs of the machine it runs on. Everything ambient (time, randomness, network,
//! tasks) comes in here, so that a test can own it.

use std::{fmt, future::Future, pin::Pin};

use doorpost_model::{FileId, TimeMs};
use futures_util::{Sink, Stream};

/// A future of the core: it stays on its thread.
pub type LocalFuture = Pin<Box<dyn Future<Output = ()> + 'static>>;

/// How the session is shown to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionMode {
    /// The core keeps a token and sends it (`authorization: Bearer`).
    Bearer,
    /// The browser keeps a cookie and sends it by itself.
    Cookie,
}

/// The method of an HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method as it stands in a request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A request to the server.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    pub method: Method,
    /// Path and query, beginning with `/api/`.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// JSON, a part of a file, or empty.
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpRequest {
    /// Without headers and body: they carry tokens and contents.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.method.as_str(), self.body.len())
    }
}

/// The server's answer.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    pub status: u16,
    /// At most [`RESPONSE_BYTES_MAX`].
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.status, self.body.len())
    }
}

/// A response larger than this is not read.
pub const RESPONSE_BYTES_MAX: usize = 48 * 1024 * 1024;
/// A request without an answer after this long has failed.
pub const REQUEST_TIMEOUT_MS: u64 = 30_000;

/// The server was not reached, or the connection broke: whether it acted is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server could not be reached: {0}")]
pub struct NetworkError(pub String);

/// What comes by a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A binary message.
    Message(Vec<u8>),
    /// The server closed the socket with this code (RFC 6455 section 7.4). Nothing comes after it.
    Closed(u16),
}

/// An open socket: binary messages both ways. Its stream ends when the connection is gone.
pub struct Socket {
    pub outgoing: Pin<Box<dyn Sink<Vec<u8>, Error = NetworkError>>>,
    pub incoming: Pin<Box<dyn Stream<Item = Incoming>>>,
}

/// A file on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilePlace {
    /// Ciphertext that the core keeps beside its store.
    Own(FileId),
    /// One that a person named: a path.
    Named(String),
}

/// Why a file could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileAccessError {
    #[error("files are not supported here")]
    Unsupported,
    #[error("{0}")]
    Failed(String),
}

/// The machine. Single-threaded: nothing here need be `Send`.
pub trait Platform: 'static {
    fn session_mode(&self) -> SessionMode;

    /// One request. A status of any kind is an answer; `Err` means that there was none.
    fn http(&self, request: HttpRequest) -> impl Future<Output = Result<HttpResponse, NetworkError>>;

    /// Opens the WebSocket at `path` (with query).
    fn connect(&self, path: &str, bearer: Option<&str>) -> impl Future<Output = Result<Socket, NetworkError>>;

    /// The device's own clock.
    fn now(&self) -> TimeMs;

    fn sleep(&self, duration_ms: u64) -> impl Future<Output = ()>;

    /// Fills `bytes` from a cryptographically secure source.
    fn fill_random(&self, bytes: &mut [u8]);

    /// Runs a future on this thread, beside the caller.
    fn spawn_local(&self, future: LocalFuture);

    /// Bytes of a file; none when there is no such file.
    fn file_size(&self, _place: &FilePlace) -> impl Future<Output = Result<Option<u64>, FileAccessError>> {
        async { Err(FileAccessError::Unsupported) }
    }

    /// Up to `length` bytes from `offset` on; fewer where the file ends.
    fn read_file(
        &self,
        _place: &FilePlace,
        _offset: u64,
        _length: usize,
    ) -> impl Future<Output = Result<Vec<u8>, FileAccessError>> {
        async { Err(FileAccessError::Unsupported) }
    }

    /// Writes at `offset`, where the file is made to end; makes it at 0.
    fn write_file(
        &self,
        _place: &FilePlace,
        _offset: u64,
        _bytes: &[u8],
    ) -> impl Future<Output = Result<(), FileAccessError>> {
        async { Err(FileAccessError::Unsupported) }
    }

    /// Deletes a file, where it is there.
    fn remove_file(&self, _place: &FilePlace) -> impl Future<Output = Result<(), FileAccessError>> {
        async { Err(FileAccessError::Unsupported) }
    }

    /// Every [`FilePlace::Own`]; none where files are not supported.
    fn own_files(&self) -> impl Future<Output = Result<Vec<FileId>, FileAccessError>> {
        async { Ok(Vec::new()) }
    }
}
