//! Reports of the public side, the queue, what is decided, and what its subject can still do.

use doorpost_server::Settings;
use serde_json::{Value, json};

use crate::{
    group::id_of,
    harness::{Answer, Person, TestServer},
    post_harness::{connections, people, public},
    story_harness::{canvas, text},
};

const DAY_MS: i64 = 24 * 3_600_000;

/// The operator, a moderator, and two who are connected.
struct World {
    server: TestServer,
    ada: Person,
    mod_: Person,
    bob: Person,
    cyd: Person,
}

impl World {
    async fn on(server: TestServer) -> Self {
        let [ada, mod_] = [server.person("ada").await, server.person("mod").await];
        let [bob, cyd] = [server.person("bob").await, server.person("cyd").await];
        server.connect(&bob, &cyd).await;
        assert_eq!(server.do_to(&ada, "PUT", "/api/moderation/moderators/mod").await, "204");
        server.clock.advance(1);
        Self { server, ada, mod_, bob, cyd }
    }

    async fn start() -> Self {
        Self::on(TestServer::start().await).await
    }

    async fn report(&self, by: &Person, target: Value, desk: &str) -> Answer {
        let report = json!({ "report_id": self.server.new_id(), "target": target, "reason": "hate",
            "comment": " Please look ", "desk": desk });
        self.server.post("/api/reports/public").by(by).json(report).send().await
    }

    async fn report_post(&self, by: &Person, post_id: &str) -> Answer {
        self.report(by, json!({ "kind": "post", "post_id": post_id }), "server").await
    }

    async fn report_account(&self, by: &Person, whom: &Person) -> Answer {
        self.report(by, json!({ "kind": "account", "account_id": id_of(whom) }), "server").await
    }

    /// The cases that somebody sees in the queue.
    async fn cases(&self, by: &Person, closed: bool) -> Vec<Value> {
        let answer = self.server.get(&format!("/api/moderation/reports?closed={closed}")).by(by).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        answer.json()["items"].as_array().expect("items").clone()
    }

    async fn case(&self, by: &Person, case: &Value) -> Answer {
        self.server.get(&format!("/api/moderation/reports/{}", id(case))).by(by).send().await
    }

    async fn decide(&self, by: &Person, case: &Value, decision: Value) -> String {
        let path = format!("/api/moderation/reports/{}/decide", id(case));
        self.server.clock.advance(1);
        self.server.post(&path).by(by).json(decision).send().await.code()
    }

    async fn notices(&self, by: &Person) -> Vec<Value> {
        let answer = self.server.get("/api/notices").by(by).send().await.json();
        answer["items"].as_array().expect("items").clone()
    }

    async fn log(&self, by: &Person) -> Vec<String> {
        let answer = self.server.get("/api/moderation/log").by(by).send().await.json();
        let items = answer["items"].as_array().expect("items").clone();
        items.iter().map(|entry| entry["action"].as_str().expect("an action").to_owned()).collect()
    }
}

fn id(case: &Value) -> &str {
    case["case_id"].as_str().expect("an id")
}

#[tokio::test]
async fn what_is_reported_is_seen_as_it_was_and_no_further() {
    what_is_reported_is_seen_as_it_was_and_no_further_on(TestServer::start().await).await;
}

#[tokio::test]
async fn what_is_reported_is_seen_as_it_was_and_no_further_on_postgres() {
    let server = TestServer::on_postgres(Settings::default()).await;
    what_is_reported_is_seen_as_it_was_and_no_further_on(server).await;
}

async fn what_is_reported_is_seen_as_it_was_and_no_further_on(server: TestServer) {
    let world = World::on(server).await;
    let World { server, mod_, bob, cyd, .. } = &world;
    let post = server.write_post(bob, connections()).await;
    let other = server.write_post(bob, connections()).await;
    assert_eq!(world.report_post(mod_, &post).await.code(), "not_found", "one reports what one sees");
    assert_eq!(world.report_post(bob, &post).await.code(), "invalid_field", "and not one's own");
    for _ in 0..2 {
        assert_eq!(world.report_post(cyd, &post).await.code(), "204");
    }
    server.edit(bob, &post, json!({ "text": "Nothing" })).await;
    let queue = world.cases(mod_, false).await;
    assert_eq!(queue.len(), 1);
    assert_eq!((&queue[0]["report_count"], &queue[0]["copy"]["text"]), (&json!(1), &json!("by bob")));
    assert_eq!(queue[0]["reasons"], json!([{ "reason": "hate", "count": 1 }]));
    let detail = world.case(mod_, &queue[0]).await.json();
    assert_eq!(
        (&detail["reports"][0]["comment"], &detail["reports"][0]["reporter"]["handle"]),
        (&json!("Please look"), &json!("cyd"))
    );
    for post in [&post, &other] {
        assert_eq!(server.show(mod_, post).await.code(), "not_found", "the copy is all that a moderator sees");
        assert_eq!(server.delete_post(mod_, post).await.code(), "not_found");
    }
    for outsider in [bob, cyd] {
        assert_eq!(world.case(outsider, &queue[0]).await.code(), "not_found");
        assert_eq!(world.decide(outsider, &queue[0], json!({ "action": "dismiss" })).await, "not_found");
    }
    let remove = json!({ "action": "remove", "rule": "hate", "note": "Be kind" });
    assert_eq!(world.decide(mod_, &queue[0], json!({ "action": "remove" })).await, "invalid_field", "which rule?");
    assert_eq!(world.decide(mod_, &queue[0], remove.clone()).await, "204");
    assert_eq!(world.decide(mod_, &queue[0], remove).await, "conflict");
    assert_eq!(server.show(bob, &post).await.code(), "not_found");
    let notices = world.notices(bob).await;
    assert_eq!((&notices[0]["kind"], &notices[0]["rule"]), (&json!("removal"), &json!("hate")));
    assert_eq!((&notices[0]["excerpt"], &notices[0]["note"]), (&json!("by bob"), &json!("Be kind")));
    assert_eq!(world.cases(mod_, false).await, [] as [Value; 0]);
    assert_eq!(world.cases(mod_, true).await[0]["outcome"], "removed");
    assert_eq!(world.log(mod_).await, ["removed", "moderator_named"]);
    assert_eq!(server.get("/api/moderation/log").by(bob).send().await.code(), "forbidden");
}

#[tokio::test]
async fn reports_of_one_thing_are_one_case() {
    let world = World::start().await;
    let World { server, ada, mod_, bob, cyd } = &world;
    let post = server.write_post(bob, public()).await;
    for person in [cyd, mod_] {
        assert_eq!(world.report_post(person, &post).await.code(), "204");
    }
    let story = server.write_story(bob, public(), json!([text("Hi")])).await;
    assert_eq!(world.report_post(cyd, &story).await.code(), "204");
    assert_eq!(world.report_account(cyd, bob).await.code(), "204");
    let group = server.group(bob, json!({ "name": "Foul", "kind": "open", "description": "Words" })).await;
    let target = json!({ "kind": "group", "group_id": group });
    assert_eq!(world.report(cyd, target.clone(), "server").await.code(), "204");
    assert_eq!(world.report(bob, target.clone(), "server").await.code(), "invalid_field");
    assert_eq!(world.report(cyd, target, "group").await.code(), "invalid_field");
    let mut kinds: Vec<_> = world.cases(ada, false).await;
    kinds.sort_by_key(|case| case["target"].as_str().map(str::to_owned));
    let kinds: Vec<_> = kinds.iter().map(|case| (case["target"].as_str(), case["report_count"].as_u64())).collect();
    let expected = [("account", 1), ("group", 1), ("post", 2), ("story", 1)];
    assert_eq!(kinds, expected.map(|(kind, count)| (Some(kind), Some(count))));
    let cases = world.cases(ada, false).await;
    let group_case = cases.iter().find(|case| case["target"] == "group").expect("a case");
    assert_eq!(group_case["copy"]["name"], "Foul");
    assert_eq!(world.decide(mod_, group_case, json!({ "action": "remove", "rule": "spam" })).await, "204");
    assert_eq!(server.get(&format!("/api/groups/{group}")).by(bob).send().await.code(), "not_found");
    let account = cases.iter().find(|case| case["target"] == "account").expect("a case");
    assert_eq!(world.decide(mod_, account, json!({ "action": "remove", "rule": "spam" })).await, "invalid_field");
    assert_eq!(world.decide(mod_, account, json!({ "action": "warn", "rule": "spam" })).await, "204");
    assert_eq!(world.notices(bob).await.len(), 2);
}

#[tokio::test]
async fn moderators_judge_neither_the_operator_nor_themselves() {
    let world = World::start().await;
    let World { server, ada, mod_, bob, .. } = &world;
    assert_eq!(world.report_account(bob, mod_).await.code(), "204");
    let about_mod = world.cases(ada, false).await.pop().expect("a case");
    assert_eq!(world.cases(mod_, false).await, [] as [Value; 0], "nothing about themselves");
    assert_eq!(world.case(mod_, &about_mod).await.code(), "not_found");
    assert_eq!(world.decide(mod_, &about_mod, json!({ "action": "dismiss" })).await, "not_found");
    assert_eq!(world.report_account(bob, ada).await.code(), "204");
    let about_operator = world.cases(mod_, false).await.pop().expect("a case");
    assert_eq!(about_operator["may_judge"], false);
    assert_eq!(world.decide(mod_, &about_operator, json!({ "action": "dismiss" })).await, "forbidden");
    assert_eq!(world.decide(ada, &about_operator, json!({ "action": "dismiss" })).await, "204");
    assert_eq!(server.do_to(mod_, "PUT", "/api/moderation/moderators/bob").await, "forbidden");
    assert_eq!(server.do_to(ada, "DELETE", "/api/moderation/moderators/mod").await, "204");
    assert_eq!(server.get("/api/moderation/reports").by(mod_).send().await.code(), "forbidden");
    // What was said about them while they moderated stays out of reach.
    assert_eq!(world.case(mod_, &about_mod).await.code(), "not_found");
}

#[tokio::test]
async fn a_suspension_leaves_reading_and_leaving_and_ends_by_itself() {
    let world = World::start().await;
    let World { server, ada, mod_, bob, cyd } = &world;
    let post = server.write_post(bob, public()).await;
    assert_eq!(world.report_account(cyd, bob).await.code(), "204");
    let case = world.cases(mod_, false).await.pop().expect("a case");
    for duration in [json!(null), json!(1), json!(400 * DAY_MS)] {
        let decision = json!({ "action": "suspend", "rule": "spam", "duration_ms": duration });
        assert_eq!(world.decide(mod_, &case, decision).await, "invalid_field");
    }
    let decision = json!({ "action": "suspend", "rule": "spam", "note": "Calm down", "duration_ms": DAY_MS });
    assert_eq!(world.decide(mod_, &case, decision).await, "204");
    let write = async || {
        let post = json!({ "post_id": server.new_id(), "text": "Hi", "audience": public() });
        server.post("/api/posts").by(bob).json(post).send().await.code()
    };
    assert_eq!(write().await, "account_suspended");
    assert_eq!(server.edit(bob, &post, json!({ "text": "Hi" })).await.code(), "account_suspended");
    assert_eq!(server.do_to(bob, "POST", "/api/connections/mod/request").await, "account_suspended");
    assert!(server.get("/api/me").by(bob).send().await.json()["suspended_until"].is_i64());
    assert_eq!(server.get("/api/feed").by(bob).send().await.code(), "200", "reads");
    assert_eq!(server.do_to(bob, "DELETE", "/api/connections/cyd").await, "204", "leaves");
    assert_eq!(server.delete_post(bob, &post).await.code(), "204", "takes back");

    let notice = world.notices(bob).await.remove(0);
    let path = format!("/api/notices/{}", notice["notice_id"].as_str().expect("an id"));
    let appeal = async |by: &Person| {
        server.post(&format!("{path}/appeal")).by(by).json(json!({ "text": "It was a joke" })).send().await.code()
    };
    assert_eq!(appeal(cyd).await, "not_found");
    assert_eq!((appeal(bob).await, appeal(bob).await), ("204".to_owned(), "conflict".to_owned()));
    assert_eq!(server.do_to(bob, "POST", &format!("{path}/seen")).await, "204");
    let case = world.cases(ada, false).await.pop().expect("the appeal");
    assert_eq!((&case["target"], &case["copy"]["text"]), (&json!("appeal"), &json!("It was a joke")));
    assert_eq!(world.decide(ada, &case, json!({ "action": "dismiss" })).await, "204");
    server.clock.advance(DAY_MS - 2);
    assert_eq!(write().await, "account_suspended");
    server.clock.advance(1);
    assert_eq!(write().await, "200", "it ends by itself");
}

#[tokio::test]
async fn a_suspension_is_lifted_on_appeal() {
    let world = World::start().await;
    let World { server, mod_, bob, cyd, .. } = &world;
    assert_eq!(world.report_account(cyd, bob).await.code(), "204");
    let case = world.cases(mod_, false).await.pop().expect("a case");
    let decision = json!({ "action": "suspend", "rule": "spam", "duration_ms": DAY_MS });
    assert_eq!(world.decide(mod_, &case, decision).await, "204");
    let notice = world.notices(bob).await.remove(0);
    let path = format!("/api/notices/{}/appeal", notice["notice_id"].as_str().expect("an id"));
    assert_eq!(server.post(&path).by(bob).json(json!({ "text": " " })).send().await.code(), "invalid_field");
    assert_eq!(server.post(&path).by(bob).json(json!({ "text": "A joke" })).send().await.code(), "204");
    let case = world.cases(mod_, false).await.pop().expect("the appeal");
    assert_eq!(world.decide(mod_, &case, json!({ "action": "lift" })).await, "204");
    server.write_post(bob, public()).await;
    assert_eq!(world.log(mod_).await, ["lifted", "suspended", "moderator_named"]);
}

#[tokio::test]
async fn a_groups_moderators_get_what_is_meant_for_them() {
    let world = World::start().await;
    let World { server, mod_, bob, cyd, .. } = &world;
    let [owner, member] = [server.person("owner").await, server.person("member").await];
    server.connect(&owner, bob).await;
    server.connect(&owner, &member).await;
    let group = server.group(&owner, json!({ "name": "Rowers", "kind": "secret" })).await;
    server.bring_in(&owner, bob, &group).await;
    server.bring_in(&owner, &member, &group).await;
    let post = server.write_post(bob, json!({ "kind": "group", "group_id": group })).await;
    let target = json!({ "kind": "post", "post_id": post });
    assert_eq!(world.report(cyd, target.clone(), "group").await.code(), "not_found");
    assert_eq!(world.report(&member, target.clone(), "group").await.code(), "204");
    assert_eq!(world.cases(mod_, false).await, [] as [Value; 0], "not the operator's");
    let path = format!("/api/groups/{group}/reports");
    assert_eq!(server.get(&path).by(&member).send().await.code(), "forbidden");
    let page = server.get(&path).by(&owner).send().await.json();
    let case = &page["items"][0];
    assert_eq!((&case["copy"]["text"], &case["report_count"]), (&json!("by bob"), &json!(1)));
    assert!(!page.to_string().contains("member"), "who reported is not told");
    // The same to the operator: what one has not helped the other may.
    assert_eq!(world.report(&member, target, "server").await.code(), "204");
    assert_eq!(world.cases(mod_, false).await.len(), 1);
    let close = async |by: &Person, case: &Value| {
        let path = format!("{path}/{}/close", id(case));
        server.post(&path).by(by).json(json!({ "remove": true })).send().await.code()
    };
    assert_eq!(close(&member, case).await, "forbidden");
    assert_eq!(close(mod_, case).await, "not_found");
    assert_eq!(close(&owner, case).await, "204");
    assert_eq!(close(&owner, case).await, "conflict");
    assert_eq!(server.show(bob, &post).await.code(), "not_found");
    let own = server.write_post(&owner, json!({ "kind": "group", "group_id": group })).await;
    world.report(&member, json!({ "kind": "post", "post_id": own }), "group").await;
    assert_eq!(server.get(&path).by(&owner).send().await.json()["items"], json!([]), "nothing about themselves");
}

#[tokio::test]
async fn a_picture_is_taken_away_and_its_owner_told() {
    let world = World::start().await;
    let World { server, mod_, bob, cyd, .. } = &world;
    let page = server.page(bob, "rowers").await;
    let page_id = page["account_id"].as_str().expect("an id");
    let mut pictures = Vec::new();
    for (of, whose) in [("me", id_of(bob)), ("pages/rowers", page_id)] {
        let photo = server.photo(bob).await;
        let set = server.put(bob, &format!("/api/{of}/picture"), json!({ "media_id": photo })).await;
        assert_eq!(set.code(), "204");
        let target = json!({ "kind": "account", "account_id": whose });
        assert_eq!(world.report(cyd, target, "server").await.code(), "204");
        server.clock.advance(1);
        pictures.push((of, photo));
    }
    let removal = json!({ "action": "remove_picture", "rule": "hate", "note": "Not here" });
    let post = server.write_post(bob, connections()).await;
    world.report_post(cyd, &post).await;
    let cases = world.cases(mod_, false).await;
    assert_eq!(world.decide(mod_, &cases[2], removal.clone()).await, "invalid_field", "a post has none");
    assert_eq!(world.decide(mod_, &cases[0], json!({ "action": "remove_picture" })).await, "invalid_field", "no rule");
    for ((of, photo), case) in pictures.iter().zip(&cases) {
        assert_eq!(world.case(mod_, case).await.json()["has_picture"], true, "{of}");
        assert_eq!(server.get(&format!("/api/media/{photo}/small")).by(cyd).send().await.code(), "200");
        assert_eq!(world.decide(cyd, case, removal.clone()).await, "not_found");
        assert_eq!(world.decide(mod_, case, removal.clone()).await, "204");
        assert_eq!(server.get(&format!("/api/media/{photo}/small")).by(cyd).send().await.code(), "not_found", "{of}");
        assert!(!server.app.config.data.join("media").join(photo).exists());
        assert_eq!(world.case(mod_, case).await.json().get("has_picture"), None);
    }
    assert_eq!(
        server.get(&format!("/api/pictures?of={},{page_id}", id_of(bob))).by(bob).send().await.json(),
        json!([])
    );
    let outcomes: Vec<Value> = world.cases(mod_, true).await.iter().map(|case| case["outcome"].clone()).collect();
    assert_eq!(outcomes, ["picture_removed", "picture_removed"]);
    assert_eq!(world.log(mod_).await[..2], ["picture_removed", "picture_removed"]);
    // Whoever looks after it reads why, and can say something against it.
    let notices = world.notices(bob).await;
    let told: Vec<_> = notices.iter().map(|one| (&one["kind"], &one["rule"], &one["note"])).collect();
    assert_eq!(told, [(&json!("picture_removal"), &json!("hate"), &json!("Not here")); 2]);
    let path = format!("/api/notices/{}/appeal", notices[0]["notice_id"].as_str().expect("an id"));
    assert_eq!(server.post(&path).by(bob).json(json!({ "text": "It is a boat" })).send().await.code(), "204");
    assert_eq!(world.cases(mod_, false).await[1]["target"], "appeal");
}

#[tokio::test]
async fn links_to_blocked_domains_are_refused_by_field() {
    let world = World::start().await;
    let World { server, ada, mod_, bob, .. } = &world;
    let old = server.new_id();
    let write = async |post_id: &str, text: &str, audience: Value| {
        let post = json!({ "post_id": post_id, "text": text, "audience": audience });
        server.post("/api/posts").by(bob).json(post).send().await
    };
    assert_eq!(write(&old, "See https://www.Evil.example/a", public()).await.code(), "200");
    let block = async |by: &Person, domain: &str| {
        server.put(by, "/api/moderation/domains", json!({ "domain": domain, "note": "Scams" })).await
    };
    assert_eq!(block(mod_, "evil.example").await.code(), "forbidden");
    assert_eq!(block(ada, "com").await.code(), "invalid_field");
    assert_eq!(block(ada, "https://EVIL.example./x").await.json()["domain"], "evil.example");
    assert_eq!(server.show(bob, &old).await.json()["blocked_hosts"], json!(["www.evil.example"]));
    for text in [
        "http://evil.example",
        "HTTPS://a.b.EVIL.EXAMPLE.:8080/x",
        "https://good.example@evil.example/",
        "https://ｅｖｉｌ.example",
    ] {
        let answer = write(&server.new_id(), text, people(&[ada])).await;
        assert_eq!((answer.code().as_str(), &answer.json()["error"]["field"]), ("invalid_field", &json!("text")));
    }
    for text in
        ["https://notevil.example", "https://evil.example.org", "evil.example", "https://good.example/?evil.example"]
    {
        assert_eq!(write(&server.new_id(), text, public()).await.code(), "200", "{text}");
    }
    let about = server.call("PATCH", "/api/me").by(bob).json(json!({ "about": "http://evil.example" })).send().await;
    assert_eq!((about.code().as_str(), &about.json()["error"]["field"]), ("invalid_field", &json!("about")));
    let group = json!({ "name": "Rowers", "kind": "open", "rules": "http://evil.example" });
    let group = server.post("/api/groups").by(bob).json(group).send().await;
    assert_eq!(group.json()["error"]["field"], "rules");
    let story = server.send_story(bob, public(), canvas(json!([text("http://evil.example")]))).await;
    assert_eq!(story.json()["error"]["field"], "story");
    let listed = server.get("/api/moderation/domains").by(mod_).send().await.json();
    assert_eq!(listed["items"][0]["domain"], "evil.example");
    server.clock.advance(1);
    assert_eq!(server.do_to(ada, "DELETE", "/api/moderation/domains/evil.example").await, "204");
    assert_eq!(write(&server.new_id(), "http://evil.example", public()).await.code(), "200");
    assert_eq!(world.log(ada).await, ["domain_unblocked", "domain_blocked", "moderator_named"]);
}

#[tokio::test]
async fn what_was_written_before_leads_nowhere_any_more() {
    let World { server, ada, bob, .. } = World::start().await;
    let post = server.write_post(&bob, public()).await;
    let said = server.say_under(&bob, &post, "See https://www.Evil.com/a, https://good.com", None).await.json();
    assert_eq!(said.get("blocked_hosts"), None);
    let links = json!({ "handle": "rowers", "name": "Rowers", "links": ["https://evil.com/b", "https://good.com"] });
    let page = server.post("/api/pages").by(&bob).json(links.clone()).send().await;
    assert_eq!((page.code().as_str(), page.json()["links"][0].get("blocked")), ("201", None));
    assert_eq!(server.put(&ada, "/api/moderation/domains", json!({ "domain": "evil.com" })).await.code(), "200");
    let comment = &server.comments(&ada, &post).await[0];
    assert_eq!(comment["blocked_hosts"], json!(["www.evil.com"]));
    let page = server.get("/api/pages/rowers").by(&ada).send().await.json();
    assert_eq!(page["links"], json!([{ "url": "https://evil.com/b", "blocked": true }, { "url": "https://good.com" }]));
    for (field, change) in [
        ("links", json!({ "links": links["links"] })),
        ("about", json!({ "about": "http://evil.com" })),
        ("name", json!({ "name": "http://evil.com" })),
    ] {
        let refused = server.call("PATCH", "/api/pages/rowers").by(&bob).json(change).send().await;
        assert_eq!((refused.code().as_str(), &refused.json()["error"]["field"]), ("invalid_field", &json!(field)));
    }
    let kept = server.call("PATCH", "/api/pages/rowers").by(&bob).json(json!({ "about": "Boats" })).send().await;
    assert_eq!(kept.code(), "200", "what is not changed is not asked about");
}
