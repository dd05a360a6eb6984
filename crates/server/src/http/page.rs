//! Which page of a list is asked for.

use serde::Deserialize;
use utoipa::IntoParams;

use super::Result;
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
