//! Looking a link up.

use std::sync::Arc;

use doorpost_fetch::{FetchError, Fetcher, Page, links_back, read_head};
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
    fetcher: Arc<Fetcher>,
    places: Semaphore,
}

impl Previews {
    #[must_use]
    pub const fn new(fetcher: Arc<Fetcher>) -> Self {
        Self { fetcher, places: Semaphore::const_new(AT_ONCE_MAX) }
    }

    /// What a page says of itself.
    ///
    /// # Errors
    /// `invalid_field` for what is no public web address; `busy`; `not_found` for all else, so that nobody learns what is
    /// in the server's own network.
    pub(super) async fn look(&self, url: &str) -> Result<LinkPreview> {
        let page = self.fetch(url).await?.map_err(|error| match error {
            FetchError::Target(_) => Error::invalid("url", "Only links to public web pages are looked up."),
            _ => ErrorCode::NotFound.into(),
        })?;
        let head = read_head(&page.html, PREVIEW_TITLE_CHARS_MAX, PREVIEW_DESCRIPTION_CHARS_MAX);
        if head.title.is_empty() {
            return Err(ErrorCode::NotFound.into());
        }
        Ok(LinkPreview { url: url.to_owned(), title: head.title, description: head.description })
    }

    /// Whether what is behind `url` says with `rel="me"` that it is of the same hand as what is behind `own`. What is not
    /// there says nothing.
    ///
    /// # Errors
    /// `busy`.
    pub(crate) async fn links_back(&self, url: &str, own: &str) -> Result<bool> {
        Ok(self.fetch(url).await?.is_ok_and(|page| links_back(&page.html, own)))
    }

    /// # Errors
    /// `busy`.
    async fn fetch(&self, url: &str) -> Result<Result<Page, FetchError>> {
        let _place = self.places.try_acquire().map_err(|_| Error::from(ErrorCode::Busy))?;
        Ok(self.fetcher.page(url).await)
    }
}
