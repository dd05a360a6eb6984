//! Every statement is registered, prepared on both databases, and covered by a case.

use std::{collections::BTreeSet, fs, path::Path};

use doorpost_store::{Store, registry, testing::prepare_all};

use crate::harness::on_both;

on_both!(every_statement_prepares);

async fn every_statement_prepares(store: Store) {
    let refused = prepare_all(&store).await.expect("the store works");
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn dialect_exceptions_are_counted() {
    let exceptions: Vec<_> = registry::all()
        .into_iter()
        .filter(|statement| statement.is_dialect_exception())
        .map(|statement| statement.name())
        .collect();
    assert_eq!(exceptions.len(), registry::DIALECT_EXCEPTIONS, "{exceptions:?}");
}

#[test]
fn every_noun_is_registered() {
    let registered: BTreeSet<_> = registry::all()
        .into_iter()
        .filter_map(|statement| statement.name().split("::").nth(1))
        .map(str::to_owned)
        .collect();
    let written: BTreeSet<_> = nouns().into_iter().map(|(noun, _)| noun).collect();
    assert_eq!(written, registered, "modules with statements, and modules in the registry");
}

#[test]
fn every_function_of_a_noun_has_a_case() {
    let mut bare = Vec::new();
    for (noun, source) in nouns() {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/{noun}.rs"));
        let cases = fs::read_to_string(cases).unwrap_or_default();
        for function in public_functions(&source) {
            if !cases.contains(&format!("::{function}(")) {
                bare.push(format!("{noun}::{function}"));
            }
        }
    }
    assert!(bare.is_empty(), "no conformance case calls {}", bare.join(", "));
}

/// Modules that declare statements, with their source; those of a folder count as one noun.
fn nouns() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut nouns = Vec::new();
    for entry in fs::read_dir(folder).expect("the crate's sources") {
        let path = entry.expect("an entry").path();
        let source = match path.is_dir() {
            true if path.ends_with("driver") => continue,
            true => fs::read_dir(&path)
                .expect("a noun's folder")
                .map(|file| fs::read_to_string(file.expect("an entry").path()).expect("a source file"))
                .collect(),
            false => fs::read_to_string(&path).expect("a source file"),
        };
        if source.contains("\nstatements! {") {
            let noun = path.file_stem().expect("a name").to_string_lossy().into_owned();
            nouns.push((noun, source));
        }
    }
    nouns
}

fn public_functions(source: &str) -> Vec<&str> {
    source
        .lines()
        .filter_map(|line| line.strip_prefix("pub async fn "))
        .filter_map(|rest| rest.split(['(', '<']).next())
        .collect()
}
