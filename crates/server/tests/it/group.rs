//! Groups: who knows of them, comes in, and goes.

use doorpost_model::limits::{GROUP_NAME_CHARS_MAX, GROUP_RULES_CHARS_MAX, GROUPS_OWNED_MAX};
use serde_json::{Value, json};

use crate::harness::{Answer, Person, TestServer};

impl TestServer {
    /// Makes a group; gives its id.
    pub async fn group(&self, by: &Person, group: Value) -> String {
        let answer = self.post("/api/groups").by(by).json(group).send().await;
        assert_eq!(answer.code(), "201", "{:?}", answer.json());
        answer.json()["group_id"].as_str().expect("id").to_owned()
    }

    /// Somebody invites a connection, who accepts.
    pub async fn bring_in(&self, by: &Person, whom: &Person, group: &str) {
        assert_eq!(self.on_group(by, group, "invitations", json!({ "handles": [whom.handle] })).await.code(), "204");
        assert_eq!(self.on_group(whom, group, "join", json!({})).await.code(), "200");
    }

    pub async fn on_group(&self, by: &Person, group: &str, what: &str, body: Value) -> Answer {
        self.post(&format!("/api/groups/{group}/{what}")).by(by).json(body).send().await
    }

    pub async fn of_group(&self, by: &Person, group: &str, what: &str) -> Answer {
        self.get(&format!("/api/groups/{group}{what}")).by(by).send().await
    }

    /// The word on the group's button, or why there is none.
    pub async fn group_button(&self, by: &Person, group: &str) -> String {
        let answer = self.of_group(by, group, "").await;
        answer.json()["button"].as_str().map_or(answer.code(), str::to_owned)
    }

    async fn names(&self, by: &Person, path: &str) -> Vec<String> {
        let answer = self.get(path).by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        let items = answer.json()["items"].as_array().expect("items").clone();
        items.iter().map(|item| item["name"].as_str().expect("name").to_owned()).collect()
    }
}

pub fn id_of(person: &Person) -> &str {
    person.me["account_id"].as_str().expect("id")
}

#[tokio::test]
async fn open_and_closed_groups_are_found_and_secret_ones_never_were() {
    let server = TestServer::start().await;
    let [ada, bob] = [server.person("ada").await, server.person("bob").await];
    for (name, kind) in [("Open rowers", "open"), ("Closed rowers", "closed"), ("Secret rowers", "secret")] {
        server.clock.advance(1);
        server.group(&ada, json!({ "name": name, "kind": kind })).await;
    }
    assert_eq!(server.names(&bob, "/api/groups/find?query=ROW").await, ["Closed rowers", "Open rowers"]);
    assert_eq!(server.names(&ada, "/api/groups/find?query=secret").await, [""; 0], "for its owner too");
    assert_eq!(server.names(&ada, "/api/groups").await, ["Secret rowers", "Closed rowers", "Open rowers"]);
    assert_eq!(server.names(&bob, "/api/groups").await, [""; 0]);
    let first = server.get("/api/groups?limit=2").by(&ada).send().await.json();
    let cursor = first["next_cursor"].as_str().expect("more");
    assert_eq!(server.names(&ada, &format!("/api/groups?cursor={cursor}")).await, ["Open rowers"]);
}

#[tokio::test]
async fn a_secret_group_answers_outsiders_like_one_that_never_was() {
    let server = TestServer::start().await;
    let [ada, bob] = [server.person("ada").await, server.person("bob").await];
    server.connect(&ada, &bob).await;
    let secret = server.group(&ada, json!({ "name": "Secret", "kind": "secret" })).await;
    let none = server.new_id();
    let account = id_of(&ada);
    let member = format!("members/{account}");
    let requests = [
        ("GET", String::new(), None),
        ("PATCH", String::new(), Some(json!({ "name": "" }))),
        ("PATCH", String::new(), Some(json!({ "name": "Mine" }))),
        ("DELETE", String::new(), None),
        ("POST", "/join".to_owned(), Some(json!({ "answers": ["x"] }))),
        ("DELETE", "/join".to_owned(), None),
        ("POST", "/leave".to_owned(), Some(json!({}))),
        ("GET", "/feed".to_owned(), None),
        ("GET", "/feed?limit=0".to_owned(), None),
        ("GET", "/pins".to_owned(), None),
        ("GET", "/pending".to_owned(), None),
        ("GET", "/members?query=a".to_owned(), None),
        ("GET", "/members?cursor=x".to_owned(), None),
        ("PUT", format!("/{member}/role"), Some(json!({ "role": "owner" }))),
        ("POST", format!("/{member}/remove"), Some(json!({ "ban": true }))),
        ("GET", "/bans".to_owned(), None),
        ("DELETE", format!("/bans/{account}"), None),
        ("GET", "/requests".to_owned(), None),
        ("POST", "/requests/decide".to_owned(), Some(json!({ "account_ids": [account], "accept": true }))),
        ("POST", "/invitations".to_owned(), Some(json!({ "handles": ["ada"] }))),
    ];
    for (method, path, body) in requests {
        let ask = async |group: &str| {
            let call = server.call(method, &format!("/api/groups/{group}{path}")).by(&bob);
            let call = if let Some(body) = &body { call.json(body.clone()) } else { call };
            call.send().await
        };
        let (hidden, unknown) = (ask(&secret).await, ask(&none).await);
        assert_eq!(hidden.status, unknown.status, "{method} {path}");
        assert_eq!(hidden.body, unknown.body, "{method} {path}");
        assert!(!hidden.status.is_success(), "{method} {path}");
    }
    for group in [&secret, &none] {
        let post =
            json!({ "post_id": server.new_id(), "text": "x", "audience": { "kind": "group", "group_id": group } });
        let answer = server.post("/api/posts").by(&bob).json(post).send().await;
        assert_eq!(
            answer.text(),
            r#"{"error":{"code":"invalid_field","message":"You are in no such group.","field":"audience"}}"#
        );
    }
}

#[tokio::test]
async fn joining_is_at_once_by_request_or_by_invitation() {
    let server = TestServer::start().await;
    let [ada, bob] = [server.person("ada").await, server.person("bob").await];
    server.connect(&ada, &bob).await;
    let open = server.group(&ada, json!({ "name": "Open", "kind": "open" })).await;
    let closed = json!({ "name": "Closed", "kind": "closed", "questions": ["Why?", "Since when?"] });
    let closed = server.group(&ada, closed).await;
    let secret = server.group(&ada, json!({ "name": "Secret", "kind": "secret", "questions": ["Why?"] })).await;
    let buttons = async || {
        let mut words = Vec::new();
        for group in [&open, &closed, &secret] {
            words.push(server.group_button(&bob, group).await);
        }
        words
    };
    assert_eq!(buttons().await, ["join", "ask", "not_found"]);

    assert_eq!(server.on_group(&bob, &open, "join", json!({})).await.json()["role"], "member");
    assert_eq!(
        server.on_group(&bob, &closed, "join", json!({ "answers": ["Boats"] })).await.code(),
        "answers_required"
    );
    let answers = json!({ "answers": ["Boats", "1999"] });
    assert_eq!(server.on_group(&bob, &closed, "join", answers.clone()).await.json()["button"], "requested");
    assert_eq!(server.on_group(&bob, &closed, "join", answers.clone()).await.json()["button"], "requested");
    assert_eq!(server.on_group(&bob, &secret, "join", json!({})).await.code(), "not_found");
    let waiting = server.of_group(&ada, &closed, "").await.json()["waiting"].clone();
    assert_eq!(waiting, json!({ "requests": 1, "posts": 0 }));
    let queue = server.of_group(&ada, &closed, "/requests").await.json();
    assert_eq!(queue["items"][0]["handle"], "bob");
    assert_eq!(queue["items"][0]["answers"][1], json!({ "question": "Since when?", "answer": "1999" }));
    assert_eq!(server.of_group(&bob, &closed, "/requests").await.code(), "forbidden");

    // Taken back, asked again, declined, asked again, let in.
    assert_eq!(server.call("DELETE", &format!("/api/groups/{closed}/join")).by(&bob).send().await.code(), "204");
    assert_eq!(server.group_button(&bob, &closed).await, "ask");
    for (accept, button) in [(false, "ask"), (true, "member")] {
        server.on_group(&bob, &closed, "join", answers.clone()).await;
        let decision = json!({ "account_ids": [id_of(&bob), id_of(&ada)], "accept": accept });
        assert_eq!(server.on_group(&ada, &closed, "requests/decide", decision).await.code(), "204");
        assert_eq!(server.group_button(&bob, &closed).await, button);
    }
    assert_eq!(server.of_group(&ada, &closed, "").await.json()["member_count"], 2);

    let invite = json!({ "handles": ["bob"] });
    assert_eq!(server.on_group(&ada, &secret, "invitations", invite.clone()).await.code(), "204");
    assert_eq!(buttons().await, ["member", "member", "accept"]);
    assert_eq!(server.names(&bob, "/api/groups/invitations").await, ["Secret"]);
    assert_eq!(server.of_group(&bob, &secret, "").await.json()["invited_by"]["handle"], "ada");
    assert_eq!(server.of_group(&bob, &secret, "/feed").await.code(), "forbidden", "invited is not in");
    assert_eq!(server.call("DELETE", &format!("/api/groups/{secret}/join")).by(&bob).send().await.code(), "204");
    assert_eq!(server.group_button(&bob, &secret).await, "not_found", "declined");
    server.on_group(&ada, &secret, "invitations", invite).await;
    assert_eq!(
        server.on_group(&bob, &secret, "join", json!({})).await.json()["button"],
        "member",
        "no questions asked"
    );
    assert_eq!(server.names(&bob, "/api/groups/invitations").await, [""; 0]);
}

#[tokio::test]
async fn invitations_go_to_connections_and_end_with_a_block() {
    let server = TestServer::start().await;
    let [ada, bob, cleo] = [server.person("ada").await, server.person("bob").await, server.person("cleo").await];
    server.connect(&ada, &bob).await;
    server.connect(&bob, &cleo).await;
    let closed = server.group(&ada, json!({ "name": "Closed", "kind": "closed" })).await;
    for handles in [json!(["cleo"]), json!(["nobody"]), json!(["bob", "cleo"])] {
        let answer = server.on_group(&ada, &closed, "invitations", json!({ "handles": handles })).await;
        assert_eq!(answer.code(), "not_connected");
    }
    server.bring_in(&ada, &bob, &closed).await;
    let invite = json!({ "handles": ["cleo"] });
    assert_eq!(server.on_group(&bob, &closed, "invitations", invite.clone()).await.code(), "forbidden");
    let open = server.group(&ada, json!({ "name": "Open", "kind": "open" })).await;
    server.on_group(&bob, &open, "join", json!({})).await;
    assert_eq!(server.on_group(&bob, &open, "invitations", invite).await.code(), "204", "members of open ones invite");
    assert_eq!(server.group_button(&cleo, &open).await, "accept");
    server.block(&cleo, &bob).await;
    assert_eq!(server.group_button(&cleo, &open).await, "join");
    assert_eq!(server.names(&cleo, "/api/groups/invitations").await, [""; 0]);
}

#[tokio::test]
async fn a_group_has_an_owner_as_long_as_it_is_there() {
    let server = TestServer::start().await;
    let [ada, bob] = [server.person("ada").await, server.person("bob").await];
    let group = server.group(&ada, json!({ "name": "Open", "kind": "open" })).await;
    server.on_group(&bob, &group, "join", json!({})).await;
    let role = async |by: &Person, whom: &Person, role: &str| {
        let path = format!("/api/groups/{group}/members/{}/role", id_of(whom));
        server.call("PUT", &path).by(by).json(json!({ "role": role })).send().await.code()
    };
    assert_eq!(server.on_group(&ada, &group, "leave", json!({})).await.code(), "last_owner");
    assert_eq!(role(&ada, &ada, "member").await, "last_owner");
    assert_eq!(role(&bob, &bob, "owner").await, "forbidden");
    let nobody = json!({ "successor": server.new_id() });
    assert_eq!(server.on_group(&ada, &group, "leave", nobody).await.code(), "not_member");
    assert_eq!(server.on_group(&ada, &group, "leave", json!({ "successor": id_of(&ada) })).await.code(), "not_member");
    assert_eq!(server.on_group(&ada, &group, "leave", json!({ "successor": id_of(&bob) })).await.code(), "204");
    let detail = server.of_group(&bob, &group, "").await.json();
    assert_eq!((&detail["role"], &detail["member_count"]), (&json!("owner"), &json!(1)));
    assert_eq!(server.on_group(&ada, &group, "leave", json!({})).await.code(), "forbidden", "out already");

    server.on_group(&ada, &group, "join", json!({})).await;
    assert_eq!(role(&bob, &ada, "owner").await, "204");
    assert_eq!(role(&bob, &bob, "moderator").await, "204");
    assert_eq!(server.on_group(&bob, &group, "leave", json!({})).await.code(), "204");
    assert_eq!(server.on_group(&ada, &group, "leave", json!({})).await.code(), "204");
    assert_eq!(server.group_button(&ada, &group).await, "not_found", "the last one out");
}

#[tokio::test]
async fn moderators_take_out_members_and_owners_everybody() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let [mod_one, mod_two] = [server.person("mod_one").await, server.person("mod_two").await];
    let bob = server.person("bob").await;
    let group = server.group(&ada, json!({ "name": "Open", "kind": "open" })).await;
    for person in [&mod_one, &mod_two, &bob] {
        server.on_group(person, &group, "join", json!({})).await;
    }
    for person in [&mod_one, &mod_two] {
        let path = format!("/api/groups/{group}/members/{}/role", id_of(person));
        assert_eq!(server.call("PUT", &path).by(&ada).json(json!({ "role": "moderator" })).send().await.code(), "204");
    }
    let remove = async |by: &Person, whom: &Person, ban: bool| {
        let what = format!("members/{}/remove", id_of(whom));
        server.on_group(by, &group, &what, json!({ "ban": ban })).await.code()
    };
    assert_eq!(remove(&bob, &mod_one, false).await, "forbidden");
    assert_eq!(remove(&mod_one, &mod_two, false).await, "forbidden");
    assert_eq!(remove(&mod_one, &ada, false).await, "forbidden");
    assert_eq!(remove(&mod_one, &bob, false).await, "204");
    assert_eq!(remove(&mod_one, &bob, false).await, "not_member");
    assert_eq!(server.group_button(&bob, &group).await, "join", "taken out, not kept out");
    server.on_group(&bob, &group, "join", json!({})).await;
    assert_eq!(remove(&mod_one, &bob, true).await, "204");
    assert_eq!(server.group_button(&bob, &group).await, "banned");
    assert_eq!(server.on_group(&bob, &group, "join", json!({})).await.code(), "forbidden");
    let bans = server.of_group(&mod_two, &group, "/bans").await.json();
    assert_eq!(bans["items"][0]["handle"], "bob");
    let path = format!("/api/groups/{group}/bans/{}", id_of(&bob));
    assert_eq!(server.call("DELETE", &path).by(&mod_two).send().await.code(), "204");
    assert_eq!(server.group_button(&bob, &group).await, "join");
    assert_eq!(remove(&ada, &mod_one, true).await, "204");

    let closed = json!({ "kind": "secret" });
    let answer = server.call("PATCH", &format!("/api/groups/{group}")).by(&ada).json(closed).send().await;
    assert_eq!(answer.code(), "200");
    assert_eq!(server.group_button(&mod_one, &group).await, "not_found", "kept out of what became secret");
}

#[tokio::test]
async fn members_see_each_other_but_for_blocks_and_moderators_all() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let [bob, cleo, dan] = [server.person("bob").await, server.person("cleo").await, server.person("dan").await];
    let group = server.group(&ada, json!({ "name": "Open", "kind": "open" })).await;
    for person in [&bob, &cleo] {
        server.clock.advance(1);
        server.on_group(person, &group, "join", json!({})).await;
    }
    server.block(&cleo, &bob).await;
    server.block(&cleo, &ada).await;
    let members = async |by: &Person, query: &str| {
        let answer = server.of_group(by, &group, &format!("/members{query}")).await.json();
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|member| member["handle"].as_str().expect("handle").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(members(&ada, "").await, ["cleo", "bob", "ada"]);
    assert_eq!(members(&bob, "").await, ["bob", "ada"]);
    assert_eq!(members(&cleo, "").await, ["cleo"]);
    assert_eq!(members(&ada, "?query=B").await, ["bob"]);
    assert_eq!(members(&ada, "?query=_").await, [""; 0]);
    assert_eq!(server.of_group(&dan, &group, "/members").await.code(), "forbidden", "who is in is for those who are");
    let long = "a".repeat(61);
    assert_eq!(server.of_group(&ada, &group, &format!("/members?query={long}")).await.code(), "invalid_field");
}

#[tokio::test]
async fn what_owners_settle_has_limits() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let question = "q".repeat(201);
    for (field, value) in [
        ("name", json!(" ")),
        ("name", json!("x".repeat(GROUP_NAME_CHARS_MAX + 1))),
        ("name", json!("two\nlines")),
        ("description", json!("x".repeat(501))),
        ("rules", json!("x".repeat(GROUP_RULES_CHARS_MAX + 1))),
        ("rules", json!("nul\0")),
        ("questions", json!(["1", "2", "3", "4", "5", "6"])),
        ("questions", json!([" "])),
        ("questions", json!([question])),
    ] {
        let mut group = json!({ "name": "Group", "kind": "open" });
        group[field] = value.clone();
        let answer = server.post("/api/groups").by(&ada).json(group).send().await;
        assert_eq!(answer.json()["error"]["field"], field, "{value}");
    }
    let group = server.group(&ada, json!({ "name": "Group", "kind": "closed" })).await;
    let change =
        async |change: Value| server.call("PATCH", &format!("/api/groups/{group}")).by(&ada).json(change).send().await;
    assert_eq!(change(json!({ "kind": "open" })).await.code(), "conflict", "what members said stays among them");
    let settled =
        json!({ "name": "Other", "description": "d", "rules": "r", "questions": ["Why?"], "posts_wait": true });
    let detail = change(settled.clone()).await.json();
    for (field, value) in settled.as_object().expect("fields") {
        assert_eq!(&detail[field], value);
    }
    for _ in 1..GROUPS_OWNED_MAX {
        server.group(&ada, json!({ "name": "Group", "kind": "open" })).await;
    }
    let answer = server.post("/api/groups").by(&ada).json(json!({ "name": "Group", "kind": "open" })).send().await;
    assert_eq!(answer.code(), "limit_reached");
}
