//! A device's socket, over a real connection.

use std::time::Duration;

use doorpost_model::frame::{ChatHead, ClientFrame, Hint, LeaseOffer, ServerFrame};
use doorpost_server::http::{listener, router::router};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::Response},
};

use crate::harness::{Person, TestServer};

/// A frame that does not come by then does not come: the test has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// The server on a port.
pub struct Port {
    pub address: String,
    _stop: watch::Sender<bool>,
}

pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl TestServer {
    pub async fn listen(&self) -> Port {
        let tcp = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let address = tcp.local_addr().expect("address").to_string();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(listener::serve(tcp, router(self.app.clone()), stopped));
        Port { address, _stop: stop }
    }
}

impl Port {
    /// Opens a socket and takes its `Hello`.
    pub async fn connect(&self, person: &Person) -> (Socket, Vec<ChatHead>) {
        let mut socket = self.open(person, "v=1").await.expect("socket");
        match socket.next().await {
            Some(ServerFrame::Hello { chats, .. }) => (socket, chats),
            other => panic!("not a hello: {other:?}"),
        }
    }

    /// Opens a socket, or gives the answer of a server that refuses.
    pub async fn open(&self, person: &Person, query: &str) -> Result<Socket, Response<Option<Vec<u8>>>> {
        let url = format!("ws://{}/api/socket?{query}", self.address);
        let mut request = url.into_client_request().expect("request");
        let token = format!("Bearer {}", person.token).parse().expect("header");
        request.headers_mut().insert("authorization", token);
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(*response),
            Err(error) => panic!("{error}"),
        }
    }
}

impl Socket {
    pub async fn send(&mut self, frame: &ClientFrame) {
        self.0.send(Message::Binary(frame.to_bytes().into())).await.expect("sent");
    }

    /// The next frame; none once the socket is closed.
    pub async fn next(&mut self) -> Option<ServerFrame> {
        match self.next_message().await? {
            Message::Binary(bytes) => Some(ServerFrame::from_bytes(&bytes).expect("frame")),
            Message::Close(_) => None,
            other => panic!("not a frame: {other:?}"),
        }
    }

    /// The code of the close frame, whatever comes before it.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            match self.next_message().await {
                Some(Message::Close(frame)) => {
                    // Reading on sends the answer, and then there is nothing more.
                    assert!(self.next_message().await.is_none());
                    return frame.expect("a reason").code.into();
                }
                Some(_) => {}
                None => panic!("closed without a close frame"),
            }
        }
    }

    async fn next_message(&mut self) -> Option<Message> {
        let message = timeout(PATIENCE, self.0.next()).await.expect("a frame in time")?;
        Some(message.expect("frame"))
    }

    /// The first frame that `pick` takes; those before it are dropped.
    pub async fn until<T>(&mut self, mut pick: impl FnMut(ServerFrame) -> Option<T>) -> T {
        loop {
            let frame = self.next().await.expect("open");
            if let Some(picked) = pick(frame) {
                return picked;
            }
        }
    }

    pub async fn hint(&mut self, wanted: Hint) {
        self.until(|frame| (frame == ServerFrame::Hint(wanted)).then_some(())).await;
    }

    pub async fn lease(&mut self) -> LeaseOffer {
        self.until(|frame| match frame {
            ServerFrame::Lease(offer) => Some(offer),
            _ => None,
        })
        .await
    }

    /// Every frame that is there before the answer to a ping.
    pub async fn all(&mut self) -> Vec<ServerFrame> {
        self.send(&ClientFrame::Ping).await;
        let mut frames = Vec::new();
        loop {
            match self.next().await.expect("open") {
                ServerFrame::Pong => return frames,
                frame => frames.push(frame),
            }
        }
    }
}
