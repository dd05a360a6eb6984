//! Web pages and their addresses, as strangers name them.
#![no_main]

use doorpost_fetch::{read_head, target::Target};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let head = read_head(bytes, 200, 500);
    assert!(head.title.chars().count() <= 200 && head.description.chars().count() <= 500);
    assert!(!head.title.chars().chain(head.description.chars()).any(char::is_control));
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(target) = Target::parse(text) {
        assert_eq!(Target::parse(target.url.as_str()).as_ref(), Ok(&target));
        assert!(matches!(target.port, 80 | 443));
    }
    let from = Target::parse("https://site.com/a/b").expect("good");
    if let Ok(next) = from.redirected(text) {
        assert!(next.is_https);
    }
});
