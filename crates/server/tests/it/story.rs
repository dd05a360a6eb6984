//! Stories: who sees them, for how long, and what may be on them.

use doorpost_model::{PostId, frame::Hint, invite::RequestState, limits::STORIES_PER_AUTHOR_MAX};
use serde_json::{Value, json};

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms},
    harness::TestServer,
    post_harness::{connections, lists, people, public},
    story_harness::{canvas, layer, poll, question, text},
};

#[tokio::test]
async fn a_story_is_for_its_audience_in_the_bar_and_not_in_the_feed() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let friend = server.person("friend").await;
    let stranger = server.person("stranger").await;
    server.connect(&ada, &friend).await;
    let for_friends = server.write_story(&ada, connections(), json!([text("Hi")])).await;
    server.clock.advance(1);
    let for_all = server.write_story(&ada, public(), json!([text("Hello")])).await;
    assert_eq!(server.bar(&friend).await, [("ada".to_owned(), 2, 2)]);
    assert_eq!(server.bar(&stranger).await, [("ada".to_owned(), 1, 1)]);
    assert_eq!(server.bar(&ada).await, [("ada".to_owned(), 2, 0)], "one's own is never unseen");
    assert_eq!(server.stories_of(&friend, "ada").await, [for_friends.clone(), for_all.clone()]);
    assert_eq!(server.stories_of(&stranger, "ada").await, [for_all]);
    for person in [&ada, &friend, &stranger] {
        assert_eq!(server.feed(person, 10).await, Vec::<String>::new());
    }
    let hidden = server.show(&stranger, &for_friends).await;
    let never_was = server.show(&stranger, &server.new_id()).await;
    assert_eq!((hidden.status, hidden.body), (never_was.status, never_was.body));
}

#[tokio::test]
async fn the_bar_begins_with_oneself_and_with_what_was_not_seen() {
    let server = TestServer::start().await;
    let me = server.person("me_myself").await;
    let mut seen = None;
    for handle in ["ann", "bob", "cyd"] {
        let author = server.person(handle).await;
        server.clock.advance(1);
        let story = server.write_story(&author, public(), json!([text(handle)])).await;
        seen = seen.or(Some(story));
    }
    server.write_story(&me, people(&[&me]), json!([text("Mine")])).await;
    server.see(&me, &[&server.stories_of(&me, "cyd").await[0]]).await;
    let handles: Vec<String> = server.bar(&me).await.into_iter().map(|(handle, ..)| handle).collect();
    assert_eq!(handles, ["me_myself", "bob", "ann", "cyd"]);
}

#[tokio::test]
async fn after_24_hours_a_story_is_its_authors_alone() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let photo = server.photo(&ada).await;
    let request = json!({ "post_id": server.new_id(), "text": "", "audience": public(),
        "media": [{ "media_id": photo }],
        "story": { "version": 1, "background": { "kind": "photo" }, "layers": [poll(), question()] } });
    let answer = server.post("/api/posts").by(&ada).json(request).send().await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    let story = answer.json()["post_id"].as_str().expect("id").to_owned();
    let picture = format!("/api/media/{photo}/small");

    server.wait_almost_a_day();
    assert_eq!(server.show(&bob, &story).await.code(), "200");
    assert_eq!(server.get(&picture).by(&bob).send().await.code(), "200");
    server.see(&bob, &[&story]).await;

    server.clock.advance(1);
    let never = server.show(&bob, &server.new_id()).await;
    let gone = server.show(&bob, &story).await;
    assert_eq!((gone.status, gone.body), (never.status, never.body));
    assert_eq!(server.get(&picture).by(&bob).send().await.code(), "not_found");
    for (path, body) in [("vote", json!({ "choice": 0 })), ("answer", json!({ "text": "x" }))] {
        assert_eq!(server.put(&bob, &format!("/api/posts/{story}/{path}"), body).await.code(), "not_found");
    }
    assert_eq!(server.bar(&bob).await, []);
    assert_eq!(server.bar(&ada).await, []);
    assert_eq!(server.stories_of(&bob, "ada").await, Vec::<String>::new());

    let archive = server.get("/api/stories/archive").by(&ada).send().await.json();
    assert_eq!(archive["items"][0]["post_id"], json!(story));
    assert_eq!(archive["items"][0]["story"]["view_count"], 1);
    assert_eq!(server.get(&picture).by(&ada).send().await.code(), "200");
    assert_eq!(server.viewers(&ada, &story).await, ["bob"]);
    let archive = server.get("/api/stories/archive").by(&bob).send().await.json();
    assert_eq!(archive["items"], json!([]), "the archive is one's own");
}

#[tokio::test]
async fn the_archive_is_read_in_pages() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let mut written = Vec::new();
    for number in 0..5 {
        server.clock.advance(1);
        written.push(server.write_story(&ada, public(), json!([text(&number.to_string())])).await);
    }
    written.reverse();
    let mut read = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server.get(&format!("/api/stories/archive?limit=2{cursor}")).by(&ada).send().await.json();
        read.extend(crate::post_harness::post_ids(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(read, written);
}

#[tokio::test]
async fn those_who_may_see_a_story_hear_of_it_as_of_one() {
    let server = TestServer::start().await;
    let ada = server.chat_host("ada").await.person;
    let bob = server.chat_host("bob").await.person;
    let eve = server.chat_host("eve").await.person;
    server.connect(&ada, &bob).await;
    let list = server.list_of(&ada, "Hiking", &[]).await;
    let port = server.listen().await;
    let (mut of_bob, _) = port.connect(&bob).await;
    let (mut of_eve, _) = port.connect(&eve).await;
    let id = |story: String| -> PostId { story.parse().expect("id") };
    let for_friends = id(server.write_story(&ada, connections(), json!([text("Hi")])).await);
    of_bob.hint(Hint::StoryAdded { post_id: for_friends }).await;
    let for_list = id(server.write_story(&ada, lists(&[&list]), json!([text("Hi")])).await);
    server.change_list(&ada, &list, json!({ "add": ["bob"] })).await;
    of_bob.hint(Hint::StoryAdded { post_id: for_list }).await;
    server.wait_almost_a_day();
    server.clock.advance(1);
    server.change_list(&ada, &list, json!({ "remove": ["bob"] })).await;
    let public = id(server.write_story(&ada, public(), json!([text("Hi")])).await);
    of_bob.hint(Hint::StoryAdded { post_id: public }).await;
    let told = of_eve.all().await;
    let of_others = [for_friends, for_list].map(|post_id| format!("{post_id:?}"));
    assert!(told.iter().all(|frame| of_others.iter().all(|id| !format!("{frame:?}").contains(id))), "{told:?}");
}

#[tokio::test]
async fn what_does_not_belong_on_a_story_is_refused() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let friend = server.person("friend").await;
    server.person("stranger").await;
    server.connect(&ada, &friend).await;
    let link = |url: &str| layer(json!({ "kind": "link", "url": url }));
    let mention = |handle: &str| layer(json!({ "kind": "mention", "handle": handle }));
    let at = |name: &str, value: i64| {
        let mut layer = text("Hi");
        layer[name] = json!(value);
        layer
    };
    let options = |count: usize| layer(json!({ "kind": "poll", "question": "Which?", "options": vec!["One"; count] }));
    let good = [
        json!([text(&"x".repeat(300)), at("x", 0), at("x", 1_000), at("rotation", -180), at("scale", 4_000)]),
        json!([link("https://example.org/a?b"), mention("friend"), poll(), question()]),
        json!([options(2)]),
        json!([options(4)]),
        Value::Array(vec![text("Hi"); 20]),
    ];
    for layers in good {
        let answer = server.send_story(&ada, public(), canvas(layers.clone())).await;
        assert_eq!(answer.code(), "200", "{layers}: {:?}", answer.json());
    }
    let bad = [
        json!([]),
        json!([text(" ")]),
        json!([text("nul\0")]),
        json!([text(&"x".repeat(301))]),
        json!([at("x", 1_001)]),
        json!([at("y", 1_001)]),
        json!([at("scale", 299)]),
        json!([at("scale", 4_001)]),
        json!([at("rotation", 181)]),
        json!([link("javascript:alert(1)")]),
        json!([link("https://bank.example@evil.example/")]),
        json!([mention("stranger")]),
        json!([mention("nobody_here")]),
        json!([mention("Not A Handle")]),
        json!([poll(), poll()]),
        json!([question(), question()]),
        json!([options(1)]),
        json!([options(5)]),
        json!([layer(json!({ "kind": "join" }))]),
        Value::Array(vec![text("Hi"); 21]),
        Value::Array(vec![text(&"\u{1}".repeat(300)); 20]),
    ];
    for layers in bad {
        let answer = server.send_story(&ada, public(), canvas(layers.clone())).await;
        assert_eq!(answer.code(), "invalid_field", "{layers}");
        assert_eq!(answer.json()["error"]["field"], "story", "{layers}");
    }
    let mut later = canvas(json!([text("Hi")]));
    later["version"] = json!(2);
    assert_eq!(server.send_story(&ada, public(), later).await.code(), "invalid_field");
    let photo_without = json!({ "version": 1, "background": { "kind": "photo" }, "layers": [] });
    assert_eq!(server.send_story(&ada, public(), photo_without).await.json()["error"]["field"], "media");
    let words = json!({ "post_id": server.new_id(), "text": "Beside", "audience": public(),
        "story": canvas(json!([text("Hi")])) });
    let answer = server.post("/api/posts").by(&ada).json(words).send().await;
    assert_eq!(answer.json()["error"]["field"], "text");
}

#[tokio::test]
async fn a_story_is_written_once_and_there_are_not_too_many() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let request = json!({ "post_id": server.new_id(), "text": "", "audience": public(),
        "story": canvas(json!([text("Once")])) });
    for _ in 0..2 {
        assert_eq!(server.post("/api/posts").by(&ada).json(request.clone()).send().await.code(), "200");
    }
    assert_eq!(server.stories_of(&ada, "ada").await.len(), 1);
    for _ in 1..STORIES_PER_AUTHOR_MAX {
        server.write_story(&ada, public(), json!([text("More")])).await;
    }
    let answer = server.send_story(&ada, public(), canvas(json!([text("One too many")]))).await;
    assert_eq!(answer.code(), "limit_reached");
    server.wait_almost_a_day();
    server.clock.advance(1);
    server.write_story(&ada, public(), json!([text("Another day")])).await;
}

#[tokio::test]
async fn a_deleted_story_leaves_nothing() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let story = server.write_story(&ada, public(), json!([poll()])).await;
    server.see(&bob, &[&story]).await;
    server.highlight(&ada, "Garden", &[&story]).await;
    assert_eq!(server.delete_post(&ada, &story).await.code(), "204");
    assert_eq!(server.show(&ada, &story).await.code(), "not_found");
    assert_eq!(server.bar(&bob).await, []);
    assert_eq!(server.highlights(&ada, "ada").await, [("Garden".to_owned(), vec![])]);
    let archive = server.get("/api/stories/archive").by(&ada).send().await.json();
    assert_eq!(archive["items"], json!([]));
}

/// Ada's story with a join sticker.
async fn join_story(server: &TestServer, ada: &mut ChatHost, ends_with_post: bool) -> ChatPost {
    let mut terms = open_terms();
    terms.ends_with_post = ends_with_post;
    let (post, mut request) = server.draft(ada, public(), terms);
    request["text"] = json!("");
    request["story"] = canvas(json!([text("Who is in?"), layer(json!({ "kind": "join" }))]));
    let answer = server.send_draft(ada, &request).await;
    assert_eq!(answer.code(), "200", "{:?}", answer.json());
    post
}

#[tokio::test]
async fn a_join_sticker_is_an_invite_like_any_other() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let mut bob = server.chat_host("bob").await;
    let mut cyd = server.chat_host("cyd").await;
    let post = join_story(&server, &mut ada, true).await;
    let shown = server.show(&bob.person, &post.post_id).await.json();
    assert_eq!(shown["invite"]["button"], "join");
    server.see(&bob.person, &[&post.post_id]).await;
    server.join_alone(&mut bob, &post).await;
    assert_eq!(server.show(&bob.person, &post.post_id).await.json()["invite"]["button"], "open");
    let viewers = server.get(&format!("/api/posts/{}/viewers", post.post_id)).by(&ada.person).send().await.json();
    assert_eq!(viewers["items"][0]["request"]["state"], json!(RequestState::Joined));

    server.wait_almost_a_day();
    server.clock.advance(1);
    let card = format!("/api/invites/{}", post.invite_id);
    assert_eq!(server.get(&card).by(&cyd.person).send().await.code(), "not_found", "it ends with the story");
    let (answer, _) = server.ask(&mut cyd, &post, &[]).await;
    assert_eq!(answer.code(), "not_found");
    assert_eq!(server.get(&card).by(&ada.person).send().await.code(), "200");
    server.highlight(&ada.person, "Trips", &[&post.post_id]).await;
    assert_eq!(server.get(&card).by(&cyd.person).send().await.code(), "200", "with a story that is kept, it is too");
}

#[tokio::test]
async fn an_invite_that_outlives_its_story_keeps_its_audience() {
    let server = TestServer::start().await;
    let mut ada = server.chat_host("ada").await;
    let bob = server.chat_host("bob").await;
    let post = join_story(&server, &mut ada, false).await;
    server.wait_almost_a_day();
    server.clock.advance(1);
    assert_eq!(server.show(&bob.person, &post.post_id).await.code(), "not_found");
    let card = server.get(&format!("/api/invites/{}", post.invite_id)).by(&bob.person).send().await;
    assert_eq!(card.json()["button"], "join");
    server.block(&ada.person, &bob.person).await;
    let card = server.get(&format!("/api/invites/{}", post.invite_id)).by(&bob.person).send().await;
    assert_eq!(card.code(), "not_found");
}
