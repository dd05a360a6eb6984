//! Deleting an account: who may, what others see of it afterwards, and that nothing is left of it.

use std::path::Path;

use doorpost_mls::ticket::make_leave_note;
use doorpost_model::AccountId;
use doorpost_server::{Config, Settings, account::leave, http::Error, start};
use doorpost_store::{self as store, account::NewAccount, testing::places_of};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    chat_host::{ChatHost, open_terms, value},
    devices,
    group::id_of,
    harness::{Answer, Person, TestServer, login, registration},
    post_harness::{connections, public},
    story_harness::{poll, question},
};

/// Tables in which a deleted account's id may stay; the store's tests say why.
const STAYS: &[&str] = &[
    "cases.target_id",
    "chat_groups.unconfirmed_by",
    "hosts_keys.host_id",
    "leave_notes.account_id",
    "log_entries.sender_account",
];

impl TestServer {
    async fn delete_account(&self, who: &Person, more: Value) -> Answer {
        let mut request = json!({ "handle": who.handle, "proof": login(&who.handle)["proof"] });
        if let (Some(request), Some(more)) = (request.as_object_mut(), more.as_object()) {
            request.extend(more.clone());
        }
        self.call("DELETE", "/api/me").by(who).json(request).send().await
    }

    async fn must_delete(&self, who: &Person, more: Value) {
        let answer = self.delete_account(who, more).await;
        assert_eq!(answer.code(), "204", "{:?}", answer.json());
    }

    /// Erases an account to the end; where its id still stands.
    async fn erased(&self, who: &Person) -> Vec<String> {
        let account = devices::account_of(who);
        leave::erase(&self.app, account).await.expect("erased");
        let mut places = places_of(&self.app.config.database, *account.as_bytes());
        places.retain(|place| !STAYS.contains(&place.as_str()));
        places
    }

    async fn code(&self, by: &Person, path: &str) -> String {
        self.get(path).by(by).send().await.code()
    }
}

#[tokio::test]
async fn an_account_is_deleted_by_who_proves_to_be_its_person() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    for (more, code) in [
        (json!({ "handle": "bobby" }), "invalid_field"),
        (json!({ "proof": login("ada")["proof"] }), "credentials_invalid"),
        (json!({ "proof": null }), "invalid_field"),
        (json!({ "proof": null, "passkey": { "ceremony_id": server.new_id(), "credential": {} } }), "invalid_field"),
    ] {
        assert_eq!(server.delete_account(&bob, more.clone()).await.code(), code, "{more}");
    }
    assert_eq!(server.delete_account(&ada, json!({})).await.code(), "unsettled", "the operator");
    assert_eq!(server.code(&bob, "/api/me").await, "200");
    server.must_delete(&bob, json!({})).await;
    assert_eq!(server.code(&bob, "/api/me").await, "unauthenticated");
    let again = server.post("/api/auth/login").json(login("bob")).send().await;
    let never = server.post("/api/auth/login").json(login("nobody")).send().await;
    assert_eq!((again.code(), again.json()), (never.code(), never.json()), "as for who never was");
    assert_eq!(server.post("/api/auth/register").json(registration("bob")).send().await.code(), "handle_taken");
    assert_eq!(server.erased(&bob).await, [""; 0]);
    assert_eq!(server.post("/api/auth/register").json(registration("bob")).send().await.code(), "handle_taken");
}

#[tokio::test]
async fn what_others_need_is_handed_over_first() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let mut host = server.chat_host("bob").await;
    let bob = host.person.clone();
    server.connect(&ada, &bob).await;
    let post = server.chat_post(&mut host, public(), open_terms()).await;
    let mut cyd = server.chat_host("cyd").await;
    server.join_alone(&mut cyd, &post).await;
    server.page(&bob, "rowers").await;
    let group = server.group(&bob, json!({ "name": "Oars", "kind": "open" })).await;
    server.bring_in(&bob, &ada, &group).await;
    let unsettled = server.get("/api/me/leaving").by(&bob).send().await.json();
    assert_eq!(unsettled["groups"], json!(["Oars"]));
    assert_eq!(unsettled["pages"], json!(["The rowers"]));
    assert_eq!(unsettled["chats"].as_array().map(Vec::len), Some(1));
    let refused = server.delete_account(&bob, json!({})).await;
    assert_eq!((refused.code(), refused.status.as_u16()), ("unsettled".to_owned(), 409));
    let message = refused.json()["error"]["message"].as_str().expect("a sentence").to_owned();
    assert!(message.contains("“Oars”") && message.contains("“The rowers”"), "{message}");
    assert_eq!(server.code(&bob, "/api/me").await, "200", "nothing has happened");

    assert_eq!(server.call("DELETE", "/api/pages/rowers").by(&bob).send().await.code(), "204");
    let successor = json!({ "successor": id_of(&ada) });
    assert_eq!(server.on_group(&bob, &group, "leave", successor).await.code(), "204");
    let message = server.delete_account(&bob, json!({})).await.json()["error"]["message"].to_string();
    assert!(!message.contains("Oars") && message.contains("host"), "{message}");
    let note = leave_note(&mut cyd, post.chat_id);
    server.must_delete(&cyd.person, json!({ "leave_notes": [note] })).await;
    server.must_delete(&bob, json!({})).await;
    assert_eq!(server.erased(&bob).await, [""; 0]);
}

fn leave_note(who: &mut ChatHost, chat_id: doorpost_model::ChatId) -> Value {
    let view = who.groups.view(&who.keys, &who.device, chat_id).expect("group");
    let nonces = view.nonces(who.account_id());
    let note = make_leave_note(&who.secrets, who.account_id(), chat_id, &nonces);
    json!({ "chat_id": chat_id, "note": value(&note) })
}

#[tokio::test]
async fn who_is_deleted_leaves_chats_and_a_members_device_takes_the_leaf_out() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    server.join_alone(&mut ben, &post).await;
    server.catch_up(&mut ada, post.chat_id, 0).await;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    let note = leave_note(&mut ben, post.chat_id);
    server.must_delete(&ben.person, json!({ "leave_notes": [note] })).await;
    while of_ben.next().await.is_some() {}
    assert_eq!(server.erased(&ben.person).await, [""; 0]);
    let (mut of_ada, _) = port.connect(&ada.person).await;
    let offer = of_ada.lease().await;
    assert_eq!((offer.adds.len(), offer.removes.len()), (0, 1));
    let upload = server.leased_commit(&mut ada, &offer);
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");
    let left = places_of(&server.app.config.database, *ben.account_id().as_bytes());
    assert!(!left.contains(&"leave_notes.account_id".to_owned()), "{left:?}");
}

/// Something of bob's on every surface, and something of others that hangs on it.
struct Traces {
    server: TestServer,
    ada: Person,
    bob: Person,
    cyd: Person,
    /// Paths that lead to things of bob's.
    paths: Vec<String>,
    of_ada: String,
    story: String,
    group: String,
}

async fn traces() -> Traces {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    server.connect(&ada, &bob).await;
    server.connect(&bob, &cyd).await;
    server.connect(&ada, &cyd).await;
    let media = server.photo(&bob).await;
    let post = server.post_media(&bob, public(), json!([{ "media_id": media }])).await.json();
    let post = post["post_id"].as_str().expect("id").to_owned();
    server.photo(&bob).await;
    server.comment(&cyd, &post, "Lovely", None).await;
    server.react(&cyd, "posts", &post, "👍").await;
    let own_story = server.write_story(&bob, connections(), json!([poll(), question()])).await;
    server.see(&ada, &[&own_story]).await;
    server.highlight(&bob, "Garden", &[&own_story]).await;
    let of_ada = server.write_post(&ada, public()).await;
    let said = server.comment(&bob, &of_ada, "Here is @cyd", None).await;
    server.comment(&cyd, &of_ada, "Who?", Some(&said)).await;
    server.comment(&bob, &of_ada, "Alone", None).await;
    server.react(&bob, "posts", &of_ada, "👍").await;
    let story = server.write_story(&ada, connections(), json!([poll(), question()])).await;
    server.see(&bob, &[&story]).await;
    assert_eq!(server.put(&bob, &format!("/api/posts/{story}/vote"), json!({ "choice": 0 })).await.code(), "200");
    server.list_of(&ada, "Friends", &[&bob]).await;
    server.list_of(&bob, "Friends", &[&ada]).await;
    let group = server.group(&ada, json!({ "name": "Oars", "kind": "closed" })).await;
    server.bring_in(&ada, &bob, &group).await;
    server.page(&ada, "rowers").await;
    server.on_staff(&ada, "rowers", &bob, "editor").await;
    assert_eq!(server.call("PUT", "/api/accounts/cyd/mute").by(&bob).send().await.status.as_u16() / 100, 2);
    let report = json!({ "report_id": server.new_id(), "target": { "kind": "account", "account_id": id_of(&cyd) },
        "reason": "spam" });
    assert_eq!(server.post("/api/reports/public").by(&bob).json(report).send().await.code(), "204");
    let report = json!({ "report_id": server.new_id(), "target": { "kind": "account", "account_id": id_of(&bob) },
        "reason": "spam" });
    assert_eq!(server.post("/api/reports/public").by(&cyd).json(report).send().await.code(), "204");
    let paths = vec![
        "/api/accounts/bob".to_owned(),
        "/api/accounts/bob/posts".to_owned(),
        "/api/accounts/bob/stories".to_owned(),
        "/api/accounts/bob/highlights".to_owned(),
        format!("/api/posts/{post}"),
        format!("/api/posts/{post}/comments"),
        format!("/api/posts/{own_story}"),
        format!("/api/media/{media}/small"),
    ];
    Traces { server, ada, bob, cyd, paths, of_ada, story, group }
}

#[tokio::test]
async fn nothing_of_a_deleted_account_is_on_any_surface_nor_in_storage() {
    let Traces { server, ada, bob, cyd, paths, of_ada, story, group } = traces().await;
    for path in &paths {
        assert_eq!(server.code(&ada, path).await, "200", "{path}");
    }
    server.must_delete(&bob, json!({})).await;
    // At once, whatever is erased by now.
    for when in ["marked", "erased"] {
        if when == "erased" {
            assert_eq!(server.erased(&bob).await, [""; 0]);
            assert!(!server.app.config.data.join("media").exists() || is_empty(&server.app.config.data.join("media")));
        }
        for person in [&ada, &cyd] {
            for path in &paths {
                let answer = server.get(path).by(person).send().await;
                assert_eq!(answer.code(), "not_found", "{when}: {path} by {}", person.handle);
            }
            let never = server.get("/api/accounts/nobody").by(person).send().await;
            assert_eq!(server.get("/api/accounts/bob").by(person).send().await.json(), never.json());
            for surface in [
                "/api/feed",
                "/api/stories",
                "/api/people?q=bob",
                "/api/people/suggestions",
                "/api/connections",
                "/api/lists",
                "/api/notifications",
                &format!("/api/posts/{of_ada}"),
                &format!("/api/posts/{of_ada}/comments"),
                &format!("/api/posts/{of_ada}/reactions"),
            ] {
                let answer = server.get(surface).by(person).send().await;
                assert_eq!(answer.code(), "200", "{surface}");
                let text = answer.text();
                assert!(!text.contains("bob") && !text.contains(id_of(&bob)), "{when}: {surface}: {text}");
            }
        }
        for surface in [
            format!("/api/groups/{group}/members"),
            "/api/pages/rowers/staff".to_owned(),
            format!("/api/posts/{story}/viewers"),
        ] {
            let answer = server.get(&surface).by(&ada).send().await;
            assert_eq!(answer.code(), "200", "{surface}");
            assert!(!answer.text().contains("bob"), "{when}: {surface}: {}", answer.text());
        }
        assert_eq!(server.comment_count(&cyd, &of_ada).await, json!(1), "{when}: the answer of somebody else stays");
        assert_eq!(server.texts(&cyd, &of_ada).await.concat().matches("Alone").count(), 0);
        let page = server.get("/api/pages/rowers").by(&cyd).send().await.json();
        assert_eq!(page["follower_count"], json!(1), "{when}");
        let cases = server.get("/api/moderation/reports").by(&ada).send().await;
        assert_eq!(cases.json()["items"].as_array().map(Vec::len), Some(2), "{when}: what was reported stays");
    }
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).expect("a folder").next().is_none()
}

fn config(data: &Path) -> Config {
    Settings { data: Some(data.to_owned()), listen: Some("127.0.0.1:0".to_owned()), ..Settings::default() }
        .resolve()
        .expect("settings")
}

/// Marked while no server runs, as after a kill between the mark and the erasing.
#[tokio::test]
async fn an_account_that_is_marked_is_erased_by_the_next_start() {
    let data = TempDir::new().expect("folder");
    let first = start(config(data.path())).await.expect("start");
    let ids = [1, 2].map(|number| AccountId::from_bytes([number; 16]));
    for (account_id, handle) in ids.into_iter().zip(["ada", "bob"]) {
        let account = NewAccount {
            account_id,
            handle: handle.to_owned(),
            name: handle.to_owned(),
            is_operator: handle == "ada",
            password_hash: None,
            created_at: doorpost_model::TimeMs(1),
        };
        let insert = first
            .app()
            .store
            .write::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::account::insert(tx, &account).await?) }));
        assert!(insert.await.expect("made"));
    }
    first.shutdown().await;
    let refused = leave::delete_offline(&config(data.path()), "ada".to_owned()).await.expect("a database");
    assert_eq!(refused.expect_err("the operator").code(), doorpost_model::ErrorCode::Unsettled);
    let unknown = leave::delete_offline(&config(data.path()), "eve".to_owned()).await.expect("a database");
    assert_eq!(unknown.expect_err("nobody").code(), doorpost_model::ErrorCode::NotFound);
    leave::delete_offline(&config(data.path()), "bob".to_owned()).await.expect("a database").expect("deleted");
    let second = start(config(data.path())).await.expect("start");
    let is_there = async || {
        let bob = ids[1];
        let find = second
            .app()
            .store
            .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::account::find(tx, bob).await?.is_some()) }));
        find.await.expect("a look")
    };
    while is_there().await {
        tokio::task::yield_now().await;
    }
    second.shutdown().await;
}
