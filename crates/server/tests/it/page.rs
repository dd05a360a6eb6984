//! Pages: whose they are, who speaks as them, and what of it others see.

use std::net::{IpAddr, Ipv4Addr};

use axum::{Router, response::Html, routing::get};
use doorpost_fetch::Fetcher;
use doorpost_model::{
    AccountId,
    limits::{PAGE_LINKS_MAX, STORY_TTL_MS},
};
use doorpost_store::{StoreError, page::link::LinkRow};
use futures_util::FutureExt as _;
use serde_json::{Value, json};

use crate::{
    chat_host::open_terms,
    group::id_of,
    harness::{Answer, Person, TestServer},
    post_harness::post_ids,
    story_harness::text,
};

impl TestServer {
    /// Makes a page; gives what its admin sees.
    pub async fn page(&self, by: &Person, handle: &str) -> Value {
        let page = json!({ "handle": handle, "name": format!("The {handle}") });
        let answer = self.post("/api/pages").by(by).json(page).send().await;
        assert_eq!(answer.code(), "201", "{:?}", answer.json());
        answer.json()
    }

    /// Gives a connection a role.
    pub async fn on_staff(&self, by: &Person, page: &str, whom: &Person, role: &str) {
        assert_eq!(self.set_role(by, page, whom, role).await.code(), "200");
    }

    async fn set_role(&self, by: &Person, page: &str, whom: &Person, role: &str) -> Answer {
        let path = format!("/api/pages/{page}/staff/{}", whom.handle);
        self.call("PUT", &path).by(by).json(json!({ "role": role })).send().await
    }

    async fn of_page(&self, by: &Person, page: &str, what: &str) -> Answer {
        self.get(&format!("/api/pages/{page}{what}")).by(by).send().await
    }

    async fn follow(&self, by: &Person, page: &str, follows: bool) -> Answer {
        let method = if follows { "PUT" } else { "DELETE" };
        self.call(method, &format!("/api/pages/{page}/follow")).by(by).send().await
    }

    /// Tries to write as a page.
    async fn speak(&self, by: &Person, page: &Value, text: &str) -> Answer {
        let audience = json!({ "kind": "page", "page_id": page["account_id"] });
        let post = json!({ "post_id": self.new_id(), "text": text, "audience": audience });
        self.post("/api/posts").by(by).json(post).send().await
    }
}

/// An admin, an editor, somebody who looks after those who write, an analyst, and somebody of no part.
async fn staffed() -> (TestServer, Value, [Person; 5]) {
    let server = TestServer::start().await;
    let mut people = Vec::new();
    for handle in ["ada", "eve", "cleo", "ana", "pia"] {
        people.push(server.person(handle).await);
    }
    let people: [Person; 5] = people.try_into().unwrap_or_else(|_| unreachable!("five"));
    let page = server.page(&people[0], "rowers").await;
    for (person, role) in people[1..4].iter().zip(["editor", "community", "analyst"]) {
        server.connect(&people[0], person).await;
        server.on_staff(&people[0], "rowers", person, role).await;
    }
    (server, page, people)
}

#[tokio::test]
async fn a_page_has_a_handle_of_its_own_for_ever() {
    let server = TestServer::start().await;
    let [ada, bob] = [server.person("ada").await, server.person("bob").await];
    let page = server.page(&ada, "rowers").await;
    assert_eq!((&page["handle"], &page["role"], &page["follows"]), (&json!("rowers"), &json!("admin"), &json!(true)));
    for taken in ["rowers", "bob"] {
        let answer = server.post("/api/pages").by(&bob).json(json!({ "handle": taken, "name": "Ours" })).send().await;
        assert_eq!(answer.code(), "handle_taken", "{taken}");
    }
    let person = server.get("/api/accounts/rowers").by(&bob).send().await.json();
    assert_eq!(person["kind"], "page");
    let post = server.speak(&ada, &page, "Hello").await.json();
    assert_eq!(server.call("DELETE", "/api/pages/rowers").by(&ada).send().await.code(), "204");
    let gone = server.get(&format!("/api/posts/{}", post["post_id"].as_str().expect("id"))).by(&bob).send().await;
    assert_eq!(gone.code(), "not_found");
    for path in ["/api/pages/rowers", "/api/accounts/rowers", "/api/accounts/rowers/posts"] {
        assert_eq!(server.get(path).by(&bob).send().await.code(), "not_found", "{path}");
    }
    assert_eq!(server.get("/api/people?q=rowers").by(&bob).send().await.json(), json!([]));
    let again = server.post("/api/pages").by(&bob).json(json!({ "handle": "rowers", "name": "Ours" })).send().await;
    assert_eq!(again.code(), "handle_taken", "nobody passes for a page that was");
}

#[tokio::test]
async fn roles_give_what_they_say() {
    let (server, page, [ada, eve, cleo, ana, pia]) = staffed().await;
    for (who, speaks, staff, numbers, owns) in [
        (&ada, "200", "200", "200", "200"),
        (&eve, "200", "200", "200", "forbidden"),
        (&cleo, "invalid_field", "200", "forbidden", "forbidden"),
        (&ana, "invalid_field", "200", "200", "forbidden"),
        (&pia, "invalid_field", "forbidden", "forbidden", "forbidden"),
    ] {
        assert_eq!(server.speak(who, &page, "Hello").await.code(), speaks, "{}", who.handle);
        assert_eq!(server.of_page(who, "rowers", "/staff").await.code(), staff, "{}", who.handle);
        assert_eq!(server.of_page(who, "rowers", "/numbers").await.code(), numbers, "{}", who.handle);
        let change = server.call("PATCH", "/api/pages/rowers").by(who).json(json!({ "about": "Boats" })).send().await;
        assert_eq!(change.code(), owns, "{}", who.handle);
    }
    let numbers = server.of_page(&ada, "rowers", "/numbers").await.json();
    assert_eq!((&numbers["followers"], &numbers["posts"]), (&json!(4), &json!(2)));
}

#[tokio::test]
async fn a_page_keeps_an_admin_and_takes_on_connections() {
    let (server, _, [ada, eve, _, _, pia]) = staffed().await;
    assert_eq!(server.set_role(&ada, "rowers", &pia, "editor").await.code(), "invalid_field", "no connection");
    assert_eq!(server.set_role(&eve, "rowers", &eve, "admin").await.code(), "forbidden");
    assert_eq!(server.set_role(&ada, "rowers", &ada, "editor").await.code(), "conflict");
    let leave = async |who: &Person| {
        server.call("DELETE", &format!("/api/pages/rowers/staff/{}", who.handle)).by(who).send().await.code()
    };
    assert_eq!(leave(&ada).await, "conflict");
    server.on_staff(&ada, "rowers", &eve, "admin").await;
    assert_eq!(leave(&ada).await, "204");
    assert_eq!(server.of_page(&ada, "rowers", "/staff").await.code(), "forbidden");
    assert_eq!(leave(&pia).await, "forbidden", "who is not on it");
}

#[tokio::test]
async fn who_spoke_is_the_staffs_to_know() {
    let (server, page, [ada, eve, _, _, pia]) = staffed().await;
    let post = server.speak(&eve, &page, "Regatta on Sunday").await.json();
    let path = format!("/api/posts/{}", post["post_id"].as_str().expect("id"));
    let seen = async |who: &Person| server.get(&path).by(who).send().await.json();
    let by_staff = seen(&ada).await;
    assert_eq!(by_staff["author"]["handle"], "rowers");
    assert_eq!(by_staff["page"]["spoken_by"], json!(id_of(&eve)));
    let by_public = seen(&pia).await;
    assert_eq!(by_public["page"], json!({ "page_id": page["account_id"] }));
    assert!(!by_public.to_string().contains(id_of(&eve)), "{by_public}");
    let change = json!({ "shows_roles": true });
    server.call("PATCH", "/api/pages/rowers").by(&ada).json(change).send().await;
    let by_public = seen(&pia).await;
    assert_eq!(by_public["page"], json!({ "page_id": page["account_id"], "spoken_by_role": "editor" }));
    let own = server.get("/api/accounts/eve/posts").by(&pia).send().await.json();
    assert_eq!(own["items"], json!([]), "it is not the writer's own");
    let of_page = server.get("/api/accounts/rowers/posts").by(&pia).send().await.json();
    assert_eq!(of_page["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn followers_have_it_in_their_feeds_and_a_block_parts() {
    let (server, page, [ada, eve, _, _, pia]) = staffed().await;
    // Whoever wrote it is nobody to the reader, so their block is neither.
    server.block(&eve, &pia).await;
    let post = server.speak(&eve, &page, "Regatta").await.json()["post_id"].as_str().expect("id").to_owned();
    assert_eq!(server.feed(&pia, 5).await, [""; 0]);
    assert_eq!(server.follow(&pia, "rowers", true).await.json()["follower_count"], 5);
    assert_eq!(server.follow(&pia, "rowers", true).await.json()["follower_count"], 5, "twice is once");
    assert_eq!(server.feed(&pia, 5).await, std::slice::from_ref(&post));
    let blocked = server.call("PUT", "/api/blocks/rowers").by(&pia).send().await;
    assert_eq!(blocked.code(), "204");
    assert_eq!(server.feed(&pia, 5).await, [""; 0]);
    assert_eq!(server.of_page(&pia, "rowers", "").await.code(), "not_found");
    assert_eq!(server.show(&pia, &post).await.code(), "not_found");
    server.call("DELETE", "/api/blocks/rowers").by(&pia).send().await;
    assert_eq!(server.follow(&pia, "rowers", false).await.json()["follows"], false);
    assert_eq!(server.feed(&pia, 5).await, [""; 0]);
    assert_eq!(server.feed(&ada, 5).await, [post]);
}

#[tokio::test]
async fn stories_that_are_over_are_there_for_who_writes_as_the_page() {
    let (server, page, [ada, eve, cleo, ana, pia]) = staffed().await;
    let audience = json!({ "kind": "page", "page_id": page["account_id"] });
    let mut written = Vec::new();
    for number in 0..3 {
        server.clock.advance(1);
        let words = json!([text(&format!("Regatta {number}"))]);
        written.insert(0, server.write_story(&eve, audience.clone(), words).await);
    }
    server.see(&pia, &[&written[0]]).await;
    server.clock.advance(STORY_TTL_MS + 1);
    assert_eq!(server.show(&pia, &written[0]).await.code(), "not_found");
    for who in [&ada, &eve] {
        let first = server.of_page(who, "rowers", "/archive?limit=2").await.json();
        assert_eq!(post_ids(&first), written[..2], "{}", who.handle);
        assert_eq!(first["items"][0]["story"]["view_count"], 1);
        let cursor = first["next_cursor"].as_str().expect("another page");
        let last = server.of_page(who, "rowers", &format!("/archive?limit=2&cursor={cursor}")).await.json();
        assert_eq!((post_ids(&last), &last["next_cursor"]), (written[2..].to_vec(), &Value::Null));
        assert_eq!(server.show(who, &written[0]).await.code(), "200");
    }
    for who in [&cleo, &ana, &pia] {
        assert_eq!(server.of_page(who, "rowers", "/archive").await.code(), "forbidden", "{}", who.handle);
    }
    assert_eq!(server.of_page(&ana, "rowers", "/numbers").await.json()["story_views"], 1, "who counts has the numbers");
    server.call("PUT", "/api/blocks/rowers").by(&pia).send().await;
    assert_eq!(server.of_page(&pia, "rowers", "/archive").await.code(), "not_found");
    assert_eq!(server.of_page(&ada, "nobody", "/archive").await.code(), "not_found");
    // A person is no page, and nobody has another's archive.
    assert_eq!(server.of_page(&ada, "eve", "/archive").await.code(), "not_found");
    let own = server.get("/api/stories/archive").by(&eve).send().await.json();
    assert_eq!(own["items"], json!([]), "it is the page's");
}

#[tokio::test]
async fn a_page_is_no_person() {
    let (server, page, [ada, ..]) = staffed().await;
    let request = server.post("/api/connections/rowers/request").by(&ada).send().await;
    assert_eq!(request.code(), "invalid_field");
    let named = json!({ "kind": "people", "handles": ["rowers"] });
    let post = json!({ "post_id": server.new_id(), "text": "For you", "audience": named });
    assert_eq!(server.post("/api/posts").by(&ada).json(post).send().await.code(), "invalid_field");
    let direct = format!("/api/direct/{}", page["account_id"].as_str().expect("id"));
    assert_eq!(server.get(&direct).by(&ada).send().await.code(), "invalid_field");
}

#[tokio::test]
async fn the_staff_changes_and_deletes_what_the_page_said() {
    let (server, page, [ada, eve, cleo, _, pia]) = staffed().await;
    let post = server.speak(&eve, &page, "Regatta").await.json()["post_id"].as_str().expect("id").to_owned();
    let change = async |who: &Person, body: Value| {
        server.call("PATCH", &format!("/api/posts/{post}")).by(who).json(body).send().await.code()
    };
    assert_eq!(change(&ada, json!({ "text": "Regatta at ten" })).await, "200");
    assert_eq!(change(&cleo, json!({ "text": "Regatta at nine" })).await, "forbidden");
    assert_eq!(change(&pia, json!({ "text": "No regatta" })).await, "forbidden");
    assert_eq!(change(&ada, json!({ "audience": { "kind": "public" } })).await, "invalid_field");
    let delete = async |who: &Person| server.call("DELETE", &format!("/api/posts/{post}")).by(who).send().await.code();
    assert_eq!(delete(&cleo).await, "forbidden");
    assert_eq!(delete(&ada).await, "204");
}

#[tokio::test]
async fn in_the_chat_of_a_page_its_host_is_a_person_who_speaks_for_it() {
    let server = TestServer::start().await;
    let mut host = server.chat_host("ada").await;
    let page = server.page(&host.person, "rowers").await;
    let audience = json!({ "kind": "page", "page_id": page["account_id"] });
    let post = server.chat_post(&mut host, audience, open_terms()).await;
    let pia = server.person("pia").await;
    let card = server.show(&pia, &post.post_id).await.json();
    assert_eq!((&card["author"]["name"], &card["invite"]["button"]), (&json!("The rowers"), &json!("join")));
    assert!(!card.to_string().contains("ada"), "{card}");
    let members = server.get(&format!("/api/chats/{}/members", post.chat_id)).by(&host.person).send().await.json();
    assert_eq!(members[0]["handle"], "ada");
    assert_eq!(members[0]["speaks_for"], "The rowers");
}

#[tokio::test]
async fn a_group_can_be_a_pages() {
    let (server, _, [ada, eve, ..]) = staffed().await;
    let group = server.group(&ada, json!({ "name": "Crew", "kind": "open" })).await;
    let give = async |who: &Person, body: Value| {
        server.call("PUT", &format!("/api/groups/{group}/page")).by(who).json(body).send().await
    };
    let given = give(&ada, json!({ "handle": "rowers" })).await.json();
    assert_eq!(given["page"], json!({ "handle": "rowers", "name": "The rowers" }));
    let shown = server.of_page(&eve, "rowers", "").await.json();
    assert_eq!(shown["groups"][0]["name"], "Crew");
    assert_eq!(give(&eve, json!({})).await.code(), "forbidden", "the group is ada's");
    let other = server.page(&eve, "gardeners").await;
    assert_eq!(give(&ada, json!({ "handle": other["handle"] })).await.code(), "forbidden", "the page is eve's");
    assert_eq!(give(&ada, json!({})).await.json()["page"], Value::Null);
}

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[tokio::test]
async fn links_that_link_back_are_verified() {
    let listener = tokio::net::TcpListener::bind((LOCAL, 0)).await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let back = Html(r#"<a rel="me" href="http://localhost:7420/people/rowers">us</a>"#);
    let site = Router::new().route("/us", get(async move || back)).route("/them", get(async || Html("<p>Others</p>")));
    tokio::spawn(async move { axum::serve(listener, site).await });
    let resolve = |_: String, _: u16| async { vec![LOCAL] }.boxed();
    let server = TestServer::fetching(Fetcher::for_tests(resolve, |address| address == LOCAL, port)).await;
    let ada = server.person("ada").await;
    let page = server.page(&ada, "rowers").await;
    let page_id: AccountId = page["account_id"].as_str().expect("id").parse().expect("id");
    // Not over HTTPS, as a page's own links have to be: this test's site has no certificate.
    let link = |path: &str| LinkRow { url: format!("http://site.com/{path}"), verified_at: None };
    let links = vec![link("us"), link("them"), link("missing")];
    server
        .app
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { doorpost_store::page::link::set(tx, page_id, &links).await })
        })
        .await
        .expect("links");
    let verified = server.post("/api/pages/rowers/links/verify").by(&ada).send().await.json();
    let is_verified = |number: usize| verified["links"][number]["verified_at"].is_number();
    assert_eq!([is_verified(0), is_verified(1), is_verified(2)], [true, false, false], "{verified}");
}

#[tokio::test]
async fn links_are_few_and_public_pages() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    server.page(&ada, "rowers").await;
    let set = async |links: Value| {
        let change = json!({ "links": links });
        server.call("PATCH", "/api/pages/rowers").by(&ada).json(change).send().await.code()
    };
    assert_eq!(set(json!(["https://rowers.com/", "https://rowers.com/us"])).await, "200");
    for bad in
        ["http://rowers.com", "https://localhost/", "https://10.0.0.1:22/", "javascript:alert(1)", "https://u:p@a.com/"]
    {
        assert_eq!(set(json!([bad])).await, "invalid_field", "{bad}");
    }
    assert_eq!(set(json!(["https://a.com/", "https://a.com/"])).await, "invalid_field", "the same one twice");
    let many: Vec<String> = (0..=PAGE_LINKS_MAX).map(|number| format!("https://a.com/{number}")).collect();
    assert_eq!(set(json!(many)).await, "invalid_field");
}
