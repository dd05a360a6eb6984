//! Somebody is taken out of an audience, and then a post is written to it: however the two and the reader's own requests
//! fall between each other, that reader never meets the post, on any surface.

use doorpost_model::frame::{Hint, ServerFrame};
use doorpost_server::Settings;
use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::{
    group::id_of,
    harness::{Person, TestServer},
    post_harness::{connections, lists, public},
    socket_client::{Port, Socket},
    story_harness::{canvas, text},
};

/// How many each run has; [`COUNT_VARIABLE`] asks for more.
const COUNT_DEFAULT: usize = 1_000;
const COUNT_VARIABLE: &str = "DOORPOST_INTERLEAVINGS";
/// How long author and reader may hold back between two requests, in turns of the scheduler.
const PAUSE_TURNS_MAX: u32 = 40;
/// What the reader asks while the author is at work.
const RACING_READS_MAX: u32 = 6;

/// How somebody comes to be out.
#[derive(Debug, Clone, Copy)]
enum Removal {
    List,
    Connection,
    Block,
    BlockedByReader,
    Group,
    Ban,
}

const REMOVALS: [Removal; 6] =
    [Removal::List, Removal::Connection, Removal::Block, Removal::BlockedByReader, Removal::Group, Removal::Ban];

/// An author, a reader who is in and out again, and what they share.
struct Pair {
    removal: Removal,
    author: Person,
    reader: Person,
    list: String,
    group: String,
}

impl Pair {
    async fn new(server: &TestServer, removal: Removal, number: usize) -> Self {
        let author = server.person(&format!("author_{number}")).await;
        // With a device, so that there is a socket.
        let reader = server.chat_host(&format!("reader_{number}")).await.person;
        server.connect(&author, &reader).await;
        let list = server.list_of(&author, "close", &[&reader]).await;
        let group = server.group(&author, json!({ "name": format!("Rowers {number}"), "kind": "closed" })).await;
        server.bring_in(&author, &reader, &group).await;
        Self { removal, author, reader, list, group }
    }

    fn audience(&self) -> Value {
        match self.removal {
            Removal::List => lists(&[&self.list]),
            Removal::Connection => connections(),
            Removal::Block | Removal::BlockedByReader => public(),
            Removal::Group | Removal::Ban => json!({ "kind": "group", "group_id": self.group }),
        }
    }

    async fn take_out(&self, server: &TestServer) {
        let Self { author, reader, .. } = self;
        match self.removal {
            Removal::List => server.change_list(author, &self.list, json!({ "remove": [reader.handle] })).await,
            Removal::Connection => {
                expect(server, author, "DELETE", &format!("/api/connections/{}", reader.handle), Value::Null).await;
            }
            Removal::Block => server.block(author, reader).await,
            Removal::BlockedByReader => server.block(reader, author).await,
            Removal::Group | Removal::Ban => {
                let ban = matches!(self.removal, Removal::Ban);
                let path = format!("/api/groups/{}/members/{}/remove", self.group, id_of(reader));
                expect(server, author, "POST", &path, json!({ "ban": ban })).await;
            }
        }
    }

    async fn bring_back(&self, server: &TestServer) {
        let Self { author, reader, .. } = self;
        match self.removal {
            Removal::List => server.change_list(author, &self.list, json!({ "add": [reader.handle] })).await,
            Removal::Connection => server.connect(author, reader).await,
            Removal::Block => unblock(server, author, reader).await,
            Removal::BlockedByReader => unblock(server, reader, author).await,
            Removal::Group => server.bring_in(author, reader, &self.group).await,
            Removal::Ban => {
                let path = format!("/api/groups/{}/bans/{}", self.group, id_of(reader));
                expect(server, author, "DELETE", &path, Value::Null).await;
                server.bring_in(author, reader, &self.group).await;
            }
        }
    }

    /// Groups have no stories.
    fn may_be_story(&self) -> bool {
        !matches!(self.removal, Removal::Group | Removal::Ban)
    }

    /// Every surface on which the reader might meet the post.
    fn surfaces(&self, post: &str) -> Vec<(&'static str, String, Value)> {
        let author = &self.author.handle;
        let mut surfaces = vec![
            ("GET", format!("/api/posts/{post}"), Value::Null),
            ("GET", format!("/api/posts/{post}/comments"), Value::Null),
            ("GET", format!("/api/posts/{post}/reactions"), Value::Null),
            ("PUT", format!("/api/posts/{post}/reaction"), json!({ "emoji": "👍" })),
            ("GET", "/api/feed?limit=50".to_owned(), Value::Null),
            ("GET", "/api/stories".to_owned(), Value::Null),
            ("GET", format!("/api/accounts/{author}/posts"), Value::Null),
            ("GET", format!("/api/accounts/{author}/stories"), Value::Null),
            ("GET", "/api/notifications".to_owned(), Value::Null),
        ];
        if !self.may_be_story() {
            surfaces.push(("GET", format!("/api/groups/{}/feed", self.group), Value::Null));
        }
        surfaces
    }

    /// Asserts that an answer to the reader tells nothing of the post.
    async fn look(&self, server: &TestServer, post: &str, surface: &(&'static str, String, Value), when: &str) {
        let (method, path, body) = surface;
        let answer = server.call(method, path).by(&self.reader).json(body.clone()).send().await;
        let context = || format!("{:?}, {when}: {method} {path}: {}", self.removal, answer.text());
        assert!(!answer.status.is_server_error(), "{}", context());
        let names_post = path.starts_with("/api/posts/");
        assert!(!names_post || answer.code() == "not_found", "{}", context());
        assert!(!answer.text().contains(post), "{}", context());
        // Nobody here has another story than the hidden one.
        let has_author = answer.text().contains(&format!("\"{}\"", self.author.handle));
        assert!(path != "/api/stories" || !has_author, "{}", context());
    }

    /// Out, written, looked for, and in again.
    async fn round(&self, server: &TestServer, rng: &mut StdRng) -> String {
        let post = server.new_id();
        let is_story = self.may_be_story() && rng.random_bool(0.5);
        let surfaces = self.surfaces(&post);
        let pauses: [u32; 3] = std::array::from_fn(|_| rng.random_range(0..PAUSE_TURNS_MAX));
        let reads: Vec<(usize, u32)> = (0..rng.random_range(0..=RACING_READS_MAX))
            .map(|_| (rng.random_range(0..surfaces.len()), rng.random_range(0..PAUSE_TURNS_MAX)))
            .collect();
        let author = async {
            hold_back(pauses[0]).await;
            self.take_out(server).await;
            hold_back(pauses[1]).await;
            let mut new = json!({ "post_id": post, "text": "", "audience": self.audience() });
            if is_story {
                new["story"] = canvas(json!([text("Not for everybody")]));
            } else {
                new["text"] = format!("Not for @{}", self.reader.handle).into();
            }
            expect(server, &self.author, "POST", "/api/posts", new).await;
            hold_back(pauses[2]).await;
        };
        let reader = async {
            for (surface, pause) in reads {
                hold_back(pause).await;
                self.look(server, &post, &surfaces[surface], "while it was written").await;
            }
        };
        tokio::join!(author, reader);
        for surface in &surfaces {
            self.look(server, &post, surface, "after it was written").await;
        }
        assert_eq!(server.show(&self.author, &post).await.code(), "200", "it is there");
        expect(server, &self.author, "DELETE", &format!("/api/posts/{post}"), Value::Null).await;
        self.bring_back(server).await;
        post
    }
}

async fn hold_back(turns: u32) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

async fn expect(server: &TestServer, by: &Person, method: &str, path: &str, body: Value) {
    let answer = server.call(method, path).by(by).json(body).send().await;
    assert!(answer.status.is_success(), "{method} {path}: {:?}", answer.json());
}

async fn unblock(server: &TestServer, by: &Person, whom: &Person) {
    expect(server, by, "DELETE", &format!("/api/blocks/{}", whom.handle), Value::Null).await;
}

/// Nothing that came over the socket names one of the posts.
async fn assert_untold(socket: &mut Socket, removal: Removal, posts: &[String]) {
    for frame in socket.all().await {
        let (ServerFrame::Hint(Hint::PostAdded { post_id }) | ServerFrame::Hint(Hint::PostChanged { post_id })) = frame
        else {
            continue;
        };
        assert!(!posts.contains(&post_id.to_string()), "{removal:?}: a hint about {post_id}");
    }
}

/// How often the sockets are read, in rounds.
const ROUNDS_BETWEEN_LOOKS: usize = 20;

async fn rounds(server: &TestServer, port: &Port, removal: Removal, number: usize, count: usize) {
    let pair = Pair::new(server, removal, number).await;
    let (mut socket, _) = port.connect(&pair.reader).await;
    let mut rng = StdRng::seed_from_u64(number as u64);
    let mut written = Vec::new();
    for round in 0..count {
        written.push(pair.round(server, &mut rng).await);
        if round % ROUNDS_BETWEEN_LOOKS == 0 || round + 1 == count {
            assert_untold(&mut socket, removal, &written).await;
            written.clear();
        }
    }
}

async fn interleave(server: TestServer, count: usize) {
    let port = server.listen().await;
    let each = count.div_ceil(REMOVALS.len());
    let pairs = REMOVALS.into_iter().enumerate();
    join_all(pairs.map(|(number, removal)| rounds(&server, &port, removal, number, each))).await;
    drop(port);
    server.end().await;
}

fn count() -> usize {
    std::env::var(COUNT_VARIABLE).map_or(COUNT_DEFAULT, |text| text.parse().expect("a number"))
}

#[tokio::test]
async fn who_was_taken_out_never_meets_what_is_written_then_on_sqlite() {
    interleave(TestServer::start().await, count()).await;
}

#[tokio::test]
async fn who_was_taken_out_never_meets_what_is_written_then_on_postgres() {
    interleave(TestServer::on_postgres(Settings::default()).await, count()).await;
}
