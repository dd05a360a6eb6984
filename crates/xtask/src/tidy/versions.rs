//! The two halves of wasm-bindgen are one version.

use std::{fs, path::Path};

use crate::tool::Failure;

pub fn check(root: &Path) -> Result<Vec<String>, Failure> {
    let lock = fs::read_to_string(root.join("Cargo.lock"))?;
    Ok(complaint(&lock).into_iter().collect())
}

fn complaint(lock: &str) -> Option<String> {
    let library = version(lock, "wasm-bindgen");
    let generator = version(lock, "wasm-bindgen-cli-support");
    (library.is_some() && library != generator).then(|| {
        format!(
            "Cargo.lock: wasm-bindgen is {library:?}, wasm-bindgen-cli-support {generator:?}; they must be one version"
        )
    })
}

fn version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_two_versions_are_named() {
        let package = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        let same = package("wasm-bindgen", "0.2.1") + &package("wasm-bindgen-cli-support", "0.2.1");
        let other = package("wasm-bindgen", "0.2.1") + &package("wasm-bindgen-cli-support", "0.2.2");
        assert!(complaint(&same).is_none());
        assert!(complaint(&other).is_some());
        assert!(complaint(&package("wasm-bindgen", "0.2.1")).is_some());
    }
}
