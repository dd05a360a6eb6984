//! Doors, joining, and a host's queue.

use doorpost_model::{
    ApiError, ChatId, InviteId, RequestId,
    invite::{
        AdmitRequests, ChatDoor, Decided, DeclineRequests, InviteCard, InviteDoor, JoinRequest, JoinStatus,
        MissingCopies, PutSecretCopies, QueuedRequest,
    },
    people::Page,
};
use serde::de::IgnoredAny;

use super::{Api, query};
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn card(&self, invite_id: InviteId) -> Result<InviteCard, ApiError> {
        self.get(format!("/api/invites/{invite_id}")).await
    }

    pub(crate) async fn door(&self, invite_id: InviteId) -> Result<InviteDoor, ApiError> {
        self.get(format!("/api/invites/{invite_id}/door")).await
    }

    /// For hosts: the invites into a chat that are not closed.
    pub(crate) async fn chat_doors(&self, chat_id: ChatId) -> Result<Vec<ChatDoor>, ApiError> {
        self.get(format!("/api/chats/{chat_id}/doors")).await
    }

    pub(crate) async fn missing_copies(&self) -> Result<Vec<MissingCopies>, ApiError> {
        self.get("/api/invites/copies-missing".to_owned()).await
    }

    pub(crate) async fn put_copies(&self, invite_id: InviteId, copies: &PutSecretCopies) -> Result<(), ApiError> {
        self.put::<IgnoredAny>(format!("/api/invites/{invite_id}/copies"), copies).await.map(drop)
    }

    pub(crate) async fn join(&self, invite_id: InviteId, request: &JoinRequest) -> Result<JoinStatus, ApiError> {
        self.post(format!("/api/invites/{invite_id}/join"), request).await
    }

    pub(crate) async fn request(&self, request_id: RequestId) -> Result<JoinStatus, ApiError> {
        self.get(format!("/api/requests/{request_id}")).await
    }

    pub(crate) async fn withdraw(&self, request_id: RequestId) -> Result<JoinStatus, ApiError> {
        self.post(format!("/api/requests/{request_id}/withdraw"), &serde_json::json!({})).await
    }

    pub(crate) async fn queue(
        &self,
        chat_id: ChatId,
        cursor: Option<String>,
        limit: Option<u32>,
    ) -> Result<Page<QueuedRequest>, ApiError> {
        let query = query(&[
            ("state", Some("requested".to_owned())),
            ("cursor", cursor),
            ("limit", limit.map(|limit| limit.to_string())),
        ]);
        self.get(format!("/api/chats/{chat_id}/requests{query}")).await
    }

    pub(crate) async fn admit(&self, chat_id: ChatId, admit: &AdmitRequests) -> Result<Vec<Decided>, ApiError> {
        self.post(format!("/api/chats/{chat_id}/requests/admit"), admit).await
    }

    pub(crate) async fn decline(&self, chat_id: ChatId, decline: &DeclineRequests) -> Result<Vec<Decided>, ApiError> {
        self.post(format!("/api/chats/{chat_id}/requests/decline"), decline).await
    }
}
