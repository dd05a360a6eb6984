//! Notifications: what rings, what is one row, and that none tells what the gate hides.

use doorpost_model::{
    frame::{Hint, ServerFrame},
    invite::{Admission, InviteTerms, JoinStatus},
    limits::{BELL_MS, NOTIFICATION_BUNDLE_MS, NOTIFICATION_TTL_MS},
};
use serde_json::{Value, json};

use crate::{
    chat_host::open_terms,
    group::id_of,
    harness::{Person, TestServer},
    post_harness::{connections, people, public},
    story_harness::question,
};

impl TestServer {
    /// What somebody is told, the last first.
    async fn told(&self, by: &Person) -> Vec<Value> {
        let page = self.get("/api/notifications").by(by).send().await;
        assert_eq!(page.code(), "200", "{:?}", page.json());
        page.json()["items"].as_array().expect("items").clone()
    }

    /// The kinds of what somebody is told; as many of them are unread.
    async fn rings(&self, by: &Person) -> Vec<String> {
        let kinds: Vec<String> =
            self.told(by).await.iter().map(|row| row["kind"].as_str().expect("kind").to_owned()).collect();
        assert_eq!(self.unread(by).await, kinds.len() as u64, "{kinds:?}");
        kinds
    }

    async fn unread(&self, by: &Person) -> u64 {
        let unread = self.get("/api/notifications/unread").by(by).send().await.json();
        unread["count"].as_u64().expect("count")
    }

    async fn read_up_to(&self, by: &Person, at: &Value) -> u64 {
        let left = self.post("/api/notifications/read").by(by).json(json!({ "up_to": at })).send().await;
        left.json()["count"].as_u64().expect("count")
    }

    async fn asks_friend(&self, by: &Person, whom: &Person) {
        let answer = self.post(&format!("/api/connections/{}/request", whom.handle)).by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
    }

    async fn asks_question(&self, by: &Person, audience: Value) -> String {
        let post_id = self.new_id();
        let post = json!({ "post_id": post_id, "text": "What grows here?", "audience": audience,
            "question": { "answers_for": "asker" } });
        assert_eq!(self.post("/api/posts").by(by).json(post).send().await.code(), "200");
        post_id
    }

    async fn answers_with(&self, by: &Person, post_id: &str, text: &str) {
        let answer = json!({ "text": text, "may_publish": true });
        assert_eq!(self.put(by, &format!("/api/posts/{post_id}/answer"), answer).await.code(), "200");
    }

    /// A post in a group; gives its id.
    async fn posts_in(&self, by: &Person, group: &str) -> String {
        self.write_post(by, json!({ "kind": "group", "group_id": group })).await
    }
}

fn names(row: &Value) -> Vec<&str> {
    row["actors"].as_array().expect("actors").iter().map(|actor| actor["handle"].as_str().expect("handle")).collect()
}

#[tokio::test]
async fn requests_to_connect_ring_as_one_as_long_as_they_wait() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let mut others = Vec::new();
    for handle in ["bob", "cyd", "dan", "eve"] {
        let person = server.person(handle).await;
        server.clock.advance(1);
        server.asks_friend(&person, &ada).await;
        others.push(person);
    }
    let rows = server.told(&ada).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((names(&rows[0]), &rows[0]["actor_count"]), (vec!["eve", "dan", "cyd"], &json!(4)));
    assert_eq!(server.unread(&ada).await, 1);
    // Taken back: as if it had never been.
    let taken_back = server.call("DELETE", "/api/connections/ada").by(&others[3]).send().await;
    assert_eq!(taken_back.code(), "204");
    assert_eq!(names(&server.told(&ada).await[0]), ["dan", "cyd", "bob"]);
    server.asks_friend(&others[3], &ada).await;
    assert_eq!(server.told(&ada).await[0]["actor_count"], 4, "asked once more is told once");
    let accepted = server.post("/api/connections/bob/accept").by(&ada).send().await;
    assert_eq!(accepted.code(), "200");
    assert_eq!(server.rings(&others[0]).await, ["connection_accepted"]);
    // Another day, another row.
    let fay = server.person("fay").await;
    server.clock.advance(NOTIFICATION_BUNDLE_MS);
    server.asks_friend(&fay, &ada).await;
    let rows = server.told(&ada).await;
    assert_eq!(rows.iter().map(names).collect::<Vec<_>>(), [vec!["fay"], vec!["eve", "dan", "cyd"]]);
    let first = server.get("/api/notifications?limit=1").by(&ada).send().await.json();
    let cursor = first["next_cursor"].as_str().expect("more");
    let second = server.get(&format!("/api/notifications?cursor={cursor}")).by(&ada).send().await.json();
    assert_eq!((&second["items"][0], &second["next_cursor"]), (&rows[1], &Value::Null));
}

#[tokio::test]
async fn read_is_read_up_to_there_and_everywhere() {
    let server = TestServer::start().await;
    let ada = server.chat_host("ada").await.person;
    let (bob, cyd) = (server.person("bob").await, server.person("cyd").await);
    let port = server.listen().await;
    let (mut socket, _) = port.connect(&ada).await;
    server.asks_friend(&bob, &ada).await;
    socket.hint(Hint::NotificationsChanged).await;
    let post = server.asks_question(&ada, public()).await;
    server.clock.advance(BELL_MS);
    server.answers_with(&cyd, &post, "Kale").await;
    socket.hint(Hint::NotificationsChanged).await;
    let rows = server.told(&ada).await;
    assert_eq!(server.rings(&ada).await, ["question_answer", "connection_request"]);
    assert_eq!(server.read_up_to(&ada, &rows[1]["at"]).await, 1, "the later one is unread");
    socket.hint(Hint::NotificationsChanged).await;
    let read: Vec<bool> = server.told(&ada).await.iter().map(|row| row["is_read"] == true).collect();
    assert_eq!(read, [false, true]);
    assert_eq!(server.read_up_to(&ada, &rows[0]["at"]).await, 0);
    // What is new of a row that was read is unread, and the row with it.
    server.clock.advance(5);
    server.answers_with(&bob, &post, "Beans").await;
    let row = server.told(&ada).await[0].clone();
    assert_eq!((names(&row), &row["is_read"]), (vec!["bob", "cyd"], &json!(false)));
    assert_eq!(server.unread(&ada).await, 1);
}

#[tokio::test]
async fn answers_ring_for_who_asks_and_showing_them_for_their_writers() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let post = server.asks_question(&ada, public()).await;
    server.answers_with(&bob, &post, "Kale").await;
    let row = server.told(&ada).await[0].clone();
    assert_eq!((&row["post"]["post_id"], &row["post"]["excerpt"]), (&json!(post), &json!("What grows here?")));
    server.answers_with(&bob, &post, "Leeks").await;
    assert_eq!(server.rings(&ada).await, ["question_answer"], "a change does not ring");
    let path = format!("/api/posts/{post}/answers/{}/published", id_of(&bob));
    assert_eq!(server.call("PUT", &path).by(&ada).send().await.code(), "200");
    assert_eq!(server.rings(&bob).await, ["answer_published"]);
    assert_eq!(server.call("DELETE", &path).by(&ada).send().await.code(), "200");
    assert_eq!(server.rings(&bob).await, [""; 0], "not shown any more");
    assert_eq!(server.call("DELETE", &format!("/api/posts/{post}/answer")).by(&bob).send().await.code(), "200");
    assert_eq!(server.rings(&ada).await, [""; 0], "taken back");
    let story = server.write_story(&ada, public(), json!([question()])).await;
    server.answers_with(&bob, &story, "Kale").await;
    assert_eq!(server.rings(&ada).await, ["story_answer"]);
    assert_eq!(server.told(&ada).await[0]["post"]["kind"], "story");
}

#[tokio::test]
async fn nothing_is_told_that_a_block_hides() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let post = server.asks_question(&ada, public()).await;
    server.answers_with(&bob, &post, "Kale").await;
    server.clock.advance(1);
    server.answers_with(&cyd, &post, "Beans").await;
    assert_eq!(server.told(&ada).await[0]["actor_count"], 2);
    server.block(&cyd, &ada).await;
    let row = server.told(&ada).await[0].clone();
    assert_eq!((names(&row), &row["actor_count"]), (vec!["bob"], &json!(1)), "whoever made the block");
    server.block(&ada, &bob).await;
    assert_eq!(server.rings(&ada).await, [""; 0]);
}

#[tokio::test]
async fn nothing_is_told_of_a_post_that_is_out_of_sight() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    for hide in ["audience", "deleted"] {
        let post = server.asks_question(&ada, people(&[&bob])).await;
        server.answers_with(&bob, &post, "Kale").await;
        let path = format!("/api/posts/{post}/answers/{}/published", id_of(&bob));
        assert_eq!(server.call("PUT", &path).by(&ada).send().await.code(), "200");
        assert_eq!(server.rings(&bob).await, ["answer_published"]);
        let code = match hide {
            "audience" => server.edit(&ada, &post, json!({ "audience": connections() })).await.code(),
            _ => server.delete_post(&ada, &post).await.code(),
        };
        assert!(code.starts_with('2'), "{code}");
        assert_eq!(server.rings(&bob).await, [""; 0], "{hide}");
    }
}

#[tokio::test]
async fn a_group_rings_for_its_moderators_and_those_it_takes() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let group = server.group(&ada, json!({ "name": "Rowers", "kind": "closed", "posts_wait": true })).await;
    assert_eq!(server.on_group(&bob, &group, "join", json!({})).await.code(), "200");
    let row = server.told(&ada).await[0].clone();
    assert_eq!((&row["kind"], &row["group"]["name"]), (&json!("group_request"), &json!("Rowers")));
    let decision = json!({ "account_ids": [id_of(&bob)], "accept": true });
    assert_eq!(server.on_group(&ada, &group, "requests/decide", decision).await.code(), "204");
    assert_eq!(server.rings(&ada).await, [""; 0], "nobody waits any more");
    let row = server.told(&bob).await[0].clone();
    assert_eq!((&row["kind"], &row["actors"]), (&json!("group_admitted"), &json!([])), "by the group, by nobody");
    let post = server.posts_in(&bob, &group).await;
    assert_eq!(server.rings(&ada).await, ["group_post_pending"]);
    server.clock.advance(1);
    assert_eq!(server.post(&format!("/api/posts/{post}/let-through")).by(&ada).send().await.code(), "200");
    assert_eq!(server.rings(&ada).await, [""; 0]);
    assert_eq!(server.rings(&bob).await, ["group_post_let_through", "group_admitted"]);
    // Out of the group, out of all that it told.
    let removed = format!("members/{}/remove", id_of(&bob));
    assert_eq!(server.on_group(&ada, &group, &removed, json!({})).await.code(), "204");
    assert_eq!(server.rings(&bob).await, [""; 0]);
}

#[tokio::test]
async fn a_secret_group_is_not_told_of_once_the_invitation_is_gone() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    server.connect(&ada, &bob).await;
    let told_of_friends = server.told(&bob).await.len();
    let group = server.group(&ada, json!({ "name": "Secret", "kind": "secret" })).await;
    assert_eq!(server.on_group(&ada, &group, "invitations", json!({ "handles": ["bob"] })).await.code(), "204");
    let row = server.told(&bob).await[0].clone();
    assert_eq!((&row["kind"], &row["group"]["name"]), (&json!("group_invited"), &json!("Secret")));
    assert_eq!(server.call("DELETE", &format!("/api/groups/{group}/join")).by(&bob).send().await.code(), "204");
    let told = server.told(&bob).await;
    assert_eq!(told.len(), told_of_friends, "{told:?}");
    assert!(!Value::from(told).to_string().contains("Secret"));
}

#[tokio::test]
async fn asking_to_come_in_rings_for_hosts_and_their_word_for_who_asked() {
    let server = TestServer::start().await;
    let terms = || InviteTerms { admission: Admission::Approval, ..open_terms() };
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), terms()).await;
    let mut ben = server.chat_host("ben").await;
    let mut cid = server.chat_host("cid").await;
    let _status: JoinStatus = server.ask(&mut ben, &post, &[]).await.0.into();
    server.clock.advance(1);
    let _status: JoinStatus = server.ask(&mut cid, &post, &[]).await.0.into();
    let row = server.told(&ada.person).await[0].clone();
    assert_eq!((&row["kind"], names(&row)), (&json!("join_request"), vec!["cid", "ben"]));
    assert_eq!(row["chat"]["chat_id"], json!(post.chat_id.to_string()));
    let queued = server.queue(&ada, post.chat_id, "").await.items;
    assert_eq!(server.admit(&ada, &post, &queued[..1]).await.code(), "200");
    let decline = json!({ "request_ids": [queued[1].request_id.to_string()] });
    let path = format!("/api/chats/{}/requests/decline", post.chat_id);
    assert_eq!(server.post(&path).by(&ada.person).json(decline).send().await.code(), "200");
    assert_eq!(server.rings(&ada.person).await, [""; 0], "nobody waits any more");
    assert_eq!(server.rings(&ben.person).await, ["request_admitted"]);
    assert_eq!(server.rings(&cid.person).await, ["request_declined"]);
    assert_eq!(server.told(&cid.person).await[0]["actors"], json!([]), "hosts decide as one");
    server.block(&ada.person, &cid.person).await;
    assert_eq!(server.rings(&cid.person).await, [""; 0], "of an invite that is out of sight nothing is told");
}

#[tokio::test]
async fn after_ninety_days_nothing_is_kept() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let jobs = doorpost_server::jobs::spawn(&server.app);
    server.asks_friend(&bob, &ada).await;
    assert_eq!(server.unread(&ada).await, 1);
    server.clock.advance(NOTIFICATION_TTL_MS + 2);
    let patience = std::time::Duration::from_secs(10);
    let gone = async {
        // The job's turn comes with the hours; one it began in before the clock was moved is not it.
        while server
            .app
            .store
            .read(move |tx| Box::pin(doorpost_store::notification::crowded(tx, 0, 1)))
            .await
            .is_ok_and(|accounts| !accounts.is_empty())
        {
            server.clock.advance(3_600_000);
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(patience, gone).await.expect("forgotten");
    drop(jobs);
}

#[tokio::test]
async fn who_is_named_replied_to_or_commented_on_hears_of_it_once() {
    let server = TestServer::start().await;
    let [ada, bob, cyd] = [server.person("ada").await, server.person("bob").await, server.person("cyd").await];
    let post = server.write_post(&ada, public()).await;
    let first = server.comment(&bob, &post, "Lovely", None).await;
    assert_eq!(server.rings(&ada).await, ["comment"]);
    server.comment(&cyd, &post, "So true, @bob", Some(&first)).await;
    assert_eq!(server.rings(&bob).await, ["mention"], "named and replied to is told once");
    assert_eq!(names(&server.told(&ada).await[0]), ["cyd", "bob"], "one row for the post");
    server.comment(&ada, &post, "Thank you", Some(&first)).await;
    assert_eq!(server.rings(&bob).await, ["reply", "mention"]);
    // What is deleted, or of somebody whom a block parts, is told no more.
    assert_eq!(server.call("DELETE", &format!("/api/comments/{first}")).by(&bob).send().await.code(), "204");
    assert_eq!(names(&server.told(&ada).await[0]), ["cyd"]);
    server.block(&cyd, &ada).await;
    assert_eq!(server.rings(&ada).await, [""; 0]);
}

#[tokio::test]
async fn a_reaction_rings_as_long_as_it_is_there() {
    let server = TestServer::start().await;
    let [ada, bob] = [server.person("ada").await, server.person("bob").await];
    let post = server.write_post(&ada, public()).await;
    let path = format!("/api/posts/{post}/reaction");
    let react = json!({ "emoji": "❤️" });
    assert_eq!(server.put(&bob, &path, react).await.code(), "200");
    assert_eq!(server.rings(&ada).await, ["reaction"]);
    assert_eq!(server.call("DELETE", &path).by(&bob).send().await.code(), "200");
    assert_eq!(server.rings(&ada).await, [""; 0]);
}

#[tokio::test]
async fn a_bell_rings_at_once_and_in_a_flood_once_a_second() {
    let server = TestServer::start().await;
    let ada = server.chat_host("ada").await.person;
    let mut others = Vec::new();
    for number in 0..6 {
        others.push(server.person(&format!("person{number}")).await);
    }
    let port = server.listen().await;
    let (mut socket, _) = port.connect(&ada).await;
    let rung = |frames: Vec<ServerFrame>| {
        frames.into_iter().filter(|frame| *frame == ServerFrame::Hint(Hint::NotificationsChanged)).count()
    };
    server.asks_friend(&others[0], &ada).await;
    assert_eq!(rung(socket.all().await), 1, "at once");
    for other in &others[1..5] {
        server.asks_friend(other, &ada).await;
    }
    assert_eq!(rung(socket.all().await), 0);
    server.until_asleep().await;
    server.clock.advance(BELL_MS);
    socket.hint(Hint::NotificationsChanged).await;
    assert_eq!(server.unread(&ada).await, 1);
    server.asks_friend(&others[5], &ada).await;
    assert_eq!(rung(socket.all().await), 0, "the second after it is counted too");
    server.clock.advance(BELL_MS);
    socket.hint(Hint::NotificationsChanged).await;
    assert_eq!(server.told(&ada).await[0]["actor_count"], 6, "and nobody was missed");
}

#[tokio::test]
async fn requests_to_come_in_are_one_row_until_it_is_read() {
    let server = TestServer::start().await;
    let terms = || InviteTerms { admission: Admission::Approval, ..open_terms() };
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), terms()).await;
    let ask = async |handle: &str| {
        let mut person = server.chat_host(handle).await;
        server.clock.advance(10);
        let status: JoinStatus = server.ask(&mut person, &post, &[]).await.0.into();
        (person.person, status.request_id)
    };
    let mut asked = Vec::new();
    for number in 0..8 {
        asked.push(ask(&format!("person{number}")).await);
    }
    let row = server.told(&ada.person).await[0].clone();
    assert_eq!((names(&row), &row["actor_count"]), (vec!["person7", "person6", "person5"], &json!(8)));
    assert_eq!((server.unread(&ada.person).await, server.rows_of(&ada.person).await), (1, 1));
    // Whoever is hidden by a block or muted is not among them, nor counted.
    server.block(&asked[7].0, &ada.person).await;
    assert_eq!(server.call("PUT", "/api/accounts/person6/mute").by(&ada.person).send().await.code(), "204");
    let row = server.told(&ada.person).await[0].clone();
    assert_eq!((names(&row), &row["actor_count"]), (vec!["person5", "person4", "person3"], &json!(6)));
    // Read, and then one more: that is new, in the same row of the page.
    let later = row["at"].as_i64().expect("a time") + 60_000;
    server.clock.advance(60_000);
    assert_eq!(server.read_up_to(&ada.person, &json!(later)).await, 0);
    let last = ask("person8").await;
    let rows = server.told(&ada.person).await;
    assert_eq!((rows.len(), &rows[0]["is_read"], names(&rows[0])[0]), (1, &json!(false), "person8"));
    assert_eq!((server.unread(&ada.person).await, server.rows_of(&ada.person).await), (1, 2));
    // Taken back, there is nothing new: who waited before was seen.
    let taken_back = server.post(&format!("/api/requests/{}/withdraw", last.1)).by(&last.0).send().await;
    assert_eq!(taken_back.code(), "200");
    assert_eq!(server.unread(&ada.person).await, 0);
    assert_eq!(server.told(&ada.person).await[0]["actor_count"], 6);
}

impl TestServer {
    /// How many rows are kept for somebody, unread or not.
    async fn rows_of(&self, person: &Person) -> usize {
        let account = id_of(person).parse().expect("an id");
        let start = doorpost_store::notification::NotificationKey::START;
        let rows = self
            .app
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let keys = doorpost_store::notification::bundles(tx, account, start, 99).await?;
                    let bundles: Vec<_> = keys.into_iter().map(|key| key.bundle_id).collect();
                    doorpost_store::notification::of_bundles(tx, account, &bundles).await
                })
            })
            .await;
        rows.expect("rows").len()
    }
}

#[tokio::test]
async fn what_somebody_muted_does_rings_nobody_who_mutes_them() {
    let server = TestServer::start().await;
    let [ada, bob, cyd] = [server.person("ada").await, server.person("bob").await, server.person("cyd").await];
    let post = server.write_post(&ada, public()).await;
    let question = server.asks_question(&ada, public()).await;
    let react = json!({ "emoji": "❤️" });
    let acts = async |by: &Person, times: &str| {
        let path = format!("/api/posts/{post}/reaction");
        assert_eq!(server.put(by, &path, react.clone()).await.code(), "200");
        server.comment(by, &post, &format!("{times}, @ada"), None).await;
        server.answers_with(by, &question, "Kale").await;
    };
    let mute = "/api/accounts/bob/mute";
    assert_eq!(server.call("PUT", mute).by(&ada).send().await.code(), "204");
    acts(&bob, "Once").await;
    server.asks_friend(&bob, &ada).await;
    assert_eq!(server.rings(&ada).await, [""; 0]);
    acts(&cyd, "Once").await;
    let mut rings = server.rings(&ada).await;
    rings.sort();
    assert_eq!(rings, ["mention", "question_answer", "reaction"], "others ring");
    // Muted later: what was told is not told any more, until they are muted no more.
    assert_eq!(server.call("PUT", "/api/accounts/cyd/mute").by(&ada).send().await.code(), "204");
    assert_eq!(server.rings(&ada).await, [""; 0]);
    assert_eq!(server.call("DELETE", "/api/accounts/cyd/mute").by(&ada).send().await.code(), "204");
    assert_eq!(server.rings(&ada).await.len(), 3);
}
