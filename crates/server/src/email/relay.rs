//! The operator's mail server, and how mail is handed to it.
//!
//! Where it is, is the operator's choice and nobody else's, so its address is not checked as those are that people name
//! (`crates/fetch`): a relay on this machine or in a private network is the usual case.

use std::{
    fmt,
    net::IpAddr,
    time::{Duration, UNIX_EPOCH},
};

use doorpost_model::TimeMs;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use percent_encoding::percent_decode_str;
use webauthn_rs::prelude::Url;

/// How long the relay may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What the operator says of the relay.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayConfig {
    host: String,
    port: u16,
    security: Security,
    login: Option<(String, String)>,
    from: Mailbox,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// `smtps`: from the first byte on.
    Tls,
    /// `smtp`: after STARTTLS, without which nothing is sent.
    StartTls,
    /// `smtp` to this machine itself.
    None,
}

impl RelayConfig {
    /// What `smtps://USER:PASSWORD@HOST:PORT` or `smtp://…` and a sender say; none where either is not understood.
    #[must_use]
    pub fn parse(url: &str, from: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let host = url.host_str()?.to_owned();
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Tls, 465),
            "smtp" if is_this_machine(&host) => (Security::None, 25),
            "smtp" => (Security::StartTls, 587),
            _ => return None,
        };
        let plain = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(String::from);
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((decoded(user)?, decoded(password.unwrap_or_default())?)),
        };
        let from = from.parse().ok()?;
        plain.then_some(Self { port: url.port().unwrap_or(port), host, security, login, from })
    }

    /// What the community is called where it says nothing of itself: the sender's name.
    #[must_use]
    pub fn sender_name(&self) -> Option<&str> {
        self.from.name.as_deref()
    }
}

impl fmt::Debug for RelayConfig {
    /// Without the login.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, security, from, .. } = self;
        f.debug_struct("RelayConfig")
            .field("host", host)
            .field("port", port)
            .field("security", security)
            .field("from", &from.email.to_string())
            .finish_non_exhaustive()
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
    /// Where it is unsubscribed from with one click (RFC 8058).
    pub(super) unsubscribe: Option<String>,
}

/// Why a mail was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undelivered {
    /// Trying again may help.
    Later,
    /// It will not help.
    Refused,
}

/// The relay, as mail is handed to it.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// # Errors
    /// One line for the operator, when this machine's certificates cannot be read.
    pub fn new(config: &RelayConfig, own_host: &str) -> Result<Self, String> {
        let RelayConfig { host, port, security, login, from } = config;
        let parameters = || TlsParameters::new(host.clone()).map_err(|error| format!("mail server {host}: {error}"));
        let tls = match security {
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::StartTls => Tls::Required(parameters()?),
            Security::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(*port)
            .tls(tls)
            .timeout(Some(TIMEOUT))
            .hello_name(ClientId::Domain(own_host.to_owned()));
        if let Some((user, password)) = login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build(), from: from.clone() })
    }

    /// Whether the relay lets this server in.
    pub(super) async fn is_there(&self) -> bool {
        match self.transport.test_connection().await {
            Ok(is_there) => is_there,
            Err(error) => {
                tracing::warn!(%error, "the mail server is not to be reached");
                false
            }
        }
    }

    /// Hands a mail to the relay. `id` is this mail's and no other's.
    ///
    /// # Errors
    /// [`Undelivered`]
    pub(super) async fn send(&self, letter: &Letter, id: &str, now: TimeMs) -> Result<(), Undelivered> {
        let message = self.message(letter, id, now).ok_or(Undelivered::Refused)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => {
                // Of what the relay said the code alone: its words may hold the address.
                let code = error.status().map(|code| code.to_string());
                tracing::warn!(?code, timed_out = error.is_timeout(), "a mail was not taken");
                Err(if error.is_permanent() { Undelivered::Refused } else { Undelivered::Later })
            }
        }
    }

    fn message(&self, letter: &Letter, id: &str, now: TimeMs) -> Option<Message> {
        let Letter { to, subject, text, html, unsubscribe } = letter;
        let header = |name: &'static str, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
        let date = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).ok()?);
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to.parse().ok()?)
            .date(date)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .subject(subject)
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
        if let Some(url) = unsubscribe {
            message = message
                .raw_header(header("List-Unsubscribe", format!("<{url}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        let parts = MultiPart::alternative().boundary(format!("part-{id}"));
        let parts = parts.singlepart(SinglePart::plain(text.clone())).singlepart(SinglePart::html(html.clone()));
        message.multipart(parts).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "Rowers <digest@door.example>";

    #[test]
    fn mail_leaves_this_machine_encrypted_or_not_at_all() {
        for (url, expected) in [
            ("smtps://mail.example", (465, Security::Tls)),
            ("smtps://localhost:1465", (1465, Security::Tls)),
            ("smtp://mail.example", (587, Security::StartTls)),
            ("smtp://10.0.0.7:25", (25, Security::StartTls)),
            ("smtp://localhost", (25, Security::None)),
            ("smtp://127.0.0.1:2525", (2525, Security::None)),
            ("smtp://[::1]", (25, Security::None)),
        ] {
            let config = RelayConfig::parse(url, FROM).expect(url);
            assert_eq!((config.port, config.security), expected, "{url}");
        }
        for wrong in
            ["http://mail.example", "mail.example:25", "smtp://mail.example/queue", "smtp://m.example?tls=none"]
        {
            assert_eq!(RelayConfig::parse(wrong, FROM), None, "{wrong}");
        }
        assert_eq!(RelayConfig::parse("smtps://mail.example", "digest"), None);
    }

    #[test]
    fn the_login_is_read_and_not_shown() {
        let config = RelayConfig::parse("smtps://door%40host:hu%3Ash@mail.example", FROM).expect("a relay");
        assert_eq!(config.login, Some(("door@host".to_owned(), "hu:sh".to_owned())));
        assert_eq!(config.sender_name(), Some("Rowers"));
        let shown = format!("{config:?}");
        assert!(shown.contains("mail.example") && !shown.contains("hu:sh") && !shown.contains("door@host"), "{shown}");
    }
}
