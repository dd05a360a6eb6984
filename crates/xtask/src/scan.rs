//! `cargo xtask scan`: strangers' tools against a server of its own. Schemathesis holds it against its description and tries, as
//! one account, to reach another's things; Wapiti looks for what it knows of web sites' faults. What they are asked is in `scan/`.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Child,
};

use serde_json::Value;

use crate::{
    debian,
    postgres::free_port,
    progress::{poll_pause, say},
    tool::{Failure, Tool, root, target_dir},
};

/// Looks for a started server every 50 ms, this many times (60 s).
const START_POLLS_MAX: u32 = 1_200;
/// How long each of Schemathesis' runs generates requests, in seconds.
const SECONDS: &str = "300";
/// How long Wapiti crawls, and attacks with each of its modules, in seconds.
const CRAWL_SECONDS: &str = "120";
const ATTACK_SECONDS: &str = "60";
/// Not asked: those that would end the account's own session, and the socket, which is no request.
const NOT_ASKED: [&str; 3] = ["/api/auth/logout", "/api/sessions", "/api/socket"];
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      hidden_is_never_reached";
/// Of Wapiti's modules those that ask this server something: the others need the internet, or look for other programs' pages
/// or for LDAP.
const MODULES: &str = "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,\
                       shellshock,sql,timesql,upload,xss,xxe";
/// What Wapiti 3.2.3 cannot ask: its attacks stop at a request with both a query and a body of JSON.
const NOT_ATTACKED: &str = "/api/chats/*/commits";
/// Fails unless the session still is one: an account that was signed out would see nothing that could be attacked.
const SIGNED_IN: &str =
    "import sys, urllib.request as r; r.urlopen(r.Request(sys.argv[1], headers={'Authorization': sys.argv[2]}))";

/// Builds, fills a server, runs the tools; their findings are a failure.
pub fn run() -> Result<(), Failure> {
    debian::ensure(&debian::NATIVE)?;
    Tool::cargo().args(["build", "--locked", "--workspace", "--bins"]).run()?;
    let folder = target_dir().join("scan");
    let [schemathesis_tool, wapiti_tool] = [install(&folder, "schemathesis")?, install(&folder, "wapiti")?];
    let server = Server::start(&folder)?;
    let world = Tool::new("python3")
        .arg(root().join("scan/world.py"))
        .args([&server.url, &binary().to_string_lossy().into_owned()])
        .arg(folder.join("world"))
        .read()?;
    let world: Value = serde_json::from_str(&world).map_err(|error| Failure::new(format!("scan/world.py: {error}")))?;
    let session = format!("Authorization: Bearer {}", world["token"].as_str().unwrap_or_default());
    let hidden = world["hidden"].to_string();
    let mut failures = Vec::new();
    for about in [&["--exclude-path-regex", "^$"][..], &["--include-path-regex", r"\{[a-z]+_id\}"]] {
        if let Err(failure) = schemathesis(&schemathesis_tool, &server, &session, &hidden, about) {
            failures.push(failure.to_string());
        }
    }
    if let Err(failure) = wapiti(&wapiti_tool, &server, &session, &folder) {
        failures.push(failure.to_string());
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::new(failures.join("\n"))) }
}

fn binary() -> PathBuf {
    target_dir().join("debug/doorpost")
}

/// A tool in an environment of its own (what one needs does not suit the other); gives its program.
fn install(folder: &Path, name: &str) -> Result<PathBuf, Failure> {
    let environment = folder.join(name);
    Tool::new("python3").args(["-m", "venv"]).arg(&environment).run()?;
    let programs = environment.join("bin");
    Tool::new(programs.join("pip"))
        .args(["install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(root().join("scan").join(name).with_extension("txt"))
        .run()?;
    Ok(programs.join(name))
}

/// A server with nothing on it, which ends with this.
struct Server {
    url: String,
    process: Child,
}

impl Server {
    fn start(folder: &Path) -> Result<Self, Failure> {
        for old in ["data", "world"] {
            let old = folder.join(old);
            if old.exists() {
                fs::remove_dir_all(old)?;
            }
        }
        let address = format!("127.0.0.1:{}", free_port()?);
        let process = Tool::new(binary())
            .args(["serve", "--rate-limits", "off", "--listen", &address, "--data"])
            .arg(folder.join("data"))
            .spawn_logged(&folder.join("server.log"))?;
        let server = Self { url: format!("http://{address}"), process };
        for _ in 0..START_POLLS_MAX {
            if TcpStream::connect(&address).is_ok() {
                return Ok(server);
            }
            poll_pause();
        }
        Err(Failure::new("the server does not listen; see target/scan/server.log"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn schemathesis(program: &Path, server: &Server, session: &str, hidden: &str, about: &[&str]) -> Result<(), Failure> {
    say(&format!("Schemathesis, {}", about.join(" ")));
    let description = format!("{}/api/openapi.json", server.url);
    let mut tool = Tool::new(program)
        .args(["run", &description, "-H", session, "--checks", CHECKS])
        .args(["--phases", "coverage,fuzzing", "--max-time", SECONDS, "--continue-on-failure"])
        .args(["--suppress-health-check", "all", "--warnings", "off", "--no-color"])
        .args(about);
    for path in NOT_ASKED {
        tool = tool.args(["--exclude-path", path]);
    }
    tool.dir(root().join("scan"))
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", ".")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("DOORPOST_HIDDEN", hidden)
        .run()
}

fn wapiti(program: &Path, server: &Server, session: &str, folder: &Path) -> Result<(), Failure> {
    say("Wapiti");
    let report = folder.join("wapiti.json");
    let mut tool = Tool::new(program)
        .args(["--url", &format!("{}/", server.url), "--swagger", &format!("{}/api/openapi.json", server.url)])
        .args(["--header", session, "--module", MODULES]);
    for path in NOT_ASKED.iter().chain([&NOT_ATTACKED]) {
        tool = tool.args(["--exclude", &format!("{}{path}*", server.url)]);
    }
    tool.args(["--max-scan-time", CRAWL_SECONDS, "--max-attack-time", ATTACK_SECONDS, "--flush-session"])
        .args(["--no-bugreport", "--format", "json", "--output"])
        .arg(&report)
        .run()?;
    let token = session.trim_start_matches("Authorization: ");
    Tool::new("python3").args(["-c", SIGNED_IN, &format!("{}/api/me", server.url), token]).run()?;
    let found = findings(&fs::read_to_string(&report)?)?;
    if found.is_empty() { Ok(()) } else { Err(Failure::new(format!("Wapiti: {}", found.join(", ")))) }
}

/// The kinds of fault in one of Wapiti's reports, each with how often.
fn findings(report: &str) -> Result<Vec<String>, Failure> {
    let report: Value =
        serde_json::from_str(report).map_err(|error| Failure::new(format!("Wapiti's report: {error}")))?;
    let kinds = ["vulnerabilities", "anomalies"].into_iter().filter_map(|part| report[part].as_object()).flatten();
    Ok(kinds
        .filter_map(|(kind, found)| found.as_array().map(|found| (kind, found.len())))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| format!("{kind} ({count})"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kinds_with_a_finding_are_named() {
        let report = r#"{"vulnerabilities": {"SQL Injection": [], "CRLF Injection": [{}, {}]},
                         "anomalies": {"Internal Server Error": [{}]}, "additionals": {"Fingerprint": [{}]}}"#;
        assert_eq!(findings(report).unwrap(), ["CRLF Injection (2)", "Internal Server Error (1)"]);
        assert!(findings("no report").is_err());
    }
}
