//! The socket: kept open, listened to, and made up for when it was gone.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, HashMap},
    pin::pin,
    rc::Rc,
};

use doorpost_model::{
    ApiError, ChatId, ErrorCode, RequestId, TimeMs,
    chat::SendMessage,
    frame::{CLOSE_REPLACED, CLOSE_SESSION_ENDED, ChatHead, ClientFrame, Hint, SentAt, ServerFrame},
    limits,
};
use futures_channel::{mpsc, oneshot};
use futures_util::{
    SinkExt, StreamExt,
    future::{Either, select},
};

use crate::{
    Event, Incoming, Platform, Socket,
    core::{Core, Pulse},
    store::chat,
};

/// A ping after this long; twice as long without any frame, and the connection is dead.
const PING_MS: u64 = (limits::SOCKET_IDLE_TTL_MS / 3) as u64;
/// Pauses before the next try to connect; the last one repeats.
const RECONNECT_PAUSES_MS: [u64; 6] = [100, 500, 1_000, 3_000, 8_000, 15_000];
/// How long [`crate::Client::stop`] waits for what is under way.
const STOP_PATIENCE_MS: i64 = 3_000;
/// How long hints about one chat are gathered.
const GATHER_HINTS_MS: u64 = 250;
/// How long the socket may take to say goodbye.
const CLOSE_PATIENCE_MS: u64 = 500;

type Answer = Result<SentAt, ApiError>;

/// The state of the live connection.
#[derive(Default)]
pub(crate) struct Live {
    /// Requests whose steps somebody in this client is taking.
    pub(crate) following: RefCell<BTreeSet<RequestId>>,
    /// Fires whenever the server greets.
    pub(crate) came_online: Pulse,
    /// Leases being served.
    pub(crate) leases: Cell<u32>,
    /// Fires whenever something that `stop` waits for has ended.
    pub(crate) idle: Pulse,
    /// A socket is to be open whenever somebody is signed in.
    wanted: Cell<bool>,
    running: Cell<bool>,
    stopping: Cell<bool>,
    /// Fires when the client stops: what waits beside it ends.
    pub(crate) stop: Pulse,
    /// The server has greeted on the open socket.
    online: Cell<bool>,
    outgoing: RefCell<Option<mpsc::UnboundedSender<ClientFrame>>>,
    sends: RefCell<HashMap<(ChatId, u64), oneshot::Sender<Answer>>>,
    /// Copies of invites' secrets are being made, and are to be once more.
    pub(crate) sharing: Cell<bool>,
    pub(crate) share_again: Cell<bool>,
    refreshing: Cell<bool>,
    refresh_again: Cell<bool>,
}

/// How a connection was.
struct EndedSession {
    /// The server greeted.
    greeted: bool,
    /// With what the server closed it, where it did.
    close_code: Option<u16>,
}

impl Live {
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.get()
    }

    pub(crate) fn set_wanted(&self, wanted: bool) {
        self.wanted.set(wanted);
    }

    pub(crate) fn is_online(&self) -> bool {
        self.online.get()
    }

    /// Sends a frame, when the socket is open.
    pub(crate) fn send(&self, frame: ClientFrame) {
        if let Some(outgoing) = self.outgoing.borrow().as_ref() {
            // A socket that is just closing: whoever waits for an answer is told.
            let _ = outgoing.unbounded_send(frame);
        }
    }

    /// Sends a message; the receiver is cancelled when the connection is lost first.
    pub(crate) fn send_message(&self, chat_id: ChatId, message: SendMessage) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        let SendMessage { client_seq, payload } = message;
        if self.online.get() {
            self.sends.borrow_mut().insert((chat_id, client_seq), sender);
            self.send(ClientFrame::Send { chat_id, client_seq, payload });
        }
        receiver
    }

    fn closed(&self) {
        self.online.set(false);
        self.outgoing.take();
        self.sends.take();
    }
}

impl<P: Platform> Core<P> {
    pub(crate) fn start(self: &Rc<Self>) {
        self.live.wanted.set(true);
        self.go_live();
    }

    /// Opens the socket, if one is wanted and somebody is signed in.
    pub(crate) fn go_live(self: &Rc<Self>) {
        if !self.live.wanted.get() || self.account_if_any().is_none() {
            return;
        }
        self.live.stopping.set(false);
        if !self.live.running.replace(true) {
            self.spawn(async move |core| core.run_live().await);
        }
    }

    pub(crate) async fn stop(self: &Rc<Self>) {
        let until = self.now().plus(STOP_PATIENCE_MS);
        self.live.wanted.set(false);
        self.live.stopping.set(true);
        self.live.send(ClientFrame::Available { available: false });
        while self.live.running.get() && self.is_busy() && self.now() < until {
            let idle = self.live.idle.next();
            select(idle, pin!(self.platform().sleep(100))).await;
        }
        self.live.stop.fire();
        while self.live.running.get() && self.now() < until {
            let idle = self.live.idle.next();
            select(idle, pin!(self.platform().sleep(100))).await;
        }
    }

    fn is_busy(&self) -> bool {
        self.live.leases.get() > 0 || !self.live.sends.borrow().is_empty()
    }

    async fn run_live(self: Rc<Self>) {
        let mut failures = 0_usize;
        while !self.live.stopping.get() {
            match self.api.connect().await {
                Ok(socket) => {
                    let ended = self.live_session(socket).await;
                    self.live.closed();
                    self.emit(&Event::Online { online: false });
                    match ended.close_code {
                        Some(CLOSE_SESSION_ENDED) => {
                            self.session_ended();
                            break;
                        }
                        // Another client of this device is at it now; they would go on to replace one another.
                        Some(CLOSE_REPLACED) => break,
                        _ => {}
                    }
                    if ended.greeted {
                        failures = 0;
                    }
                }
                Err(_) => {
                    // A refused session and a server that is away look alike from here.
                    let result = self.api.me().await.map(drop);
                    let ended = result.as_ref().is_err_and(|error| error.code() == ErrorCode::Unauthenticated);
                    self.background(result);
                    if ended {
                        break;
                    }
                }
            }
            if self.live.stopping.get() || !self.api.may_have_session() {
                break;
            }
            let stop = self.live.stop.next();
            select(stop, pin!(self.platform().sleep(self.reconnect_pause_ms(failures)))).await;
            failures += 1;
        }
        self.live.running.set(false);
        self.live.idle.fire();
    }

    fn reconnect_pause_ms(&self, failures: usize) -> u64 {
        self.spread(RECONNECT_PAUSES_MS[failures.min(RECONNECT_PAUSES_MS.len() - 1)])
    }

    /// Listens until the connection ends.
    async fn live_session(self: &Rc<Self>, socket: Socket) -> EndedSession {
        let Socket { mut outgoing, mut incoming } = socket;
        let (sender, mut frames) = mpsc::unbounded::<ClientFrame>();
        *self.live.outgoing.borrow_mut() = Some(sender);
        let (greeted, close_code) = (Cell::new(false), Cell::new(None));
        let last_heard = Cell::new(self.now());
        let stop = self.live.stop.next();
        let writer = async move {
            while let Some(frame) = frames.next().await {
                outgoing.feed(frame.to_bytes()).await?;
                // What waits too goes out with it.
                while let Ok(frame) = frames.try_recv() {
                    outgoing.feed(frame.to_bytes()).await?;
                }
                outgoing.flush().await?;
            }
            outgoing.close().await
        };
        let reader = async {
            while let Some(incoming) = incoming.next().await {
                last_heard.set(self.now());
                let bytes = match incoming {
                    Incoming::Message(bytes) => bytes,
                    Incoming::Closed(code) => {
                        close_code.set(Some(code));
                        break;
                    }
                };
                match ServerFrame::from_bytes(&bytes) {
                    Ok(frame) => {
                        greeted.set(greeted.get() || matches!(frame, ServerFrame::Hello { .. }));
                        self.take_frame(frame);
                    }
                    // A newer server's frame: events are hints, what it means is read by and by.
                    Err(_) => tracing::info!("a frame that this version does not know"),
                }
            }
        };
        let reader = pin!(reader);
        let pinger = pin!(self.keep_alive(&last_heard));
        let mut writer = pin!(writer);
        match select(select(reader, select(pinger, stop)), writer.as_mut()).await {
            Either::Left((end, _)) => {
                // Ending the frames lets the writer say goodbye.
                self.live.outgoing.take();
                if matches!(end, Either::Right(_)) {
                    select(writer, pin!(self.platform().sleep(CLOSE_PATIENCE_MS))).await;
                }
            }
            // The server may have said why before it stopped taking frames.
            Either::Right((_, reading)) => {
                select(reading, pin!(self.platform().sleep(CLOSE_PATIENCE_MS))).await;
            }
        }
        EndedSession { greeted: greeted.get(), close_code: close_code.get() }
    }

    async fn keep_alive(self: &Rc<Self>, last_heard: &Cell<TimeMs>) {
        loop {
            self.platform().sleep(PING_MS).await;
            if self.now().0 - last_heard.get().0 > 2 * limits::SOCKET_IDLE_TTL_MS / 3 + 1_000 {
                return;
            }
            self.live.send(ClientFrame::Ping);
            // What was given up for a while.
            self.spawn(async move |core| core.flush_all().await);
        }
    }

    fn take_frame(self: &Rc<Self>, frame: ServerFrame) {
        match frame {
            ServerFrame::Hello { chats, .. } => {
                self.live.online.set(true);
                self.live.came_online.fire();
                self.emit(&Event::Online { online: true });
                self.spawn(async move |core| core.make_up_for_absence(chats).await);
            }
            ServerFrame::Resync { chats } => self.spawn(async move |core| core.make_up_for_absence(chats).await),
            ServerFrame::Entry(entry) => self.entry_came(entry),
            ServerFrame::Sent { chat_id, client_seq, result } => {
                if let Some(waiting) = self.live.sends.borrow_mut().remove(&(chat_id, client_seq)) {
                    let answer = result.map_err(|code| ApiError::new(code, "The server did not take the message."));
                    let _ = waiting.send(answer);
                }
                self.live.idle.fire();
            }
            ServerFrame::Pong => {}
            ServerFrame::Lease(offer) => {
                tracing::debug!(adds = offer.adds.len(), removes = offer.removes.len(), "a lease is offered");
                if self.live.stopping.get() {
                    self.live.send(ClientFrame::DeclineLease { chat_id: offer.chat_id, lease_id: offer.lease_id });
                } else {
                    self.spawn(async move |core| core.serve_lease(offer).await);
                }
            }
            ServerFrame::Hint(hint) => self.take_hint(hint),
            ServerFrame::Signal { chat_id, account_id, payload } => {
                let result = self.signal_came(chat_id, account_id, payload.as_ref());
                self.background(result);
            }
        }
    }

    /// Events may have been missed: compares, reads, and sends what waits.
    async fn make_up_for_absence(self: Rc<Self>, heads: Vec<ChatHead>) {
        match chat::all(self.store.read()) {
            // A new device: what the backup has belongs beneath what comes now.
            Ok(chats) if chats.is_empty() => {
                let result = self.learn_backup().await;
                self.background(result);
            }
            Ok(_) => self.learn_backup_soon(),
            Err(error) => self.background(Err(error.into())),
        }
        for head in heads {
            match chat::get(self.store.read(), head.chat_id) {
                Ok(Some(row)) if row.is_ready() && row.cursor_seq < head.last_seq => {
                    self.spawn(async move |core| {
                        let result = core.sync_chat(head.chat_id).await;
                        core.background(result);
                    });
                }
                Ok(_) => {}
                Err(error) => self.background(Err(error.into())),
            }
        }
        self.refresh_soon();
        self.share_secrets_soon();
        self.tend_history_soon();
        self.spawn(async move |core| {
            let result = core.resume_joins().await;
            core.background(result);
        });
        self.flush_all().await;
        let result = self.tell_server().await;
        self.background(result);
    }

    /// Reads the list of chats, beside the caller; once for any number of hints that come meanwhile.
    fn refresh_soon(self: &Rc<Self>) {
        self.live.refresh_again.set(true);
        if self.live.refreshing.replace(true) {
            return;
        }
        self.spawn(async move |core| {
            while core.live.refresh_again.replace(false) {
                let result = core.refresh_chats().await;
                core.background(result);
            }
            core.live.refreshing.set(false);
            core.membership_changed.fire();
        });
    }

    fn take_hint(self: &Rc<Self>, hint: Hint) {
        match hint {
            Hint::PostAdded { post_id } => self.emit(&Event::PostAdded { post_id }),
            Hint::PostChanged { post_id } => self.emit(&Event::PostChanged { post_id }),
            Hint::StoryAdded { post_id } => self.emit(&Event::StoryAdded { post_id }),
            Hint::RequestChanged { request_id } => {
                self.membership_changed.fire();
                self.spawn(async move |core| {
                    let result = core.resume_join(request_id).await;
                    core.background(result);
                });
            }
            Hint::QueueChanged { chat_id } => {
                self.emit(&Event::Queue { chat_id });
                self.refresh_chat_soon(chat_id);
                // Perhaps somebody who cannot open the door yet.
                self.share_secrets_soon();
            }
            Hint::ChatsChanged => {
                self.membership_changed.fire();
                self.refresh_soon();
            }
            Hint::ReadUpTo { chat_id, seq } => {
                let result = self.read_elsewhere(chat_id, seq);
                self.background(result);
            }
            Hint::ConnectionsChanged => {
                self.emit(&Event::Connections);
                self.share_secrets_soon();
            }
            Hint::SessionEnded => self.session_ended(),
            Hint::BackupChanged => self.learn_backup_soon(),
            Hint::ChatReportsChanged { chat_id } => self.emit(&Event::ChatReports { chat_id }),
            Hint::ReportsChanged => self.emit(&Event::Reports),
            Hint::NotificationsChanged => self.emit(&Event::Notifications),
            Hint::GroupChanged { group_id } => {
                self.emit(&Event::Group { group_id });
                // Perhaps somebody came in who cannot open the doors of this account's posts there yet.
                self.share_secrets_soon();
            }
        }
    }

    /// Reads the row of a chat, beside the caller; once for all hints of a short while, however many ask to come in.
    fn refresh_chat_soon(self: &Rc<Self>, chat_id: ChatId) {
        if self.slot(chat_id).refreshing.replace(true) {
            return;
        }
        self.spawn(async move |core| {
            core.platform().sleep(GATHER_HINTS_MS).await;
            core.slot(chat_id).refreshing.set(false);
            let result = core.refresh_chat(chat_id).await;
            core.background(result);
        });
    }

    async fn refresh_chat(self: &Rc<Self>, chat_id: ChatId) -> Result<(), ApiError> {
        let view = self.api.chat(chat_id).await?;
        self.put_chat_view(&view)?;
        self.emit(&Event::Chats);
        Ok(())
    }
}
