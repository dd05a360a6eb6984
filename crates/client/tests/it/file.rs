//! Files between two people, through the real server.

use std::{
    cell::{Cell, RefCell},
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use doorpost_client::{
    Command, LocalStore, MessageState, MessageView, Method, Platform,
    native::{FolderFiles, NativePlatform},
    view::{Draft, FileChunk, FileView, SearchHit},
};
use doorpost_mls::file::{FileCipher, FileKey};
use doorpost_model::{
    ApiError, ChatId, ErrorCode, MessageId,
    content::{Content, ContentBody},
    file::{CHUNK_BYTES, FileAbout},
    limits::FILE_PART_BYTES,
};
use doorpost_testkit::{Fault, Faults, FaultyPlatform, Person, TestServer, eventually, run};
use rand::{RngCore, SeedableRng, rngs::StdRng};
use tempfile::TempDir;

use crate::flow::open_terms;

const MIB: usize = 1024 * 1024;
/// Stands in every 64 bytes of a file, so that any piece of its plaintext would be found.
const CANARY: &[u8] = b"canary-93ac1e";

/// A folder with what a test sends, receives and keeps.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text_path(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A file of random bytes with canaries in it.
    fn put(&self, name: &str, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        StdRng::from_seed([7; 32]).fill_bytes(&mut bytes);
        for piece in bytes.chunks_exact_mut(64) {
            piece[..CANARY.len()].copy_from_slice(CANARY);
        }
        fs::write(self.path(name), &bytes).unwrap();
        bytes
    }

    fn platform(&self, server: &TestServer, who: &str) -> NativePlatform {
        server.platform().with_files(self.path(&format!("{who}-files")))
    }

    fn faulty(&self, server: &TestServer, who: &str, faults: &Faults) -> FaultyPlatform {
        FaultyPlatform::new(self.platform(server, who), faults.clone())
    }

    fn store(&self, server: &TestServer, who: &str) -> LocalStore {
        LocalStore::open(&FolderFiles::new(self.path(who)).unwrap(), server.platform().now()).unwrap()
    }

    fn send(&self, chat_id: ChatId, name: &str, local_id: &str) -> Command {
        Command::SendFile {
            chat_id,
            path: self.text_path(name),
            about: FileAbout {
                name: name.to_owned(),
                media_type: "application/octet-stream".to_owned(),
                ..FileAbout::default()
            },
            text: String::new(),
            reply_to: None,
            mentions: Vec::new(),
            local_id: local_id.to_owned(),
        }
    }
}

fn contains(folder: &Path, needle: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            contains(&path, needle)
        } else {
            fs::read(&path).unwrap().windows(needle.len()).any(|window| window == needle)
        }
    })
}

async fn open<P: Platform>(
    person: &Person<P>,
    chat_id: ChatId,
    message_id: MessageId,
    path: Option<String>,
) -> Result<FileView, ApiError> {
    let file_id = person.client.message(chat_id, message_id).unwrap().files[0].file_id;
    person.ask(Command::OpenFile { chat_id, message_id, file_id, path }).await
}

/// Sends a file and waits until the server has its message.
async fn send<P: Platform>(person: &Person<P>, command: Command) -> Result<MessageView, ApiError> {
    let Command::SendFile { chat_id, local_id, .. } = command.clone() else { panic!("a file") };
    person.ask::<MessageView>(command).await?;
    person.client.wait_until_sent(chat_id, &local_id).await
}

/// Every kind of fault for a part of the requests about files.
fn lossy(seed: u8) -> impl FnMut(&doorpost_client::HttpRequest) -> Fault {
    let mut random = StdRng::from_seed([seed; 32]);
    move |request| match (request.path.contains("/files"), random.next_u32() % 16) {
        (true, 0) => Fault::RequestLost,
        (true, 1) => Fault::ResponseLost,
        (true, 2) => Fault::Twice,
        (true, 3) => Fault::Late,
        _ => Fault::None,
    }
}

#[test]
fn a_large_file_both_ways_over_a_bad_network() {
    run(async {
        let (server, desk) = (TestServer::start().await, Desk::new());
        let all = desk.put("walk.mp4", 20 * MIB + 5);
        let (of_ann, of_bea) = (Faults::default(), Faults::default());
        let ann = Person::sign_up(desk.faulty(&server, "ann", &of_ann), "ann").await;
        let bea = Person::sign_up(desk.faulty(&server, "bea", &of_bea), "bea").await;
        let (_, chat_id, invite_id) = ann.chat_post("Walk", open_terms()).await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        of_ann.choose(lossy(1));
        of_bea.choose(lossy(2));

        for (from, to, local_id) in [(&ann, &bea, "a"), (&bea, &ann, "b")] {
            let sent = send(from, desk.send(chat_id, "walk.mp4", local_id)).await.unwrap();
            assert_eq!(
                (sent.state, sent.files[0].size_bytes, sent.files[0].here),
                (MessageState::Sent, all.len() as u64, true)
            );
            to.sync().await;
            let message_id = sent.message_id.unwrap();
            let seen = to.client.message(chat_id, message_id).unwrap();
            assert_eq!((seen.files[0].about.name.as_str(), seen.files[0].here), ("walk.mp4", false));
            let name = format!("{local_id}.mp4");
            let opened = open(to, chat_id, message_id, Some(desk.text_path(&name))).await.unwrap();
            assert!(opened.here);
            assert!(fs::read(desk.path(&name)).unwrap() == all, "what arrives is what was sent");
        }
        let injected = of_ann.injected() + of_bea.injected();
        assert!(injected > 10, "only {injected} faults: this test tested nothing");

        assert!(contains(&desk.path(""), CANARY), "the search finds what is there");
        for place in [server.data().to_owned(), desk.path("ann-files"), desk.path("bea-files")] {
            assert!(!contains(&place, CANARY), "plaintext in {}", place.display());
        }
        server.end().await;
    });
}

#[test]
fn a_stop_in_the_middle_loses_nothing() {
    run(async {
        let (server, desk) = (TestServer::start().await, Desk::new());
        let all = desk.put("walk.jpg", 5 * MIB);
        let faults = Faults::default();
        let ann = Person::sign_up_on(desk.faulty(&server, "ann", &faults), desk.store(&server, "ann"), "ann").await;
        let (_, chat_id, invite_id) = ann.chat_post("Walk", open_terms()).await;
        let of_bea = Faults::default();
        let bea = Person::sign_up_on(desk.faulty(&server, "bea", &of_bea), desk.store(&server, "bea"), "bea").await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;

        // Two parts go through, then nothing does any more.
        let parts = Rc::new(Cell::new(0));
        let counted = Rc::clone(&parts);
        faults.choose(move |request| {
            if request.path.contains("/parts/") {
                counted.set(counted.get() + 1);
            }
            if counted.get() > 2 && request.path.contains("/files") { Fault::RequestLost } else { Fault::None }
        });
        let pending: MessageView = ann.ask(desk.send(chat_id, "walk.jpg", "a")).await.unwrap();
        assert_eq!(pending.state, MessageState::Pending);
        eventually("two parts are up", async || (parts.get() > 2).then_some(())).await;
        assert!(ann.client.close().await, "the client ends while it uploads");
        // What was shown to be sent may go away meanwhile.
        fs::remove_file(desk.path("walk.jpg")).unwrap();

        faults.heal();
        let offsets = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&offsets);
        faults.choose(move |request| {
            if let Some((_, offset)) = request.path.split_once("/parts/") {
                seen.borrow_mut().push(offset.parse::<u64>().unwrap());
            }
            Fault::None
        });
        let ann = Person::reopen(desk.faulty(&server, "ann", &faults), desk.store(&server, "ann")).await;
        let sent = ann.client.wait_until_sent(chat_id, "a").await.unwrap();
        assert_eq!(offsets.borrow().first(), Some(&(2 * u64::from(FILE_PART_BYTES))), "it goes on where it was");

        bea.sync().await;
        let message_id = sent.message_id.unwrap();
        let reads = Rc::new(Cell::new(0));
        let counted = Rc::clone(&reads);
        of_bea.choose(move |request| {
            if request.method == Method::Get && request.path.contains("/files/") {
                counted.set(counted.get() + 1);
            }
            if counted.get() > 3 && request.path.contains("/files") { Fault::RequestLost } else { Fault::None }
        });
        {
            let stopped = async {
                eventually("three parts are down", async || (reads.get() > 3).then_some(())).await;
            };
            let opening = std::pin::pin!(open(&bea, chat_id, message_id, None));
            futures_util::future::select(opening, std::pin::pin!(stopped)).await;
        }
        assert!(bea.client.close().await);

        of_bea.heal();
        let ranges = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&ranges);
        of_bea.choose(move |request| {
            seen.borrow_mut()
                .extend(request.headers.iter().find(|(name, _)| *name == "range").map(|(_, range)| range.clone()));
            Fault::None
        });
        let bea = Person::reopen(desk.faulty(&server, "bea", &of_bea), desk.store(&server, "bea")).await;
        open(&bea, chat_id, message_id, Some(desk.text_path("copy.jpg"))).await.unwrap();
        assert!(fs::read(desk.path("copy.jpg")).unwrap() == all);
        let first = ranges.borrow().first().cloned().unwrap();
        assert!(first.starts_with(&format!("bytes={}-", 3 * u64::from(FILE_PART_BYTES))), "{first}");
        // Once here, it is read without the server.
        of_bea.set_offline(true);
        open(&bea, chat_id, message_id, Some(desk.text_path("again.jpg"))).await.unwrap();
        server.end().await;
    });
}

#[test]
fn a_server_that_changes_a_file_is_noticed() {
    run(async {
        let (server, desk) = (TestServer::start().await, Desk::new());
        desk.put("walk.jpg", 2 * MIB);
        let ann = Person::sign_up(desk.platform(&server, "ann"), "ann").await;
        let faults = Faults::default();
        let bea = Person::sign_up(desk.faulty(&server, "bea", &faults), "bea").await;
        let (_, chat_id, invite_id) = ann.chat_post("Walk", open_terms()).await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        let sent = send(&ann, desk.send(chat_id, "walk.jpg", "a")).await.unwrap();
        bea.sync().await;
        let message_id = sent.message_id.unwrap();
        for lie in [
            (|body: &mut Vec<u8>| body[5] ^= 1) as fn(&mut Vec<u8>),
            |body| body.truncate(body.len() - 1),
            |body| body.push(0),
            |body| body.rotate_left(CHUNK_BYTES as usize + 16),
        ] {
            faults.rewrite(move |request, response| {
                if request.method == Method::Get && request.path.contains("/files/") {
                    lie(&mut response.body);
                }
            });
            let error = open(&bea, chat_id, message_id, Some(desk.text_path("copy.jpg"))).await.unwrap_err();
            assert_eq!(error.code(), ErrorCode::ServerMisbehaved);
            assert!(!desk.path("copy.jpg").exists(), "nothing of it was given out");
        }
        faults.heal();
        open(&bea, chat_id, message_id, Some(desk.text_path("copy.jpg"))).await.unwrap();
        let error = open(&bea, chat_id, message_id, Some(desk.text_path("copy.jpg"))).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict, "nothing that is there is written over");
        server.end().await;
    });
}

#[test]
fn a_file_other_than_the_one_the_message_names_is_not_kept() {
    run(async {
        let (server, desk) = (TestServer::start().await, Desk::new());
        let all = desk.put("walk.jpg", MIB);
        let ann = Person::sign_up_on(desk.platform(&server, "ann"), desk.store(&server, "ann"), "ann").await;
        let faults = Faults::default();
        let bea = Person::sign_up(desk.faulty(&server, "bea", &faults), "bea").await;
        let (_, chat_id, invite_id) = ann.chat_post("Walk", open_terms()).await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        let message_id = send(&ann, desk.send(chat_id, "walk.jpg", "a")).await.unwrap().message_id.unwrap();
        bea.sync().await;
        // A sender that works with the server has the key, and seals something else with it for this one reader.
        assert!(ann.client.close().await);
        let store = rusqlite::Connection::open(FolderFiles::new(desk.path("ann")).unwrap().path()).unwrap();
        let content: Vec<u8> =
            store.query_row("SELECT content FROM message WHERE local_id = 'a'", [], |row| row.get(0)).unwrap();
        let ContentBody::Text(mut text) = Content::from_bytes(&content).unwrap().body else { panic!("a text") };
        let file = text.files.remove(0);
        let key = FileKey::from_slice(&file.key.0).unwrap();
        let cipher = FileCipher::new(&key, file.file_id, file.size_bytes).unwrap();
        let other = vec![5; all.len()];
        let sealed: Vec<u8> = (0..)
            .zip(other.chunks(CHUNK_BYTES as usize))
            .flat_map(|(number, chunk)| cipher.seal(number, chunk).unwrap())
            .collect();
        faults.rewrite(move |request, response| {
            if request.method == Method::Get && request.path.contains("/files/") {
                response.body.clone_from(&sealed);
            }
        });
        let copy = desk.text_path("copy.jpg");
        let error = open(&bea, chat_id, message_id, Some(copy.clone())).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ServerMisbehaved);
        assert!(!desk.path("copy.jpg").exists());
        assert_eq!(fs::read_dir(desk.path("bea-files")).unwrap().count(), 0);
        faults.heal();
        open(&bea, chat_id, message_id, Some(copy)).await.unwrap();
        assert!(fs::read(desk.path("copy.jpg")).unwrap() == all);
        server.end().await;
    });
}

#[test]
fn what_cannot_be_sent_is_said_and_the_draft_stays() {
    run(async {
        let (server, desk) = (TestServer::start_with_files(1).await, Desk::new());
        let ann = Person::sign_up(desk.platform(&server, "ann"), "ann").await;
        let (_, chat_id, _) = ann.chat_post("Walk", open_terms()).await;
        let draft = Draft { text: "the way we took".to_owned(), reply_to: None };
        ann.ask::<serde_json::Value>(Command::Draft { chat_id, draft: draft.clone() }).await.unwrap();
        fs::write(desk.path("empty.txt"), b"").unwrap();
        desk.put("long.mp4", MIB + 1);
        for (name, code, words) in [
            ("empty.txt", ErrorCode::InvalidField, "This file is empty."),
            ("long.mp4", ErrorCode::TooLarge, "up to 1 MiB"),
            ("gone.jpg", ErrorCode::NotFound, "There is no such file."),
        ] {
            let error = ann.ask::<MessageView>(desk.send(chat_id, name, "a")).await.unwrap_err();
            assert_eq!(error.code(), code, "{name}");
            assert!(error.error.message.contains(words), "{name}: {error}");
            assert_eq!(ann.chat(chat_id).await.unwrap().draft, Some(draft.clone()), "{name}");
        }
        let kept = fs::read_dir(desk.path("ann-files")).map_or(0, Iterator::count);
        assert_eq!(kept, 0, "nothing is left of what was not sent");
        // A program without a place for files says so.
        let bea = server.person("bea").await;
        let (_, chat_id, _) = bea.chat_post("Walk", open_terms()).await;
        desk.put("short.mp4", 10);
        let error = bea.ask::<MessageView>(desk.send(chat_id, "short.mp4", "a")).await.unwrap_err();
        assert_eq!(error.error.message, "Files cannot be sent or opened by this program yet.");
        server.end().await;
    });
}

#[test]
fn a_file_the_server_does_not_take_waits_for_a_decision() {
    run(async {
        let (server, desk) = (TestServer::start_with_files(4).await, Desk::new());
        let ann = Person::sign_up(desk.platform(&server, "ann"), "ann").await;
        let (_, chat_id, _) = ann.chat_post("Walk", open_terms()).await;
        desk.put("walk.mp4", 3 * MIB);
        // The quota has room for one.
        send(&ann, desk.send(chat_id, "walk.mp4", "a")).await.unwrap();
        let error = send(&ann, desk.send(chat_id, "walk.mp4", "b")).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict, "{error}");
        let unsent = |local_id: &str| Command::Retry { chat_id, local_id: local_id.to_owned() };
        let again: MessageView = ann.ask(unsent("b")).await.unwrap();
        assert_eq!(again.state, MessageState::Pending);
        ann.client.wait_until_sent(chat_id, "b").await.unwrap_err();
        let discard = Command::Discard { chat_id, local_id: "b".to_owned() };
        ann.ask::<serde_json::Value>(discard).await.unwrap();
        eventually("only the file that was sent is kept", async || {
            (fs::read_dir(desk.path("ann-files")).unwrap().count() == 1).then_some(())
        })
        .await;
        let hits: Vec<SearchHit> = ann.ask(Command::Files { chat_id, cursor: None, limit: None }).await.unwrap();
        assert_eq!(hits.len(), 1);
        server.end().await;
    });
}

#[test]
fn what_is_under_way_can_be_called_off() {
    run(async {
        let (server, desk) = (TestServer::start().await, Desk::new());
        let all = desk.put("walk.mp4", 5 * MIB);
        let (of_ann, of_bea) = (Faults::default(), Faults::default());
        let ann = Person::sign_up(desk.faulty(&server, "ann", &of_ann), "ann").await;
        let bea = Person::sign_up(desk.faulty(&server, "bea", &of_bea), "bea").await;
        let (_, chat_id, invite_id) = ann.chat_post("Walk", open_terms()).await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;

        // A message that waits for its file is dropped with it.
        of_ann.choose(|request| if request.path.contains("/parts/") { Fault::RequestLost } else { Fault::None });
        let pending: MessageView = ann.ask(desk.send(chat_id, "walk.mp4", "a")).await.unwrap();
        assert_eq!(pending.state, MessageState::Pending);
        ann.ask::<serde_json::Value>(Command::Discard { chat_id, local_id: "a".to_owned() }).await.unwrap();
        eventually("its ciphertext is gone", async || {
            (fs::read_dir(desk.path("ann-files")).unwrap().count() == 0).then_some(())
        })
        .await;
        assert!(ann.client.message(chat_id, pending.message_id.unwrap()).is_err());
        of_ann.heal();

        let sent = send(&ann, desk.send(chat_id, "walk.mp4", "b")).await.unwrap();
        let discard = Command::Discard { chat_id, local_id: "b".to_owned() };
        assert_eq!(ann.ask::<serde_json::Value>(discard).await.unwrap_err().code(), ErrorCode::Conflict);

        // What came of a download that was stopped is not asked for again.
        bea.sync().await;
        let (message_id, file_id) = (sent.message_id.unwrap(), sent.files[0].file_id);
        let reads = Rc::new(RefCell::new(Vec::new()));
        let (seen, client) = (Rc::clone(&reads), bea.client.clone());
        of_bea.choose(move |request| {
            let range = request.headers.iter().find(|(name, _)| *name == "range");
            if let Some((_, range)) = range {
                seen.borrow_mut().push(range.clone());
                if seen.borrow().len() == 2 {
                    let client = client.clone();
                    tokio::task::spawn_local(async move { client.call(Command::StopFile { file_id }).await });
                }
            }
            Fault::None
        });
        assert_eq!(open(&bea, chat_id, message_id, None).await.unwrap_err().code(), ErrorCode::Conflict);
        open(&bea, chat_id, message_id, Some(desk.text_path("copy.mp4"))).await.unwrap();
        assert!(fs::read(desk.path("copy.mp4")).unwrap() == all);
        let ranges = reads.borrow().clone();
        assert_eq!(ranges.len(), ranges.iter().collect::<std::collections::BTreeSet<_>>().len(), "{ranges:?}");
        server.end().await;
    });
}

#[test]
fn the_gallery_and_what_is_taken_away() {
    run(async {
        let (server, desk) = (TestServer::start().await, Desk::new());
        let ann = Person::sign_up(desk.platform(&server, "ann"), "ann").await;
        let bea = Person::sign_up(desk.platform(&server, "bea"), "bea").await;
        let (_, chat_id, invite_id) = ann.chat_post("Walk", open_terms()).await;
        bea.join(invite_id).await.unwrap();
        ann.sync().await;
        let mut sent = Vec::new();
        for number in 0..3 {
            let name = format!("{number}.jpg");
            desk.put(&name, 100 + number);
            sent.push(
                send(&ann, desk.send(chat_id, &name, &format!("file-{number}"))).await.unwrap().message_id.unwrap(),
            );
            ann.say(chat_id, "and then").await.unwrap();
        }
        bea.sync().await;
        let page =
            async |cursor, limit| bea.ask::<Vec<SearchHit>>(Command::Files { chat_id, cursor, limit }).await.unwrap();
        let first = page(None, Some(2)).await;
        let names = |hits: &[SearchHit]| -> Vec<String> {
            hits.iter().map(|hit| hit.message.files[0].about.name.clone()).collect()
        };
        assert_eq!(names(&first), ["2.jpg", "1.jpg"]);
        assert_eq!(names(&page(Some(first[1].cursor), Some(2)).await), ["0.jpg"]);

        let opened = open(&bea, chat_id, sent[1], None).await.unwrap();
        let chunk = |number| Command::FileChunk { chat_id, message_id: sent[1], file_id: opened.file_id, number };
        let piece: FileChunk = bea.ask(chunk(0)).await.unwrap();
        assert_eq!((piece.bytes.0, piece.last), (fs::read(desk.path("1.jpg")).unwrap(), true));
        assert_eq!(bea.ask::<FileChunk>(chunk(1)).await.unwrap_err().code(), ErrorCode::InvalidField);

        let delete = Command::DeleteMessage { chat_id, target: sent[1] };
        ann.ask::<MessageView>(delete).await.unwrap();
        ann.sync().await;
        bea.sync().await;
        assert_eq!(names(&page(None, None).await), ["2.jpg", "0.jpg"]);
        assert_eq!(bea.ask::<FileChunk>(chunk(0)).await.unwrap_err().code(), ErrorCode::NotFound);
        eventually("its ciphertext goes too", async || {
            (fs::read_dir(desk.path("bea-files")).unwrap().count() == 0).then_some(())
        })
        .await;
        server.end().await;
    });
}
