//! Photos through the real program: kill -9 at each step, and what its worker gives up.

use std::{io::Cursor, path::Path};

use doorpost_client::{Command, HttpRequest, HttpResponse, Method, Platform as _, native::NativePlatform};
use doorpost_model::{
    Binary, PostId,
    account::{LoginRequest, SignedIn},
    limits::FILE_PART_BYTES,
    media::{MediaUpload, MediaView, PostMedia},
    post::{Audience, PostView},
};
use doorpost_testkit::{Database, Person, ServerProcess, keys_of, run};
use image::{ImageFormat, Rgb, RgbImage};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_doorpost");

/// A PNG in which no pixel is like its neighbours, so that it is large.
fn noise(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let mixed = (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE35);
        let [red, green, blue, _] = (mixed ^ (mixed >> 15)).to_be_bytes();
        Rgb([red, green, blue])
    });
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).expect("encoded");
    file.into_inner()
}

/// Somebody's session, for what the core has no command for.
pub struct Session {
    platform: NativePlatform,
    token: String,
}

impl Session {
    pub async fn begin(platform: NativePlatform, handle: &str) -> Self {
        let mut session = Self { platform, token: String::new() };
        let proof = Binary(keys_of(handle).proof.to_vec());
        let login = LoginRequest { handle: handle.to_owned(), proof };
        let signed_in: SignedIn = session.json(Method::Post, "/api/auth/login", &login).await;
        session.token = signed_in.token.expect("a token");
        session
    }

    pub async fn send(&self, method: Method, path: &str, content: &str, body: Vec<u8>) -> HttpResponse {
        let mut headers = vec![("content-type", content.to_owned())];
        if !self.token.is_empty() {
            headers.push(("authorization", format!("Bearer {}", self.token)));
        }
        let request = HttpRequest { method, path: path.to_owned(), headers, body };
        self.platform.http(request).await.expect("the server answers")
    }

    pub async fn json<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> T {
        let body = serde_json::to_vec(body).expect("JSON");
        read(&self.send(method, path, "application/json", body).await)
    }

    pub async fn part<T: DeserializeOwned>(&self, path: &str, bytes: &[u8]) -> T {
        read(&self.send(Method::Put, path, "application/octet-stream", bytes.to_vec()).await)
    }

    pub async fn status(&self, path: &str) -> u16 {
        self.send(Method::Get, path, "application/json", Vec::new()).await.status
    }
}

pub fn read<T: DeserializeOwned>(response: &HttpResponse) -> T {
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    serde_json::from_slice(&response.body).expect("the promised shape")
}

fn a_photo_outlives_kill_nine(database: Database) {
    run(async move {
        let mut server = ServerProcess::start_on(Path::new(PROGRAM), database).await;
        let ada = Person::sign_up(server.platform(), "ada").await;
        let _ben = Person::sign_up(server.platform(), "ben").await;
        let session = Session::begin(server.platform(), "ada").await;
        let others = Session::begin(server.platform(), "ben").await;
        let (file, part) = (noise(700, 600), FILE_PART_BYTES as usize);
        assert!(file.len() > part);
        let media_id = "11111111-1111-4111-8111-111111111111";
        let new = json!({ "media_id": media_id, "size_bytes": file.len() });
        let place = |offset: usize| format!("/api/media/{media_id}/parts/{offset}");

        let _: MediaUpload = session.json(Method::Post, "/api/media", &new).await;
        let first: MediaUpload = session.part(&place(0), &file[..part]).await;
        server.kill_and_restart();
        let kept: MediaUpload = session.json(Method::Post, "/api/media", &new).await;
        assert_eq!(kept, first, "an acknowledged part is there");
        let _: MediaUpload = session.part(&place(part), &file[part..]).await;
        server.kill_and_restart();
        let finish = format!("/api/media/{media_id}/finish");
        let made: MediaView = session.json(Method::Post, &finish, &json!({})).await;
        server.kill_and_restart();
        assert_eq!(session.json::<MediaView>(Method::Post, &finish, &json!({})).await, made);

        let post = post(&ada, &made).await;
        assert_eq!(post.media, [MediaView { alt: "Noise".to_owned(), ..made.clone() }]);
        let address = format!("/api/media/{media_id}/{}", made.sizes[0].size.as_str());
        assert_eq!((session.status(&address).await, others.status(&address).await), (200, 200));
        server.kill_and_restart();
        assert_eq!(others.status(&address).await, 200, "a posted photo is there");

        ada.client.call(Command::PostDelete { post_id: post.post_id }).await.expect("deleted");
        assert_eq!((session.status(&address).await, others.status(&address).await), (404, 404));
        let left = std::fs::read_dir(server.folder().join("media")).expect("the photos' folder").count();
        assert_eq!(left, 0, "nothing of it is left");
        server.end().await;
    });
}

async fn post(by: &Person<NativePlatform>, photo: &MediaView) -> PostView {
    let command = Command::Post {
        question: None,
        post_id: Some(PostId::from_bytes([2; 16])),
        text: String::new(),
        media: vec![PostMedia { media_id: photo.media_id, alt: "Noise".to_owned() }],
        audience: Audience::Public,
        chat: None,
        terms: None,
    };
    by.ask(command).await.expect("a post of one photo")
}

#[test]
fn a_photo_outlives_kill_nine_on_sqlite() {
    a_photo_outlives_kill_nine(Database::Sqlite);
}

#[test]
fn a_photo_outlives_kill_nine_on_postgres() {
    a_photo_outlives_kill_nine(Database::Postgres);
}

#[cfg(target_os = "linux")]
mod worker {
    use std::{
        collections::BTreeSet,
        fs,
        io::{Read as _, Write as _},
        process::{Command, Stdio},
    };

    use doorpost_media::worker::read_answer;

    use super::{PROGRAM, noise};

    /// The hard limit of a process, as the kernel says it.
    fn limit(limits: &str, name: &str) -> String {
        let line = limits.lines().find(|line| line.starts_with(name)).expect("a limit");
        line[name.len()..].split_whitespace().nth(1).expect("a hard limit").to_owned()
    }

    fn open_files(process: &str) -> impl Iterator<Item = String> {
        let entries = fs::read_dir(format!("{process}/fd")).expect("its files");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
    }

    /// Whether programs that this process starts get the file too: it is not closed on execution.
    fn is_handed_down(file: &str) -> bool {
        const CLOSE_ON_EXEC: u32 = 0o2_000_000;
        // The folder that is being read is gone by now.
        let Ok(about) = fs::read_to_string(format!("/proc/self/fdinfo/{file}")) else { return false };
        let flags = about.lines().find_map(|line| line.strip_prefix("flags:")).expect("flags");
        u32::from_str_radix(flags.trim(), 8).expect("octal digits") & CLOSE_ON_EXEC == 0
    }

    #[test]
    fn the_worker_gives_up_what_it_does_not_need_before_it_reads() {
        let mut process = Command::new(PROGRAM)
            .arg("remake-picture")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker starts");
        let about = format!("/proc/{}", process.id());
        let limits = loop {
            let limits = fs::read_to_string(format!("{about}/limits")).expect("its limits");
            if limit(&limits, "Max open files") == "0" {
                break limits;
            }
            std::thread::yield_now();
        };
        assert_eq!(limit(&limits, "Max file size"), "0");
        assert_eq!(limit(&limits, "Max core file size"), "0");
        assert_eq!(limit(&limits, "Max address space"), (1_u64 << 30).to_string());
        assert_eq!(limit(&limits, "Max cpu time"), "20");
        let status = fs::read_to_string(format!("{about}/status")).expect("its status");
        assert!(status.contains("NoNewPrivs:\t1"), "{status}");
        let given = ["0", "1", "2"].map(str::to_owned);
        let open: BTreeSet<String> = open_files(&about).filter(|file| !given.contains(file)).collect();
        let handed_down: BTreeSet<String> = open_files("/proc/self").filter(|file| is_handed_down(file)).collect();
        assert!(open.is_subset(&handed_down), "{open:?} beside what whoever started this test left open");

        let mut stdin = process.stdin.take().expect("its input");
        stdin.write_all(&noise(400, 300)).expect("it reads");
        drop(stdin);
        let mut answer = Vec::new();
        process.stdout.take().expect("its output").read_to_end(&mut answer).expect("it answers");
        assert!(process.wait().expect("it ends").success());
        let made = read_answer(&answer).expect("an answer").expect("a picture");
        assert_eq!(made.sizes.len(), 2);
    }
}
