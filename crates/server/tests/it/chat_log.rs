//! A chat's log: order, numbers that come twice, epochs, and who may read and write.

use doorpost_mls::member::Event;
use doorpost_model::chat::{ChatView, MemberView, MessageAccepted, Role};
use serde_json::json;

use doorpost_server::Settings;

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms, value},
    harness::TestServer,
    post_harness::public,
};

async fn chat_of_two(server: &TestServer) -> (ChatHost, ChatHost, ChatPost) {
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    server.join_alone(&mut ben, &post).await;
    server.catch_up(&mut ada, post.chat_id, 0).await;
    (ada, ben, post)
}

#[tokio::test]
async fn what_one_writes_the_other_reads() {
    let server = TestServer::start().await;
    let (mut ada, mut ben, post) = chat_of_two(&server).await;
    let message = server.message(&mut ada, post.chat_id, 0, "Bring a ball");
    let accepted: MessageAccepted = server.send_message(&ada, post.chat_id, &message).await.into();
    assert_eq!(accepted.seq, 2);
    let events = server.catch_up(&mut ben, post.chat_id, 1).await;
    let [Event::Message { account_id, plaintext, .. }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((*account_id, plaintext.as_slice()), (ada.account_id(), b"Bring a ball".as_slice()));
}

#[tokio::test]
async fn the_same_number_twice_is_one_message() {
    the_same_number_twice_is_one_message_on(TestServer::start().await).await;
}

#[tokio::test]
async fn the_same_number_twice_is_one_message_on_postgres() {
    the_same_number_twice_is_one_message_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn the_same_number_twice_is_one_message_on(server: TestServer) {
    let (mut ada, _, post) = chat_of_two(&server).await;
    let chat = post.chat_id;
    let first = server.message(&mut ada, chat, 7, "one");
    let accepted: MessageAccepted = server.send_message(&ada, chat, &first).await.into();
    server.clock.advance(1_000);
    let again: MessageAccepted = server.send_message(&ada, chat, &first).await.into();
    assert_eq!(again, accepted);
    // Another message under the number of the first is not taken; a lower number that is free is.
    let other = server.message(&mut ada, chat, 7, "two");
    assert_eq!(server.send_message(&ada, chat, &other).await.into::<MessageAccepted>(), accepted);
    let lower = server.message(&mut ada, chat, 3, "three");
    assert_eq!(server.send_message(&ada, chat, &lower).await.into::<MessageAccepted>().seq, accepted.seq + 1);
    assert_eq!(server.log(&ada, chat, 0).await.len(), 3);
}

#[tokio::test]
async fn many_at_once_leave_no_gap_and_no_double() {
    many_at_once_leave_no_gap_and_no_double_on(TestServer::start().await).await;
}

#[tokio::test]
async fn many_at_once_leave_no_gap_and_no_double_on_postgres() {
    many_at_once_leave_no_gap_and_no_double_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn many_at_once_leave_no_gap_and_no_double_on(server: TestServer) {
    let (mut ada, mut ben, post) = chat_of_two(&server).await;
    let chat = post.chat_id;
    let of_ada: Vec<_> = (0..50).map(|number| server.message(&mut ada, chat, number, "a")).collect();
    let of_ben: Vec<_> = (0..50).map(|number| server.message(&mut ben, chat, number, "b")).collect();
    let sends = of_ada
        .iter()
        .map(|message| (&ada, message))
        .chain(of_ben.iter().map(|message| (&ben, message)))
        .flat_map(|send| [send, send])
        .map(|(who, message)| server.send_message(who, chat, message));
    let answers = futures_util::future::join_all(sends).await;
    let mut seqs: Vec<u64> = answers.into_iter().map(|answer| answer.into::<MessageAccepted>().seq).collect();
    seqs.sort_unstable();
    seqs.dedup();
    assert_eq!(seqs, (2..102).collect::<Vec<u64>>());
    let entries = server.log(&ada, chat, 0).await;
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.seq).collect();
    assert_eq!(numbers, (1..102).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_message_of_an_older_epoch_is_sent_again() {
    let server = TestServer::start().await;
    let (mut ada, _, post) = chat_of_two(&server).await;
    let chat = post.chat_id;
    let stale = server.message(&mut ada, chat, 0, "too late");
    let mut cid = server.chat_host("cid").await;
    server.join_alone(&mut cid, &post).await;
    let refused = server.send_message(&ada, chat, &stale).await;
    assert_eq!((refused.code().as_str(), refused.status.as_u16()), ("stale_epoch", 409));
    server.catch_up(&mut ada, chat, 1).await;
    let fresh = server.message(&mut ada, chat, 0, "in time");
    assert_eq!(server.send_message(&ada, chat, &fresh).await.into::<MessageAccepted>().seq, 3);
}

#[tokio::test]
async fn what_is_no_message_of_this_chat_is_refused() {
    let server = TestServer::start().await;
    let (mut ada, _, post) = chat_of_two(&server).await;
    let other = server.chat_post(&mut ada, public(), open_terms()).await;
    let chat = post.chat_id;
    for payload in [vec![], vec![0; 40], vec![0xff; 300]] {
        let message = json!({ "client_seq": 1, "payload": data_encoding::BASE64URL_NOPAD.encode(&payload) });
        let path = format!("/api/chats/{chat}/messages");
        let answer = server.post(&path).by(&ada.person).json(message).send().await;
        assert_eq!(answer.code(), "message_invalid");
    }
    let foreign = server.message(&mut ada, other.chat_id, 1, "elsewhere");
    assert_eq!(server.send_message(&ada, chat, &foreign).await.code(), "message_invalid");
    let large = doorpost_mls::delivery::frame_opaque(chat, 1, &vec![0; 70_000]);
    let large = json!({ "client_seq": 1, "payload": data_encoding::BASE64URL_NOPAD.encode(&large) });
    let answer = server.post(&format!("/api/chats/{chat}/messages")).by(&ada.person).json(large).send().await;
    assert_eq!(answer.code(), "too_large");
    let huge = server.message(&mut ada, chat, u64::MAX, "number");
    assert_eq!(server.send_message(&ada, chat, &huge).await.code(), "invalid_field");
    assert_eq!(server.log(&ada, chat, 1).await.len(), 0);
}

#[tokio::test]
async fn a_chat_one_is_not_in_is_not_found() {
    let server = TestServer::start().await;
    let (mut ada, _, post) = chat_of_two(&server).await;
    let eve = server.chat_host("eve").await;
    let chat = post.chat_id;
    let message = server.message(&mut ada, chat, 9, "x");
    let unknown = server.new_id();
    for chat in [chat.to_string(), unknown] {
        let get = |what: &str| server.get(&format!("/api/chats/{chat}{what}")).by(&eve.person).send();
        for what in ["", "/members", "/log", "/requests", "/group-info", "/welcome"] {
            assert_eq!(get(what).await.code(), "not_found", "{what}");
        }
        let read = server.call("PUT", &format!("/api/chats/{chat}/read")).by(&eve.person);
        assert_eq!(read.json(json!({ "seq": 1 })).send().await.code(), "not_found");
        let decline = server.post(&format!("/api/chats/{chat}/requests/decline")).by(&eve.person);
        assert_eq!(decline.json(json!({ "request_ids": [] })).send().await.code(), "not_found");
    }
    let answer = server.send_message(&eve, chat, &message).await;
    assert_eq!(answer.code(), "not_found");
    let upload = server.commit_of_nothing(&mut ada, &post);
    assert_eq!(server.upload(&eve, chat, None, &upload).await.code(), "not_found");
}

#[tokio::test]
async fn the_list_says_how_far_one_has_read() {
    let server = TestServer::start().await;
    let (mut ada, ben, post) = chat_of_two(&server).await;
    let chat = post.chat_id;
    for number in 0..3 {
        let message = server.message(&mut ada, chat, number, "x");
        server.send_message(&ada, chat, &message).await;
    }
    let read = |seq: u64| {
        let call = server.call("PUT", &format!("/api/chats/{chat}/read")).by(&ben.person);
        call.json(json!({ "seq": seq })).send()
    };
    for (seq, stands_at) in [(3, 3), (2, 3), (4, 4), (900, 4)] {
        assert_eq!(read(seq).await.status.as_u16(), 204);
        let chats: Vec<ChatView> = server.get("/api/chats").by(&ben.person).send().await.into();
        let [view] = chats.as_slice() else { panic!("{chats:?}") };
        assert_eq!((view.read_seq, view.last_seq, view.joined_seq, view.epoch), (stands_at, 4, 1, 1));
        assert_eq!((view.role, view.member_count, view.device_in), (Role::Member, 2, true));
        assert_eq!((view.waiting_count, view.title.as_str()), (None, "Saturday"));
    }
    let one: ChatView = server.get(&format!("/api/chats/{chat}")).by(&ada.person).send().await.into();
    assert_eq!((one.role, one.waiting_count), (Role::Host, Some(0)));
}

#[tokio::test]
async fn members_are_named_and_hosts_see_the_invite() {
    let server = TestServer::start().await;
    let (ada, ben, post) = chat_of_two(&server).await;
    for (viewer, invite) in [(&ada, Some(post.invite_id)), (&ben, None)] {
        let path = format!("/api/chats/{}/members", post.chat_id);
        let members: Vec<MemberView> = server.get(&path).by(&viewer.person).send().await.into();
        let rows: Vec<_> =
            members.iter().map(|member| (member.account.handle.as_str(), member.role, member.invite_id)).collect();
        assert_eq!(rows, [("ada", Role::Host, None), ("ben", Role::Member, invite)]);
    }
}

#[tokio::test]
async fn the_log_is_read_in_pages_from_where_one_came_in() {
    let server = TestServer::start().await;
    let (mut ada, _, post) = chat_of_two(&server).await;
    let chat = post.chat_id;
    for number in 0..5 {
        let message = server.message(&mut ada, chat, number, "x");
        server.send_message(&ada, chat, &message).await;
    }
    let mut cid = server.chat_host("cid").await;
    assert_eq!(server.join_alone(&mut cid, &post).await, 7);
    let seqs =
        |entries: Vec<doorpost_model::chat::LogEntry>| -> Vec<u64> { entries.iter().map(|entry| entry.seq).collect() };
    assert_eq!(seqs(server.log(&cid, chat, 0).await), [7]);
    let path = format!("/api/chats/{chat}/log?after=2&limit=3");
    let page: doorpost_model::chat::LogPage = server.get(&path).by(&ada.person).send().await.into();
    assert_eq!((seqs(page.entries), page.last_seq), (vec![3, 4, 5], 7));
    let answer = server.get(&format!("/api/chats/{chat}/log?after=-1")).by(&ada.person).send().await;
    assert_eq!(answer.code(), "malformed_request");
}

impl TestServer {
    /// A host's commit that changes nothing but the policy's door number back to itself.
    pub fn commit_of_nothing(&self, host: &mut ChatHost, post: &ChatPost) -> doorpost_model::chat::CommitUpload {
        self.policy_commit(host, post.policy.clone())
    }
}

#[tokio::test]
async fn a_device_is_needed_to_write() {
    let server = TestServer::start().await;
    let (mut ada, _, post) = chat_of_two(&server).await;
    let message = server.message(&mut ada, post.chat_id, 0, "x");
    let second = server.post("/api/auth/login").json(crate::harness::login("ada")).send().await;
    let token = second.json()["token"].as_str().expect("token").to_owned();
    let path = format!("/api/chats/{}/messages", post.chat_id);
    let answer = server.post(&path).bearer(&token).json(value(&message)).send().await;
    assert_eq!(answer.code(), "device_required");
    assert_eq!(server.post(&path).json(value(&message)).send().await.code(), "unauthenticated");
}
