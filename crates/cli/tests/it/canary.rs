//! With the server's database, log and data folder in hand, nothing that was said in a chat or answered to its hosts is
//! found.

use std::{fmt::Write as _, fs, path::Path, process};

use doorpost_client::{Command as Client, MessageView, native::NativePlatform};
use doorpost_model::{
    Binary, ChatId,
    file::FileAbout,
    invite::{Admission, InviteTerms, JoinStatus},
};
use doorpost_testkit::{Database, Person, ServerProcess, run};

const CANARIES: usize = 1_000;
/// Stands in every canary, so that one search finds any of them.
const MARK: &str = "canary-4f9b2c";
/// Stands in the post's text, which the server does keep: the search is shown to find it.
const PUBLIC_MARK: &str = "sparrow-77d1e0";

/// Everything the server has: its folder, log included, and on PostgreSQL a dump of the database.
fn everything(server: &ServerProcess) -> Vec<u8> {
    let mut bytes = Vec::new();
    read_all(server.folder(), &mut bytes);
    if let Some(url) = server.database_url() {
        let dump = process::Command::new("pg_dump").args(["--inserts", url]).output().expect("pg_dump");
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        bytes.extend(dump.stdout);
    }
    bytes
}

fn read_all(folder: &Path, bytes: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_all(&path, bytes);
        } else {
            bytes.extend(fs::read(&path).expect("a file"));
        }
    }
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    let hex = needle.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes everything");
        hex
    });
    [needle, &hex].iter().any(|text| haystack.windows(text.len()).any(|window| window == text.as_bytes()))
}

/// A file with canaries in its name, its words and all of its bytes.
async fn send_file(from: &Person<NativePlatform>, chat_id: ChatId, desk: &Path) {
    let path = desk.join("song.ogg");
    fs::write(&path, MARK.repeat(100_000)).expect("a file");
    let about = FileAbout {
        name: format!("{MARK}.ogg"),
        media_type: "audio/ogg".to_owned(),
        thumbnail: Some(Binary(MARK.into())),
        ..FileAbout::default()
    };
    let command = Client::SendFile {
        chat_id,
        path: path.to_str().expect("a path").to_owned(),
        about,
        text: MARK.to_owned(),
        reply_to: None,
        mentions: Vec::new(),
        local_id: "song".to_owned(),
    };
    from.ask::<MessageView>(command).await.expect("encrypted");
    from.client.wait_until_sent(chat_id, "song").await.expect("sent");
}

fn no_word_of_a_chat_is_with_the_server(database: Database) {
    run(async move {
        let mut server = ServerProcess::start_on(Path::new(env!("CARGO_BIN_EXE_doorpost")), database).await;
        let desk = tempfile::tempdir().expect("a folder");
        let ann = Person::sign_up(server.platform().with_files(desk.path().join("files")), "ann").await;
        let terms = InviteTerms {
            admission: Admission::Open,
            questions: vec!["Why?".to_owned()],
            seats: None,
            expires_at: None,
            ends_with_post: false,
        };
        let (_, chat_id, invite_id) = ann.chat_post(PUBLIC_MARK, terms).await;
        let bea = Person::sign_up(server.platform(), "bea").await;
        let answers = vec![format!("{MARK}-answer")];
        let _: JoinStatus = bea.ask(Client::Join { invite_id, secret: None, answers }).await.expect("bea joins");
        for number in 0..CANARIES {
            let speaker = if number % 2 == 0 { &ann } else { &bea };
            speaker.say(chat_id, &format!("{MARK}-{number}")).await.expect("said");
        }
        send_file(&ann, chat_id, desk.path()).await;
        ann.sync().await;
        assert_eq!(ann.texts(chat_id).len(), CANARIES + 1, "the canaries were sent and read");
        server.kill();
        let everything = everything(&server);
        assert!(contains(&everything, PUBLIC_MARK), "the search finds what is there");
        assert!(!contains(&everything, MARK), "a word of the chat is with the server");
        server.kill_and_restart();
        server.end().await;
    });
}

#[test]
fn no_word_of_a_chat_is_with_the_server_on_sqlite() {
    no_word_of_a_chat_is_with_the_server(Database::Sqlite);
}

#[test]
fn no_word_of_a_chat_is_with_the_server_on_postgres() {
    no_word_of_a_chat_is_with_the_server(Database::Postgres);
}
