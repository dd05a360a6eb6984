//! Chats of two, and the key packages that make them possible.

use doorpost_model::{
    AccountId, ApiError, ChatId,
    account::SealedSecret,
    direct::{AnswerDirect, ClaimedKeyPackage, DirectOpened, DirectView, KeyPackagesLeft, NewDirect, PutKeyPackages},
};
use serde::de::IgnoredAny;

use super::Api;
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn direct(&self, other: AccountId) -> Result<DirectView, ApiError> {
        self.get(format!("/api/direct/{other}")).await
    }

    pub(crate) async fn open_direct(&self, other: AccountId, new: &NewDirect) -> Result<DirectOpened, ApiError> {
        self.post(format!("/api/direct/{other}"), new).await
    }

    pub(crate) async fn answer_direct(&self, chat_id: ChatId, answer: AnswerDirect) -> Result<(), ApiError> {
        self.post::<IgnoredAny>(format!("/api/chats/{chat_id}/direct"), &answer).await.map(drop)
    }

    pub(crate) async fn direct_door(&self, chat_id: ChatId) -> Result<SealedSecret, ApiError> {
        self.get(format!("/api/chats/{chat_id}/direct/door")).await
    }

    pub(crate) async fn claim_key_packages(&self, chat_id: ChatId) -> Result<Vec<ClaimedKeyPackage>, ApiError> {
        self.post(format!("/api/chats/{chat_id}/direct/key-packages"), &()).await
    }

    pub(crate) async fn key_packages_left(&self) -> Result<KeyPackagesLeft, ApiError> {
        self.get("/api/key-packages".to_owned()).await
    }

    pub(crate) async fn put_key_packages(&self, new: &PutKeyPackages) -> Result<KeyPackagesLeft, ApiError> {
        self.post("/api/key-packages".to_owned(), new).await
    }
}
