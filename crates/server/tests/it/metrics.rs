//! `/metrics`: what an operator watches is there, and moves.

use doorpost_mls::member::{Add, CommitPlan};
use doorpost_model::frame::ServerFrame;
use doorpost_store::StoreError;
use tokio::sync::oneshot;

use crate::{chat_host::open_terms, harness::TestServer, post_harness::public};

impl TestServer {
    /// The value of a series, named as in Prometheus' text; 0 while it has none.
    async fn metric(&self, series: &str) -> u64 {
        let answer = self.get("/metrics").send().await;
        let value = answer.text().lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.map_or(0, |value| value.parse().expect("a whole number"))
    }

    async fn commits(&self, kind: &str) -> u64 {
        self.metric(&format!("doorpost_commits_total{{kind=\"{kind}\"}}")).await
    }

    async fn refused_commits(&self, reason: &str) -> u64 {
        self.metric(&format!("doorpost_commits_refused_total{{reason=\"{reason}\"}}")).await
    }

    async fn writers_waiting(&self) -> u64 {
        self.metric("doorpost_sqlite_queue_depth{queue=\"writer\"}").await
    }
}

#[tokio::test]
async fn commits_are_counted_by_kind_and_by_why_they_were_refused() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    server.join_alone(&mut ben, &post).await;
    assert_eq!(server.commits("external").await, 1);
    assert_eq!((server.commits("batch").await, server.commits("other").await), (0, 0));

    server.catch_up(&mut ada, post.chat_id, 0).await;
    let (mut socket, _) = port.connect(&ada.person).await;
    let mut cid = server.chat_host("cid").await;
    server.ask(&mut cid, &post, &[]).await;
    let offer = socket.lease().await;
    let upload = server.leased_commit(&mut ada, &offer);
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");
    assert_eq!((server.commits("external").await, server.commits("batch").await), (1, 1));
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");
    assert_eq!(server.commits("batch").await, 1, "the same again is the same one");

    server.catch_up(&mut ada, post.chat_id, 1).await;
    let upload = server.commit_of_nothing(&mut ada, &post);
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "200");
    assert_eq!(server.commits("other").await, 1);

    let mut late = upload;
    late.epoch = 0;
    assert_eq!(server.upload(&ben, post.chat_id, None, &late).await.code(), "stale_epoch");
    assert_eq!(server.refused_commits("stale_epoch").await, 1);
    server.catch_up(&mut ada, post.chat_id, 2).await;
    let mut dan = server.chat_host("dan").await;
    let ticket = server.ticket(&dan, &post);
    let uninvited = Add { key_package: server.key_package(&mut dan, &ticket).0, approval: None };
    let upload = server.commit(&mut ada, post.chat_id, CommitPlan { adds: vec![uninvited], ..CommitPlan::default() });
    assert_eq!(server.upload(&ada, post.chat_id, None, &upload).await.code(), "commit_refused");
    assert_eq!(server.refused_commits("commit_refused").await, 1);
    assert_eq!((server.refused_commits("stale_epoch").await, server.commits("batch").await), (1, 1));
    assert_eq!((server.commits("external").await, server.commits("other").await), (1, 1));
}

#[tokio::test]
async fn delivered_messages_are_counted_for_each_socket() {
    let server = TestServer::start().await;
    let port = server.listen().await;
    let mut ada = server.chat_host("ada").await;
    let post = server.chat_post(&mut ada, public(), open_terms()).await;
    let mut ben = server.chat_host("ben").await;
    server.join_alone(&mut ben, &post).await;
    server.catch_up(&mut ada, post.chat_id, 0).await;
    let (mut of_ada, _) = port.connect(&ada.person).await;
    let (mut of_ben, _) = port.connect(&ben.person).await;
    for (number, delivered) in [(1, 2), (2, 4)] {
        let message = server.message(&mut ada, post.chat_id, number, "Bring a ball");
        assert_eq!(server.send_message(&ada, post.chat_id, &message).await.code(), "200");
        for socket in [&mut of_ada, &mut of_ben] {
            socket.until(|frame| matches!(frame, ServerFrame::Entry(entry) if entry.is_message()).then_some(())).await;
        }
        // The counter moves once the whole batch is in the outboxes, which may be after the first was written.
        while server.metric("doorpost_messages_delivered_total").await != delivered {
            tokio::task::yield_now().await;
        }
        assert_eq!(server.metric("doorpost_messages_total").await, delivered / 2);
    }
}

#[tokio::test]
async fn what_waits_for_the_writer_is_seen_and_then_committed_together() {
    const TOGETHER: u64 = 5;
    let server = TestServer::start().await;
    let (began, begun) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let store = server.app.store.clone();
    let held = tokio::spawn(async move {
        store
            .write::<_, StoreError, _>(move |_| {
                Box::pin(async move {
                    began.send(()).expect("somebody waits");
                    released.await.map_err(|_| StoreError::NoRow)
                })
            })
            .await
    });
    begun.await.expect("the writer has begun");
    assert_eq!(server.writers_waiting().await, 0);
    let (commits, writes) = server.commit_writes().await;
    let waiting: Vec<_> = (0..TOGETHER)
        .map(|_| {
            let store = server.app.store.clone();
            tokio::spawn(async move { store.write::<_, StoreError, _>(|_| Box::pin(async { Ok(()) })).await })
        })
        .collect();
    while server.writers_waiting().await < TOGETHER {
        tokio::task::yield_now().await;
    }
    release.send(()).expect("the writer waits");
    held.await.expect("ran").expect("committed");
    for write in waiting {
        write.await.expect("ran").expect("committed");
    }
    assert_eq!(server.writers_waiting().await, 0);
    assert_eq!(server.commit_writes().await, (commits + 1, writes + TOGETHER));
}

impl TestServer {
    /// How many commits there were, and how many writes they carried.
    async fn commit_writes(&self) -> (u64, u64) {
        let commits = self.metric("doorpost_sqlite_commit_writes_count").await;
        (commits, self.metric("doorpost_sqlite_commit_writes_sum").await)
    }
}
