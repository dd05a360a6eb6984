//! What viewers leave on a story, and highlights.

use doorpost_model::{PostId, frame::Hint};
use serde_json::json;

use crate::{
    harness::TestServer,
    post_harness::{connections, public},
    story_harness::{poll, question, text},
};

#[tokio::test]
async fn views_are_for_the_author_alone_and_of_those_who_may_see() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let cyd = server.person("cyd").await;
    let eve = server.person("eve").await;
    server.connect(&ada, &bob).await;
    server.connect(&ada, &cyd).await;
    let story = server.write_story(&ada, connections(), json!([text("Hi")])).await;
    let post = server.write_post(&ada, public()).await;
    for person in [&ada, &bob, &eve] {
        server.see(person, &[&story, &post, &server.new_id()]).await;
    }
    server.clock.advance(1);
    server.see(&cyd, &[&story]).await;
    server.see(&bob, &[&story]).await;
    assert_eq!(server.viewers(&ada, &story).await, ["cyd", "bob"], "neither the author nor who may not see it");
    let shown = server.show(&bob, &story).await.json();
    assert_eq!((&shown["story"]["seen"], shown["story"].get("view_count")), (&json!(true), None));
    assert_eq!(server.show(&ada, &story).await.json()["story"]["view_count"], 2);
    assert_eq!(server.bar(&bob).await, [("ada".to_owned(), 1, 0)]);
    for (person, code) in [(&bob, "forbidden"), (&eve, "not_found")] {
        let answer = server.get(&format!("/api/posts/{story}/viewers")).by(person).send().await;
        assert_eq!(answer.code(), code);
    }
    server.block(&cyd, &ada).await;
    assert_eq!(server.viewers(&ada, &story).await, ["bob"], "a block hides who is parted");
    let too_many = json!({ "post_ids": vec![&story; 51] });
    assert_eq!(server.post("/api/stories/seen").by(&bob).json(too_many).send().await.code(), "invalid_field");
}

#[tokio::test]
async fn viewers_are_read_in_pages() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let story = server.write_story(&ada, public(), json!([text("Hi")])).await;
    for handle in ["ann", "bob", "cyd"] {
        let viewer = server.person(handle).await;
        server.clock.advance(1);
        server.see(&viewer, &[&story]).await;
    }
    let path = format!("/api/posts/{story}/viewers?limit=2");
    let first = server.get(&path).by(&ada).send().await.json();
    let cursor = first["next_cursor"].as_str().expect("more");
    let rest = server.get(&format!("{path}&cursor={cursor}")).by(&ada).send().await.json();
    assert_eq!(rest["items"].as_array().expect("items").len(), 1);
    assert_eq!(rest["items"][0]["account"]["handle"], "ann");
    assert_eq!(rest.get("next_cursor"), None);
}

#[tokio::test]
async fn many_views_at_once_are_all_there() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let mut stories = Vec::new();
    for number in 0..8 {
        stories.push(server.write_story(&ada, public(), json!([text(&number.to_string())])).await);
    }
    let mut viewers = Vec::new();
    for number in 0..6 {
        viewers.push(server.person(&format!("viewer_{number}")).await);
    }
    let seeing = viewers.iter().flat_map(|viewer| stories.iter().map(move |story| (viewer, story.as_str())));
    let (server, seeing): (&TestServer, Vec<_>) = (&server, seeing.collect());
    futures_util::future::join_all(seeing.into_iter().map(|(viewer, story)| async move {
        server.see(viewer, &[story]).await;
    }))
    .await;
    for story in &stories {
        assert_eq!(server.viewers(&ada, story).await.len(), viewers.len());
    }
}

#[tokio::test]
async fn a_polls_counts_are_for_those_who_voted_and_the_author() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let ann = server.person("ann").await;
    let bob = server.person("bob").await;
    let story = server.write_story(&ada, public(), json!([poll()])).await;
    let path = format!("/api/posts/{story}/vote");
    let poll_of = async |person| server.show(person, &story).await.json()["story"]["poll"].clone();
    assert_eq!(poll_of(&ann).await, json!({}));
    assert_eq!(poll_of(&ada).await, json!({ "counts": [0, 0] }));
    let voted = server.put(&ann, &path, json!({ "choice": 1 })).await;
    assert_eq!(voted.json()["story"]["poll"], json!({ "choice": 1, "counts": [0, 1] }));
    assert_eq!(poll_of(&bob).await, json!({}), "not before one has voted");
    server.put(&bob, &path, json!({ "choice": 1 })).await;
    server.put(&ann, &path, json!({ "choice": 0 })).await;
    assert_eq!(poll_of(&ada).await, json!({ "counts": [1, 1] }), "one vote a person");
    for (choice, code) in [(2, "invalid_field"), (u32::MAX, "invalid_field")] {
        assert_eq!(server.put(&ann, &path, json!({ "choice": choice })).await.code(), code);
    }
    assert_eq!(server.put(&ada, &path, json!({ "choice": 0 })).await.code(), "forbidden");
    let without = server.write_story(&ada, public(), json!([text("No poll")])).await;
    let answer = server.put(&ann, &format!("/api/posts/{without}/vote"), json!({ "choice": 0 })).await;
    assert_eq!(answer.code(), "invalid_field");
    let post = server.write_post(&ada, public()).await;
    let answer = server.put(&ann, &format!("/api/posts/{post}/vote"), json!({ "choice": 0 })).await;
    assert_eq!(answer.code(), "not_found", "a post has no poll");
}

#[tokio::test]
async fn answers_are_for_the_author_alone() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let ann = server.person("ann").await;
    let bob = server.person("bob").await;
    let story = server.write_story(&ada, public(), json!([question()])).await;
    let path = format!("/api/posts/{story}/answer");
    server.put(&ann, &path, json!({ "text": "Kale" })).await;
    server.clock.advance(1);
    let answered = server.put(&ann, &path, json!({ "text": " Leeks " })).await;
    assert_eq!(answered.json()["story"]["answered"], true);
    let answers = server.get(&format!("/api/posts/{story}/answers")).by(&ada).send().await.json();
    assert_eq!(answers["items"].as_array().expect("items").len(), 1);
    assert_eq!(answers["items"][0]["text"], "Leeks");
    assert!(!server.show(&bob, &story).await.text().contains("Leeks"));
    for bad in [json!({ "text": " " }), json!({ "text": "x".repeat(501) }), json!({ "text": "nul\0" })] {
        assert_eq!(server.put(&bob, &path, bad).await.code(), "invalid_field");
    }
    assert_eq!(server.put(&ada, &path, json!({ "text": "Mine" })).await.code(), "forbidden");
}

#[tokio::test]
async fn highlights_keep_stories_for_their_audiences() {
    let server = TestServer::start().await;
    let ada = server.chat_host("ada").await.person;
    let friend = server.chat_host("friend").await.person;
    let eve = server.person("eve").await;
    server.connect(&ada, &friend).await;
    let for_friends = server.write_story(&ada, connections(), json!([poll()])).await;
    server.clock.advance(1);
    let for_all = server.write_story(&ada, public(), json!([text("All")])).await;
    let garden = server.highlight(&ada, "Garden", &[&for_all, &for_friends]).await;
    server.clock.advance(1);
    server.highlight(&ada, "Close", &[&for_friends]).await;
    server.wait_almost_a_day();
    server.clock.advance(2);

    let both = vec![for_friends.clone(), for_all.clone()];
    let close = ("Close".to_owned(), vec![for_friends.clone()]);
    assert_eq!(server.highlights(&friend, "ada").await, [("Garden".to_owned(), both), close.clone()]);
    assert_eq!(server.highlights(&eve, "ada").await, [("Garden".to_owned(), vec![for_all.clone()])]);
    assert_eq!(server.show(&friend, &for_friends).await.code(), "200");
    assert_eq!(server.show(&eve, &for_friends).await.code(), "not_found");
    assert_eq!(server.bar(&friend).await, [], "they are not in the bar");
    let vote = server.put(&friend, &format!("/api/posts/{for_friends}/vote"), json!({ "choice": 0 })).await;
    assert_eq!(vote.code(), "forbidden", "its time is over");
    server.see(&friend, &[&for_all]).await;
    assert_eq!(server.viewers(&ada, &for_all).await, Vec::<String>::new());

    // What is taken out of the last set is gone at once, and those who look at it hear so.
    let port = server.listen().await;
    let (mut of_friend, _) = port.connect(&friend).await;
    let body = json!({ "name": "Plot", "post_ids": [for_friends] });
    assert_eq!(server.put(&ada, &format!("/api/highlights/{garden}"), body).await.code(), "204");
    let post_id: PostId = for_all.parse().expect("id");
    of_friend.hint(Hint::PostChanged { post_id }).await;
    assert_eq!(server.show(&friend, &for_all).await.code(), "not_found");
    assert_eq!(server.highlights(&eve, "ada").await, [], "a set with nothing in it for one is not there");

    let path = format!("/api/highlights/{garden}");
    assert_eq!(server.call("DELETE", &path).by(&eve).send().await.code(), "not_found");
    assert_eq!(server.call("DELETE", &path).by(&ada).send().await.code(), "204");
    assert_eq!(server.highlights(&friend, "ada").await, [close]);
}

#[tokio::test]
async fn a_highlight_holds_ones_own_stories_alone() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let bob = server.person("bob").await;
    let story = server.write_story(&ada, public(), json!([text("Hi")])).await;
    let post = server.write_post(&bob, public()).await;
    for foreign in [&story, &post, &server.new_id()] {
        let body = json!({ "name": "Mine", "post_ids": [foreign] });
        let answer = server.put(&bob, &format!("/api/highlights/{}", server.new_id()), body).await;
        assert_eq!(answer.json()["error"]["field"], "post_ids");
    }
    let set = server.highlight(&ada, "Garden", &[&story]).await;
    let body = json!({ "name": "Taken over", "post_ids": [] });
    assert_eq!(server.put(&bob, &format!("/api/highlights/{set}"), body).await.code(), "not_found");
    for name in ["", " ", "two\nlines", &"x".repeat(31)] {
        let body = json!({ "name": name, "post_ids": [] });
        let answer = server.put(&ada, &format!("/api/highlights/{set}"), body).await;
        assert_eq!(answer.json()["error"]["field"], "name");
    }
}
