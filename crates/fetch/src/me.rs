//! Whether a page says that another one is of the same hand.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

/// Tokens looked at.
const TOKENS_MAX: usize = 100_000;

/// Whether a page has a link (`a` or `link`) to `own` with `rel="me"`. A slash at the end and a fragment make no difference.
#[must_use]
pub fn links_back(html: &[u8], own: &str) -> bool {
    let Some(own) = comparable(own) else { return false };
    let text = String::from_utf8_lossy(html);
    let mut emitter = DefaultEmitter::default();
    // What is inside of scripts, styles and fields is no markup.
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(&*text, emitter).flatten().take(TOKENS_MAX).any(|token| match token {
        Token::StartTag(tag) => {
            is_me_link(&tag) && value(&tag, b"href").as_deref().and_then(comparable) == Some(own.clone())
        }
        _ => false,
    })
}

fn is_me_link(tag: &StartTag<()>) -> bool {
    let is_link = matches!(&**tag.name, b"a" | b"link");
    is_link
        && value(tag, b"rel")
            .is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("me")))
}

fn value(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
}

/// Two addresses of the same thing are the same text.
fn comparable(url: &str) -> Option<String> {
    let mut url = Url::parse(url.trim()).ok()?;
    url.set_fragment(None);
    Some(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://town.example/people/rowing";

    #[test]
    fn a_link_with_rel_me_links_back() {
        for html in [
            r#"<a rel="me" href="https://town.example/people/rowing">us</a>"#,
            r#"<p><A class=x REL="noopener ME" HREF=" https://TOWN.example/people/rowing/#top ">us</A>"#,
            r#"<head><link rel=me href=https://town.example/people/rowing></head>"#,
        ] {
            assert!(links_back(html.as_bytes(), OWN), "{html}");
        }
    }

    #[test]
    fn nothing_else_does() {
        for html in [
            "",
            "https://town.example/people/rowing",
            r#"<a href="https://town.example/people/rowing">no word</a>"#,
            r#"<a rel="meow" href="https://town.example/people/rowing">another word</a>"#,
            r#"<a rel="me" href="https://town.example/people/rowing2">somebody else</a>"#,
            r#"<a rel="me" href="http://town.example/people/rowing">not the same scheme</a>"#,
            r#"<a rel="me" href="/people/rowing">no whole address</a>"#,
            r#"<!-- <a rel="me" href="https://town.example/people/rowing"> -->"#,
            r#"<script>'<a rel="me" href="https://town.example/people/rowing">'</script>"#,
            r#"<textarea><a rel="me" href="https://town.example/people/rowing"></textarea>"#,
            r#"<img rel="me" href="https://town.example/people/rowing">"#,
        ] {
            assert!(!links_back(html.as_bytes(), OWN), "{html}");
        }
    }
}
