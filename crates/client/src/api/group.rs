//! Groups.

use doorpost_model::{
    AccountId, ApiError, GroupId, PostId,
    group::{
        DecideGroupRequests, GroupDetail, GroupView, InviteToGroup, JoinGroup, LeaveGroup, NewGroup, RemoveFromGroup,
    },
    people::Page,
    post::PostView,
};
use serde::de::IgnoredAny;

use super::{Api, query};
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn create_group(&self, group: &NewGroup) -> Result<GroupDetail, ApiError> {
        self.post("/api/groups".to_owned(), group).await
    }

    pub(crate) async fn groups(&self, cursor: Option<String>) -> Result<Page<GroupView>, ApiError> {
        self.get(format!("/api/groups{}", query(&[("cursor", cursor)]))).await
    }

    pub(crate) async fn group(&self, group_id: GroupId) -> Result<GroupDetail, ApiError> {
        self.get(format!("/api/groups/{group_id}")).await
    }

    pub(crate) async fn join_group(&self, group_id: GroupId, join: &JoinGroup) -> Result<GroupDetail, ApiError> {
        self.post(format!("/api/groups/{group_id}/join"), join).await
    }

    pub(crate) async fn leave_group(&self, group_id: GroupId, leave: &LeaveGroup) -> Result<(), ApiError> {
        self.post::<IgnoredAny>(format!("/api/groups/{group_id}/leave"), leave).await.map(drop)
    }

    pub(crate) async fn invite_to_group(&self, group_id: GroupId, invite: &InviteToGroup) -> Result<(), ApiError> {
        self.post::<IgnoredAny>(format!("/api/groups/{group_id}/invitations"), invite).await.map(drop)
    }

    pub(crate) async fn decide_group_requests(
        &self,
        group_id: GroupId,
        decision: &DecideGroupRequests,
    ) -> Result<(), ApiError> {
        self.post::<IgnoredAny>(format!("/api/groups/{group_id}/requests/decide"), decision).await.map(drop)
    }

    pub(crate) async fn remove_from_group(
        &self,
        group_id: GroupId,
        account_id: AccountId,
        remove: &RemoveFromGroup,
    ) -> Result<(), ApiError> {
        let path = format!("/api/groups/{group_id}/members/{account_id}/remove");
        self.post::<IgnoredAny>(path, remove).await.map(drop)
    }

    pub(crate) async fn group_feed(
        &self,
        group_id: GroupId,
        cursor: Option<String>,
    ) -> Result<Page<PostView>, ApiError> {
        self.get(format!("/api/groups/{group_id}/feed{}", query(&[("cursor", cursor)]))).await
    }

    pub(crate) async fn let_through(&self, post_id: PostId) -> Result<PostView, ApiError> {
        self.post(format!("/api/posts/{post_id}/let-through"), &serde_json::json!({})).await
    }
}
