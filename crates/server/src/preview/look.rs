//! Looking a link up.

use doorpost_fetch::{FetchError, Fetcher, read_head};
use doorpost_model::{
    ErrorCode,
    content::LinkPreview,
    limits::{PREVIEW_DESCRIPTION_CHARS_MAX, PREVIEW_TITLE_CHARS_MAX},
};
use tokio::sync::Semaphore;

use crate::http::{Error, Result};

/// Pages that are fetched at one time, for everybody.
const AT_ONCE_MAX: usize = 32;

/// Looks links up, a few at a time.
pub struct Previews {
    fetcher: Fetcher,
    places: Semaphore,
}

impl Previews {
    #[must_use]
    pub const fn new(fetcher: Fetcher) -> Self {
        Self { fetcher, places: Semaphore::const_new(AT_ONCE_MAX) }
    }

    /// What a page says of itself.
    ///
    /// # Errors
    /// `invalid_field` for what is no public web address; `busy`; `not_found` for all else, so that nobody learns what is
    /// in the server's own network.
    pub(super) async fn look(&self, url: &str) -> Result<LinkPreview> {
        let _place = self.places.try_acquire().map_err(|_| Error::from(ErrorCode::Busy))?;
        let page = self.fetcher.page(url).await.map_err(|error| match error {
            FetchError::Target(_) => Error::invalid("url", "Only links to public web pages are looked up."),
            _ => ErrorCode::NotFound.into(),
        })?;
        let head = read_head(&page.html, PREVIEW_TITLE_CHARS_MAX, PREVIEW_DESCRIPTION_CHARS_MAX);
        if head.title.is_empty() {
            return Err(ErrorCode::NotFound.into());
        }
        Ok(LinkPreview { url: url.to_owned(), title: head.title, description: head.description })
    }
}
