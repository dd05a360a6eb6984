//! Signals: from socket to socket, within a chat.

use doorpost_model::{
    AccountId, Binary, ChatId,
    frame::{ClientFrame, ServerFrame},
    limits::{SIGNAL_BYTES_MAX, SIGNAL_PAUSE_MS},
};

use crate::{
    chat_host::open_terms,
    harness::{Person, TestServer},
    post_harness::public,
    socket_client::Socket,
};

fn signal(chat_id: ChatId, bytes: usize) -> ClientFrame {
    ClientFrame::Signal { chat_id, payload: Binary(vec![7; bytes]) }
}

fn account_of(person: &Person) -> AccountId {
    person.me["account_id"].as_str().expect("id").parse().expect("id")
}

fn from(person: &Person, chat_id: ChatId, bytes: usize) -> ServerFrame {
    ServerFrame::Signal { chat_id, account_id: account_of(person), payload: Binary(vec![7; bytes]) }
}

/// Sends a signal, and waits until the server has taken it.
async fn send(socket: &mut Socket, frame: &ClientFrame) {
    socket.send(frame).await;
    assert_eq!(signals(socket).await, []);
}

/// The signals that came by now; hints about posts may come beside them.
async fn signals(socket: &mut Socket) -> Vec<ServerFrame> {
    let mut frames = socket.all().await;
    frames.retain(|frame| matches!(frame, ServerFrame::Signal { .. }));
    frames
}

#[tokio::test]
async fn a_signal_goes_to_the_others_in_the_chat_and_is_kept_nowhere() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    server.join_alone(&mut ben, &post).await;
    let eve = server.chat_host("eve").await;
    let (mut of_ada, _) = port.connect(&ada.person).await;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    let (mut of_eve, _) = port.connect(&eve.person).await;
    let before = server.log(&ada, post.chat_id, 0).await.len();

    send(&mut of_ada, &signal(post.chat_id, 5)).await;
    assert_eq!(signals(&mut of_ben).await, [from(&ada.person, post.chat_id, 5)]);
    assert_eq!(signals(&mut of_eve).await, []);
    assert_eq!(server.log(&ada, post.chat_id, 0).await.len(), before);

    // Somebody outside the chat reaches nobody in it.
    send(&mut of_eve, &signal(post.chat_id, 5)).await;
    assert_eq!((signals(&mut of_ada).await, signals(&mut of_ben).await), (vec![], vec![]));
}

#[tokio::test]
async fn signals_that_are_too_large_or_too_many_are_dropped() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    server.join_alone(&mut ben, &post).await;
    let (mut of_ada, _) = port.connect(&ada.person).await;
    let (mut of_ben, _) = port.connect(&ben.person).await;

    send(&mut of_ada, &signal(post.chat_id, SIGNAL_BYTES_MAX + 1)).await;
    assert_eq!(signals(&mut of_ben).await, []);
    for bytes in [SIGNAL_BYTES_MAX, 1] {
        send(&mut of_ada, &signal(post.chat_id, bytes)).await;
    }
    assert_eq!(signals(&mut of_ben).await, [from(&ada.person, post.chat_id, SIGNAL_BYTES_MAX)]);
    server.clock.advance(SIGNAL_PAUSE_MS);
    send(&mut of_ada, &signal(post.chat_id, 2)).await;
    assert_eq!(signals(&mut of_ben).await, [from(&ada.person, post.chat_id, 2)]);
}
