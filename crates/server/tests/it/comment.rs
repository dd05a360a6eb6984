//! Comments: who writes, reads, changes and deletes them, and how they are counted.

use doorpost_model::{CommentId, TimeMs, limits::COMMENTS_PER_POST_MAX};
use doorpost_store::{StoreError, comment as rows};
use serde_json::{Value, json};

use crate::{
    comment_harness::text,
    harness::TestServer,
    post_harness::{connections, public},
    story_harness,
};

#[tokio::test]
async fn a_thread_has_two_levels_and_says_whom_a_reply_answers() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let post = server.write_post(&ada, public()).await;
    let first = server.comment(&bob, &post, " First ", None).await;
    let reply = server.comment(&cyd, &post, "To the first", Some(&first)).await;
    let deeper = server.comment(&ada, &post, "To the reply", Some(&reply)).await;
    server.comment(&cyd, &post, "Second", None).await;
    let expected = ["First", "> To the first", "> To the reply", "Second"];
    assert_eq!(server.texts(&ada, &post).await, expected, "the newest thread is the last");
    let threads = server.comments(&ada, &post).await;
    let replies = &threads[0]["replies"];
    assert_eq!(threads[0]["reply_count"], 2);
    assert_eq!(replies[0]["answers"], Value::Null, "it answers what it stands under");
    assert_eq!(replies[1]["answers"]["handle"], "cyd");
    assert_eq!([&replies[0]["parent_id"], &replies[1]["parent_id"]], [&json!(first), &json!(first)]);
    assert_eq!(replies[1]["comment_id"], deeper);
    assert_eq!(server.comment_count(&bob, &post).await, 4);
    let gone = server.say_under(&bob, &post, "To nobody", Some(&server.new_id())).await;
    assert_eq!(gone.code(), "invalid_field");
    let elsewhere = server.write_post(&ada, public()).await;
    assert_eq!(server.say_under(&bob, &elsewhere, "x", Some(&first)).await.code(), "invalid_field");
}

#[tokio::test]
async fn pages_go_back_from_the_newest_and_replies_go_on() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let post = server.write_post(&ada, public()).await;
    let first = server.comment(&ada, &post, "0", None).await;
    for number in 1..5 {
        server.comment(&ada, &post, &number.to_string(), None).await;
        server.comment(&ada, &post, &format!("reply {number}"), Some(&first)).await;
    }
    let page = async |path: String| {
        let answer = server.get(&path).by(&ada).send().await;
        assert_eq!(answer.code(), "200", "{:?}", answer.json());
        let page = answer.json();
        let texts: Vec<String> = page["items"].as_array().expect("items").iter().map(text).collect();
        (texts, page["next_cursor"].as_str().map(str::to_owned))
    };
    let (texts, cursor) = page(format!("/api/posts/{post}/comments?limit=3")).await;
    assert_eq!(texts, ["2", "3", "4"]);
    let cursor = cursor.expect("more");
    let (texts, cursor) = page(format!("/api/posts/{post}/comments?limit=3&cursor={cursor}")).await;
    assert_eq!((texts, cursor), (vec!["0".to_owned(), "1".to_owned()], None));
    let thread = server.comments(&ada, &post).await[0].clone();
    assert_eq!(thread["replies"].as_array().map(Vec::len), Some(3));
    let cursor = thread["replies_cursor"].as_str().expect("more");
    let (texts, cursor) = page(format!("/api/comments/{first}/replies?cursor={cursor}")).await;
    assert_eq!((texts, cursor), (vec!["reply 4".to_owned()], None));
}

#[tokio::test]
async fn a_block_parts_two_who_comment_and_no_count_tells() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let post = server.write_post(&ada, public()).await;
    let bobs = server.comment(&bob, &post, "Bob", None).await;
    server.comment(&cyd, &post, "Cyd", None).await;
    server.block(&cyd, &bob).await;
    assert_eq!(server.texts(&ada, &post).await, ["Bob", "Cyd"]);
    assert_eq!(server.texts(&bob, &post).await, ["Bob"]);
    assert_eq!(server.texts(&cyd, &post).await, ["Cyd"]);
    assert_eq!(server.comment_count(&cyd, &post).await, 1);
    assert_eq!(server.say_under(&cyd, &post, "x", Some(&bobs)).await.code(), "invalid_field");
    let replies = format!("/api/comments/{bobs}/replies");
    assert_eq!(server.get(&replies).by(&cyd).send().await.code(), "not_found");
    // With a reply for them, the place of what is not for them is as empty as that of a comment that was deleted.
    let reply = server.comment(&ada, &post, "Ada", Some(&bobs)).await;
    assert_eq!(server.texts(&cyd, &post).await, ["-", "> Ada", "Cyd"]);
    let parted = server.comments(&cyd, &post).await[0].clone();
    server.comment(&bob, &post, "To Ada", Some(&reply)).await;
    assert_eq!(server.comments(&cyd, &post).await[0], parted, "nothing tells of the reply");
    assert_eq!(server.get(&replies).by(&cyd).send().await.json()["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.delete_comment(&bob, &bobs).await, "204");
    assert_eq!(server.comments(&cyd, &post).await[0], parted);
}

#[tokio::test]
async fn what_one_wrote_is_taken_back_also_where_the_post_is_out_of_sight() {
    let server = TestServer::start().await;
    let [ada, bob, cyd] = [server.person("ada").await, server.person("bob").await, server.person("cyd").await];
    for person in [&bob, &cyd] {
        server.connect(&ada, person).await;
    }
    let post = server.write_post(&ada, connections()).await;
    let first = server.comment(&bob, &post, "First", None).await;
    let second = server.comment(&bob, &post, "Second", None).await;
    let other = server.comment(&cyd, &post, "Other", None).await;
    server.block(&ada, &bob).await;
    assert_eq!(server.show(&bob, &post).await.code(), "not_found");
    assert_eq!(server.texts(&cyd, &post).await, ["First", "Second", "Other"]);
    assert_eq!(server.edit_comment(&bob, &first, "Changed").await.code(), "not_found");
    assert_eq!(server.react(&bob, "comments", &first, "👍").await.code(), "not_found");
    assert_eq!(server.delete_comment(&bob, &other).await, "not_found", "another's");
    let deleted = server.call("DELETE", &format!("/api/comments/{first}")).by(&bob).send().await;
    assert_eq!((deleted.code().as_str(), deleted.text()), ("204", ""), "and nothing of the post");
    assert_eq!(server.texts(&cyd, &post).await, ["Second", "Other"]);
    assert_eq!(server.delete_comment(&bob, &first).await, "not_found", "twice");
    // With the post its comments are gone, as if they had never been.
    assert_eq!(server.call("DELETE", &format!("/api/posts/{post}")).by(&ada).send().await.code(), "204");
    assert_eq!(server.delete_comment(&bob, &second).await, "not_found");
}

#[tokio::test]
async fn one_edits_and_deletes_what_is_ones_own_and_the_author_moderates() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let post = server.write_post(&ada, public()).await;
    let first = server.comment(&bob, &post, "First", None).await;
    let second = server.comment(&cyd, &post, "Second", None).await;
    let reply = server.comment(&cyd, &post, "Reply", Some(&first)).await;
    assert_eq!(server.edit_comment(&ada, &first, "Mine").await.code(), "forbidden");
    assert_eq!(server.edit_comment(&bob, &first, "First").await.json()["edited_at"], Value::Null);
    let edited = server.edit_comment(&bob, &first, "Changed").await;
    assert!(edited.json()["edited_at"].is_number());
    assert_eq!(server.delete_comment(&cyd, &first).await, "forbidden");
    assert_eq!(server.delete_comment(&ada, &second).await, "204", "the post's author moderates");
    assert_eq!(server.delete_comment(&bob, &first).await, "204");
    assert_eq!(server.delete_comment(&bob, &first).await, "not_found");
    assert_eq!(server.texts(&cyd, &post).await, ["-", "> Reply"], "its replies keep the place");
    assert_eq!(server.comment_count(&cyd, &post).await, 1);
    let places = server.comments(&cyd, &post).await;
    assert_eq!((&places[0]["text"], &places[0]["author"]), (&json!(""), &Value::Null));
    assert_eq!(server.delete_comment(&cyd, &reply).await, "204");
    assert!(server.texts(&cyd, &post).await.is_empty());
}

#[tokio::test]
async fn the_author_takes_no_more_comments_and_all_read_on() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let post = server.write_post(&ada, public()).await;
    server.comment(&bob, &post, "In time", None).await;
    let close = format!("/api/posts/{post}/comments/closed");
    assert_eq!(server.call("PUT", &close).by(&bob).send().await.code(), "forbidden");
    let closed = server.call("PUT", &close).by(&ada).send().await.json();
    assert_eq!(closed["comments"], json!({ "count": 1, "closed": true, "may_comment": false }));
    for person in [&ada, &bob] {
        assert_eq!(server.say_under(person, &post, "Late", None).await.code(), "forbidden");
        assert_eq!(server.texts(person, &post).await, ["In time"]);
    }
    let open = server.call("DELETE", &close).by(&ada).send().await.json();
    assert_eq!(open["comments"]["may_comment"], true);
    server.comment(&bob, &post, "Again", None).await;
}

#[tokio::test]
async fn in_a_group_members_comment_and_moderators_delete() {
    let server = TestServer::start().await;
    let (ada, bob, cyd) = (server.person("ada").await, server.person("bob").await, server.person("cyd").await);
    let group = server.group(&ada, json!({ "name": "Rowers", "kind": "open" })).await;
    let join = server.post(&format!("/api/groups/{group}/join")).by(&bob).json(json!({})).send().await;
    assert_eq!(join.code(), "200");
    let post = server.write_post(&bob, json!({ "kind": "group", "group_id": group })).await;
    let said = server.comment(&bob, &post, "Row", None).await;
    assert_eq!(server.texts(&cyd, &post).await, ["Row"], "an open group is read by all");
    assert_eq!(server.say_under(&cyd, &post, "May I?", None).await.code(), "forbidden");
    assert_eq!(server.react(&cyd, "comments", &said, "👍").await.code(), "forbidden");
    assert_eq!(server.show(&cyd, &post).await.json()["comments"]["may_comment"], false);
    server.block(&bob, &ada).await;
    assert_eq!(server.delete_comment(&cyd, &said).await, "forbidden");
    assert_eq!(server.delete_comment(&ada, &said).await, "204", "whoever blocks the moderator");
    let kept = server.comment(&bob, &post, "Gone with the group", None).await;
    let ended = server.call("DELETE", &format!("/api/groups/{group}")).by(&ada).send().await;
    assert_eq!(ended.code(), "204");
    assert_eq!(stored(&server, &kept).await, None);
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_and_what_was_said_is_said_once() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let post = server.write_post(&ada, connections()).await;
    let story = server.write_story(&ada, public(), json!([story_harness::text("Hi")])).await;
    assert_eq!(server.say_under(&bob, &post, "Hi", None).await.code(), "not_found");
    assert_eq!(server.say_under(&bob, &story, "Hi", None).await.code(), "not_found", "stories have none");
    assert_eq!(server.get(&format!("/api/posts/{story}/comments")).by(&bob).send().await.code(), "not_found");
    server.connect(&ada, &bob).await;
    for text in ["", "  ", "a\0b", &"x".repeat(2_001)] {
        assert_eq!(server.say_under(&bob, &post, text, None).await.code(), "invalid_field", "{text:?}");
    }
    let path = format!("/api/posts/{post}/comments");
    let comment = json!({ "comment_id": server.new_id(), "text": "x".repeat(2_000) });
    for _ in 0..2 {
        assert_eq!(server.post(&path).by(&bob).json(comment.clone()).send().await.code(), "200");
    }
    assert_eq!(server.post(&path).by(&ada).json(comment.clone()).send().await.code(), "conflict", "another's id");
    assert_eq!(server.comment_count(&ada, &post).await, 1);
    let id = comment["comment_id"].as_str().expect("id").to_owned();
    server.delete_post(&ada, &post).await;
    assert_eq!(stored(&server, &id).await, None, "a deleted post keeps no comments");
}

#[tokio::test]
async fn a_post_has_a_bounded_number_of_comments() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    let post = server.write_post(&ada, public()).await;
    let post_id = post.parse().expect("id");
    let author_id = ada.me["account_id"].as_str().expect("id").parse().expect("id");
    let fill = async |numbers: std::ops::Range<u128>| {
        let write = server.app.store.write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                for number in numbers {
                    let row = rows::CommentRow {
                        comment_id: CommentId::from_bytes(number.to_be_bytes()),
                        post_id,
                        author_id,
                        parent_id: None,
                        answers_id: None,
                        text: "Again".to_owned(),
                        created_at: TimeMs(1),
                        edited_at: None,
                        deleted_at: None,
                        hidden: false,
                    };
                    rows::insert(tx, &row).await?;
                }
                Ok(())
            })
        });
        write.await.expect("written");
    };
    fill(0..COMMENTS_PER_POST_MAX as u128 - 1).await;
    server.comment(&ada, &post, "The last one", None).await;
    assert_eq!(server.say_under(&ada, &post, "One more", None).await.code(), "limit_reached");
    assert_eq!(server.comment_count(&ada, &post).await, COMMENTS_PER_POST_MAX);
}

async fn stored(server: &TestServer, comment_id: &str) -> Option<rows::CommentRow> {
    let id = comment_id.parse().expect("id");
    server.app.store.read::<_, StoreError, _>(move |tx| Box::pin(rows::get(tx, id))).await.expect("read")
}
