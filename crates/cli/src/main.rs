//! The binary `doorpost`: the server, and the headless client.

mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Posts that lead into private, encrypted group chats.
#[derive(Parser)]
#[command(name = "doorpost", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::ServeArgs),
    /// Print the description of the HTTP API (OpenAPI, JSON).
    Openapi,
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(args) => serve::run(args),
        Command::Openapi => {
            print!("{}", doorpost_server::openapi_json());
            ExitCode::SUCCESS
        }
    }
}
