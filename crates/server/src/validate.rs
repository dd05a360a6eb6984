//! Rules for what people and clients type, with a sentence for each that is broken.

use doorpost_model::{
    Binary,
    limits::{
        ABOUT_CHARS_MAX, CURSOR_CHARS_MAX, DEVICE_NAME_CHARS_MAX, HANDLE_CHARS_MAX, HANDLE_CHARS_MIN,
        LIST_NAME_CHARS_MAX, NAME_CHARS_MAX, PAGE_DEFAULT, PAGE_MAX, PASSWORD_PROOF_BYTES, SEALED_SECRET_BYTES_MAX,
    },
};

use crate::http::{Error, Result};

/// A handle somebody wants to have: lower-case letters, digits and `_`, beginning with a letter.
///
/// # Errors
/// `invalid_field`.
pub fn handle(field: &str, text: &str) -> Result<()> {
    let length = text.chars().count();
    if !(HANDLE_CHARS_MIN..=HANDLE_CHARS_MAX).contains(&length) {
        return Err(Error::invalid(
            field,
            format!("A handle has {HANDLE_CHARS_MIN} to {HANDLE_CHARS_MAX} characters."),
        ));
    }
    let letters = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if letters && text.as_bytes()[0].is_ascii_lowercase() {
        Ok(())
    } else {
        Err(Error::invalid(field, "A handle has small letters, digits and _ alone, and begins with a letter."))
    }
}

/// Whether a handle could belong to an account. One that could not is *not found*, not invalid.
#[must_use]
pub fn could_be_handle(text: &str) -> bool {
    handle("handle", text).is_ok()
}

/// An account's display name.
///
/// # Errors
/// `invalid_field`.
pub fn account_name(field: &str, text: &str) -> Result<String> {
    line(field, "A name", text, NAME_CHARS_MAX)
}

/// What an account says of itself: a few lines, or nothing.
///
/// # Errors
/// `invalid_field`.
pub fn about(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > ABOUT_CHARS_MAX {
        return Err(Error::invalid(field, format!("It has at most {ABOUT_CHARS_MAX} characters.")));
    }
    if text.chars().any(|c| c != '\n' && is_deceptive(c)) {
        return Err(Error::invalid(field, "It must not have control characters."));
    }
    Ok(text.to_owned())
}

/// A device's or passkey's name.
///
/// # Errors
/// `invalid_field`.
pub fn device_name(field: &str, text: &str) -> Result<String> {
    line(field, "A device's name", text, DEVICE_NAME_CHARS_MAX)
}

/// A list's name.
///
/// # Errors
/// `invalid_field`.
pub fn list_name(field: &str, text: &str) -> Result<String> {
    line(field, "A list's name", text, LIST_NAME_CHARS_MAX)
}

/// One line of text that is shown as a name: spaces around it cut off, not empty, at most `chars_max`
/// characters, none that is invisible or changes the direction of what follows.
///
/// # Errors
/// `invalid_field` with a sentence that begins with `what`.
pub fn line(field: &str, what: &str, text: &str, chars_max: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().all(is_blank) {
        return Err(Error::invalid(field, format!("{what} must not be empty.")));
    }
    if text.chars().count() > chars_max {
        return Err(Error::invalid(field, format!("{what} has at most {chars_max} characters.")));
    }
    if text.chars().any(is_deceptive) {
        return Err(Error::invalid(field, format!("{what} must not have control characters or line breaks.")));
    }
    Ok(text.to_owned())
}

/// Some lines of text: spaces around them cut off, at most `chars_max` characters.
///
/// # Errors
/// `invalid_field` with a sentence that begins with `what`.
pub fn text(field: &str, what: &str, text: &str, chars_max: usize) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > chars_max {
        return Err(Error::invalid(field, format!("{what} has at most {chars_max} characters.")));
    }
    no_nul(field, text)?;
    Ok(text.to_owned())
}

/// # Errors
/// `invalid_field` for a text with U+0000, which PostgreSQL cannot keep.
pub fn no_nul(field: &str, text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::invalid(field, "The text has a character that cannot be kept (U+0000)."));
    }
    Ok(())
}

/// Takes up no ink: spaces and zero-width characters.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{3164}')
}

/// Could make one name look like another: controls, and overrides of the writing direction
/// (Unicode UAX #9).
fn is_deceptive(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A password's proof.
///
/// # Errors
/// `invalid_field`.
pub fn proof(field: &str, proof: &Binary) -> Result<[u8; PASSWORD_PROOF_BYTES]> {
    bytes(field, proof)
}

/// Exactly `N` bytes, such as a public key.
///
/// # Errors
/// `invalid_field`.
pub fn bytes<const N: usize>(field: &str, value: &Binary) -> Result<[u8; N]> {
    value
        .0
        .as_slice()
        .try_into()
        .map_err(|_| Error::invalid(field, format!("`{field}` must be {N} bytes in base64url without padding.")))
}

/// A sealed secret the server cannot open: not empty, and of a bounded size.
///
/// # Errors
/// `invalid_field`.
pub fn sealed(field: &str, value: &Binary) -> Result<()> {
    if (1..=SEALED_SECRET_BYTES_MAX).contains(&value.0.len()) {
        Ok(())
    } else {
        Err(Error::invalid(field, format!("A sealed secret has 1 to {SEALED_SECRET_BYTES_MAX} bytes.")))
    }
}

/// How many rows a page is to have.
///
/// # Errors
/// `invalid_field` unless it is 1 to [`PAGE_MAX`].
pub fn page_limit(limit: Option<usize>) -> Result<usize> {
    match limit {
        None => Ok(PAGE_DEFAULT),
        Some(limit) if (1..=PAGE_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(Error::invalid("limit", format!("A page has 1 to {PAGE_MAX} rows."))),
    }
}

/// A page cursor's length; what is in it is its noun's affair.
///
/// # Errors
/// `invalid_field`.
pub fn cursor(cursor: &str) -> Result<()> {
    if cursor.len() <= CURSOR_CHARS_MAX { Ok(()) } else { Err(bad_cursor()) }
}

/// What to answer to a cursor that this server did not give.
#[must_use]
pub fn bad_cursor() -> Error {
    Error::invalid("cursor", "This cursor is not one that a page ended with. Start from the first page.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles() {
        for good in ["ada", "a_1", &"a".repeat(HANDLE_CHARS_MAX)] {
            handle("handle", good).expect(good);
        }
        for bad in ["", "ab", "Ada", "1ab", "_ab", "a b", "äda", "a-b", &"a".repeat(HANDLE_CHARS_MAX + 1)] {
            handle("handle", bad).expect_err(bad);
        }
    }

    #[test]
    fn names_are_one_visible_line() {
        assert_eq!(account_name("name", "  Ada Lovelace ").expect("name"), "Ada Lovelace");
        assert_eq!(account_name("name", "👩‍💻 إيمان").expect("name"), "👩‍💻 إيمان");
        let long = "x".repeat(NAME_CHARS_MAX + 1);
        for bad in ["", " \t ", "\u{200B}\u{200B}", "two\nlines", "\u{202E}evil", "nul\0", &long] {
            account_name("name", bad).expect_err("not a name");
        }
    }

    #[test]
    fn pages_have_a_bounded_size() {
        assert_eq!(page_limit(None).expect("default"), PAGE_DEFAULT);
        assert_eq!(page_limit(Some(PAGE_MAX)).expect("largest"), PAGE_MAX);
        page_limit(Some(0)).expect_err("none");
        page_limit(Some(PAGE_MAX + 1)).expect_err("too many");
    }
}
