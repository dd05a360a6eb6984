//! The web app's message files: the same keys in each language, none empty, the same placeholders.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;

use crate::tool::Failure;

const DIR: &str = "web/messages";
/// The language all others are compared with.
const FIRST: &str = "en.json";

pub fn check(root: &Path) -> Result<Vec<String>, Failure> {
    let dir = root.join(DIR);
    let mut complaints = Vec::new();
    let first = read(&dir.join(FIRST))?;
    for (key, text) in &first {
        if text.trim().is_empty() {
            complaints.push(format!("{DIR}/{FIRST}: `{key}` is empty"));
        }
    }
    for entry in fs::read_dir(&dir)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name != FIRST && name.ends_with(".json") {
            complaints.extend(compare(&name, &first, &read(&path)?));
        }
    }
    Ok(complaints)
}

type Messages = BTreeMap<String, String>;

fn read(path: &Path) -> Result<Messages, Failure> {
    let fault = |what: String| Failure::new(format!("{}: {what}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| fault(error.to_string()))?;
    let mut messages = Messages::new();
    flatten("", &json, &mut messages);
    Ok(messages)
}

fn flatten(prefix: &str, value: &Value, messages: &mut Messages) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&path, value, messages);
            }
        }
        Value::String(text) => {
            messages.insert(prefix.to_owned(), text.clone());
        }
        other => {
            messages.insert(prefix.to_owned(), other.to_string());
        }
    }
}

fn compare(name: &str, first: &Messages, other: &Messages) -> Vec<String> {
    let mut complaints = Vec::new();
    // Languages differ in their plural forms, and those alone.
    let missing = first.keys().filter(|key| !other.contains_key(*key) && !is_plural(key));
    complaints.extend(missing.map(|key| format!("{DIR}/{name}: `{key}` is missing")));
    let surplus = other.keys().filter(|key| !first.contains_key(*key) && !is_plural(key));
    complaints.extend(surplus.map(|key| format!("{DIR}/{name}: `{key}` is not in {FIRST}")));
    for (key, text) in other {
        if text.trim().is_empty() {
            complaints.push(format!("{DIR}/{name}: `{key}` is empty"));
        }
        if let Some(original) = first.get(key).filter(|original| placeholders(original) != placeholders(text)) {
            complaints.push(format!("{DIR}/{name}: `{key}` has other placeholders than {original:?}"));
        }
    }
    complaints
}

fn is_plural(key: &str) -> bool {
    ["zero", "two", "few", "many"].iter().any(|form| key.ends_with(form))
}

/// The names of a message's arguments (ICU MessageFormat): `{name}`, and `{count, plural, one {…} other {…}}`
/// with those inside its branches. Without `count`: one language bends a word by it where another does not.
fn placeholders(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    read_message(text, &mut names);
    names.remove("count");
    names
}

/// Reads up to the brace that closes the message around this one; gives what follows it.
fn read_message<'a>(mut text: &'a str, names: &mut BTreeSet<&'a str>) -> &'a str {
    while let Some(at) = text.find(['{', '}']) {
        let is_closing = text[at..].starts_with('}');
        text = &text[at + 1..];
        if is_closing {
            return text;
        }
        text = read_argument(text, names);
    }
    ""
}

/// Reads an argument, from behind its opening brace to behind its closing one.
fn read_argument<'a>(text: &'a str, names: &mut BTreeSet<&'a str>) -> &'a str {
    let end = text.find([',', '}']).unwrap_or(text.len());
    names.insert(text[..end].trim());
    let mut rest = &text[end..];
    while let Some(at) = rest.find(['{', '}']) {
        let is_closing = rest[at..].starts_with('}');
        rest = &rest[at + 1..];
        if is_closing {
            return rest;
        }
        // A branch is a message of its own.
        rest = read_message(rest, names);
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(pairs: &[(&str, &str)]) -> Messages {
        pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn languages_have_the_same_keys_and_placeholders() {
        let english = messages(&[("join", "Join chat"), ("left", "{n} seats left")]);
        assert!(compare("de.json", &english, &messages(&[("join", "Zum Chat"), ("left", "{n} frei")])).is_empty());
        assert_eq!(compare("de.json", &english, &messages(&[("join", "Zum Chat")])).len(), 1);
        assert_eq!(
            compare("de.json", &english, &messages(&[("join", " "), ("left", "{k} frei"), ("x", "y")])).len(),
            3
        );
    }

    #[test]
    fn branches_belong_to_their_argument() {
        let text = "{names} and {count, plural, one {# friend of {host}} other {# friends}} are in";
        assert_eq!(placeholders(text), BTreeSet::from(["names", "host"]));
    }
}
