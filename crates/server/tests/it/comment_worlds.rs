//! Comments in whole small worlds through the real server and its tables, against the product's words.

use serde_json::json;

use crate::{
    comment_harness::text,
    feed_worlds::{comment_id, post_id, settle},
    harness::TestServer,
    slow_model::Answer,
    worlds,
};

const WORLDS: u64 = 24;

#[tokio::test]
async fn comments_and_counts_agree_with_the_slow_model() {
    let mut told = [0, 0];
    for seed in 0..WORLDS {
        let world = worlds::random(seed);
        let server = TestServer::start().await;
        let people = settle(&server, &world).await;
        let mut deleted = vec![false; world.comments.len()];
        for (person, signed_in) in people.iter().enumerate() {
            for (number, comment) in world.comments.iter().enumerate() {
                let id = comment_id(number).to_string();
                let reads = world.reads_comment(person, comment) == Answer::Yes;
                told[usize::from(reads)] += 1;
                let listed = server.get(&format!("/api/posts/{}/comments", post_id(comment.post))).by(signed_in);
                let listed = listed.send().await.json();
                let mut listed = listed["items"].as_array().into_iter().flatten();
                let is_listed = listed.any(|one| one["comment_id"] == json!(id) && text(one) == "text");
                assert_eq!(is_listed, reads, "world {seed}: comment {number} for {person}");
                for (path, expected) in
                    [(format!("/api/comments/{id}/replies"), reads), (format!("/api/comments/{id}/reactions"), reads)]
                {
                    let code = server.get(&path).by(signed_in).send().await.code();
                    assert_eq!(code == "200", expected, "world {seed}: {path} for {person}: {code}");
                }
                let edits = code_of(world.edits_comment(person, comment), "200");
                let edited = server.edit_comment(signed_in, &id, "text").await.code();
                assert_eq!(edited, edits, "world {seed}: comment {number} edited by {person}");
            }
            for (number, post) in world.posts.iter().enumerate() {
                let shown = server.show(signed_in, &post_id(number).to_string()).await.json();
                let of_post = world.comments.iter().filter(|comment| comment.post == number);
                let count = of_post.filter(|comment| world.reads_comment(person, comment) == Answer::Yes).count();
                if world.reads(person, post) == Answer::Yes && post.story.is_none() {
                    let may = world.comments_on(person, post) == Answer::Yes;
                    let expected = json!({ "count": count, "closed": post.comments_closed, "may_comment": may });
                    assert_eq!(shown["comments"], expected, "world {seed}: post {number} for {person}");
                } else {
                    assert!(shown["comments"].is_null(), "world {seed}: post {number} for {person}");
                }
            }
        }
        // Those who may come last: what they deleted the others could not be asked about.
        for allowed in [false, true] {
            for (person, signed_in) in people.iter().enumerate() {
                for (number, comment) in world.comments.iter().enumerate() {
                    let expected = code_of(world.deletes_comment(person, comment), "204");
                    if (expected == "204") == allowed && !deleted[number] {
                        let code = server.delete_comment(signed_in, &comment_id(number).to_string()).await;
                        assert_eq!(code, expected, "world {seed}: comment {number} deleted by {person}");
                        deleted[number] |= allowed;
                    }
                }
            }
        }
    }
    assert!(told.iter().all(|&count| count > 10), "{told:?}");
}

const fn code_of(answer: Answer, yes: &'static str) -> &'static str {
    match answer {
        Answer::Yes => yes,
        Answer::No => "forbidden",
        Answer::NothingThere => "not_found",
    }
}
