//! `cargo xtask`: everything one does with Doorpost's sources.

mod bench;
mod codegen;
mod debian;
mod demo;
mod fuzz;
mod packages;
mod postgres;
mod progress;
mod run;
mod scan;
mod stamp;
mod tally;
mod test;
mod tidy;
mod tool;
mod wasm;
mod web;

use std::process::ExitCode;

use tool::Failure;

const USAGE: &str = "\
cargo xtask COMMAND

  run [--demo] [--listen ADDR] [-- MORE]  get what is missing, build, and serve on SQLite in ./data
                                          (--demo: fill a new server with a small community;
                                          MORE goes to `doorpost serve`)
  test [STEP…]        every check there is, or the named steps alone; `test --list` names them
  web                 build the WebAssembly module and the web app
  codegen [--check]   docs/openapi.json and the web app's types from the server's code
  tidy                checks on the sources that the compiler does not make
  bench [-- MORE]     build for speed and run the benchmarks (MORE goes to crates/bench)
  scan                Schemathesis and Wapiti against a server of their own, about a quarter of an hour
  postgres            start a throw-away PostgreSQL, print its address, keep it until Ctrl-C";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // `test` has said everything in its closing line already.
            if !failure.is_silent() {
                eprintln!("xtask: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[&str]) -> Result<(), Failure> {
    match args {
        ["run", rest @ ..] => run::run(rest),
        ["test", rest @ ..] => test::run(rest),
        ["web"] => web::build(),
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        ["tidy"] => tidy::run(),
        ["bench", rest @ ..] => bench::run(rest),
        ["scan"] => scan::run(),
        ["postgres"] => postgres::serve_until_interrupted(),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(Failure::new(format!("not a command: {}\n\n{USAGE}", args.join(" ")))),
    }
}
