//! `doorpost operator`: what whoever has the server's data settles without signing in. On SQLite the server must not run; the
//! operator's pages in the app do the same while it does.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use doorpost_server::{
    Settings,
    account::leave::delete_offline,
    moderation::people::{set_domain_offline, set_offline},
};

#[derive(Args)]
pub struct OperatorArgs {
    /// Settings file (TOML).
    #[arg(long, value_name = "FILE", env = "DOORPOST_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// Folder for everything the server keeps [default: ./data]
    #[arg(long, value_name = "DIR", env = "DOORPOST_DATA", global = true)]
    data: Option<PathBuf>,
    /// PostgreSQL instead of SQLite in the data folder.
    #[arg(long, value_name = "postgres://…", env = "DOORPOST_DATABASE_URL", hide_env_values = true, global = true)]
    database_url: Option<String>,
    #[command(subcommand)]
    command: OperatorCommand,
}

#[derive(Subcommand)]
enum OperatorCommand {
    /// Make somebody a moderator.
    AddModerator { handle: String },
    /// Make somebody a moderator no more.
    RemoveModerator { handle: String },
    /// Delete an account. What there is of it is erased when the server next runs.
    DeleteAccount { handle: String },
    /// Take no links to a domain and what is below it.
    BlockDomain { domain: String },
    /// Take links to a domain again.
    UnblockDomain { domain: String },
}

/// Does it; what keeps it from being done is one line on stderr and exit code 1.
pub fn run(args: OperatorArgs) -> ExitCode {
    match operate(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let line = error.to_string().replace(['\n', '\r'], " ");
            eprintln!("doorpost operator: {line}");
            ExitCode::FAILURE
        }
    }
}

fn operate(args: OperatorArgs) -> Result<(), Box<dyn std::error::Error>> {
    let file = args.config.as_deref().map(Settings::from_file).transpose()?.unwrap_or_default();
    let own = Settings { data: args.data, database_url: args.database_url, ..Settings::default() };
    let config = own.or(file).resolve()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match args.command {
            OperatorCommand::AddModerator { handle } => set_offline(&config, handle, true).await??,
            OperatorCommand::RemoveModerator { handle } => set_offline(&config, handle, false).await??,
            OperatorCommand::DeleteAccount { handle } => delete_offline(&config, handle).await??,
            OperatorCommand::BlockDomain { domain } => set_domain_offline(&config, domain, true).await??,
            OperatorCommand::UnblockDomain { domain } => set_domain_offline(&config, domain, false).await??,
        }
        Ok(())
    })
}
