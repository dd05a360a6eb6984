//! Sign-in, the device, the vault and the keyring.

use doorpost_model::{
    ApiError, ChatId, DeviceId, LinkId,
    account::{
        DeleteMeRequest, KeyringRow, LoginRequest, Me, RecoverRequest, RegisterDeviceRequest, RegisterRequest,
        SealedSecret, ServerInfo, SignedIn, VaultEntry, VaultView,
    },
    device::{
        BeginLinkRequest, ClaimLinkRequest, DeviceView, HandOverRequest, LinkBegun, LinkClaimed, RevokeDeviceRequest,
        UpdateDeviceRequest,
    },
};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::Api;
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn server(&self) -> Result<ServerInfo, ApiError> {
        self.get("/api/server".to_owned()).await
    }

    pub(crate) async fn register(&self, request: &RegisterRequest) -> Result<SignedIn, ApiError> {
        self.post("/api/auth/register".to_owned(), request).await
    }

    pub(crate) async fn login(&self, request: &LoginRequest) -> Result<SignedIn, ApiError> {
        self.post("/api/auth/login".to_owned(), request).await
    }

    pub(crate) async fn recover(&self, request: &RecoverRequest) -> Result<SignedIn, ApiError> {
        self.post("/api/auth/recover".to_owned(), request).await
    }

    pub(crate) async fn logout(&self) -> Result<(), ApiError> {
        self.post::<IgnoredAny>("/api/auth/logout".to_owned(), &serde_json::json!({})).await.map(drop)
    }

    pub(crate) async fn me(&self) -> Result<Me, ApiError> {
        self.get("/api/me".to_owned()).await
    }

    pub(crate) async fn delete_me(&self, request: &DeleteMeRequest<Value>) -> Result<(), ApiError> {
        self.delete_with("/api/me".to_owned(), request).await.map(|_: IgnoredAny| ())
    }

    pub(crate) async fn register_device(&self, request: &RegisterDeviceRequest) -> Result<(), ApiError> {
        self.post::<IgnoredAny>("/api/devices".to_owned(), request).await.map(drop)
    }

    pub(crate) async fn devices(&self) -> Result<Vec<DeviceView>, ApiError> {
        self.get("/api/devices".to_owned()).await
    }

    pub(crate) async fn update_device(
        &self,
        device_id: DeviceId,
        request: &UpdateDeviceRequest,
    ) -> Result<(), ApiError> {
        self.patch::<IgnoredAny>(format!("/api/devices/{device_id}"), request).await.map(drop)
    }

    pub(crate) async fn revoke_device(
        &self,
        device_id: DeviceId,
        request: &RevokeDeviceRequest,
    ) -> Result<(), ApiError> {
        self.post::<IgnoredAny>(format!("/api/devices/{device_id}/revoke"), request).await.map(drop)
    }

    pub(crate) async fn begin_link(&self, request: &BeginLinkRequest) -> Result<LinkBegun, ApiError> {
        self.post("/api/device-links".to_owned(), request).await
    }

    pub(crate) async fn hand_over(&self, link_id: LinkId, request: &HandOverRequest) -> Result<(), ApiError> {
        self.put::<IgnoredAny>(format!("/api/device-links/{link_id}"), request).await.map(drop)
    }

    pub(crate) async fn claim_link(
        &self,
        link_id: LinkId,
        request: &ClaimLinkRequest,
    ) -> Result<LinkClaimed, ApiError> {
        self.post(format!("/api/device-links/{link_id}/claim"), request).await
    }

    pub(crate) async fn vault(&self) -> Result<VaultView, ApiError> {
        self.get("/api/vault".to_owned()).await
    }

    pub(crate) async fn put_vault_entry(&self, entry: &VaultEntry) -> Result<(), ApiError> {
        self.put::<IgnoredAny>("/api/vault".to_owned(), entry).await.map(drop)
    }

    pub(crate) async fn keyring(&self) -> Result<Vec<KeyringRow>, ApiError> {
        self.get("/api/keyring".to_owned()).await
    }

    pub(crate) async fn put_keyring(&self, chat_id: ChatId, secret: &SealedSecret) -> Result<(), ApiError> {
        self.put::<IgnoredAny>(format!("/api/keyring/{chat_id}"), secret).await.map(drop)
    }
}
