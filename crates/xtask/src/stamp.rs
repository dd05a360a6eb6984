//! Work that is done already is not done again: a stamp holds the hash of all that went into it.

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hasher},
    io,
    path::{Path, PathBuf},
};

use crate::tool::{Failure, root, target_dir};

/// Folders that never are somebody's source.
const GENERATED: [&str; 6] = ["node_modules", "dist", "target", "test-results", "playwright-report", "shots"];

/// The hash of what a piece of work is made from, and the file that remembers it.
pub struct Stamp {
    file: PathBuf,
    hash: String,
}

impl Stamp {
    /// `inputs` are files and folders of the repository (missing ones count as empty), `also` anything
    /// else the outcome depends on.
    pub fn of(name: &str, inputs: &[&str], also: &[&str]) -> Result<Self, Failure> {
        let mut hasher = DefaultHasher::new();
        for path in sources(&root(), inputs)? {
            hasher.write(path.to_string_lossy().as_bytes());
            hasher.write_u8(0);
            let content = fs::read(root().join(&path))?;
            hasher.write_usize(content.len());
            hasher.write(&content);
        }
        for text in also {
            hasher.write(text.as_bytes());
            hasher.write_u8(0);
        }
        let hash = format!("{:016x}", hasher.finish());
        Ok(Self { file: target_dir().join("xtask").join(format!("{name}.stamp")), hash })
    }

    /// The work was done with exactly these inputs, and `outputs` still exist.
    pub fn is_fresh(&self, outputs: &[&Path]) -> bool {
        outputs.iter().all(|output| output.exists())
            && fs::read_to_string(&self.file).is_ok_and(|text| text == self.hash)
    }

    /// Remembers that the work is done.
    pub fn set(&self) -> Result<(), Failure> {
        if let Some(dir) = self.file.parent() {
            fs::create_dir_all(dir)?;
        }
        Ok(fs::write(&self.file, &self.hash)?)
    }
}

/// All files under `paths`, relative to `base`, sorted, without generated folders and hidden files.
pub fn sources(base: &Path, paths: &[&str]) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut open: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    while let Some(path) = open.pop() {
        let full = base.join(&path);
        if full.is_file() {
            found.insert(path);
        } else if full.is_dir() {
            for entry in fs::read_dir(&full)? {
                let name = entry?.file_name();
                let text = name.to_string_lossy();
                if !GENERATED.contains(&text.as_ref()) && !text.starts_with('.') {
                    open.push(path.join(&name));
                }
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_follows_the_content() {
        let one = Stamp::of("t", &["Cargo.toml"], &[]).unwrap();
        let same = Stamp::of("t", &["Cargo.toml"], &[]).unwrap();
        let other = Stamp::of("t", &["Cargo.toml"], &["debian"]).unwrap();
        assert_eq!(one.hash, same.hash);
        assert_ne!(one.hash, other.hash);
    }

    #[test]
    fn generated_folders_are_no_sources() {
        let files = sources(&root(), &["crates/xtask"]).unwrap();
        assert!(files.contains(Path::new("crates/xtask/src/stamp.rs")));
        assert!(files.iter().all(|file| !file.starts_with("target")));
    }
}
