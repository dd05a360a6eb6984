//! What needs no encryption: people, connections, blocks, lists, registration codes.

use doorpost_model::{
    ApiError, ListId,
    account::RegistrationCode,
    list::{ListDetail, ListMembersRequest, ListNameRequest, ListView},
    people::{ConnectionView, PersonView},
};
use serde::de::IgnoredAny;

use super::{Api, escape};
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn person(&self, handle: &str) -> Result<PersonView, ApiError> {
        self.get(format!("/api/accounts/{}", escape(handle))).await
    }

    pub(crate) async fn connections(&self) -> Result<Vec<ConnectionView>, ApiError> {
        self.get("/api/connections".to_owned()).await
    }

    pub(crate) async fn request_connection(&self, handle: &str) -> Result<(), ApiError> {
        self.connection(handle, "request").await
    }

    pub(crate) async fn accept_connection(&self, handle: &str) -> Result<(), ApiError> {
        self.connection(handle, "accept").await
    }

    async fn connection(&self, handle: &str, action: &str) -> Result<(), ApiError> {
        let path = format!("/api/connections/{}/{action}", escape(handle));
        self.post::<IgnoredAny>(path, &serde_json::json!({})).await.map(drop)
    }

    pub(crate) async fn block(&self, handle: &str) -> Result<(), ApiError> {
        self.put::<IgnoredAny>(format!("/api/blocks/{}", escape(handle)), &serde_json::json!({})).await.map(drop)
    }

    pub(crate) async fn unblock(&self, handle: &str) -> Result<(), ApiError> {
        self.delete::<IgnoredAny>(format!("/api/blocks/{}", escape(handle))).await.map(drop)
    }

    pub(crate) async fn lists(&self) -> Result<Vec<ListView>, ApiError> {
        self.get("/api/lists".to_owned()).await
    }

    pub(crate) async fn list(&self, list_id: ListId) -> Result<ListDetail, ApiError> {
        self.get(format!("/api/lists/{list_id}")).await
    }

    pub(crate) async fn create_list(&self, name: &str) -> Result<ListView, ApiError> {
        self.post("/api/lists".to_owned(), &ListNameRequest { name: name.to_owned() }).await
    }

    pub(crate) async fn change_list(
        &self,
        list_id: ListId,
        change: &ListMembersRequest,
    ) -> Result<ListDetail, ApiError> {
        self.post(format!("/api/lists/{list_id}/members"), change).await
    }

    pub(crate) async fn create_registration_code(&self) -> Result<RegistrationCode, ApiError> {
        self.post("/api/registration-codes".to_owned(), &serde_json::json!({})).await
    }
}
