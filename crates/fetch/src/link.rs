//! Links in texts, and the domains they go to, in one spelling.

use url::{Host, Url};

/// The domains and addresses that the links of a text go to, in lower case and punycode, without a trailing dot: at most
/// `links_max` of them. A link is what clients show as one: `http` or `https` in whatever case, up to the next space.
#[must_use]
pub fn hosts_in(text: &str, links_max: usize) -> Vec<String> {
    let mut hosts = Vec::new();
    let mut rest = text;
    while let Some(start) = next_link(rest) {
        let link = &rest[start..];
        let end = link.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'')).unwrap_or(link.len());
        hosts.extend(host_of(&link[..end]));
        rest = &link[end..];
        if hosts.len() >= links_max {
            break;
        }
    }
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

/// Where the next `http://` or `https://` begins.
fn next_link(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    [lower.find("http://"), lower.find("https://")].into_iter().flatten().min()
}

/// The host that a link goes to, as browsers read it: backslashes as slashes, names of users and ports left out.
fn host_of(link: &str) -> Option<String> {
    // Punctuation after a link stays outside of it, as where it is shown.
    let link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '»', '”', '’']);
    let url = Url::parse(link).ok()?;
    url.host_str().and_then(plain)
}

/// A domain that somebody typed, be it a name, a name with a port or a whole link, in its one spelling; none for what is no
/// domain (an address without a name is none).
#[must_use]
pub fn domain_of(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let link = match lower.starts_with("http://") || lower.starts_with("https://") {
        true => text.to_owned(),
        false => format!("https://{}", text.trim_start_matches("*.").trim_start_matches('.')),
    };
    match Url::parse(&link).ok()?.host()? {
        Host::Domain(domain) => plain(domain).filter(|domain| domain.contains('.')),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

fn plain(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// A domain and all those it is below.
pub fn with_parents(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |domain| domain.split_once('.').map(|(_, parent)| parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_domain_has_one_spelling() {
        for (text, expected) in [
            ("see https://evil.example/a", "evil.example"),
            ("HTTPS://EVIL.Example", "evil.example"),
            ("http://evil.example.", "evil.example"),
            ("http://evil.example./path", "evil.example"),
            ("https://evil.example:8443/x", "evil.example"),
            ("https://good.example@evil.example/", "evil.example"),
            ("https://user:pass@evil.example:443?x", "evil.example"),
            ("(https://evil.example)", "evil.example"),
            ("https://evil.example, and", "evil.example"),
            ("https://www.evil.example#x", "www.evil.example"),
            ("https://ev%69l.example/", "evil.example"),
            ("https://ｅｖｉｌ.example/", "evil.example"),
            ("https://evil。example/", "evil.example"),
            ("https://bücher.example/", "xn--bcher-kva.example"),
            ("https://BÜCHER.example/", "xn--bcher-kva.example"),
            ("https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
            ("https:\\\\evil.example/", ""),
            ("https://\\evil.example/", "evil.example"),
            ("xhttps://evil.example", "evil.example"),
            ("ev\u{AD}il https://ev\u{AD}il.example", "evil.example"),
        ] {
            let expected: Vec<&str> = if expected.is_empty() { vec![] } else { vec![expected] };
            assert_eq!(hosts_in(text, 9), expected, "{text:?}");
        }
    }

    #[test]
    fn all_links_of_a_text_are_found() {
        let text = "http://b.example https://a.example/?q=http://c.example\nhttp://b.example";
        assert_eq!(hosts_in(text, 9), ["a.example", "b.example"]);
        assert_eq!(hosts_in(text, 1), ["b.example"]);
        assert!(hosts_in("no links: example.org, mailto:a@b.example, http://", 9).is_empty());
    }

    #[test]
    fn domains_are_typed_in_many_ways() {
        for text in ["evil.example", " Evil.Example. ", "*.evil.example", "https://evil.example/x", "evil.example:80"] {
            assert_eq!(domain_of(text).as_deref(), Some("evil.example"), "{text:?}");
        }
        assert_eq!(domain_of("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        for text in ["", "com", "localhost", "127.0.0.1", "[::1]", "a b.example", "https://"] {
            assert_eq!(domain_of(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_domain_is_below_its_parents() {
        assert_eq!(with_parents("a.b.c").collect::<Vec<_>>(), ["a.b.c", "b.c", "c"]);
    }
}
