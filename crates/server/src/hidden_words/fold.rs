//! Whether a text has a word or phrase, whatever its case and however its characters are put together.

use unicode_normalization::UnicodeNormalization as _;

/// Phrases to look for, each as its words.
pub(super) struct Phrases(Vec<Vec<String>>);

impl Phrases {
    pub(super) fn of(phrases: &[String]) -> Self {
        Self(phrases.iter().map(|phrase| words(phrase)).filter(|words| !words.is_empty()).collect())
    }

    /// Whether the text has one of them, word for word.
    pub(super) fn occur_in(&self, text: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let text = words(text);
        self.0.iter().any(|phrase| text.windows(phrase.len()).any(|piece| piece == phrase))
    }
}

/// The words of a text, folded: compatibility forms put together (NFKC), lower case, without what takes up no ink. Letters
/// and digits that stand together are a word, and so is each sign that is neither a space nor punctuation: an emoji.
pub(super) fn words(text: &str) -> Vec<String> {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).nfkc().filter(|&c| !is_unseen(c)).collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for c in folded.chars() {
        if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !c.is_whitespace() && !c.is_ascii_punctuation() && !is_mark(c) {
            words.push(c.to_string());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Joiners, soft hyphens and variation selectors: put between letters they would keep a word from being found.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// Punctuation beyond ASCII: quotation marks, dashes, points.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{A1}' | '\u{A7}' | '\u{AB}' | '\u{B6}' | '\u{B7}' | '\u{BB}' | '\u{BF}'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(phrase: &str, text: &str) -> bool {
        Phrases::of(&[phrase.to_owned()]).occur_in(text)
    }

    #[test]
    fn whole_words_and_phrases_whatever_their_form() {
        for (phrase, text) in [
            ("Weeds", "I hate WEEDS!"),
            ("buy now", "Buy — now, friends"),
            ("café", "the cafe\u{301} is shut"),
            ("straße", "STRAßE"),
            ("weeds", "w\u{200B}eeds"),
            ("weeds", "ｗｅｅｄｓ everywhere"),
            ("🌵", "no 🌵 here"),
            ("王伟", "王伟"),
        ] {
            assert!(has(phrase, text), "{phrase:?} in {text:?}");
        }
        for (phrase, text) in [
            ("weed", "weeds"),
            ("buy now", "now buy"),
            ("buy now", "buy it now"),
            ("cafe", "café"),
            (" ", "a b"),
            ("!", "!"),
        ] {
            assert!(!has(phrase, text), "{phrase:?} in {text:?}");
        }
    }
}
