//! Pages: made, looked after and followed. What they say are posts ([`crate::command::Command::Post`]).

use doorpost_model::{
    ApiError,
    page::{NewPage, PageDetail, PageRole, PageView},
    people::Page,
};

use crate::{Client, Platform};

impl<P: Platform> Client<P> {
    /// Makes a page with the account as its admin.
    ///
    /// # Errors
    /// As the server says.
    pub async fn create_page(&self, page: &NewPage) -> Result<PageDetail, ApiError> {
        self.0.account()?;
        self.0.api.create_page(page).await
    }

    /// A page of the pages on whose staff the account is, the latest first.
    ///
    /// # Errors
    /// As the server says.
    pub async fn pages(&self, cursor: Option<String>) -> Result<Page<PageView>, ApiError> {
        self.0.account()?;
        self.0.api.pages(cursor).await
    }

    /// Gives a connection, or somebody of the staff, a role.
    ///
    /// # Errors
    /// As the server says.
    pub async fn set_page_role(&self, page: &str, person: &str, role: PageRole) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.set_page_role(page, person, role).await
    }

    /// Follows a page.
    ///
    /// # Errors
    /// As the server says.
    pub async fn follow_page(&self, page: &str) -> Result<PageView, ApiError> {
        self.0.account()?;
        self.0.api.follow_page(page).await
    }
}
