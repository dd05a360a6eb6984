//! What an operator sets, from flags, environment and file.

use std::{fmt, net::SocketAddr, path::PathBuf};

use doorpost_media::programs::Programs;
use doorpost_model::{account::Registration, chat::Ciphersuite};
use doorpost_store::StoreConfig;
use serde::Deserialize;
use webauthn_rs::prelude::Url;

use crate::{
    email::RelayConfig,
    storage::{S3Config, S3Key, StorageConfig},
};

/// Where a server listens unless told otherwise.
pub const LISTEN_DEFAULT: &str = "127.0.0.1:7420";
/// The data folder unless told otherwise.
pub const DATA_DEFAULT: &str = "./data";
/// What is logged unless told otherwise.
pub const LOG_DEFAULT: &str = "info";

/// Largest file in a chat, and all files of one account, unless told otherwise.
pub const FILE_SIZE_MAX_MIB_DEFAULT: u32 = 100;
pub const FILE_QUOTA_MIB_DEFAULT: u32 = 2_048;
/// How long files are kept unless told otherwise.
pub const FILE_RETENTION_DAYS_DEFAULT: u32 = 30;
const MIB_BYTES: u64 = 1024 * 1024;
const DAY_MS: i64 = 24 * 3_600_000;

/// Settings as one source gives them; what it does not name is absent. The TOML file has these keys.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Data folder: database (unless PostgreSQL), lock.
    pub data: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: Option<String>,
    /// `postgres://…`; SQLite in the data folder without it.
    pub database_url: Option<String>,
    /// The address people reach the server at.
    pub public_url: Option<String>,
    pub registration: Option<Registration>,
    pub rate_limits: Option<OnOff>,
    /// Take the client's address from the last entry of `X-Forwarded-For`. Only behind a proxy
    /// that sets it, or anybody can claim any address.
    pub trust_forwarded: Option<OnOff>,
    /// Largest file in a chat.
    pub file_size_max_mib: Option<u32>,
    /// Files of one account, all together.
    pub file_quota_mib: Option<u32>,
    /// Files are deleted so long after their upload; 0: only with their chat.
    pub file_retention_days: Option<u32>,
    /// A bucket for files and photos; in the data folder without it.
    pub s3_bucket: Option<String>,
    /// The object store's address; Amazon's own without it.
    pub s3_endpoint: Option<String>,
    pub s3_region: Option<String>,
    pub s3_access_key_id: Option<String>,
    pub s3_secret_access_key: Option<String>,
    /// Look up links that people are about to send.
    pub link_previews: Option<OnOff>,
    /// Take videos, where the system has the programs for it.
    pub video: Option<OnOff>,
    /// Whom push services may write to about this server: `mailto:…` or `https://…`.
    pub push_contact: Option<String>,
    /// The operator's mail server, `smtps://USER:PASSWORD@HOST:PORT` or `smtp://…`; without it no mail is sent.
    pub smtp_url: Option<String>,
    /// Who mails are from: `digest@door.example` or `Our community <digest@door.example>`.
    pub mail_from: Option<String>,
    /// What new chats are encrypted with.
    pub ciphersuite: Option<Ciphersuite>,
    /// What to log, as tracing's filter.
    pub log: Option<String>,
    pub log_format: Option<LogFormat>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line, for machines that collect logs.
    Json,
}

/// A switch, spelt `on` or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOff {
    On,
    Off,
}

/// What the operator allows for files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLimits {
    /// Plaintext bytes of one file.
    pub size_bytes_max: u64,
    /// Bytes of all files and photos of one account, as they are kept.
    pub quota_bytes: u64,
    /// How long a file is kept after its upload; none: as long as its chat.
    pub retention_ms: Option<i64>,
}

/// Settings that were understood, with defaults filled in.
#[derive(Clone)]
pub struct Config {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub database: StoreConfig,
    /// Without a trailing slash. Absent: `http://localhost:PORT`.
    pub public_url: Option<Url>,
    pub registration: Registration,
    pub rate_limits: bool,
    pub trust_forwarded: bool,
    /// Links are looked up for who is about to send them.
    pub link_previews: bool,
    /// What makes videos anew; none: there are no videos here.
    pub video_programs: Option<Programs>,
    /// Whom push services may write to; without it the public URL, where that is `https`.
    pub push_contact: Option<String>,
    /// Where mail is handed to, if it is.
    pub relay: Option<RelayConfig>,
    pub files: FileLimits,
    /// Where files and photos are kept.
    pub storage: StorageConfig,
    /// The program that makes photos anew, and holds those that make videos: this one, run again.
    pub picture_worker: PathBuf,
    pub ciphersuite: Ciphersuite,
    /// As the operator wrote it; whoever starts the log parses it.
    pub log: String,
    pub log_format: LogFormat,
}

/// A setting that cannot be used; its text is one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the settings file {path}: {cause}")]
    File { path: PathBuf, cause: std::io::Error },
    #[error("the settings file {path} is not valid: {cause}")]
    Toml { path: PathBuf, cause: String },
    #[error("listen address `{0}` is not ADDRESS:PORT, such as {LISTEN_DEFAULT}")]
    Listen(String),
    #[error("database URL must begin with postgres:// (leave it out for SQLite in the data folder)")]
    DatabaseUrl,
    #[error("S3 needs a bucket (--s3-bucket), and a key has both an id and a secret")]
    S3,
    #[error("S3 endpoint `{0}` must be https://HOST or http://HOST:PORT")]
    S3Endpoint(String),
    #[error("push contact `{0}` must be mailto:ADDRESS or https://HOST")]
    PushContact(String),
    #[error(
        "mail needs smtps://USER:PASSWORD@HOST:PORT or smtp://… (--smtp-url) and a sender, ADDRESS or NAME <ADDRESS> (--mail-from)"
    )]
    Mail,
    #[error("public URL `{0}` must be https://HOST or http://HOST[:PORT], with a host name and without a path")]
    PublicUrl(String),
}

impl Settings {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// [`ConfigError`] when it cannot be read, is not TOML, or has a key that is not known.
    pub fn from_file(path: &std::path::Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|cause| ConfigError::File { path: path.to_owned(), cause })?;
        toml::from_str(&text).map_err(|error| ConfigError::Toml {
            path: path.to_owned(),
            // The parser's full report spans several lines and quotes the file, which may hold a password.
            cause: error.message().lines().next().unwrap_or_default().to_owned(),
        })
    }

    /// These settings, and `other`'s where these name nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            data: self.data.or(other.data),
            listen: self.listen.or(other.listen),
            database_url: self.database_url.or(other.database_url),
            public_url: self.public_url.or(other.public_url),
            registration: self.registration.or(other.registration),
            rate_limits: self.rate_limits.or(other.rate_limits),
            trust_forwarded: self.trust_forwarded.or(other.trust_forwarded),
            file_size_max_mib: self.file_size_max_mib.or(other.file_size_max_mib),
            file_quota_mib: self.file_quota_mib.or(other.file_quota_mib),
            file_retention_days: self.file_retention_days.or(other.file_retention_days),
            s3_bucket: self.s3_bucket.or(other.s3_bucket),
            s3_endpoint: self.s3_endpoint.or(other.s3_endpoint),
            s3_region: self.s3_region.or(other.s3_region),
            s3_access_key_id: self.s3_access_key_id.or(other.s3_access_key_id),
            s3_secret_access_key: self.s3_secret_access_key.or(other.s3_secret_access_key),
            link_previews: self.link_previews.or(other.link_previews),
            video: self.video.or(other.video),
            push_contact: self.push_contact.or(other.push_contact),
            smtp_url: self.smtp_url.or(other.smtp_url),
            mail_from: self.mail_from.or(other.mail_from),
            ciphersuite: self.ciphersuite.or(other.ciphersuite),
            log: self.log.or(other.log),
            log_format: self.log_format.or(other.log_format),
        }
    }

    /// Fills in defaults.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first setting that cannot be used.
    pub fn resolve(self) -> Result<Config, ConfigError> {
        let storage = self.storage()?;
        let relay = self.relay()?;
        let data = self.data.unwrap_or_else(|| DATA_DEFAULT.into());
        let listen = self.listen.unwrap_or_else(|| LISTEN_DEFAULT.to_owned());
        let database = match self.database_url {
            None => StoreConfig::Sqlite { path: data.join("doorpost.db") },
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                StoreConfig::Postgres { url }
            }
            Some(_) => return Err(ConfigError::DatabaseUrl),
        };
        let mib = |number: Option<u32>, default| u64::from(number.unwrap_or(default)) * MIB_BYTES;
        let retention_days = self.file_retention_days.unwrap_or(FILE_RETENTION_DAYS_DEFAULT);
        Ok(Config {
            files: FileLimits {
                size_bytes_max: mib(self.file_size_max_mib, FILE_SIZE_MAX_MIB_DEFAULT),
                quota_bytes: mib(self.file_quota_mib, FILE_QUOTA_MIB_DEFAULT),
                retention_ms: (retention_days > 0).then(|| i64::from(retention_days) * DAY_MS),
            },
            storage,
            picture_worker: this_program(),
            listen: listen.parse().map_err(|_| ConfigError::Listen(listen))?,
            database,
            data,
            public_url: self.public_url.map(parse_public_url).transpose()?,
            registration: self.registration.unwrap_or(Registration::Open),
            rate_limits: self.rate_limits != Some(OnOff::Off),
            trust_forwarded: self.trust_forwarded == Some(OnOff::On),
            link_previews: self.link_previews != Some(OnOff::Off),
            video_programs: if self.video == Some(OnOff::Off) { None } else { Programs::find() },
            push_contact: self.push_contact.map(parse_push_contact).transpose()?,
            relay,
            ciphersuite: self.ciphersuite.unwrap_or_default(),
            log: self.log.unwrap_or_else(|| LOG_DEFAULT.to_owned()),
            log_format: self.log_format.unwrap_or_default(),
        })
    }
}

impl Settings {
    fn relay(&self) -> Result<Option<RelayConfig>, ConfigError> {
        match (&self.smtp_url, &self.mail_from) {
            (None, None) => Ok(None),
            (Some(url), Some(from)) => RelayConfig::parse(url, from).map(Some).ok_or(ConfigError::Mail),
            _ => Err(ConfigError::Mail),
        }
    }

    fn storage(&self) -> Result<StorageConfig, ConfigError> {
        let access_key = match (&self.s3_access_key_id, &self.s3_secret_access_key) {
            (Some(id), Some(secret)) => Some(S3Key { id: id.clone(), secret: secret.clone() }),
            (None, None) => None,
            _ => return Err(ConfigError::S3),
        };
        let is_address = |url: &&String| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if let Some(endpoint) = self.s3_endpoint.as_ref().filter(|url| !is_address(url)) {
            return Err(ConfigError::S3Endpoint(endpoint.clone()));
        }
        match &self.s3_bucket {
            Some(bucket) => Ok(StorageConfig::S3(S3Config {
                bucket: bucket.clone(),
                endpoint: self.s3_endpoint.clone(),
                region: self.s3_region.clone(),
                access_key,
            })),
            None if self.s3_endpoint.is_none() && self.s3_region.is_none() && access_key.is_none() => {
                Ok(StorageConfig::Folder)
            }
            None => Err(ConfigError::S3),
        }
    }
}

/// Where this program is found to be run again; on Linux also when its file was replaced meanwhile.
fn this_program() -> PathBuf {
    let by_kernel = PathBuf::from("/proc/self/exe");
    if cfg!(target_os = "linux") { by_kernel } else { std::env::current_exe().unwrap_or(by_kernel) }
}

/// An origin with a host name: passkeys cannot be bound to a bare IP address.
fn parse_public_url(text: String) -> Result<Url, ConfigError> {
    let Ok(url) = Url::parse(&text) else { return Err(ConfigError::PublicUrl(text)) };
    let plain = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if matches!(url.scheme(), "http" | "https") && url.domain().is_some() && plain {
        Ok(url)
    } else {
        Err(ConfigError::PublicUrl(text))
    }
}

fn parse_push_contact(text: String) -> Result<String, ConfigError> {
    let is_good = Url::parse(&text).is_ok_and(|url| match url.scheme() {
        "mailto" => url.path().contains('@'),
        scheme => scheme == "https",
    });
    if is_good { Ok(text) } else { Err(ConfigError::PushContact(text)) }
}

impl fmt::Debug for Config {
    /// Without the database URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("data", &self.data)
            .field("listen", &self.listen)
            .field("public_url", &self.public_url.as_ref().map(Url::as_str))
            .field("registration", &self.registration)
            .field("rate_limits", &self.rate_limits)
            .field("trust_forwarded", &self.trust_forwarded)
            .field("files", &self.files)
            .field("storage", &self.storage)
            .field("link_previews", &self.link_previews)
            .field("relay", &self.relay)
            .field("video_programs", &self.video_programs)
            .field("ciphersuite", &self.ciphersuite)
            .field("log", &self.log)
            .field("log_format", &self.log_format)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_public_url(url: &str) -> Result<Config, ConfigError> {
        Settings { public_url: Some(url.to_owned()), ..Settings::default() }.resolve()
    }

    #[test]
    fn defaults_are_sqlite_open_and_limited() {
        let config = Settings::default().resolve().expect("defaults");
        assert!(matches!(&config.database, StoreConfig::Sqlite { path } if path.ends_with("data/doorpost.db")));
        assert_eq!(config.registration, Registration::Open);
        assert!(config.rate_limits);
        assert!(!config.trust_forwarded);
        let files = FileLimits {
            size_bytes_max: 100 * MIB_BYTES,
            quota_bytes: 2_048 * MIB_BYTES,
            retention_ms: Some(30 * DAY_MS),
        };
        assert_eq!(config.files, files);
    }

    #[test]
    fn files_may_be_kept_as_long_as_their_chat() {
        let settings = Settings { file_retention_days: Some(0), ..Settings::default() };
        assert_eq!(settings.resolve().expect("settings").files.retention_ms, None);
    }

    #[test]
    fn a_bucket_is_named_with_all_that_opens_it_or_not_at_all() {
        let text = |value: &str| Some(value.to_owned());
        let bucket = Settings { s3_bucket: text("door"), ..Settings::default() };
        let key = Settings { s3_access_key_id: text("id"), s3_secret_access_key: text("hush"), ..Settings::default() };
        let config = bucket.clone().or(key.clone()).resolve().expect("settings");
        assert!(matches!(&config.storage, StorageConfig::S3(s3) if s3.access_key.is_some()));
        assert!(!format!("{config:?}").contains("hush"), "no secret in a log");
        assert_eq!(Settings::default().resolve().expect("settings").storage, StorageConfig::Folder);
        for wrong in [
            key,
            Settings { s3_region: text("eu"), ..Settings::default() },
            Settings { s3_access_key_id: text("id"), ..bucket.clone() },
            Settings { s3_secret_access_key: text("hush"), ..bucket.clone() },
            Settings { s3_endpoint: text("door.example"), ..bucket },
        ] {
            let said = wrong.resolve().expect_err("unusable").to_string();
            assert!(said.starts_with("S3 ") && !said.contains("hush"), "{said}");
        }
    }

    #[test]
    fn mail_needs_a_relay_and_a_sender_and_shows_no_password() {
        let text = |value: &str| Some(value.to_owned());
        let relay = Settings { smtp_url: text("smtps://door:hush@mail.example"), ..Settings::default() };
        let from = Settings { mail_from: text("digest@door.example"), ..Settings::default() };
        let config = relay.clone().or(from.clone()).resolve().expect("settings");
        assert!(config.relay.is_some());
        assert!(!format!("{config:?}").contains("hush"), "no secret in a log");
        let misspelt = Settings { smtp_url: text("smtp:/door:hush@mail.example:x"), ..from.clone() };
        for wrong in [relay, from, misspelt] {
            let said = wrong.resolve().expect_err("unusable").to_string();
            assert!(said.starts_with("mail needs") && !said.contains("hush"), "{said}");
        }
        assert_eq!(Settings::default().resolve().expect("settings").relay, None);
    }

    #[test]
    fn earlier_settings_win() {
        let first = Settings { registration: Some(Registration::Closed), ..Settings::default() };
        let second: Settings = toml::from_str("registration = \"code\"\nlisten = \"127.0.0.1:0\"").expect("toml");
        let both = first.or(second);
        assert_eq!(both.registration, Some(Registration::Closed));
        assert_eq!(both.listen.as_deref(), Some("127.0.0.1:0"));
    }

    #[test]
    fn public_urls_are_origins_with_a_host_name() {
        for good in ["https://door.example", "http://localhost:7420", "https://door.example/"] {
            with_public_url(good).expect(good);
        }
        for bad in
            ["door.example", "ftp://door.example", "https://192.0.2.1", "https://door.example/app", "https://a@b.c"]
        {
            with_public_url(bad).expect_err(bad);
        }
    }

    #[test]
    fn unusable_settings_are_named() {
        let error = |settings: Settings| settings.resolve().expect_err("unusable").to_string();
        assert!(error(Settings { listen: Some("7420".into()), ..Settings::default() }).contains("`7420`"));
        assert!(
            error(Settings { database_url: Some("mysql://x".into()), ..Settings::default() }).contains("postgres://")
        );
        for wrong in ["ops@door.example", "mailto:", "http://door.example"] {
            let contact = Settings { push_contact: Some(wrong.into()), ..Settings::default() };
            assert!(error(contact).contains("mailto:"), "{wrong}");
        }
        assert!(toml::from_str::<Settings>("lisen = 1").is_err(), "an unknown key is an error");
    }
}
