//! What a name is found by: its words without case and accents.

use std::collections::BTreeSet;

use doorpost_model::limits::{PEOPLE_SEARCH_WORD_CHARS_MAX, PEOPLE_SEARCH_WORDS_MAX};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Words of one account, so that a name of many short ones costs little.
const WORDS_PER_ACCOUNT_MAX: usize = 12;

/// The words of a text in its order, folded: compatibility forms taken apart (NFKD), accents dropped, lower case.
fn of_text(text: &str) -> impl Iterator<Item = String> {
    let folded: String = text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase).collect();
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(PEOPLE_SEARCH_WORD_CHARS_MAX).collect())
        .collect();
    words.into_iter()
}

/// What an account is found by; the handle also as one word.
pub(super) fn of_account(handle: &str, name: &str) -> Vec<String> {
    let whole = handle.replace('_', "");
    let words: BTreeSet<String> =
        [whole].into_iter().chain(of_text(handle)).chain(of_text(name)).take(WORDS_PER_ACCOUNT_MAX).collect();
    words.into_iter().collect()
}

/// The words of a search, the longest first, empty ones at the end; none when they say too little: a single letter of an
/// alphabet that has few.
pub(super) fn of_search(text: &str) -> Option<[String; PEOPLE_SEARCH_WORDS_MAX]> {
    let mut words: Vec<String> = of_text(text).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let telling = words.first().is_some_and(|word| word.len() > 1);
    telling.then(|| {
        let mut words = words.into_iter();
        std::array::from_fn(|_| words.next().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_words_without_case_and_accents() {
        assert_eq!(of_account("jose_1", "José ÁLVAREZ-Núñez"), ["1", "alvarez", "jose", "jose1", "nunez"]);
        assert_eq!(of_account("wei", "ﬁne 王伟"), ["fine", "wei", "王伟"]);
        assert_eq!(of_account("many", &"a b c d e f g h i j k l m n o p".to_uppercase()).len(), 11);
        assert_eq!(of_account("long", &"x".repeat(40))[1].len(), PEOPLE_SEARCH_WORD_CHARS_MAX);
    }

    #[test]
    fn a_search_is_up_to_three_words_the_longest_first() {
        assert_eq!(of_search("@Jo Álv x n").expect("words"), ["alv", "jo", "x"]);
        assert_eq!(of_search("王").expect("one character says enough"), ["王", "", ""]);
        for nothing in ["", "  ", "a", "@", "a b", "\u{301}"] {
            assert_eq!(of_search(nothing), None, "{nothing:?}");
        }
    }
}
