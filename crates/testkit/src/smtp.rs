//! A mail server: enough of SMTP (RFC 5321) for a client to hand over mail, which is kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
    task::JoinHandle,
};

/// A mail as it was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body, lines ended by `\n`.
    pub data: String,
}

impl Mail {
    /// A header's value, its folded lines in one.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let (headers, _) = self.data.split_once("\n\n")?;
        let unfolded = headers.replace("\n ", " ").replace("\n\t", " ");
        let prefix = format!("{}:", name.to_lowercase());
        let line = unfolded.lines().find(|line| line.to_lowercase().starts_with(&prefix))?;
        Some(line[prefix.len()..].trim().to_owned())
    }
}

/// What the server says to whoever comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Takes,
    /// The login is refused.
    LetsNobodyIn,
    /// Each mail is refused for now.
    Busy,
    /// Each mail is refused for good.
    Refuses,
}

#[derive(Default)]
struct Post {
    mails: Vec<Mail>,
    mood: Mood,
    logins: Vec<String>,
}

/// A mail server on a port of its own.
pub struct SmtpServer {
    port: u16,
    post: Arc<Mutex<Post>>,
    serving: JoinHandle<()>,
}

impl SmtpServer {
    /// One that takes everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let post = Arc::<Mutex<Post>>::default();
        let kept = Arc::clone(&post);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move { talk(stream, &kept).await.unwrap_or_default() });
            }
        });
        Self { port, post, serving }
    }

    /// As an operator names it, with a login.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://door:hush@127.0.0.1:{}", self.port)
    }

    /// From now on.
    pub fn set_mood(&self, mood: Mood) {
        lock(&self.post).mood = mood;
    }

    /// What was handed over since the last call.
    #[must_use]
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut lock(&self.post).mails)
    }

    /// What clients logged in with, as they sent it.
    #[must_use]
    pub fn logins(&self) -> Vec<String> {
        lock(&self.post).logins.clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(post: &Mutex<Post>) -> MutexGuard<'_, Post> {
    post.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn talk(stream: TcpStream, post: &Mutex<Post>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    say(&mut write, "220 post.example ESMTP").await?;
    let mut mail = Mail { from: String::new(), to: Vec::new(), data: String::new() };
    while let Some(line) = lines.next_line().await? {
        let mood = lock(post).mood;
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-post.example\r\n250-8BITMIME\r\n250 AUTH PLAIN",
            "AUTH" if mood == Mood::LetsNobodyIn => "535 5.7.8 who are you",
            "AUTH" => {
                lock(post).logins.push(line.clone());
                "235 2.7.0 welcome"
            }
            "MAIL" => {
                mail.from = address(&line);
                "250 2.1.0 ok"
            }
            "RCPT" if mood == Mood::Busy => "450 4.2.1 not now",
            "RCPT" if mood == Mood::Refuses => "550 5.1.1 nobody of that name",
            "RCPT" => {
                mail.to.push(address(&line));
                "250 2.1.5 ok"
            }
            "DATA" => {
                say(&mut write, "354 go on").await?;
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.data.push('\n');
                }
                lock(post).mails.push(mail.clone());
                mail = Mail { from: String::new(), to: Vec::new(), data: String::new() };
                "250 2.0.0 kept"
            }
            "RSET" | "NOOP" => "250 2.0.0 ok",
            "QUIT" => {
                say(&mut write, "221 2.0.0 bye").await?;
                return Ok(());
            }
            _ => "502 5.5.1 what",
        };
        say(&mut write, answer).await?;
    }
    Ok(())
}

async fn say(write: &mut OwnedWriteHalf, line: &str) -> std::io::Result<()> {
    write.write_all(format!("{line}\r\n").as_bytes()).await
}

/// What stands between the angle brackets.
fn address(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(address, _)| address).to_owned()
}
