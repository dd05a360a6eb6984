//! The binary `doorpost`: the server, and the headless client.

mod client;
mod demo;
mod operator;
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
    /// Name moderators and block domains, for whoever has the server's data.
    Operator(operator::OperatorArgs),
    /// The headless client, for scripts and bots.
    Client(client::ClientArgs),
    /// Fill a new server with a small community, for looking around.
    #[command(hide = true)]
    Demo(demo::DemoArgs),
    /// Make a picture anew, from standard input to standard output; the server runs it.
    #[command(hide = true, name = "remake-picture")]
    RemakePicture,
    /// Become the program that makes a video anew, for one task in the current folder; the server runs it.
    #[command(hide = true, name = "remake-video")]
    RemakeVideo { program: std::path::PathBuf, task: String },
    /// Print the description of the HTTP API (OpenAPI, JSON).
    Openapi,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return client::usage_error(&error).unwrap_or_else(|| error.exit()),
    };
    match cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Operator(args) => operator::run(args),
        Command::Client(args) => client::run(args),
        Command::Demo(args) => demo::run(&args),
        Command::RemakePicture => match doorpost_media::worker::run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Command::RemakeVideo { program, task } => {
            eprintln!("{}", doorpost_media::filmer::run(&program, &task));
            ExitCode::from(doorpost_media::filmer::CANNOT_RUN)
        }
        Command::Openapi => {
            print!("{}", doorpost_server::openapi_json());
            ExitCode::SUCCESS
        }
    }
}
