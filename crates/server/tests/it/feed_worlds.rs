//! Whole small worlds through the real server and its tables, against the product's words.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, CommentId, GroupId, HighlightId, ListId, PostId, TimeMs,
    group::{self, GroupRole},
    page::PageRole,
    post::{AudienceKind, PostKind},
};
use doorpost_store::{StoreError, account::NewAccount, comment::CommentRow, group::GroupRow, post::PostRow};

use crate::{
    harness::{Person as SignedIn, TestServer},
    slow_model::{Answer, Audience, Group, GroupKind, NOW, Person, Post, World},
    worlds,
};

const WORLDS: u64 = 24;
const HOUR_MS: i64 = 3_600_000;

#[tokio::test]
async fn feed_stories_and_posts_agree_with_the_slow_model() {
    let mut told = [0, 0];
    let mut live_told = [0, 0];
    for seed in 0..WORLDS {
        let world = worlds::random(seed);
        let server = TestServer::start().await;
        let people = settle(&server, &world).await;
        for (person, signed_in) in people.iter().enumerate() {
            let feed: BTreeSet<String> = server.feed(signed_in, 2).await.into_iter().collect();
            let live = server.live_stories(signed_in).await;
            for (number, post) in world.posts.iter().enumerate() {
                let id = post_id(number).to_string();
                let reads = world.reads(person, post) == Answer::Yes;
                told[usize::from(reads)] += 1;
                let in_feed = reads && post.story.is_none() && is_for_feeds(&world, person, post);
                assert_eq!(feed.contains(&id), in_feed, "world {seed}: post {number} in the feed of {person}");
                let is_live = reads
                    && post.story.is_some_and(|story| NOW < story.expires_at)
                    && is_for_feeds(&world, person, post);
                assert_eq!(live.contains(&id), is_live, "world {seed}: story {number} for {person}");
                live_told[usize::from(is_live)] += 1;
                let code = if reads { "200" } else { "not_found" };
                assert_eq!(server.show(signed_in, &id).await.code(), code, "world {seed}: post {number} for {person}");
            }
        }
    }
    assert!(told.iter().chain(&live_told).all(|&count| count > 10), "{told:?} {live_told:?}");
}

const CANVAS: &str = r#"{"version":1,"background":{"kind":"gradient","gradient":"sea"},"layers":[]}"#;
/// Of groups' posts, a feed has those that are let through in groups one is in, of pages' those of pages one follows.
fn is_for_feeds(world: &World, person: Person, post: &Post) -> bool {
    match post.audience {
        Audience::Group { group, pending } => !pending && world.groups[group].those_in().contains(&person),
        Audience::Page(page) => world.pages[page].followers.contains(&person),
        _ => true,
    }
}

pub fn post_id(number: usize) -> PostId {
    PostId::from_bytes((number as u128 + 1).to_be_bytes())
}

pub fn comment_id(number: usize) -> CommentId {
    CommentId::from_bytes((number as u128 + 1).to_be_bytes())
}

fn list_id(number: usize) -> ListId {
    ListId::from_bytes((number as u128 + 1).to_be_bytes())
}

fn group_id(number: usize) -> GroupId {
    GroupId::from_bytes((number as u128 + 1).to_be_bytes())
}

fn page_id(account: Person) -> AccountId {
    AccountId::from_bytes((account as u128 + 1).to_be_bytes())
}

fn page_account(account: Person) -> NewAccount {
    NewAccount {
        account_id: page_id(account),
        handle: format!("page_{account}"),
        name: format!("page {account}"),
        is_operator: false,
        password_hash: None,
        created_at: TimeMs(1),
    }
}

fn group_row(number: usize, group: &Group) -> GroupRow {
    GroupRow {
        group_id: group_id(number),
        kind: match group.kind {
            GroupKind::Open => group::GroupKind::Open,
            GroupKind::Closed => group::GroupKind::Closed,
            GroupKind::Secret => group::GroupKind::Secret,
        },
        name: format!("group {number}"),
        description: String::new(),
        rules: String::new(),
        questions: "[]".to_owned(),
        posts_wait: false,
        member_count: 0,
        created_at: TimeMs(1),
    }
}

/// Puts a world into a server's tables as it is, also where no sequence of requests would lead.
pub async fn settle(server: &TestServer, world: &World) -> Vec<SignedIn> {
    let mut people = Vec::new();
    for person in &world.people {
        people.push(server.person(&format!("person_{person}")).await);
    }
    let ids: Vec<AccountId> =
        people.iter().map(|person| person.me["account_id"].as_str().expect("id").parse().expect("id")).collect();
    let world = world.clone();
    let now = server.app.clock.now();
    server
        .app
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                use doorpost_store::{block, comment, connection, list, post, story};
                // A page's number comes after everybody's.
                let id = |person: &Person| ids.get(*person).copied().unwrap_or_else(|| page_id(*person));
                for row in &world.pages {
                    use doorpost_store::{account, page};
                    let page = page_id(row.account);
                    account::insert(tx, &page_account(row.account)).await?;
                    page::insert(tx, page, false, TimeMs(1)).await?;
                    for (role, people) in [
                        (PageRole::Admin, &row.admins),
                        (PageRole::Editor, &row.editors),
                        (PageRole::Community, &row.community),
                        (PageRole::Analyst, &row.analysts),
                    ] {
                        for person in people {
                            page::staff::put(tx, page, id(person), role, TimeMs(1)).await?;
                        }
                    }
                    for person in &row.followers {
                        page::follow(tx, page, id(person), TimeMs(1)).await?;
                    }
                }
                for (one, other) in &world.connections {
                    connection::request(tx, id(one), id(other), TimeMs(1)).await?;
                    connection::accept(tx, id(other), id(one), TimeMs(1)).await?;
                }
                for (blocker, blocked) in &world.blocks {
                    block::insert(tx, id(blocker), id(blocked), TimeMs(1)).await?;
                }
                for (number, row) in world.lists.iter().enumerate() {
                    list::insert(tx, list_id(number), id(&row.owner), &format!("list {number}"), TimeMs(1)).await?;
                    let entries: Vec<AccountId> = row.entries.iter().map(id).collect();
                    list::add(tx, list_id(number), &entries, TimeMs(1)).await?;
                }
                for (number, row) in world.groups.iter().enumerate() {
                    use doorpost_store::group::{admission, member};
                    let group = group_id(number);
                    doorpost_store::group::insert(tx, &group_row(number, row)).await?;
                    for (role, people) in [
                        (GroupRole::Owner, &row.owners),
                        (GroupRole::Moderator, &row.moderators),
                        (GroupRole::Member, &row.members),
                    ] {
                        for person in people {
                            member::insert(tx, group, id(person), role, TimeMs(1)).await?;
                        }
                    }
                    for person in &row.banned {
                        admission::ban(tx, group, id(person), TimeMs(1)).await?;
                    }
                }
                for (number, row) in world.posts.iter().enumerate() {
                    let (kind, lists, named) = match &row.audience {
                        Audience::Public => (AudienceKind::Public, vec![], vec![]),
                        Audience::Connections => (AudienceKind::Connections, vec![], vec![]),
                        Audience::Lists(lists) => (AudienceKind::Lists, lists.clone(), vec![]),
                        Audience::People(named) => (AudienceKind::People, vec![], named.clone()),
                        Audience::Group { .. } => (AudienceKind::Group, vec![], vec![]),
                        Audience::Page(_) => (AudienceKind::Page, vec![], vec![]),
                    };
                    let post = PostRow {
                        post_id: post_id(number),
                        author_id: id(&row.author),
                        text: "text".to_owned(),
                        audience: kind,
                        created_at: now,
                        edited_at: None,
                        deleted_at: None,
                        kind: if row.story.is_some() { PostKind::Story } else { PostKind::Post },
                        expires_at: row.story.map(|story| now.plus((story.expires_at - NOW) * HOUR_MS)),
                        is_kept: false,
                        spoken_by: matches!(row.audience, Audience::Page(_)).then(|| ids[0]),
                    };
                    post::insert(tx, &post).await?;
                    if let Some(kept) = row.story.map(|story| story.kept) {
                        story::set_canvas(tx, post.post_id, CANVAS).await?;
                        let set = HighlightId::from_bytes(*post.post_id.as_bytes());
                        if kept {
                            story::highlight::put(tx, set, post.author_id, "Kept", now).await?;
                            story::highlight::add_stories(tx, set, &[post.post_id]).await?;
                        }
                    }
                    let lists: Vec<ListId> = lists.into_iter().map(list_id).collect();
                    post::audience::add_lists(tx, post.post_id, post.created_at, &lists).await?;
                    if row.story.is_some() {
                        post::audience::out_of_feeds(tx, post.post_id).await?;
                    }
                    let named: Vec<AccountId> = named.iter().map(id).collect();
                    post::audience::add_people(tx, post.post_id, now, &named).await?;
                    if let Audience::Group { group, pending } = row.audience {
                        let group = group_id(group);
                        doorpost_store::group::post::insert(tx, post.post_id, group, now, pending).await?;
                    }
                    if row.comments_closed {
                        comment::set_closed(tx, post.post_id, true).await?;
                    }
                    if row.deleted {
                        post::delete(tx, post.post_id, TimeMs(2)).await?;
                    }
                }
                for (number, row) in world.comments.iter().enumerate() {
                    let comment = CommentRow {
                        comment_id: comment_id(number),
                        post_id: post_id(row.post),
                        author_id: id(&row.writer),
                        parent_id: None,
                        answers_id: None,
                        text: "text".to_owned(),
                        created_at: now,
                        edited_at: None,
                        deleted_at: None,
                        hidden: row.hidden,
                    };
                    comment::insert(tx, &comment).await?;
                    if row.deleted {
                        comment::delete(tx, comment.comment_id, TimeMs(2)).await?;
                    }
                }
                Ok(())
            })
        })
        .await
        .expect("the world is settled");
    people
}
