//! Sockets: opening, closing, and what goes over them.

use std::time::Duration;

use doorpost_model::{
    ErrorCode,
    chat::LogEntry,
    frame::{CLOSE_IDLE, CLOSE_REPLACED, CLOSE_SESSION_ENDED, ClientFrame, Hint, SentAt, ServerFrame},
    limits::{SOCKET_IDLE_TTL_MS, SOCKET_QUEUE_FRAMES_MAX},
};
use doorpost_server::{Settings, app::Clock};
use futures_util::SinkExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms},
    harness::TestServer,
    post_harness::public,
};

/// Messages sent without waiting for an answer.
const COUNT: u64 = 600;

async fn chat_of_two(server: &TestServer) -> (ChatHost, ChatHost, ChatPost) {
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    server.join_alone(&mut ben, &post).await;
    server.catch_up(&mut ada, post.chat_id, 0).await;
    (ada, ben, post)
}

#[tokio::test]
async fn a_socket_needs_a_device_and_a_version() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let without = server.person("ida").await;
    let refused = port.open(&without, "v=1").await.err().expect("no device");
    assert_eq!(refused.status().as_u16(), 409);
    let ada = server.chat_host("ada").await;
    assert_eq!(port.open(&ada.person, "v=2").await.err().expect("version").status().as_u16(), 426);
    assert_eq!(port.open(&ada.person, "").await.err().expect("no version").status().as_u16(), 400);
    let plain = server.get("/api/socket?v=1").by(&ada.person).send().await;
    assert_eq!(plain.code(), "malformed_request");
    let (_, heads) = port.connect(&ada.person).await;
    assert!(heads.is_empty());
}

#[tokio::test]
async fn sends_are_answered_in_order_and_everybody_gets_the_entries_in_order() {
    sends_are_answered_in_order_and_everybody_gets_the_entries_in_order_on(TestServer::start().await).await;
}

#[tokio::test]
async fn sends_are_answered_in_order_and_everybody_gets_the_entries_in_order_on_postgres() {
    sends_are_answered_in_order_and_everybody_gets_the_entries_in_order_on(
        TestServer::on_postgres(Settings::default()).await,
    )
    .await;
}

async fn sends_are_answered_in_order_and_everybody_gets_the_entries_in_order_on(server: TestServer) {
    let port = server.listen().await;
    let (mut ada, ben, post) = chat_of_two(&server).await;
    let chat_id = post.chat_id;
    let (mut of_ada, heads) = port.connect(&ada.person).await;
    assert_eq!(heads[0].last_seq, 1);
    let (mut of_ben, _) = port.connect(&ben.person).await;
    for number in 0..COUNT {
        let message = server.message(&mut ada, chat_id, number, "x");
        let frame = ClientFrame::Send { chat_id, client_seq: number, payload: message.payload };
        of_ada.0.feed(Message::Binary(frame.to_bytes().into())).await.expect("fed");
    }
    of_ada.0.flush().await.expect("flushed");
    let (mut answered, mut entries) = (0, 2);
    while answered < COUNT || entries < COUNT + 2 {
        match of_ada.next().await.expect("open") {
            ServerFrame::Sent { client_seq, result, .. } => {
                assert_eq!(client_seq, answered);
                assert_eq!(result.expect("accepted").seq, answered + 2);
                answered += 1;
            }
            ServerFrame::Entry(entry) => {
                assert_eq!(entry.seq, entries);
                entries += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    for seq in 2..COUNT + 2 {
        of_ben
            .until(|frame| match frame {
                ServerFrame::Entry(entry) => {
                    assert_eq!(entry.seq, seq);
                    Some(())
                }
                other => panic!("{other:?}"),
            })
            .await;
    }
}

#[tokio::test]
async fn a_send_that_is_refused_says_why() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (mut ada, _, post) = chat_of_two(&server).await;
    let eve = server.chat_host("eve").await;
    let chat_id = post.chat_id;
    let good = server.message(&mut ada, chat_id, 1, "x").payload;
    let (mut of_eve, _) = port.connect(&eve.person).await;
    let answer = async |socket: &mut crate::socket_client::Socket, payload| {
        socket.send(&ClientFrame::Send { chat_id, client_seq: 1, payload }).await;
        socket
            .until(|frame| match frame {
                ServerFrame::Sent { result, .. } => Some(result),
                _ => None,
            })
            .await
    };
    assert_eq!(answer(&mut of_eve, good.clone()).await, Err(ErrorCode::NotFound));
    let (mut of_ada, _) = port.connect(&ada.person).await;
    assert_eq!(answer(&mut of_ada, vec![1, 2, 3].into()).await, Err(ErrorCode::MessageInvalid));
    let first = answer(&mut of_ada, good.clone()).await;
    assert_eq!(first.map(|SentAt { seq, .. }| seq), Ok(2));
    assert_eq!(answer(&mut of_ada, good).await, first);
}

#[tokio::test]
async fn the_end_of_a_session_closes_its_socket() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let ada = server.chat_host("ada").await;
    let (mut socket, _) = port.connect(&ada.person).await;
    assert_eq!(server.post("/api/auth/logout").by(&ada.person).send().await.status.as_u16(), 204);
    let closing = async {
        socket.hint(Hint::SessionEnded).await;
        socket.close_code().await
    };
    let code = timeout(Duration::from_secs(1), closing).await.expect("within a second");
    assert_eq!(code, CLOSE_SESSION_ENDED);
    assert_eq!(port.open(&ada.person, "v=1").await.err().expect("ended").status().as_u16(), 401);
}

#[tokio::test]
async fn a_newer_socket_takes_the_place_of_the_older() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (mut ada, _, post) = chat_of_two(&server).await;
    let (mut older, _) = port.connect(&ada.person).await;
    let (mut newer, _) = port.connect(&ada.person).await;
    assert_eq!(older.close_code().await, CLOSE_REPLACED);
    let message = server.message(&mut ada, post.chat_id, 0, "x");
    server.send_message(&ada, post.chat_id, &message).await;
    newer.until(|frame| matches!(frame, ServerFrame::Entry(_)).then_some(())).await;
    assert!(server.app.hub.is_online(ada.device.device_id()));
}

#[tokio::test]
async fn a_silent_socket_is_closed_and_a_ping_keeps_it() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (ada, ben, _) = chat_of_two(&server).await;
    let (mut of_ada, _) = port.connect(&ada.person).await;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    server.clock.advance(SOCKET_IDLE_TTL_MS / 2);
    assert!(of_ada.all().await.is_empty());
    server.clock.advance(SOCKET_IDLE_TTL_MS / 2 + 1);
    server.app.hub.close_idle(server.clock.now());
    assert_eq!(of_ben.close_code().await, CLOSE_IDLE);
    assert!(of_ada.all().await.is_empty());
}

#[tokio::test]
async fn what_is_no_frame_closes_the_socket() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let ada = server.chat_host("ada").await;
    for message in [Message::Text("hello".into()), Message::Binary(vec![99].into()), Message::Binary(vec![].into())] {
        let (mut socket, _) = port.connect(&ada.person).await;
        socket.0.send(message).await.expect("sent");
        assert_eq!(socket.close_code().await, 1002);
    }
}

#[tokio::test]
async fn who_reads_too_slowly_is_told_to_resync() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (ada, _, post) = chat_of_two(&server).await;
    let (mut socket, _) = port.connect(&ada.person).await;
    // More than the queue, the buffers of the socket and of the system hold, in one go.
    let entry = server.log(&ada, post.chat_id, 0).await.pop().expect("entry");
    let mut large = entry.clone();
    large.payload = vec![7; 60_000].into();
    for _ in 0..4 {
        server.app.hub.publish(vec![large.clone(); SOCKET_QUEUE_FRAMES_MAX / 4]);
        tokio::task::yield_now().await;
    }
    server.app.hub.publish(vec![entry.clone(); SOCKET_QUEUE_FRAMES_MAX + 1]);
    let heads = socket
        .until(|frame| match frame {
            ServerFrame::Resync { chats } => Some(chats),
            _ => None,
        })
        .await;
    assert_eq!(heads.iter().map(|head| (head.chat_id, head.last_seq)).collect::<Vec<_>>(), [(post.chat_id, 1)]);
    // After that it goes on as ever; what comes before the device was told is part of what it was told.
    loop {
        server.app.hub.publish(vec![LogEntry { seq: 77, ..entry.clone() }]);
        let is_through = socket
            .until(|frame| match frame {
                ServerFrame::Entry(entry) if entry.seq == 77 => Some(true),
                ServerFrame::Resync { .. } => Some(false),
                _ => None,
            })
            .await;
        if is_through {
            break;
        }
    }
}

#[tokio::test]
async fn another_device_of_the_account_hears_how_far_one_has_read() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (mut ada, ben, post) = chat_of_two(&server).await;
    let message = server.message(&mut ada, post.chat_id, 0, "x");
    server.send_message(&ada, post.chat_id, &message).await;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    let login = server.post("/api/auth/login").json(crate::harness::login("ben")).send().await;
    let token = login.json()["token"].as_str().expect("token").to_owned();
    let read = server.call("PUT", &format!("/api/chats/{}/read", post.chat_id)).bearer(&token);
    assert_eq!(read.json(serde_json::json!({ "seq": 2 })).send().await.status.as_u16(), 204);
    of_ben.hint(Hint::ReadUpTo { chat_id: post.chat_id, seq: 2 }).await;
}

#[tokio::test]
async fn all_sockets_are_closed_when_the_server_stops() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let (ada, ben, _) = chat_of_two(&server).await;
    let (mut of_ada, _) = port.connect(&ada.person).await;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    let codes = async { (of_ada.close_code().await, of_ben.close_code().await) };
    let ((), codes) = tokio::join!(server.app.hub.close_all(), codes);
    assert_eq!(codes, (1001, 1001));
    assert!(server.app.hub.online_accounts().is_empty());
}
