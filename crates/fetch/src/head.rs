//! What a page says of itself.

use html5gum::{Token, Tokenizer};

/// A page's title and description, as plain text on one line each; empty where it has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub title: String,
    pub description: String,
}

/// Tokens looked at.
const TOKENS_MAX: usize = 20_000;

#[derive(Default)]
struct Found {
    title: String,
    og_title: String,
    description: String,
    og_description: String,
}

/// Reads OpenGraph's title and description, or else the page's own. Bytes that are no UTF-8 become replacement characters.
/// At most `title_max` and `description_max` characters of them.
#[must_use]
pub fn read_head(html: &[u8], title_max: usize, description_max: usize) -> Head {
    let text = String::from_utf8_lossy(html);
    let mut found = Found::default();
    let mut in_title = false;
    for token in Tokenizer::new(&*text).flatten().take(TOKENS_MAX) {
        match token {
            Token::StartTag(tag) if &**tag.name == b"title" => in_title = found.title.is_empty(),
            Token::EndTag(tag) if &**tag.name == b"title" => in_title = false,
            Token::String(words) if in_title => found.title.push_str(&String::from_utf8_lossy(&words)),
            Token::StartTag(tag) if &**tag.name == b"meta" => {
                let value = |name: &[u8]| {
                    tag.attributes
                        .get(name)
                        .map(|value| String::from_utf8_lossy(value).into_owned())
                        .unwrap_or_default()
                };
                let name = if value(b"property").is_empty() { value(b"name") } else { value(b"property") };
                let place = match name.to_ascii_lowercase().as_str() {
                    "og:title" => &mut found.og_title,
                    "og:description" => &mut found.og_description,
                    "description" => &mut found.description,
                    _ => continue,
                };
                if place.is_empty() {
                    *place = value(b"content");
                }
            }
            Token::StartTag(tag) if &**tag.name == b"body" => break,
            _ => {}
        }
    }
    let first = |one: &str, other: &str, max| {
        let one = plain(one, max);
        if one.is_empty() { plain(other, max) } else { one }
    };
    Head {
        title: first(&found.og_title, &found.title, title_max),
        description: first(&found.og_description, &found.description, description_max),
    }
}

/// One line without controls or characters that turn the direction of writing; cut at `max` characters.
fn plain(text: &str, max: usize) -> String {
    let is_shown =
        |c: &char| !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    let words: Vec<String> =
        text.split_whitespace().map(|word| word.chars().filter(is_shown).collect::<String>()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    let mut cut: String = line.chars().take(max - 1).collect();
    cut.truncate(cut.trim_end().len());
    cut + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(html: &str) -> (String, String) {
        let Head { title, description } = read_head(html.as_bytes(), 20, 30);
        (title, description)
    }

    #[test]
    fn what_a_page_says_of_itself() {
        let both = |title: &str, description: &str| (title.to_owned(), description.to_owned());
        assert_eq!(head("<title>One &amp; two</title>"), both("One & two", ""));
        let page = r#"<html><head><META Property="og:title" content="Open"><title>Other</title>
            <meta name=description content="  Some
              words "><meta property="og:description" content=""></head><body><title>no</title>"#;
        assert_eq!(head(page), both("Open", "Some words"));
        assert_eq!(head("<title>a</title><svg><title>b</title></svg>"), both("a", ""));
        assert_eq!(head("<body><title>late</title>"), both("", ""));
        assert_eq!(head(""), both("", ""));
        assert_eq!(head("<title>never closed"), both("never closed", ""));
        assert_eq!(head("<title>\u{202E}evil\u{0007} \u{FEFF}</title>"), both("evil", ""));
        assert_eq!(head("<title>A title that is quite long</title>").0, "A title that is qui…");
        assert_eq!(read_head(b"<title>gr\xfcn</title>", 20, 30).title, "gr\u{FFFD}n");
    }

    #[test]
    fn a_page_of_nothing_but_tags_ends() {
        let html = "<meta name=description content=x>".repeat(100_000);
        assert_eq!(head(&html).1, "x");
    }
}
