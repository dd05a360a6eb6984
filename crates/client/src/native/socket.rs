//! The WebSocket.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, future};
use tokio_tungstenite::{
    connect_async_with_config,
    tungstenite::{Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

use crate::platform::{Incoming, NetworkError, RESPONSE_BYTES_MAX, Socket};

/// A device reads little at a time; the default of 128 KiB per socket would cost more than the socket itself.
const READ_BUFFER_BYTES: usize = 8 * 1024;

pub(super) async fn connect(base_url: &str, path: &str, bearer: Option<&str>) -> Result<Socket, NetworkError> {
    let url = match base_url.split_once("://") {
        Some(("https", rest)) => format!("wss://{rest}{path}"),
        Some((_, rest)) => format!("ws://{rest}{path}"),
        None => return Err(NetworkError("not an address of a server".to_owned())),
    };
    let mut request = url.into_client_request().map_err(failed)?;
    if let Some(token) = bearer {
        let value = format!("Bearer {token}").parse().map_err(failed)?;
        request.headers_mut().insert("authorization", value);
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(Some(RESPONSE_BYTES_MAX))
        .max_frame_size(Some(RESPONSE_BYTES_MAX));
    let (stream, _) = connect_async_with_config(request, Some(config), true).await.map_err(failed)?;
    let (sink, stream) = stream.split();
    let outgoing = sink
        .with(|bytes: Vec<u8>| {
            future::ready(Ok::<_, tokio_tungstenite::tungstenite::Error>(Message::Binary(Bytes::from(bytes))))
        })
        .sink_map_err(failed);
    let incoming = stream.take_while(|message| future::ready(message.is_ok())).filter_map(|message| {
        future::ready(match message {
            Ok(Message::Binary(bytes)) => Some(Incoming::Message(bytes.to_vec())),
            Ok(Message::Close(Some(frame))) => Some(Incoming::Closed(frame.code.into())),
            _ => None,
        })
    });
    Ok(Socket { outgoing: Box::pin(outgoing), incoming: Box::pin(incoming) })
}

fn failed(error: impl std::fmt::Display) -> NetworkError {
    NetworkError(error.to_string())
}
