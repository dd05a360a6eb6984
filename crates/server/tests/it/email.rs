//! Mail: addresses and digests, handed to a mail server in this process.

use data_encoding::BASE64URL_NOPAD;
use doorpost_model::limits::{
    EMAIL_CODE_TRIES_MAX, EMAIL_CODE_TTL_MS, EMAIL_CODE_WINDOW_MS, MAIL_CODES_FROM_ONE, MAIL_GIVE_UP_MS, MAIL_RETRY_MS,
};
use doorpost_server::{Settings, config::OnOff, email::send_due};
use doorpost_testkit::{Mail, Mood, SmtpServer};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, ORIGIN, Person, TestServer},
    post_harness::public,
};

const DAY_MS: i64 = 24 * 3_600_000;
const ADDRESS: &str = "ada@home.example";

/// A server whose relay is this.
struct World {
    server: TestServer,
    post: SmtpServer,
}

impl World {
    async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let post = SmtpServer::start().await;
        let own = Settings {
            smtp_url: Some(post.url()),
            mail_from: Some("Rowers <digest@door.example>".to_owned()),
            ..Settings::default()
        };
        Self { server: TestServer::with(settings.or(own)).await, post }
    }

    /// What is mailed now.
    async fn mailed(&self) -> Vec<Mail> {
        send_due(&self.server.app).await.expect("sent");
        self.post.take()
    }

    async fn ask(&self, by: &Person, address: &str) -> Answer {
        let request = json!({ "address": address, "time_zone": "Europe/Berlin" });
        self.server.post("/api/email/address").by(by).json(request).send().await
    }

    async fn give(&self, by: &Person, code: &str) -> Answer {
        self.server.post("/api/email/address/confirm").by(by).json(json!({ "code": code })).send().await
    }

    async fn email(&self, by: &Person) -> Value {
        self.server.get("/api/email").by(by).send().await.json()
    }

    async fn settle(&self, by: &Person, digest: Value) -> String {
        self.server.put(by, "/api/email/digest", digest).await.code()
    }

    /// Gives an address and confirms it.
    async fn confirm(&self, by: &Person, address: &str) {
        assert_eq!(self.ask(by, address).await.code(), "200");
        let mails = self.mailed().await;
        assert_eq!(self.give(by, &code(&mails[0])).await.code(), "200");
        // What happens from now on is news.
        self.server.clock.advance(1);
    }

    /// To the next digest.
    async fn next_day(&self) -> Vec<Mail> {
        self.server.clock.advance(DAY_MS);
        self.mailed().await
    }

    async fn ask_friend(&self, by: &Person, whom: &Person) {
        let path = format!("/api/connections/{}/request", whom.handle);
        self.server.clock.advance(1);
        assert_eq!(self.server.post(&path).by(by).send().await.code(), "200");
    }
}

fn code(mail: &Mail) -> String {
    mail.header("subject").expect("a subject").split(' ').next().expect("a code").to_owned()
}

/// The token of the address that a digest is ended at.
fn token(mail: &Mail) -> String {
    let url = mail.header("list-unsubscribe").expect("a way out");
    let prefix = format!("<{ORIGIN}/api/email/unsubscribe/");
    url.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix('>')).expect("of this server").to_owned()
}

#[tokio::test]
async fn without_a_relay_there_is_nothing_of_mail() {
    let server = TestServer::start().await;
    let ada = server.person("ada").await;
    assert_eq!(server.get("/api/email").by(&ada).send().await.code(), "not_found");
    assert_eq!(server.call("DELETE", "/api/email").by(&ada).send().await.code(), "not_found");
    let request = json!({ "address": ADDRESS, "time_zone": "UTC" });
    assert_eq!(server.post("/api/email/address").by(&ada).json(request).send().await.code(), "not_found");
    assert_eq!(server.get("/api/server").send().await.json().get("email"), None);
    send_due(&server.app).await.expect("nothing");
    let world = World::start().await;
    assert_eq!(world.server.get("/api/server").send().await.json()["email"], true);
}

#[tokio::test]
async fn an_address_is_confirmed_with_the_code_that_was_mailed_there() {
    let world = World::start().await;
    let (ada, bob) = (world.server.person("ada").await, world.server.person("bob").await);
    for wrong in ["ada", "ada@home", "ada@[127.0.0.1]", "ada@home.example\r\nbcc: all@home.example", "ädä@home.example"]
    {
        assert_eq!(world.ask(&ada, wrong).await.code(), "invalid_field", "{wrong}");
    }
    let asked = world.ask(&ada, ADDRESS).await.json();
    assert_eq!((&asked["pending"], &asked["address"]), (&json!(ADDRESS), &Value::Null));
    let mails = world.mailed().await;
    assert_eq!(mails.len(), 1);
    assert_eq!((&mails[0].from[..], &mails[0].to[..]), ("digest@door.example", &[ADDRESS.to_owned()][..]));
    assert_eq!(mails[0].header("from").as_deref(), Some("Rowers <digest@door.example>"));
    assert_eq!(mails[0].header("to").as_deref(), Some(ADDRESS));
    assert!(mails[0].data.contains(&code(&mails[0])) && mails[0].header("list-unsubscribe").is_none());
    assert!(!mails[0].data.contains("ada's name"), "nobody is named");
    assert_eq!(world.mailed().await, [], "once");
    // PLAIN, with the login of the address: \0door\0hush.
    assert_eq!(world.post.logins().last().map(String::as_str), Some("AUTH PLAIN AGRvb3IAaHVzaA=="));

    assert_eq!(world.give(&bob, &code(&mails[0])).await.code(), "invalid_field", "it is nobody else's");
    let confirmed = world.give(&ada, &format!(" {} ", code(&mails[0]))).await.json();
    assert_eq!((&confirmed["address"], confirmed.get("pending")), (&json!(ADDRESS), None));
    assert_eq!(world.give(&ada, &code(&mails[0])).await.code(), "invalid_field", "once");
    assert_eq!(world.email(&ada).await["address"], ADDRESS);
    // Another address is asked anew, and this one stays until then.
    assert_eq!(world.ask(&ada, "ada@work.example").await.code(), "200");
    let both = world.email(&ada).await;
    assert_eq!((&both["address"], &both["pending"]), (&json!(ADDRESS), &json!("ada@work.example")));
    // Nobody else sees it anywhere.
    for path in ["/api/accounts/ada", "/api/people?q=ada", "/api/me"] {
        let seen = world.server.get(path).by(&bob).send().await;
        assert!(!seen.text().contains("example"), "{path}: {}", seen.text());
    }
    assert_eq!(world.server.call("DELETE", "/api/email").by(&ada).send().await.code(), "204");
    assert_eq!(world.email(&ada).await.get("address"), None);
    assert_eq!(world.mailed().await, [], "what waited is gone with it");
}

#[tokio::test]
async fn a_code_is_good_for_few_tries_and_for_a_while() {
    let world = World::start().await;
    let ada = world.server.person("ada").await;
    assert_eq!(world.ask(&ada, ADDRESS).await.code(), "200");
    let good = code(&world.mailed().await[0]);
    let wrong = if good == "000000" { "111111" } else { "000000" };
    for _ in 0..EMAIL_CODE_TRIES_MAX {
        assert_eq!(world.give(&ada, wrong).await.code(), "invalid_field");
    }
    assert_eq!(world.give(&ada, &good).await.code(), "invalid_field", "after too many");
    assert_eq!(world.ask(&ada, ADDRESS).await.code(), "200");
    let good = code(&world.mailed().await[0]);
    world.server.clock.advance(EMAIL_CODE_TTL_MS);
    assert_eq!(world.give(&ada, &good).await.code(), "invalid_field", "after too long");
}

#[tokio::test]
async fn codes_are_counted_for_addresses_accounts_and_networks() {
    let world = World::start().await;
    let (ada, bob) = (world.server.person("ada").await, world.server.person("bob").await);
    for address in [ADDRESS, "Ada@HOME.example", "ada+door@home.example"] {
        assert_eq!(world.ask(&ada, address).await.code(), "200");
    }
    assert_eq!(world.ask(&bob, ADDRESS).await.code(), "rate_limited", "whoever asks");
    for address in ["a@home.example", "b@home.example"] {
        assert_eq!(world.ask(&ada, address).await.code(), "200");
    }
    assert_eq!(world.ask(&ada, "c@home.example").await.code(), "rate_limited", "wherever to");
    // Forgetting the address forgets no count.
    assert_eq!(world.server.call("DELETE", "/api/email").by(&ada).send().await.code(), "204");
    assert_eq!(world.ask(&ada, "c@home.example").await.code(), "rate_limited");
    world.server.clock.advance(EMAIL_CODE_WINDOW_MS);
    assert_eq!(world.ask(&bob, ADDRESS).await.code(), "200");

    let world = World::with(Settings { rate_limits: Some(OnOff::On), ..Settings::default() }).await;
    let mut refused = 0;
    for number in 0..=MAIL_CODES_FROM_ONE {
        // A person for two addresses, so that it is not the account that is counted.
        let person = world.server.person(&format!("person{number}")).await;
        let answer = world.ask(&person, &format!("{number}@home.example")).await.code();
        refused += u32::from(answer == "rate_limited");
    }
    assert_eq!(refused, 1, "from one network address");
}

#[tokio::test]
async fn a_digest_says_how_much_waits_and_nothing_of_whom_or_what() {
    let world = World::start().await;
    let [ada, bob, cyd] =
        [world.server.person("ada").await, world.server.person("bob").await, world.server.person("cyd").await];
    world.confirm(&ada, ADDRESS).await;
    assert_eq!(world.next_day().await, [], "nothing to tell");
    world.ask_friend(&bob, &ada).await;
    world.ask_friend(&cyd, &ada).await;
    let post = world.server.write_post(&ada, public()).await;
    world.server.comment(&bob, &post, "Under the bridge", None).await;
    assert_eq!(world.mailed().await, [], "not before its hour");
    let mails = world.next_day().await;
    assert_eq!(mails.len(), 1, "one for all");
    let mail = &mails[0];
    assert_eq!(mail.header("subject").as_deref(), Some("New for you on Rowers"));
    assert!(mail.data.contains("- 2 requests wait for you\n- 1 comment or mention\n"), "{}", mail.data);
    assert!(mail.data.contains("<li>2 requests wait for you</li>"), "{}", mail.data);
    assert!(mail.data.contains(&format!("{ORIGIN}/notifications")));
    for word in ["bob", "cyd", "bridge", "ada's"] {
        assert!(!mail.data.contains(word), "{word}: {}", mail.data);
    }
    assert_eq!(mail.header("list-unsubscribe-post").as_deref(), Some("List-Unsubscribe=One-Click"));
    assert_eq!(world.next_day().await, [], "nothing new since");
    // What a block hides by then is not counted, and what was read is not new.
    let dan = world.server.person("dan").await;
    world.ask_friend(&dan, &ada).await;
    world.server.block(&ada, &dan).await;
    assert_eq!(world.next_day().await, []);
    let eve = world.server.person("eve").await;
    world.ask_friend(&eve, &ada).await;
    let told = world.server.get("/api/notifications").by(&ada).send().await.json();
    let read = json!({ "up_to": told["items"][0]["at"] });
    assert_eq!(world.server.post("/api/notifications/read").by(&ada).json(read).send().await.code(), "200");
    assert_eq!(world.next_day().await, []);
}

#[tokio::test]
async fn digests_come_as_often_and_in_the_words_that_were_chosen() {
    let world = World::start().await;
    let (ada, bob) = (world.server.person("ada").await, world.server.person("bob").await);
    let daily = |frequency: &str| json!({ "frequency": frequency, "hour": 7, "time_zone": "UTC", "language": "de" });
    assert_eq!(world.settle(&ada, daily("daily")).await, "conflict", "without an address");
    world.confirm(&ada, ADDRESS).await;
    let late = json!({ "frequency": "daily", "hour": 24, "time_zone": "UTC" });
    assert_eq!(world.settle(&ada, late).await, "invalid_field");
    assert_eq!(world.settle(&ada, daily("weekly")).await, "200");
    assert_eq!(world.email(&ada).await["frequency"], "weekly");
    world.ask_friend(&bob, &ada).await;
    let mut mails = Vec::new();
    for _ in 0..7 {
        mails.extend(world.next_day().await);
    }
    assert_eq!(mails.len(), 1, "once a week");
    assert!(mails[0].data.contains("1 Anfrage wartet auf dich"), "{}", mails[0].data);
    assert_eq!(world.settle(&ada, daily("off")).await, "200");
    let cyd = world.server.person("cyd").await;
    world.ask_friend(&cyd, &ada).await;
    assert_eq!(world.next_day().await, []);
}

#[tokio::test]
async fn a_digests_own_link_ends_it_without_a_session() {
    let world = World::start().await;
    let (ada, bob) = (world.server.person("ada").await, world.server.person("bob").await);
    world.confirm(&ada, ADDRESS).await;
    world.ask_friend(&bob, &ada).await;
    let token = token(&world.next_day().await[0]);
    let path = format!("/api/email/unsubscribe/{token}");
    // Looking ends nothing: mail programs open links by themselves.
    let looked = world.server.get(&path).send().await;
    assert_eq!(looked.headers["location"], format!("/unsubscribe#{token}"));
    assert_eq!(world.email(&ada).await["frequency"], "daily");
    let never_was = BASE64URL_NOPAD.encode(&[7; 16]);
    let mut answers = Vec::new();
    for token in [&token, &token, &never_was, "what"] {
        let one_click = world.server.post(&format!("/api/email/unsubscribe/{token}"));
        let one_click = one_click.header("content-type", "application/x-www-form-urlencoded");
        let answer = one_click.body("List-Unsubscribe=One-Click").send().await;
        answers.push((answer.status, answer.body));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].0, 204);
    let left = world.email(&ada).await;
    assert_eq!((&left["frequency"], &left["address"]), (&json!("off"), &json!(ADDRESS)), "chosen again at any time");
    let cyd = world.server.person("cyd").await;
    world.ask_friend(&cyd, &ada).await;
    assert_eq!(world.next_day().await, []);
    // With another address the token is another: the old mail's ends nothing any more.
    world.confirm(&ada, "ada@work.example").await;
    let daily = json!({ "frequency": "daily", "hour": 7, "time_zone": "UTC" });
    assert_eq!(world.settle(&ada, daily).await, "200");
    assert_eq!(world.server.post(&path).send().await.code(), "204");
    assert_eq!(world.email(&ada).await["frequency"], "daily");
}

#[tokio::test]
async fn what_the_relay_does_not_take_is_tried_again_and_in_the_end_given_up() {
    let world = World::start().await;
    let (ada, bob) = (world.server.person("ada").await, world.server.person("bob").await);
    world.confirm(&ada, ADDRESS).await;
    world.ask_friend(&bob, &ada).await;
    for mood in [Mood::Busy, Mood::LetsNobodyIn] {
        world.post.set_mood(mood);
        assert_eq!(world.next_day().await, [], "{mood:?}");
        world.post.set_mood(Mood::Takes);
        assert_eq!(world.mailed().await, [], "not at once");
    }
    world.server.clock.advance(4 * MAIL_RETRY_MS);
    assert_eq!(world.mailed().await.len(), 1);
    // Refused for good: not tried again, and the next digest tells it.
    let cyd = world.server.person("cyd").await;
    world.ask_friend(&cyd, &ada).await;
    world.post.set_mood(Mood::Refuses);
    assert_eq!(world.next_day().await, []);
    world.post.set_mood(Mood::Takes);
    world.server.clock.advance(4 * MAIL_RETRY_MS);
    assert_eq!(world.mailed().await, []);
    let mails = world.next_day().await;
    assert!(mails[0].data.contains("- 2 requests wait for you"), "{}", mails[0].data);
    // A code is given up after days; nothing is left that waits.
    assert_eq!(world.ask(&ada, "ada@work.example").await.code(), "200");
    world.post.set_mood(Mood::Busy);
    for _ in 0..=MAIL_GIVE_UP_MS / DAY_MS {
        assert_eq!(world.mailed().await, []);
        world.server.clock.advance(DAY_MS);
    }
    world.post.set_mood(Mood::Takes);
    assert_eq!(world.mailed().await, []);
}

#[tokio::test]
async fn a_relay_that_is_away_loses_nothing() {
    let world = World::start().await;
    let ada = world.server.person("ada").await;
    assert_eq!(world.ask(&ada, ADDRESS).await.code(), "200");
    let World { server, post } = world;
    drop(post);
    // The port is nobody's for the moment.
    send_due(&server.app).await.expect("no fault of the server's");
    let waits = server
        .app
        .store
        .read(|tx| Box::pin(doorpost_store::email::due(tx, doorpost_model::TimeMs(i64::MAX), 9)))
        .await
        .expect("read");
    assert_eq!(waits.iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [1]);
}
