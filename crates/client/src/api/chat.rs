//! Chats: the log, commits, messages, membership.

use doorpost_model::{
    AccountId, ApiError, ChatId, RequestId,
    chat::{
        ChatView, CommitAccepted, CommitUpload, CommitVerdict, GroupInfoView, LeaveChat, LogPage, MemberView,
        MessageAccepted, ReadUpTo, ReportCommit, SendMessage, SuspensionView, WelcomeView,
    },
    content::{LinkPreview, LookUpLink},
    hosts_key::{HostsKeyView, PutHostsKey},
};
use serde::de::IgnoredAny;

use super::{Api, query};
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn chats(&self) -> Result<Vec<ChatView>, ApiError> {
        self.get("/api/chats".to_owned()).await
    }

    pub(crate) async fn chat(&self, chat_id: ChatId) -> Result<ChatView, ApiError> {
        self.get(format!("/api/chats/{chat_id}")).await
    }

    pub(crate) async fn members(&self, chat_id: ChatId) -> Result<Vec<MemberView>, ApiError> {
        self.get(format!("/api/chats/{chat_id}/members")).await
    }

    /// `request_id`: the join request that an external commit answers.
    pub(crate) async fn commit(
        &self,
        chat_id: ChatId,
        request_id: Option<RequestId>,
        commit: &CommitUpload,
    ) -> Result<CommitAccepted, ApiError> {
        let query = query(&[("request_id", request_id.map(|id| id.to_string()))]);
        self.post(format!("/api/chats/{chat_id}/commits{query}"), commit).await
    }

    pub(crate) async fn report_commit(
        &self,
        chat_id: ChatId,
        seq: u64,
        report: &ReportCommit,
    ) -> Result<CommitVerdict, ApiError> {
        self.post(format!("/api/chats/{chat_id}/commits/{seq}/report"), report).await
    }

    pub(crate) async fn suspensions(&self, chat_id: ChatId) -> Result<Vec<SuspensionView>, ApiError> {
        self.get(format!("/api/chats/{chat_id}/suspensions")).await
    }

    pub(crate) async fn lift_suspension(&self, chat_id: ChatId, account_id: AccountId) -> Result<(), ApiError> {
        self.delete::<IgnoredAny>(format!("/api/chats/{chat_id}/suspensions/{account_id}")).await.map(drop)
    }

    pub(crate) async fn group_info(&self, chat_id: ChatId) -> Result<GroupInfoView, ApiError> {
        self.get(format!("/api/chats/{chat_id}/group-info")).await
    }

    pub(crate) async fn welcome(&self, chat_id: ChatId) -> Result<WelcomeView, ApiError> {
        self.get(format!("/api/chats/{chat_id}/welcome")).await
    }

    pub(crate) async fn log(&self, chat_id: ChatId, after: u64, limit: u32) -> Result<LogPage, ApiError> {
        self.get(format!("/api/chats/{chat_id}/log?after={after}&limit={limit}")).await
    }

    pub(crate) async fn send(&self, chat_id: ChatId, message: &SendMessage) -> Result<MessageAccepted, ApiError> {
        self.post(format!("/api/chats/{chat_id}/messages"), message).await
    }

    pub(crate) async fn read_up_to(&self, chat_id: ChatId, seq: u64) -> Result<(), ApiError> {
        self.put::<IgnoredAny>(format!("/api/chats/{chat_id}/read"), &ReadUpTo { seq }).await.map(drop)
    }

    pub(crate) async fn look_up_link(&self, link: &LookUpLink) -> Result<LinkPreview, ApiError> {
        self.post("/api/link-preview".to_owned(), link).await
    }

    pub(crate) async fn hosts_key(&self, chat_id: ChatId) -> Result<HostsKeyView, ApiError> {
        self.get(format!("/api/chats/{chat_id}/hosts-key")).await
    }

    pub(crate) async fn put_hosts_key(&self, chat_id: ChatId, key: &PutHostsKey) -> Result<(), ApiError> {
        self.put::<IgnoredAny>(format!("/api/chats/{chat_id}/hosts-key"), key).await.map(drop)
    }

    pub(crate) async fn leave(&self, chat_id: ChatId, leave: &LeaveChat) -> Result<(), ApiError> {
        self.post::<IgnoredAny>(format!("/api/chats/{chat_id}/leave"), leave).await.map(drop)
    }
}
