//! A platform whose network fails as a test says.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use doorpost_client::{
    FileAccessError, FilePlace, HttpRequest, HttpResponse, Incoming, LocalFuture, NetworkError, Platform, SessionMode,
    Socket, native::NativePlatform,
};
use doorpost_model::{FileId, TimeMs, frame::ServerFrame};
use futures_util::StreamExt;

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It goes through.
    None,
    /// It never reaches the server.
    RequestLost,
    /// The server does it, and the answer is lost.
    ResponseLost,
    /// It reaches the server twice; the second answer is shown.
    Twice,
    /// The answer comes after others have come.
    Late,
}

type Choose = Box<dyn FnMut(&HttpRequest) -> Fault>;
type Tamper = Box<dyn FnMut(ServerFrame) -> ServerFrame>;
type Rewrite = Box<dyn FnMut(&HttpRequest, &mut HttpResponse)>;

/// The faults of one client's network; shared with its platform, and changed while it runs.
#[derive(Clone, Default)]
pub struct Faults {
    choose: Rc<RefCell<Option<Choose>>>,
    rewrite: Rc<RefCell<Option<Rewrite>>>,
    tamper: Rc<RefCell<Option<Tamper>>>,
    offline: Rc<Cell<bool>>,
    injected: Rc<Cell<u32>>,
}

impl Faults {
    /// From now on `choose` says what happens to each request.
    pub fn choose(&self, choose: impl FnMut(&HttpRequest) -> Fault + 'static) {
        *self.choose.borrow_mut() = Some(Box::new(choose));
    }

    /// From now on `rewrite` may change what the server answered: a server that lies.
    pub fn rewrite(&self, rewrite: impl FnMut(&HttpRequest, &mut HttpResponse) + 'static) {
        *self.rewrite.borrow_mut() = Some(Box::new(rewrite));
    }

    /// From now on `tamper` may change each frame that comes by the socket.
    pub fn tamper(&self, tamper: impl FnMut(ServerFrame) -> ServerFrame + 'static) {
        *self.tamper.borrow_mut() = Some(Box::new(tamper));
    }

    /// Everything goes through again, as it is.
    pub fn heal(&self) {
        *self.choose.borrow_mut() = None;
        *self.rewrite.borrow_mut() = None;
        *self.tamper.borrow_mut() = None;
        self.offline.set(false);
    }

    /// No request gets out while it is true.
    pub fn set_offline(&self, offline: bool) {
        self.offline.set(offline);
    }

    /// How many faults there were.
    #[must_use]
    pub fn injected(&self) -> u32 {
        self.injected.get()
    }

    fn next(&self, request: &HttpRequest) -> Fault {
        if self.offline.get() {
            return Fault::RequestLost;
        }
        let fault = self.choose.borrow_mut().as_mut().map_or(Fault::None, |choose| choose(request));
        if fault != Fault::None {
            self.injected.set(self.injected.get() + 1);
        }
        fault
    }

    fn tampered(&self, bytes: Vec<u8>) -> Vec<u8> {
        match (self.tamper.borrow_mut().as_mut(), ServerFrame::from_bytes(&bytes)) {
            (Some(tamper), Ok(frame)) => tamper(frame).to_bytes(),
            _ => bytes,
        }
    }

    fn lie(&self, request: &HttpRequest, response: &mut HttpResponse) {
        if let Some(rewrite) = self.rewrite.borrow_mut().as_mut() {
            rewrite(request, response);
        }
    }
}

/// The real platform behind a network that fails.
pub struct FaultyPlatform {
    inner: NativePlatform,
    faults: Faults,
}

impl FaultyPlatform {
    #[must_use]
    pub fn new(inner: NativePlatform, faults: Faults) -> Self {
        Self { inner, faults }
    }

    async fn pass(&self, request: HttpRequest) -> Result<HttpResponse, NetworkError> {
        let mut response = self.inner.http(request.clone()).await?;
        self.faults.lie(&request, &mut response);
        Ok(response)
    }
}

fn lost() -> NetworkError {
    NetworkError("lost on the way".to_owned())
}

impl Platform for FaultyPlatform {
    fn session_mode(&self) -> SessionMode {
        self.inner.session_mode()
    }

    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, NetworkError> {
        match self.faults.next(&request) {
            Fault::None => self.pass(request).await,
            Fault::RequestLost => Err(lost()),
            Fault::ResponseLost => {
                self.inner.http(request).await?;
                Err(lost())
            }
            Fault::Twice => {
                self.inner.http(request.clone()).await?;
                self.pass(request).await
            }
            Fault::Late => {
                let answer = self.pass(request).await;
                self.inner.sleep(30).await;
                answer
            }
        }
    }

    async fn connect(&self, path: &str, bearer: Option<&str>) -> Result<Socket, NetworkError> {
        if self.faults.offline.get() {
            return Err(lost());
        }
        let socket = self.inner.connect(path, bearer).await?;
        let faults = self.faults.clone();
        let incoming = socket.incoming.map(move |incoming| match incoming {
            Incoming::Message(bytes) => Incoming::Message(faults.tampered(bytes)),
            closed @ Incoming::Closed(_) => closed,
        });
        Ok(Socket { outgoing: socket.outgoing, incoming: Box::pin(incoming) })
    }

    fn now(&self) -> TimeMs {
        self.inner.now()
    }

    async fn sleep(&self, duration_ms: u64) {
        self.inner.sleep(duration_ms).await;
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.inner.fill_random(bytes);
    }

    fn spawn_local(&self, future: LocalFuture) {
        self.inner.spawn_local(future);
    }

    async fn file_size(&self, place: &FilePlace) -> Result<Option<u64>, FileAccessError> {
        self.inner.file_size(place).await
    }

    async fn read_file(&self, place: &FilePlace, offset: u64, length: usize) -> Result<Vec<u8>, FileAccessError> {
        self.inner.read_file(place, offset, length).await
    }

    async fn write_file(&self, place: &FilePlace, offset: u64, bytes: &[u8]) -> Result<(), FileAccessError> {
        self.inner.write_file(place, offset, bytes).await
    }

    async fn remove_file(&self, place: &FilePlace) -> Result<(), FileAccessError> {
        self.inner.remove_file(place).await
    }

    async fn own_files(&self) -> Result<Vec<FileId>, FileAccessError> {
        self.inner.own_files().await
    }
}
