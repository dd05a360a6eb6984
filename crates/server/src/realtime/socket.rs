//! A socket's task: reads frames, writes what waits in the outbox, and closes.

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use bytes::Bytes;
use doorpost_model::{
    ChatId,
    chat::SendMessage,
    frame::{CLOSE_IDLE, CLOSE_REPLACED, CLOSE_SESSION_ENDED, ChatHead, ClientFrame, Hint, ServerFrame},
    limits::SIGNAL_BYTES_MAX,
};
use doorpost_store::{self as store, StoreError};
use futures_util::{FutureExt as _, SinkExt as _};

use super::{
    connection::{Connection, End, encode},
    outbox::Next,
    sends::Sends,
};
use crate::{app::App, http::WithDevice, lease};

/// Frames that one write to a socket may carry.
const WRITE_BATCH_MAX: usize = 256;
/// Frames read from a socket before others have their turn.
const READ_BATCH_MAX: usize = 64;
/// How long a device has to take the last frames of a socket that is being closed.
const CLOSING_MS: i64 = 500;

/// Why a socket's task stops.
enum Stop {
    /// The device closed it, or the connection broke.
    Gone,
    /// The device broke the protocol.
    Protocol,
    /// The store could not say where the chats stand.
    Unavailable,
}

impl From<axum::Error> for Stop {
    fn from(_: axum::Error) -> Self {
        Self::Gone
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "a socket could not be told where its chats stand");
        Self::Unavailable
    }
}

/// Takes the connection out of the hub whichever way its task ends.
struct Open {
    app: App,
    connection: Arc<Connection>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.app.hub.disconnect(&self.connection);
        lease::device_gone(&self.app, self.connection.device_id);
    }
}

/// Serves a socket until one of the two sides closes it.
pub(super) async fn run(app: App, viewer: WithDevice, mut socket: WebSocket) {
    let connection = Arc::new(Connection::new(viewer, app.clock.now()));
    let open = Open { app: app.clone(), connection: connection.clone() };
    app.hub.connect(&connection);
    let last = tokio::select! {
        stop = serve(&app, viewer, &connection, &mut socket) => match stop {
            Err(Stop::Gone) | Ok(()) => None,
            Err(Stop::Protocol) => Some(close_frame(close_code::PROTOCOL, "not a frame of this protocol")),
            Err(Stop::Unavailable) => Some(close_frame(close_code::ERROR, "try again")),
        },
        why = connection.ended() => Some(close_frame_for(why)),
    };
    if let Some((hint, frame)) = last {
        tokio::select! {
            _written = say_goodbye(&mut socket, hint, frame) => {}
            () = app.clock.sleep(CLOSING_MS) => {}
        }
    }
    drop(open);
}

async fn serve(
    app: &App,
    viewer: WithDevice,
    connection: &Arc<Connection>,
    socket: &mut WebSocket,
) -> Result<(), Stop> {
    greet(app, connection).await?;
    if !has_session(app, connection).await? {
        connection.end(End::SessionEnded);
        return std::future::pending().await;
    }
    lease::device_online(app, viewer.device_id);
    let mut sends = Sends::default();
    loop {
        let mut frames = Vec::new();
        tokio::select! {
            next = connection.outbox.next(&mut frames, WRITE_BATCH_MAX) => match next {
                Next::Write => {
                    for frame in frames {
                        feed(socket, frame).await?;
                    }
                }
                Next::Resync => {
                    metrics::counter!("doorpost_socket_resyncs_total").increment(1);
                    let chats = heads(app, connection).await?;
                    feed(socket, encode(&ServerFrame::Resync { chats })).await?;
                }
            },
            answer = sends.next(), if !sends.is_empty() => {
                feed(socket, answer).await?;
                while let Some(answer) = sends.ready() {
                    feed(socket, answer).await?;
                }
            }
            message = socket.recv(), if !sends.is_full() => {
                connection.heard(app.clock.now());
                take(app, viewer, connection, &mut sends, message)?;
                for _ in 0..READ_BATCH_MAX {
                    if sends.is_full() {
                        break;
                    }
                    let Some(message) = socket.recv().now_or_never() else { break };
                    take(app, viewer, connection, &mut sends, message)?;
                }
            }
        }
        socket.flush().await?;
    }
}

/// Gives the connection its chats and says hello.
///
/// A commit that adds or removes the device meanwhile changes the connection's chats by itself, so
/// the heads are read after the connection gets these chats, and what was lost between the two
/// reads is taken away again.
async fn greet(app: &App, connection: &Arc<Connection>) -> Result<(), StoreError> {
    let before: Vec<ChatId> = heads(app, connection).await?.iter().map(|head| head.chat_id).collect();
    app.hub.subscribe(connection, &before);
    let chats = heads(app, connection).await?;
    for chat in before {
        if !chats.iter().any(|head| head.chat_id == chat) {
            app.hub.unsubscribe(connection, chat);
        }
    }
    let hello = ServerFrame::Hello { device_id: connection.device_id, chats };
    connection.outbox.push_first(encode(&hello));
    Ok(())
}

/// Whether the session still is: it may have ended after the request was let in and before the hub
/// knew of the connection.
async fn has_session(app: &App, connection: &Connection) -> Result<bool, StoreError> {
    let (account, session, device) = (connection.account_id, connection.session_id, connection.device_id);
    let sessions = app
        .store
        .read::<_, StoreError, _>(move |tx| Box::pin(async move { store::session::of_account(tx, account).await }))
        .await?;
    Ok(sessions.iter().any(|row| row.session_id == session && row.device_id == Some(device)))
}

async fn heads(app: &App, connection: &Connection) -> Result<Vec<ChatHead>, StoreError> {
    let device = connection.device_id;
    let heads = app
        .store
        .read::<_, StoreError, _>(move |tx| Box::pin(async move { store::chat::heads(tx, device).await }))
        .await?;
    Ok(heads
        .into_iter()
        .map(|head| ChatHead { chat_id: head.chat_id, last_seq: head.last_seq.unsigned_abs() })
        .collect())
}

async fn feed(socket: &mut WebSocket, frame: Bytes) -> Result<(), axum::Error> {
    socket.feed(Message::Binary(frame)).await
}

/// Acts on what came over the socket.
fn take(
    app: &App,
    viewer: WithDevice,
    connection: &Arc<Connection>,
    sends: &mut Sends,
    message: Option<Result<Message, axum::Error>>,
) -> Result<(), Stop> {
    match message {
        Some(Ok(Message::Binary(bytes))) => {
            let frame = ClientFrame::from_bytes(&bytes).map_err(|_| Stop::Protocol)?;
            act(app, viewer, connection, sends, frame);
            Ok(())
        }
        // Answered by the library.
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
        Some(Ok(Message::Text(_))) => Err(Stop::Protocol),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(Stop::Gone),
    }
}

fn act(app: &App, viewer: WithDevice, connection: &Connection, sends: &mut Sends, frame: ClientFrame) {
    match frame {
        ClientFrame::Send { chat_id, client_seq, payload } => {
            sends.start(app, viewer, chat_id, SendMessage { client_seq, payload });
        }
        ClientFrame::Ping => connection.send(&ServerFrame::Pong),
        ClientFrame::DeclineLease { chat_id, lease_id } => {
            lease::decline(app, viewer.device_id, chat_id, lease_id);
        }
        ClientFrame::Available { available } => {
            if connection.set_available(available) {
                lease::device_online(app, viewer.device_id);
            }
        }
        ClientFrame::Signal { chat_id, payload } => {
            if payload.as_ref().len() <= SIGNAL_BYTES_MAX && connection.may_signal(app.clock.now()) {
                app.hub.signal(connection, chat_id, payload);
            }
        }
    }
}

type Goodbye = (Option<Hint>, CloseFrame);

fn close_frame(code: u16, reason: &'static str) -> Goodbye {
    (None, CloseFrame { code, reason: reason.into() })
}

fn close_frame_for(why: End) -> Goodbye {
    match why {
        End::SessionEnded => (Some(Hint::SessionEnded), close_frame(CLOSE_SESSION_ENDED, "the session has ended").1),
        End::DeviceChanged => close_frame(close_code::RESTART, "the session speaks for another device now"),
        End::Replaced => close_frame(CLOSE_REPLACED, "the device has opened another socket"),
        End::Idle => close_frame(CLOSE_IDLE, "nothing was heard for too long"),
        End::GoingAway => close_frame(close_code::AWAY, "the server shuts down"),
    }
}

async fn say_goodbye(socket: &mut WebSocket, hint: Option<Hint>, frame: CloseFrame) -> Result<(), axum::Error> {
    if let Some(hint) = hint {
        feed(socket, encode(&ServerFrame::Hint(hint))).await?;
    }
    socket.send(Message::Close(Some(frame))).await?;
    // The device answers with its own close frame; until then the connection must not break off,
    // or frames on their way may be lost.
    while let Some(Ok(_)) = socket.recv().await {}
    Ok(())
}
