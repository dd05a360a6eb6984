//! The programs of the system that work on videos.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::confine::sandbox;

/// Where a system keeps its programs; elsewhere none is looked for.
pub(crate) const PLACES: [&str; 3] = ["/usr", "/bin", "/nix/store"];

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    Ffprobe,
    Ffmpeg,
}

/// Where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    ffprobe: PathBuf,
    ffmpeg: PathBuf,
}

impl Programs {
    /// None where one is missing, or where this system cannot hold them to one folder (Linux before 5.13, every other).
    #[must_use]
    pub fn find() -> Option<Self> {
        let programs = Self { ffprobe: find("ffprobe")?, ffmpeg: find("ffmpeg")? };
        sandbox::is_possible().then_some(programs)
    }

    #[must_use]
    pub fn path(&self, program: Program) -> &Path {
        match program {
            Program::Ffprobe => &self.ffprobe,
            Program::Ffmpeg => &self.ffmpeg,
        }
    }
}

fn find(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let found = env::split_paths(&folders).filter_map(|folder| fs::canonicalize(folder.join(name)).ok());
    found.into_iter().find(|path| path.is_file() && PLACES.iter().any(|place| path.starts_with(place)))
}
