//! `doorpost demo`: a small believable community on a new server, for looking around.
//!
//! Everything is done by the real client core, one client a person. As long as the command runs they are
//! online, and hosts greet who comes in.

mod greet;
mod person;
mod picture;
mod script;
mod stage;

use std::process::ExitCode;

use clap::Args;
use doorpost_client::native::NativePlatform;
use doorpost_model::ApiError;
use tokio::task::LocalSet;

use person::Person;

#[derive(Args)]
pub struct DemoArgs {
    /// Address of the server, which must be new.
    #[arg(long, value_name = "URL")]
    server: String,
}

/// Why there is no demo; its text is one line.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error("{0}")]
    Address(String),
    #[error("somebody has signed up here already; the demo is for a new server")]
    NotNew,
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error("the local store: {0}")]
    Store(#[from] doorpost_client::StoreError),
    #[error("{0}")]
    System(#[from] std::io::Error),
    #[error("{0} did not happen in time")]
    Late(&'static str),
}

/// Fills the server, says how to sign in, and stays until interrupted.
pub fn run(args: &DemoArgs) -> ExitCode {
    match play(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("doorpost demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn play(args: &DemoArgs) -> Result<(), DemoError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let platform = NativePlatform::new(&args.server).map_err(|error| DemoError::Address(error.to_string()))?;
        person::require_new_server(&platform).await?;
        let password = person::new_password(&platform);
        let people = stage::set(&platform, &password).await?;
        announce(&args.server, &people, &password);
        greet::newcomers(&people).await;
        Ok(())
    })
}

fn announce(server: &str, people: &[Person], password: &str) {
    let handles: Vec<&str> = people.iter().map(|person| person.handle).collect();
    println!();
    println!("The demo community lives at {server}");
    println!("  sign in as   {}", handles.join(", "));
    println!("  password     {password}");
    println!("  try          nils in one browser, and tap Join chat under Ada's post;");
    println!("               leyla in another, and look at who asks to help with the move");
    println!();
}
