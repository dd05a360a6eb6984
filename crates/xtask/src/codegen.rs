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
    let made = make()?;
    fs::write(root().join(OPENAPI), made.openapi)?;
    fs::write(root().join(SCHEMA), made.schema)?;
    say(&format!("written: {OPENAPI}, {SCHEMA}"));
    Ok(())
}

/// Fails if a committed file is not what the code says now.
pub fn check() -> Result<(), Failure> {
    let made = make()?;
    let stale: Vec<&str> = [(OPENAPI, &made.openapi), (SCHEMA, &made.schema)]
        .into_iter()
        .filter(|(path, content)| fs::read_to_string(root().join(path)).ok().as_ref() != Some(content))
        .map(|(path, _)| path)
        .collect();
    if stale.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("not what the code says now: {}. Type `cargo xtask codegen`.", stale.join(", "))))
}

struct Made {
    openapi: String,
    schema: String,
}

fn make() -> Result<Made, Failure> {
    packages::ensure()?;
    let openapi = Tool::cargo().args(["run", "--quiet", "--package", "doorpost", "--", "openapi"]).read()?;
    let dir = target_dir().join("xtask");
    fs::create_dir_all(&dir)?;
    let (description, types) = (dir.join("openapi.json"), dir.join("schema.d.ts"));
    fs::write(&description, &openapi)?;
    let stamp = Stamp::of("schema", &["web/package-lock.json"], &[&openapi])?;
    if !stamp.is_fresh(&[&types]) {
        generate_types(&description, &types)?;
        stamp.set()?;
    }
    Ok(Made { openapi, schema: fs::read_to_string(&types)? })
}

fn generate_types(description: &Path, types: &Path) -> Result<(), Failure> {
    npx(&["openapi-typescript"]).arg(description).arg("--output").arg(types).run()
}
