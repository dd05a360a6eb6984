//! Files of chats: uploads that go on where they were, limits, ranges, who may, and what time does.

use axum::http::{StatusCode, header};
use doorpost_model::{
    FileId,
    file::FileUpload,
    limits::{FILE_PART_BYTES, FILE_UPLOAD_TTL_MS},
};
use doorpost_server::{Settings, jobs};
use serde_json::json;

use crate::{
    chat_host::{ChatHost, ChatPost, open_terms},
    harness::{Answer, TestServer},
    post_harness::public,
};

const PART: usize = FILE_PART_BYTES as usize;

/// Ada, who hosts, Ben in her chat, and Cid who is not.
struct World {
    server: TestServer,
    ada: ChatHost,
    ben: ChatHost,
    cid: ChatHost,
    post: ChatPost,
}

impl World {
    async fn with(settings: Settings) -> Self {
        Self::on(TestServer::with(settings).await).await
    }

    async fn on(server: TestServer) -> Self {
        let mut ada = server.chat_host("ada").await;
        let post = server.chat_post(&mut ada, public(), open_terms()).await;
        let mut ben = server.chat_host("ben").await;
        server.join_alone(&mut ben, &post).await;
        server.catch_up(&mut ada, post.chat_id, 0).await;
        let cid = server.chat_host("cid").await;
        Self { server, ada, ben, cid, post }
    }

    fn files(&self) -> String {
        format!("/api/chats/{}/files", self.post.chat_id)
    }

    async fn begin(&self, who: &ChatHost, file: FileId, size_bytes: usize) -> Answer {
        let body = json!({ "file_id": file, "size_bytes": size_bytes });
        self.server.post(&self.files()).by(&who.person).json(body).send().await
    }

    async fn part(&self, who: &ChatHost, file: FileId, offset: usize, bytes: &[u8]) -> Answer {
        let path = format!("{}/{file}/parts/{offset}", self.files());
        self.server.call("PUT", &path).by(&who.person).body(bytes.to_vec()).send().await
    }

    async fn read(&self, who: &ChatHost, file: FileId, range: Option<&str>) -> Answer {
        let call = self.server.get(&format!("{}/{file}", self.files())).by(&who.person);
        match range {
            Some(range) => call.header("range", range).send().await,
            None => call.send().await,
        }
    }

    /// Uploads all of a file.
    async fn upload(&self, who: &ChatHost, file: FileId, bytes: &[u8]) {
        assert_eq!(self.begin(who, file, bytes.len()).await.code(), "200");
        for (number, part) in bytes.chunks(PART).enumerate() {
            assert_eq!(self.part(who, file, number * PART, part).await.code(), "200");
        }
    }
}

fn file_id(number: u8) -> FileId {
    FileId::from_bytes([number; 16])
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|place| (place % 251) as u8).collect()
}

#[tokio::test]
async fn an_upload_goes_on_where_it_was() {
    an_upload_goes_on_where_it_was_on(TestServer::start().await).await;
}

#[tokio::test]
async fn an_upload_goes_on_where_it_was_on_postgres() {
    an_upload_goes_on_where_it_was_on(TestServer::on_postgres(Settings::default()).await).await;
}

async fn an_upload_goes_on_where_it_was_on(server: TestServer) {
    let world = World::on(server).await;
    let (ada, file, all) = (&world.ada, file_id(1), bytes(PART + 7));
    let begun: FileUpload = world.begin(ada, file, all.len()).await.into();
    assert_eq!((begun.received_bytes, begun.complete), (0, false));
    assert_eq!(world.part(ada, file, PART, &all[PART..]).await.code(), "conflict", "not the next part");
    let first: FileUpload = world.part(ada, file, 0, &all[..PART]).await.into();
    assert_eq!((first.received_bytes, first.complete), (PART as u64, false));
    // Not there for anybody before it is complete.
    assert_eq!(world.read(ada, file, None).await.code(), "not_found");
    // A lost answer, and a lost memory.
    assert_eq!(world.part(ada, file, 0, &bytes(3)).await.into::<FileUpload>(), first);
    assert_eq!(world.begin(ada, file, all.len()).await.into::<FileUpload>(), first);
    let whole: FileUpload = world.part(ada, file, PART, &all[PART..]).await.into();
    assert_eq!((whole.received_bytes, whole.complete), (all.len() as u64, true));
    assert_eq!(world.part(ada, file, all.len(), &[]).await.into::<FileUpload>(), whole);
    assert_eq!(world.begin(ada, file, all.len()).await.into::<FileUpload>(), whole);

    let answer = world.read(&world.ben, file, None).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, all);
    assert_eq!(answer.headers[header::CONTENT_LENGTH], all.len().to_string());
    world.server.end().await;
}

#[tokio::test]
async fn parts_are_as_long_as_they_must_be() {
    let world = World::with(Settings::default()).await;
    let (ada, file) = (&world.ada, file_id(1));
    world.begin(ada, file, PART + 7).await;
    assert_eq!(world.part(ada, file, 0, &[]).await.code(), "invalid_field");
    assert_eq!(world.part(ada, file, 0, &bytes(PART - 1)).await.code(), "invalid_field");
    assert_eq!(world.part(ada, file, 0, &bytes(PART + 1)).await.code(), "too_large");
    assert_eq!(world.part(ada, file, 0, &bytes(PART)).await.code(), "200");
    assert_eq!(world.part(ada, file, PART, &bytes(8)).await.code(), "invalid_field");
    assert_eq!(world.part(ada, file, PART, &bytes(7)).await.code(), "200");
}

#[tokio::test]
async fn ranges_of_a_file() {
    let world = World::with(Settings::default()).await;
    let (file, all) = (file_id(1), bytes(PART * 2 + 9));
    world.upload(&world.ada, file, &all).await;
    let around = format!("bytes={}-{}", PART - 3, PART * 2 + 1);
    for (range, expected) in
        [("bytes=0-4", 0..5), (around.as_str(), PART - 3..PART * 2 + 2), ("bytes=-9", PART * 2..PART * 2 + 9)]
    {
        let answer = world.read(&world.ben, file, Some(range)).await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(answer.body, all[expected.clone()], "{range}");
        let place = format!("bytes {}-{}/{}", expected.start, expected.end - 1, all.len());
        assert_eq!(answer.headers[header::CONTENT_RANGE], place);
    }
    let beyond = world.read(&world.ben, file, Some("bytes=9999999-")).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.headers[header::CONTENT_RANGE], format!("bytes */{}", all.len()));
}

#[tokio::test]
async fn who_is_not_in_the_chat_learns_nothing_of_its_files() {
    let mut world = World::with(Settings::default()).await;
    let (file, never) = (file_id(1), file_id(9));
    world.upload(&world.ada, file, &bytes(20)).await;
    let answers = [
        (world.read(&world.cid, file, None).await, world.read(&world.cid, never, None).await),
        (world.begin(&world.cid, file, 20).await, world.begin(&world.cid, never, 20).await),
        (world.part(&world.cid, file, 0, b"x").await, world.part(&world.cid, never, 0, b"x").await),
    ];
    for (of_one_there, of_none) in answers {
        assert_eq!((of_one_there.status, of_one_there.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
        assert_eq!(of_one_there.body, of_none.body);
    }
    // Another member reads it, and cannot upload to it.
    assert_eq!(world.read(&world.ben, file, None).await.body, bytes(20));
    assert_eq!(world.begin(&world.ben, file, 20).await.code(), "conflict");
    world.begin(&world.ada, file_id(2), 20).await;
    assert_eq!(world.part(&world.ben, file_id(2), 0, &bytes(20)).await.code(), "not_found");
    // Who left reads no more.
    assert_eq!(world.server.leave(&mut world.ben, world.post.chat_id).await.code(), "204");
    assert_eq!(world.read(&world.ben, file, None).await.code(), "not_found");
}

#[tokio::test]
async fn files_have_a_limit_and_accounts_a_quota() {
    let settings = Settings { file_size_max_mib: Some(1), file_quota_mib: Some(2), ..Settings::default() };
    let world = World::with(settings).await;
    let mib = 1024 * 1024;
    let sealed = mib + 4 * 16;
    assert_eq!(world.begin(&world.ada, file_id(1), 0).await.code(), "invalid_field");
    let large = world.begin(&world.ada, file_id(1), sealed + 1).await;
    assert_eq!(large.code(), "too_large");
    assert!(large.text().contains("up to 1 MiB"), "{}", large.text());
    assert_eq!(world.begin(&world.ada, file_id(1), sealed).await.code(), "200");
    assert_eq!(world.begin(&world.ada, file_id(2), mib).await.code(), "limit_reached");
    assert_eq!(world.begin(&world.ada, file_id(2), mib - 64).await.code(), "200");
    assert_eq!(world.begin(&world.ada, file_id(3), 1).await.code(), "limit_reached");
    assert_eq!(world.begin(&world.ada, file_id(1), sealed).await.code(), "200", "counted once");
    assert_eq!(world.begin(&world.ben, file_id(3), mib).await.code(), "200", "each has their own");
}

#[tokio::test]
async fn time_takes_files_away() {
    let settings = Settings { file_retention_days: Some(3), ..Settings::default() };
    let world = World::with(settings).await;
    world.upload(&world.ada, file_id(1), &bytes(PART + 1)).await;
    world.begin(&world.ada, file_id(2), PART + 1).await;
    assert_eq!(world.part(&world.ada, file_id(2), 0, &bytes(PART)).await.code(), "200");
    let folder = world.server.app.config.data.join("files").join(world.post.chat_id.to_string());
    let kept = |file: FileId| folder.join(file.to_string()).exists();
    assert!(kept(file_id(1)) && kept(file_id(2)));

    let _jobs = jobs::spawn(&world.server.app);
    world.server.clock.advance(FILE_UPLOAD_TTL_MS + 1);
    let anew = loop {
        let answer = world.begin(&world.ada, file_id(2), PART + 1).await;
        if answer.code() == "busy" {
            continue;
        }
        let upload: FileUpload = answer.into();
        if upload.received_bytes == 0 {
            break upload;
        }
        tokio::task::yield_now().await;
    };
    assert!(!anew.complete && !kept(file_id(2)), "the half that nobody completed is forgotten");
    assert_eq!(world.read(&world.ben, file_id(1), None).await.code(), "200");

    world.server.clock.advance(2 * FILE_UPLOAD_TTL_MS);
    while kept(file_id(1)) {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.read(&world.ada, file_id(1), None).await.code(), "not_found");
}
