//! Pages.

use doorpost_model::{
    ApiError,
    page::{NewPage, PageDetail, PageRole, PageStaffView, PageView, SetPageRole},
    people::Page,
};

use super::{Api, query};
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn create_page(&self, page: &NewPage) -> Result<PageDetail, ApiError> {
        self.post("/api/pages".to_owned(), page).await
    }

    pub(crate) async fn pages(&self, cursor: Option<String>) -> Result<Page<PageView>, ApiError> {
        self.get(format!("/api/pages{}", query(&[("cursor", cursor)]))).await
    }

    pub(crate) async fn set_page_role(&self, page: &str, person: &str, role: PageRole) -> Result<(), ApiError> {
        let path = format!("/api/pages/{page}/staff/{person}");
        self.put::<Vec<PageStaffView>>(path, &SetPageRole { role }).await.map(drop)
    }

    pub(crate) async fn follow_page(&self, page: &str) -> Result<PageView, ApiError> {
        self.put(format!("/api/pages/{page}/follow"), &()).await
    }
}
