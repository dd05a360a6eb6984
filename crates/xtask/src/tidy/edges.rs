//! Who may depend on whom.

use std::{fs, path::Path};

use crate::tool::Failure;

/// Each crate of the workspace and the crates of the workspace it may use. What stands in no row may use
/// none; what is used without standing in its user's row is a complaint. `testkit` may stand among any
/// crate's development dependencies.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("policy", &["model"]),
    ("mls", &["model", "policy"]),
    ("store", &["model"]),
    ("fetch", &[]),
    ("media", &["model"]),
    ("server", &["model", "policy", "mls", "store", "fetch", "media"]),
    ("client", &["model", "policy", "mls"]),
    ("client-wasm", &["model", "client"]),
    ("cli", &["model", "media", "server", "client", "store"]),
    ("testkit", &["model", "policy", "mls", "store", "server", "client"]),
    ("bench", &["model", "policy", "mls", "store", "server", "client", "testkit"]),
    ("xtask", &[]),
    ("xtask-bindgen", &[]),
];

pub fn check(root: &Path) -> Result<Vec<String>, Failure> {
    let mut complaints = Vec::new();
    for entry in fs::read_dir(root.join("crates"))? {
        let dir = entry?.path();
        let Some(name) = dir.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
        let Ok(manifest) = fs::read_to_string(dir.join("Cargo.toml")) else { continue };
        complaints.extend(check_manifest(&name, &manifest));
    }
    complaints.sort();
    Ok(complaints)
}

fn check_manifest(name: &str, manifest: &str) -> Vec<String> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
        return vec![format!("crates/{name}: a new crate; say in crates/xtask/src/tidy/edges.rs what it may use")];
    };
    let may_use = |used: &Dependency<'_>| {
        used.crate_name == name
            || allowed.contains(&used.crate_name)
            || (used.for_tests && used.crate_name == "testkit")
    };
    dependencies(manifest)
        .filter(|used| !may_use(used))
        .map(|used| format!("crates/{name}/Cargo.toml: may not depend on `{}`", used.crate_name))
        .collect()
}

struct Dependency<'a> {
    crate_name: &'a str,
    for_tests: bool,
}

/// The workspace's own crates that a manifest names.
fn dependencies(manifest: &str) -> impl Iterator<Item = Dependency<'_>> {
    let mut section = "";
    manifest.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']');
            // `[dependencies.doorpost-model]`
            let (table, name) = section.rsplit_once('.')?;
            return table.ends_with("dependencies").then(|| own_crate(name, table)).flatten();
        }
        let key = line.split(['.', '=', ' ']).next()?;
        section.ends_with("dependencies").then(|| own_crate(key, section)).flatten()
    })
}

fn own_crate<'a>(name: &'a str, section: &str) -> Option<Dependency<'a>> {
    let crate_name = if name == "doorpost" { "cli" } else { name.strip_prefix("doorpost-")? };
    Some(Dependency { crate_name, for_tests: section.contains("dev-dependencies") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_that_is_not_allowed_is_named() {
        let manifest = "[dependencies]\ndoorpost-model.workspace = true\ndoorpost-server = { path = \"../server\" }\n";
        let complaints = check_manifest("client", manifest);
        assert_eq!(complaints, ["crates/client/Cargo.toml: may not depend on `server`"]);
    }

    #[test]
    fn tables_and_targets_count_as_well() {
        let manifest =
            "[target.'cfg(unix)'.dependencies]\ndoorpost-store.workspace = true\n[dependencies.doorpost-mls]\n";
        assert_eq!(check_manifest("policy", manifest).len(), 2);
    }

    #[test]
    fn testkit_is_for_tests() {
        assert!(check_manifest("client", "[dev-dependencies]\ndoorpost-testkit.workspace = true\n").is_empty());
        assert_eq!(check_manifest("client", "[dependencies]\ndoorpost-testkit.workspace = true\n").len(), 1);
    }

    #[test]
    fn a_new_crate_has_to_say_what_it_uses() {
        assert_eq!(check_manifest("unheard-of", "").len(), 1);
    }
}
