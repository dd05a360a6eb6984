//! Which page of a list is asked for.

use doorpost_model::limits::GROUP_SEARCH_CHARS_MAX;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Error, Result};
use crate::validate;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// `next_cursor` of the page before; none for the first page.
    pub(crate) cursor: Option<String>,
    /// Rows of the page.
    pub(crate) limit: Option<usize>,
}

impl PageQuery {
    /// How many rows the page has.
    ///
    /// # Errors
    /// As [`validate::page_limit`].
    pub(crate) fn limit(&self) -> Result<usize> {
        validate::page_limit(self.limit)
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// What names and handles contain; all of them without it.
    query: Option<String>,
    /// `next_cursor` of the page before; none for the first page.
    cursor: Option<String>,
    /// Rows of the page.
    limit: Option<usize>,
}

impl SearchQuery {
    /// For `LIKE` with `!` as escape.
    ///
    /// # Errors
    /// As [`pattern`].
    pub(crate) fn pattern(&self) -> Result<String> {
        pattern(self.query.as_deref().unwrap_or_default())
    }

    pub(crate) fn page(self) -> PageQuery {
        PageQuery { cursor: self.cursor, limit: self.limit }
    }
}

/// What finds names and handles that contain `text`, whatever the case of A to Z.
///
/// # Errors
/// `invalid_field` for one that is too long or cannot be kept.
fn pattern(text: &str) -> Result<String> {
    if text.chars().count() > GROUP_SEARCH_CHARS_MAX || text.contains('\0') {
        let message = format!("Search for at most {GROUP_SEARCH_CHARS_MAX} characters.");
        return Err(Error::invalid("query", message));
    }
    let mut pattern = String::from("%");
    for c in text.trim().to_ascii_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    Ok(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_means_its_characters() {
        assert_eq!(pattern("").expect("all"), "%%");
        assert_eq!(pattern(" Rowing ").expect("pattern"), "%rowing%");
        assert_eq!(pattern("50%_!").expect("pattern"), "%50!%!_!!%");
        pattern(&"a".repeat(GROUP_SEARCH_CHARS_MAX + 1)).expect_err("too long");
        pattern("\0").expect_err("cannot be kept");
    }
}
