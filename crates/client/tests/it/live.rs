//! The socket's end: which ends are final.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use doorpost_client::{
    Client, ClientConfig, Event, EventStream, HttpRequest, HttpResponse, Incoming, LocalFuture, LocalStore,
    NetworkError, Platform, SessionMode, SignInState, Socket,
    native::{FolderFiles, NativePlatform},
};
use doorpost_model::{
    TimeMs,
    frame::{CLOSE_IDLE, CLOSE_REPLACED, CLOSE_SESSION_ENDED},
};
use doorpost_testkit::{Person, TestServer, run};
use futures_channel::{mpsc, oneshot};
use futures_util::{SinkExt, sink};

/// RFC 6455 section 7.4.1.
const GOING_AWAY: u16 = 1001;
/// Pauses that are let go by one after the other, and the tasks' turns between.
const PAUSES: u32 = 20;
const TURNS: u32 = 20;

/// A network of sockets alone, and a time that passes when the test says so.
struct Script {
    /// For its randomness.
    machine: NativePlatform,
    now: TimeMs,
    sockets: RefCell<Vec<mpsc::UnboundedSender<Incoming>>>,
    pauses: RefCell<Vec<oneshot::Sender<()>>>,
    connects: Cell<u32>,
}

struct Scripted(Rc<Script>);

impl Script {
    /// Every pause ends, and whatever waits for one too.
    async fn pass_time(&self) {
        for _ in 0..PAUSES {
            for pause in self.pauses.take() {
                // Whoever waited for it may be gone.
                let _ = pause.send(());
            }
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
        }
    }

    fn close_socket(&self, code: u16) {
        let socket = self.sockets.borrow_mut().pop().unwrap();
        socket.unbounded_send(Incoming::Closed(code)).unwrap();
    }
}

impl Platform for Scripted {
    fn session_mode(&self) -> SessionMode {
        SessionMode::Bearer
    }

    async fn http(&self, _: HttpRequest) -> Result<HttpResponse, NetworkError> {
        Err(NetworkError("sockets alone".to_owned()))
    }

    async fn connect(&self, _: &str, _: Option<&str>) -> Result<Socket, NetworkError> {
        let (sender, incoming) = mpsc::unbounded();
        self.0.sockets.borrow_mut().push(sender);
        self.0.connects.set(self.0.connects.get() + 1);
        let outgoing = sink::drain().sink_map_err(|never| match never {});
        Ok(Socket { outgoing: Box::pin(outgoing), incoming: Box::pin(incoming) })
    }

    fn now(&self) -> TimeMs {
        self.0.now
    }

    async fn sleep(&self, _: u64) {
        let (pause, end) = oneshot::channel();
        self.0.pauses.borrow_mut().push(pause);
        // Dropped with the test.
        let _ = end.await;
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.0.machine.fill_random(bytes);
    }

    fn spawn_local(&self, future: LocalFuture) {
        tokio::task::spawn_local(future);
    }
}

/// A client of somebody who is signed in, with a socket that was opened once.
async fn connected(server: &TestServer, handle: &str) -> (Client<Scripted>, Rc<Script>) {
    let folder = tempfile::tempdir().unwrap();
    let files = FolderFiles::new(folder.path()).unwrap();
    let now = server.platform().now();
    let person = Person::sign_up_on(server.platform(), LocalStore::open(&files, now).unwrap(), handle).await;
    assert!(person.client.close().await);
    let script = Rc::new(Script {
        machine: server.platform(),
        now,
        sockets: RefCell::default(),
        pauses: RefCell::default(),
        connects: Cell::new(0),
    });
    let config = ClientConfig { device_name: "Scripted".to_owned() };
    let client = Client::new(Scripted(Rc::clone(&script)), LocalStore::open(&files, now).unwrap(), config);
    client.start();
    assert_eq!(client.open().await.unwrap().state, SignInState::Ready);
    script.pass_time().await;
    assert_eq!(script.connects.get(), 1);
    (client, script)
}

fn signed_out(events: &mut EventStream) -> bool {
    let mut signed_out = false;
    while let Ok(event) = events.try_recv() {
        signed_out |= event == Event::SignedOut;
    }
    signed_out
}

#[test]
fn a_socket_that_was_replaced_is_not_opened_again_by_itself() {
    run(async {
        let server = TestServer::start().await;
        let (client, script) = connected(&server, "ann").await;
        let mut events = client.subscribe();
        script.close_socket(CLOSE_REPLACED);
        script.pass_time().await;
        assert_eq!(script.connects.get(), 1, "the newer one keeps its socket");
        assert!(!signed_out(&mut events));
        // Somebody wants this one after all.
        client.start();
        script.pass_time().await;
        assert_eq!(script.connects.get(), 2);
        server.end().await;
    });
}

#[test]
fn a_socket_whose_session_ended_is_not_opened_again() {
    run(async {
        let server = TestServer::start().await;
        let (client, script) = connected(&server, "ann").await;
        let mut events = client.subscribe();
        script.close_socket(CLOSE_SESSION_ENDED);
        script.pass_time().await;
        assert_eq!(script.connects.get(), 1);
        assert!(signed_out(&mut events), "said, although no frame said it");
        assert_eq!(client.open().await.unwrap().state, SignInState::SignedOut);
        server.end().await;
    });
}

#[test]
fn any_other_end_is_made_up_for() {
    run(async {
        let server = TestServer::start().await;
        for (handle, code) in [("ann", CLOSE_IDLE), ("bea", GOING_AWAY)] {
            let (client, script) = connected(&server, handle).await;
            let mut events = client.subscribe();
            script.close_socket(code);
            script.pass_time().await;
            assert_eq!(script.connects.get(), 2, "{code}");
            assert!(!signed_out(&mut events));
        }
        server.end().await;
    });
}
