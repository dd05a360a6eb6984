//! `cargo xtask run`: from a clean clone to a running server.

use std::{
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Child,
};

use crate::{
    debian, demo,
    progress::{Stopwatch, duration_text, poll_pause, say},
    tool::{Failure, Tool, root, target_dir},
    web,
};

/// The cargo profile: optimised, and quick to build.
const PROFILE: &str = "quick";
const DEFAULT_LISTEN: &str = "127.0.0.1:7420";
/// Looks for a started server every 50 ms, this many times (60 s).
const START_POLLS_MAX: u32 = 1_200;

struct Options<'a> {
    demo: bool,
    listen: &'a str,
    more: &'a [&'a str],
}

/// Gets what is missing, builds, serves on SQLite in `./data`.
pub fn run(args: &[&str]) -> Result<(), Failure> {
    let options = parse(args)?;
    let stopwatch = Stopwatch::start();
    debian::ensure(&debian::NATIVE)?;
    web::build()?;
    say("server");
    Tool::cargo().args(["build", "--locked", "--profile", PROFILE, "--package", "doorpost"]).run()?;
    say(&format!("built in {}", duration_text(stopwatch.elapsed())));

    let binary = target_dir().join(PROFILE).join("doorpost");
    let mut server = Tool::new(&binary)
        .args(["serve", "--data", "data", "--listen", options.listen])
        .args(options.more)
        // A line for each request would hide the address; whoever wants them says so.
        .env("DOORPOST_LOG", std::env::var_os("DOORPOST_LOG").unwrap_or_else(|| "warn".into()))
        .spawn()?;
    let demo = if options.demo { Some(start_demo(&binary, &options, &mut server)?) } else { None };
    let status = server.wait()?;
    if let Some(mut demo) = demo {
        // Ctrl-C has reached it as well; a server that stopped by itself leaves it behind.
        let _ = demo.kill();
        let _ = demo.wait();
    }
    if status.success() { Ok(()) } else { Err(Failure::silent()) }
}

fn parse<'a>(args: &'a [&'a str]) -> Result<Options<'a>, Failure> {
    let mut options = Options { demo: false, listen: DEFAULT_LISTEN, more: &[] };
    let mut rest = args;
    loop {
        rest = match rest {
            [] => return Ok(options),
            ["--demo", rest @ ..] => {
                options.demo = true;
                rest
            }
            ["--listen", listen, rest @ ..] => {
                options.listen = listen;
                rest
            }
            ["--", more @ ..] => {
                options.more = more;
                return Ok(options);
            }
            [other, ..] => {
                return Err(Failure::new(format!(
                    "not understood: {other}\nusage: cargo xtask run [--demo] [--listen ADDR] [-- MORE]"
                )));
            }
        };
    }
}

fn start_demo(binary: &Path, options: &Options<'_>, server: &mut Child) -> Result<Child, Failure> {
    let address: SocketAddr = options
        .listen
        .parse()
        .map_err(|_| Failure::new(format!("--demo needs an IP address and a port: {}", options.listen)))?;
    for _ in 0..START_POLLS_MAX {
        if TcpStream::connect(address).is_ok() {
            return demo::start(binary, &format!("http://localhost:{}", address.port()));
        }
        if server.try_wait()?.is_some() {
            // It has said why.
            return Err(Failure::silent());
        }
        poll_pause();
    }
    Err(Failure::new(format!(
        "the server does not listen on {address}; its data are in {}",
        root().join("data").display()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        let args = ["--demo", "--listen", "0.0.0.0:9", "--", "--rate-limits", "off"];
        let options = parse(&args).unwrap();
        assert!(options.demo);
        assert_eq!(options.listen, "0.0.0.0:9");
        assert_eq!(options.more, ["--rate-limits", "off"]);
        assert!(parse(&["--port", "1"]).is_err());
    }
}
