//! Files that are made from the server's code and committed: the API's description and the web app's types.

use std::{fs, path::Path};

use crate::{
    packages::{self, npx},
    progress::say,
    stamp::Stamp,
    tool::{Failure, Tool, root, target_dir},
};

const OPENAPI: &str = "docs/openapi.json";
const SCHEMA: &str = "web/src/lib/api/schema.d.ts";

/// Writes both files anew.
pub fn write() -> Result<(), Failure> {
    let openapi = describe_with_cargo()?;
    let made = make(&openapi)?;
    fs::write(root().join(OPENAPI), made.openapi)?;
    fs::write(root().join(SCHEMA), made.schema)?;
    say(&format!("written: {OPENAPI}, {SCHEMA}"));
    Ok(())
}

/// Fails if a committed file is not what the code says now.
pub fn check() -> Result<(), Failure> {
    check_against(&describe_with_cargo()?)
}

/// As [`check`], with the description that this build of `doorpost` prints.
pub fn check_with(binary: &Path) -> Result<(), Failure> {
    check_against(&Tool::new(binary).arg("openapi").read()?)
}

fn describe_with_cargo() -> Result<String, Failure> {
    Tool::cargo().args(["run", "--quiet", "--package", "doorpost", "--", "openapi"]).read()
}

fn check_against(openapi: &str) -> Result<(), Failure> {
    let made = make(openapi)?;
    let stale: Vec<&str> = [(OPENAPI, made.openapi), (SCHEMA, made.schema.as_str())]
        .into_iter()
        .filter(|(path, content)| fs::read_to_string(root().join(path)).ok().as_deref() != Some(*content))
        .map(|(path, _)| path)
        .collect();
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("not what the code says now: {}. Type `cargo xtask codegen`.", stale.join(", "))))
}

struct Made<'a> {
    openapi: &'a str,
    schema: String,
}

fn make(openapi: &str) -> Result<Made<'_>, Failure> {
    packages::ensure()?;
    let dir = target_dir().join("xtask");
    fs::create_dir_all(&dir)?;
    let (description, types) = (dir.join("openapi.json"), dir.join("schema.d.ts"));
    fs::write(&description, openapi)?;
    let stamp = Stamp::of("schema", &["web/package-lock.json"], &[openapi])?;
    if !stamp.is_fresh(&[&types]) {
        generate_types(&description, &types)?;
        stamp.set()?;
    }
    Ok(Made { openapi, schema: fs::read_to_string(&types)? })
}

fn generate_types(description: &Path, types: &Path) -> Result<(), Failure> {
    npx(&["openapi-typescript"]).arg(description).arg("--output").arg(types).run()
}
