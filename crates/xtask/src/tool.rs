//! Running other programs, and the one error of this program.

use std::{
    env,
    ffi::OsStr,
    fmt,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
};

/// What went wrong, in words for the person at the keyboard.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A failure about which everything has been said.
    pub const fn silent() -> Self {
        Self(String::new())
    }

    pub fn is_silent(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// The repository's folder.
pub fn root() -> PathBuf {
    let manifest_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest_dir.ancestors().nth(2).unwrap_or(manifest_dir).to_owned()
}

/// The folder all builds go to.
pub fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Whether a program of that name is on the PATH.
pub fn is_installed(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// A program to be run in the repository's folder.
pub struct Tool {
    command: Command,
    shown: String,
}

impl Tool {
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program.as_ref());
        command.current_dir(root());
        Self { command, shown: program.as_ref().to_string_lossy().into_owned() }
    }

    /// Cargo, without what the cargo that started this program has put into the environment: build
    /// scripts watch some of it and would run again.
    pub fn cargo() -> Self {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut tool = Self::new(cargo);
        tool.shown = "cargo".into();
        tool.without_outer_cargo()
    }

    pub fn without_outer_cargo(mut self) -> Self {
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
                .iter()
                .any(|prefix| text.starts_with(prefix))
                || text == "OUT_DIR"
                || text == "LD_LIBRARY_PATH"
            {
                self.command.env_remove(&name);
            }
        }
        self
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown.push(' ');
        self.shown.push_str(&arg.as_ref().to_string_lossy());
        self.command.arg(arg);
        self
    }

    pub fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    fn cannot_start(&self, error: &io::Error) -> Failure {
        Failure::new(format!("cannot run `{}`: {error}", self.shown))
    }

    /// Runs it with its output shown; an exit code other than 0 is a failure.
    pub fn run(mut self) -> Result<(), Failure> {
        eprintln!("  $ {}", self.shown);
        let status = self.command.status().map_err(|error| self.cannot_start(&error))?;
        if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` failed ({status})", self.shown))) }
    }

    /// As [`Self::run`], with `input` on its standard input.
    pub fn run_with_input(mut self, input: &str) -> Result<(), Failure> {
        eprintln!("  $ {}", self.shown);
        let mut child = self.command.stdin(Stdio::piped()).spawn().map_err(|error| self.cannot_start(&error))?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(input.as_bytes())?;
        }
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` failed ({status})", self.shown))) }
    }

    /// As [`Self::run`], and hands each line of either output to `watch` as well.
    pub fn run_watched(mut self, mut watch: impl FnMut(&str)) -> Result<(), Failure> {
        eprintln!("  $ {}", self.shown);
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|error| self.cannot_start(&error))?;
        let (lines, received) = mpsc::channel();
        let readers = [
            child.stdout.take().map(|pipe| forward(pipe, lines.clone())),
            child.stderr.take().map(|pipe| forward(pipe, lines)),
        ];
        for line in received {
            let mut out = io::stdout().lock();
            writeln!(out, "{line}")?;
            watch(&line);
        }
        for reader in readers.into_iter().flatten() {
            let _ = reader.join();
        }
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` failed ({status})", self.shown))) }
    }

    /// What it wrote to its standard output; its errors are shown.
    pub fn read(mut self) -> Result<String, Failure> {
        self.command.stderr(Stdio::inherit());
        let output = self.command.output().map_err(|error| self.cannot_start(&error))?;
        if !output.status.success() {
            return Err(Failure::new(format!("`{}` failed ({})", self.shown, output.status)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What it wrote to its standard output, or `None` if it failed or is not there; its errors are not shown.
    pub fn try_read(mut self) -> Option<String> {
        let output = self.command.stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Starts it and leaves it running.
    pub fn spawn(mut self) -> Result<Child, Failure> {
        self.command.spawn().map_err(|error| self.cannot_start(&error))
    }

    /// The same with its output in a file.
    pub fn spawn_logged(mut self, log: &Path) -> Result<Child, Failure> {
        let file = std::fs::File::create(log)?;
        self.command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        self.spawn()
    }
}

fn forward(pipe: impl Read + Send + 'static, lines: mpsc::Sender<String>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
            let text = String::from_utf8_lossy(&line);
            if lines.send(text.trim_end_matches(['\n', '\r']).to_owned()).is_err() {
                return;
            }
            line.clear();
        }
    })
}
