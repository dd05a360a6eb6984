//! `doorpost serve`.

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use doorpost_model::{account::Registration, chat::Ciphersuite};
use doorpost_server::{
    Settings,
    config::{Config, LogFormat, OnOff},
};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{Level, Metadata};
use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

/// Each can also be set in the environment or, without its dashes, in the settings file. Flags win
/// over the environment, the environment over the file.
#[derive(Args)]
pub struct ServeArgs {
    /// Settings file (TOML).
    #[arg(long, value_name = "FILE", env = "DOORPOST_CONFIG")]
    config: Option<PathBuf>,
    /// Folder for everything the server keeps [default: ./data]
    #[arg(long, value_name = "DIR", env = "DOORPOST_DATA")]
    data: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:7420]
    #[arg(long, value_name = "ADDR", env = "DOORPOST_LISTEN")]
    listen: Option<String>,
    /// PostgreSQL instead of SQLite in the data folder.
    #[arg(long, value_name = "postgres://…", env = "DOORPOST_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Address people reach the server at [default: http://localhost:PORT]
    #[arg(long, value_name = "URL", env = "DOORPOST_PUBLIC_URL")]
    public_url: Option<String>,
    /// Who may sign up; the first account always may, and is the operator [default: open]
    #[arg(long, value_enum, env = "DOORPOST_REGISTRATION")]
    registration: Option<RegistrationArg>,
    /// Limits on how often an account or an address may do something [default: on]
    #[arg(long, value_enum, value_name = "on|off", env = "DOORPOST_RATE_LIMITS")]
    rate_limits: Option<OnOffArg>,
    /// Believe the proxy in front about clients' addresses (X-Forwarded-For) [default: off]
    #[arg(long, value_enum, value_name = "on|off", env = "DOORPOST_TRUST_FORWARDED")]
    trust_forwarded: Option<OnOffArg>,
    /// Largest file in a chat, in MiB; 0: none are taken [default: 100]
    #[arg(long, value_name = "N", env = "DOORPOST_FILE_SIZE_MAX_MIB")]
    file_size_max_mib: Option<u32>,
    /// Files and photos of one account all together, in MiB [default: 2048]
    #[arg(long, value_name = "N", env = "DOORPOST_FILE_QUOTA_MIB")]
    file_quota_mib: Option<u32>,
    /// Files are deleted so many days after their upload; 0: only with their chat [default: 30]
    #[arg(long, value_name = "N", env = "DOORPOST_FILE_RETENTION_DAYS")]
    file_retention_days: Option<u32>,
    /// Keep files and photos in this bucket of an object store that speaks S3, instead of in the data folder.
    #[arg(long, value_name = "NAME", env = "DOORPOST_S3_BUCKET")]
    s3_bucket: Option<String>,
    /// The object store's address [default: Amazon's]
    #[arg(long, value_name = "URL", env = "DOORPOST_S3_ENDPOINT")]
    s3_endpoint: Option<String>,
    /// The bucket's region [default: us-east-1]
    #[arg(long, value_name = "REGION", env = "DOORPOST_S3_REGION")]
    s3_region: Option<String>,
    /// Id of the key that opens the bucket [default: as the object store knows this machine]
    #[arg(long, value_name = "ID", env = "DOORPOST_S3_ACCESS_KEY_ID", hide_env_values = true)]
    s3_access_key_id: Option<String>,
    /// Its secret; better in the environment or the file, where nobody else on the machine reads it.
    #[arg(long, value_name = "SECRET", env = "DOORPOST_S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    s3_secret_access_key: Option<String>,
    /// Look up links for people who are about to send them: the server then asks the sites behind them [default: on]
    #[arg(long, value_enum, value_name = "on|off", env = "DOORPOST_LINK_PREVIEWS")]
    link_previews: Option<OnOffArg>,
    /// Take videos for posts and stories, where ffmpeg is installed [default: on]
    #[arg(long, value_enum, value_name = "on|off", env = "DOORPOST_VIDEO")]
    video: Option<OnOffArg>,
    /// Whom push services may write to about this server, mailto:ADDRESS or https://… [default: an https public URL]
    #[arg(long, value_name = "URL", env = "DOORPOST_PUSH_CONTACT")]
    push_contact: Option<String>,
    /// Mail server for digests, smtps://USER:PASSWORD@HOST:PORT or smtp://… with STARTTLS; better in the environment or
    /// the file, where nobody else on the machine reads it [default: no mail is sent]
    #[arg(long, value_name = "URL", env = "DOORPOST_SMTP_URL", hide_env_values = true)]
    smtp_url: Option<String>,
    /// Who mail is from: ADDRESS or NAME <ADDRESS>
    #[arg(long, value_name = "SENDER", env = "DOORPOST_MAIL_FROM")]
    mail_from: Option<String>,
    /// What new chats are encrypted with; x_wing resists quantum computers, and is larger and slower [default: x25519]
    #[arg(long, value_enum, env = "DOORPOST_CIPHERSUITE")]
    ciphersuite: Option<CiphersuiteArg>,
    /// Form of the log on stderr [default: text]
    #[arg(long, value_enum, env = "DOORPOST_LOG_FORMAT")]
    log_format: Option<LogFormatArg>,
    /// What to log, as tracing's filter: `warn`, `info`, `doorpost_server=debug`, … [default: info]
    #[arg(long, value_name = "FILTER", env = "DOORPOST_LOG")]
    log: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RegistrationArg {
    Open,
    Code,
    Closed,
}

#[derive(Clone, Copy, ValueEnum)]
enum OnOffArg {
    On,
    Off,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum CiphersuiteArg {
    X25519,
    XWing,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormatArg {
    Text,
    Json,
}

impl From<RegistrationArg> for Registration {
    fn from(arg: RegistrationArg) -> Self {
        match arg {
            RegistrationArg::Open => Self::Open,
            RegistrationArg::Code => Self::Code,
            RegistrationArg::Closed => Self::Closed,
        }
    }
}

impl From<OnOffArg> for OnOff {
    fn from(arg: OnOffArg) -> Self {
        match arg {
            OnOffArg::On => Self::On,
            OnOffArg::Off => Self::Off,
        }
    }
}

impl From<CiphersuiteArg> for Ciphersuite {
    fn from(arg: CiphersuiteArg) -> Self {
        match arg {
            CiphersuiteArg::X25519 => Self::X25519,
            CiphersuiteArg::XWing => Self::XWing,
        }
    }
}

impl From<LogFormatArg> for LogFormat {
    fn from(arg: LogFormatArg) -> Self {
        match arg {
            LogFormatArg::Text => Self::Text,
            LogFormatArg::Json => Self::Json,
        }
    }
}

impl ServeArgs {
    fn into_settings(self) -> Settings {
        Settings {
            data: self.data,
            listen: self.listen,
            database_url: self.database_url,
            public_url: self.public_url,
            registration: self.registration.map(Into::into),
            rate_limits: self.rate_limits.map(Into::into),
            trust_forwarded: self.trust_forwarded.map(Into::into),
            file_size_max_mib: self.file_size_max_mib,
            file_quota_mib: self.file_quota_mib,
            file_retention_days: self.file_retention_days,
            s3_bucket: self.s3_bucket,
            s3_endpoint: self.s3_endpoint,
            s3_region: self.s3_region,
            s3_access_key_id: self.s3_access_key_id,
            s3_secret_access_key: self.s3_secret_access_key,
            link_previews: self.link_previews.map(Into::into),
            video: self.video.map(Into::into),
            push_contact: self.push_contact,
            smtp_url: self.smtp_url,
            mail_from: self.mail_from,
            ciphersuite: self.ciphersuite.map(Into::into),
            log: self.log,
            log_format: self.log_format.map(Into::into),
        }
    }
}

/// Runs the server until it is told to stop (SIGTERM, SIGINT). What keeps it from starting is one
/// line on stderr and exit code 1.
pub fn run(args: ServeArgs) -> ExitCode {
    match serve(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let line = error.to_string().replace(['\n', '\r'], " ");
            eprintln!("doorpost: {line}");
            ExitCode::FAILURE
        }
    }
}

fn serve(args: ServeArgs) -> Result<(), Box<dyn std::error::Error>> {
    let file = args.config.as_deref().map(Settings::from_file).transpose()?.unwrap_or_default();
    let config = args.into_settings().or(file).resolve()?;
    start_log(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let running = doorpost_server::start(config).await?;
        println!("Doorpost runs at {} (listening on {})", running.public_url(), running.addr);
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        running.shutdown().await;
        Ok(())
    })
}

/// The log goes to stderr; in colours where that is a terminal and `NO_COLOR` is not set.
fn start_log(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let asked_for = EnvFilter::try_new(&config.log)
        .map_err(|error| format!("the log filter `{}` cannot be used: {error}", config.log))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log_format {
        LogFormat::Text => {
            let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            lines.with_ansi(std::io::stderr().is_terminal() && !no_color).boxed()
        }
        LogFormat::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry().with(asked_for).with(filter_fn(may_be_logged)).with(lines).init();
    Ok(())
}

/// Libraries log values of rows and headers with tokens when they are asked for details, so they are
/// never asked, whatever the filter says.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || metadata.target().starts_with("doorpost")
}
