//! The process that a program of the system works on a video in.
//!
//! It gives up what the program does not need for that, and becomes it. It began in a folder of its own, where it finds
//! what was uploaded; that folder is all it writes to.

use std::{
    io,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, Stdio},
};

use doorpost_model::limits::VIDEO_SHOWN_BYTES_MAX;
use rustix::process::Resource;

use crate::{
    confine::{die_with_the_server, limit, sandbox},
    video::Task,
};

/// How the process ends when it could not become the program: no fault of the video.
pub const CANNOT_RUN: u8 = 72;
/// Address space in bytes. A video of the largest size and ten bits a colour needs half.
const ADDRESS_SPACE_BYTES: u64 = 3 * 1024 * 1024 * 1024;
/// Processor time in seconds, of all threads.
const CPU_S: u64 = 300;
const OPEN_FILES_MAX: u64 = 64;
/// How far it stands back behind everything else on the machine.
const NICENESS: i32 = 10;

/// Becomes `program` for `task`; comes back only with what was in the way of that.
pub fn run(program: &Path, task: &str) -> io::Error {
    let become_it = || -> io::Result<io::Error> {
        let task: Task = serde_json::from_str(task)?;
        confine()?;
        Ok(Command::new(program)
            .args(task.arguments())
            .env_clear()
            // Each pool of memory takes address space, whether it is used or not.
            .env("MALLOC_ARENA_MAX", "2")
            .stdin(Stdio::null())
            .exec())
    };
    become_it().unwrap_or_else(|error| error)
}

fn confine() -> io::Result<()> {
    die_with_the_server()?;
    #[cfg(target_os = "linux")]
    rustix::process::nice(NICENESS)?;
    limit(Resource::As, ADDRESS_SPACE_BYTES)?;
    limit(Resource::Cpu, CPU_S)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, VIDEO_SHOWN_BYTES_MAX)?;
    limit(Resource::Nofile, OPEN_FILES_MAX)?;
    sandbox::enter(&std::env::current_dir()?)
}
