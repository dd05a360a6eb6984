//! `doorpost client`: the client core for scripts, bots and tests.
//!
//! Each run opens the folder, does one command against the server, and ends; `watch` stays.

mod account;
mod args;
mod chat;
mod direct;
mod file;
mod home;
mod join;
mod parse;
mod people;
mod post;
mod report;
mod rows;
mod watch;

use std::process::ExitCode;

use clap::error::ErrorKind;
use doorpost_client::Command;
use doorpost_model::{ApiError, ErrorCode};
use serde::de::DeserializeOwned;
use serde_json::json;

pub use args::ClientArgs;
use args::ClientCommand;
use home::Home;

/// Exit code of a command that failed.
const FAILED: u8 = 2;

/// Runs one command to its end.
pub fn run(args: ClientArgs) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&ApiError::new(ErrorCode::Internal, format!("Cannot start: {error}."))),
    };
    let local = tokio::task::LocalSet::new();
    let result = runtime.block_on(local.run_until(run_command(args)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// What to do about a command line of `doorpost client` that is not understood; none for other commands, and for
/// help.
pub fn usage_error(error: &clap::Error) -> Option<ExitCode> {
    let is_client = std::env::args_os().nth(1).is_some_and(|word| word == "client");
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !is_client || is_help {
        return None;
    }
    let text = error.render().to_string();
    let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    Some(fail(&ApiError::new(ErrorCode::Usage, format!("{line} (see doorpost client --help)"))))
}

fn fail(error: &ApiError) -> ExitCode {
    rows::print(&json!(error));
    ExitCode::from(FAILED)
}

async fn run_command(args: ClientArgs) -> Result<(), ApiError> {
    let home = Home::open(&args.server, &args.home).await?;
    match args.command {
        ClientCommand::Register(args) => return account::register(&home, args).await,
        ClientCommand::Login(args) => return account::login(&home, args).await,
        _ => home.signed_in()?,
    }
    let result = signed_in_command(&home, args.command).await;
    // What the server has not been told yet; the next command makes up for what fails here.
    let _ = home.client.tell_server().await;
    result
}

async fn signed_in_command(home: &Home, command: ClientCommand) -> Result<(), ApiError> {
    match command {
        ClientCommand::Register(_) | ClientCommand::Login(_) => Ok(()),
        ClientCommand::Whoami => account::whoami(home).await,
        ClientCommand::Logout => account::logout(home).await,
        ClientCommand::RegistrationCode => account::registration_code(home).await,
        ClientCommand::Connect { handle } => people::connect(home, &handle).await,
        ClientCommand::Accept { handle } => people::accept(home, &handle).await,
        ClientCommand::Connections => people::connections(home).await,
        ClientCommand::Block { handle } => people::block(home, &handle).await,
        ClientCommand::Unblock { handle } => people::unblock(home, &handle).await,
        ClientCommand::Lists => people::lists(home).await,
        ClientCommand::ListCreate { name } => people::list_create(home, &name).await,
        ClientCommand::ListAdd { name, handles } => people::list_add(home, &name, handles).await,
        ClientCommand::ListRemove { name, handles } => people::list_remove(home, &name, handles).await,
        ClientCommand::Post(args) => post::post(home, args).await,
        ClientCommand::PostEdit(args) => post::edit(home, args).await,
        ClientCommand::PostClose { post_id } => post::close(home, post_id).await,
        ClientCommand::PostDelete { post_id } => post::delete(home, post_id).await,
        ClientCommand::Feed { limit } => post::feed(home, limit).await,
        ClientCommand::Show { post_id } => post::show(home, post_id).await,
        ClientCommand::Link { post_id } => post::link(home, post_id).await,
        ClientCommand::Join { place, answers } => join::join(home, place, answers).await,
        ClientCommand::Withdraw { request_id } => join::withdraw(home, request_id).await,
        ClientCommand::Requests { chat_id } => join::requests(home, chat_id).await,
        ClientCommand::Admit { request_ids } => join::admit(home, request_ids).await,
        ClientCommand::Decline { request_ids } => join::decline(home, request_ids).await,
        ClientCommand::Report(args) => report::report(home, args).await,
        ClientCommand::Reports { chat_id: Some(chat_id), .. } => report::to_hosts(home, chat_id).await,
        ClientCommand::Reports { chat_id: None, closed } => report::to_operator(home, closed).await,
        ClientCommand::ReportClose { report_id, outcome, chat } => report::close(home, report_id, outcome, chat).await,
        ClientCommand::Direct { handle } => direct::open(home, &handle).await,
        ClientCommand::DirectAccept { chat_id } => direct::answer(home, chat_id, true).await,
        ClientCommand::DirectDecline { chat_id } => direct::answer(home, chat_id, false).await,
        ClientCommand::Chats => chat::chats(home).await,
        ClientCommand::Members { chat_id } => chat::members(home, chat_id).await,
        ClientCommand::Send { chat_id, text, id } => chat::send(home, chat_id, &text, id).await,
        ClientCommand::SendFile(args) => file::send(home, args).await,
        ClientCommand::GetFile { chat_id, message_id, path, file_id } => {
            file::get(home, chat_id, message_id, path, file_id).await
        }
        ClientCommand::Read { chat_id, after, limit, events } => chat::read(home, chat_id, after, limit, events).await,
        ClientCommand::Remove { chat_id, handle } => chat::remove(home, chat_id, &handle).await,
        ClientCommand::Leave { chat_id } => chat::leave(home, chat_id).await,
        ClientCommand::Watch => watch::watch(home).await,
    }
}

/// Does a command of the core and reads its answer.
async fn ask<T: DeserializeOwned>(home: &Home, command: Command) -> Result<T, ApiError> {
    let answer = home.client.call(command).await?;
    serde_json::from_value(answer)
        .map_err(|error| ApiError::new(ErrorCode::Internal, format!("An unexpected answer of the core: {error}.")))
}
