//! The browser's WebSocket.

use doorpost_client::{Incoming, NetworkError, Socket};
use futures_channel::{mpsc, oneshot};
use futures_util::{sink, stream};
use js_sys::{ArrayBuffer, Uint8Array};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// The socket and its callbacks; closed when the last of its two halves is dropped.
struct Open {
    socket: WebSocket,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
    _on_open: Closure<dyn FnMut()>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        self.socket.set_onopen(None);
        // Closed already is as good.
        let _ = self.socket.close();
    }
}

pub(crate) async fn connect(url: &str) -> Result<Socket, JsValue> {
    let socket = WebSocket::new(url)?;
    socket.set_binary_type(BinaryType::Arraybuffer);

    let (messages, incoming) = mpsc::unbounded::<Incoming>();
    let closing = messages.clone();
    let (opened, open) = oneshot::channel::<bool>();
    let opened = Rc::new(RefCell::new(Some(opened)));
    let failed = Rc::clone(&opened);

    let on_open = Closure::new(move || {
        if let Some(opened) = opened.borrow_mut().take() {
            let _ = opened.send(true);
        }
    });
    let on_message = Closure::new(move |event: MessageEvent| {
        if let Ok(buffer) = event.data().dyn_into::<ArrayBuffer>() {
            // Nobody listens any more: the socket is about to close.
            let _ = messages.unbounded_send(Incoming::Message(Uint8Array::new(&buffer).to_vec()));
        }
    });
    let on_close = Closure::new(move |event: CloseEvent| {
        if let Some(failed) = failed.borrow_mut().take() {
            let _ = failed.send(false);
        }
        if event.was_clean() {
            let _ = closing.unbounded_send(Incoming::Closed(event.code()));
        }
        closing.close_channel();
    });
    socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    let socket = Rc::new(Open { socket, _on_message: on_message, _on_close: on_close, _on_open: on_open });

    if !open.await.unwrap_or(false) {
        return Err(JsValue::from_str("the socket could not be opened"));
    }
    let outgoing = sink::unfold(Rc::clone(&socket), |socket, bytes: Vec<u8>| async move {
        match socket.socket.send_with_u8_array(&bytes) {
            Ok(()) => Ok(socket),
            Err(_) => Err(NetworkError("the socket is closed".to_owned())),
        }
    });
    // The stream keeps the socket open; dropping both halves closes it.
    let incoming = stream::unfold((incoming, socket), |(mut incoming, socket)| async move {
        let message = futures_util::StreamExt::next(&mut incoming).await?;
        Some((message, (incoming, socket)))
    });
    Ok(Socket { outgoing: Box::pin(outgoing), incoming: Box::pin(incoming) })
}
