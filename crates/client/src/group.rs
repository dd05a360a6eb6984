//! Groups, for programs that are not the web app. What is posted in them is posted like everything else.

use doorpost_model::{
    AccountId, ApiError, GroupId, PostId,
    group::{
        DecideGroupRequests, GroupDetail, GroupView, InviteToGroup, JoinGroup, LeaveGroup, NewGroup, RemoveFromGroup,
    },
    people::Page,
    post::PostView,
};

use crate::{Client, Platform};

impl<P: Platform> Client<P> {
    /// Makes a group that the account owns.
    ///
    /// # Errors
    /// As the server says.
    pub async fn create_group(&self, group: &NewGroup) -> Result<GroupDetail, ApiError> {
        self.0.account()?;
        self.0.api.create_group(group).await
    }

    /// A page of the groups the account is in, the latest joined first.
    ///
    /// # Errors
    /// As the server says.
    pub async fn groups(&self, cursor: Option<String>) -> Result<Page<GroupView>, ApiError> {
        self.0.account()?;
        self.0.api.groups(cursor).await
    }

    /// # Errors
    /// As the server says; `not_found` also for what this account may not know of.
    pub async fn group(&self, group_id: GroupId) -> Result<GroupDetail, ApiError> {
        self.0.account()?;
        self.0.api.group(group_id).await
    }

    /// Comes into a group, accepts an invitation, or asks to come in.
    ///
    /// # Errors
    /// As the server says.
    pub async fn join_group(&self, group_id: GroupId, answers: Vec<String>) -> Result<GroupDetail, ApiError> {
        self.0.account()?;
        self.0.api.join_group(group_id, &JoinGroup { answers }).await
    }

    /// Leaves a group; its last owner names a successor.
    ///
    /// # Errors
    /// As the server says.
    pub async fn leave_group(&self, group_id: GroupId, successor: Option<AccountId>) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.leave_group(group_id, &LeaveGroup { successor }).await
    }

    /// Invites connections, by handle.
    ///
    /// # Errors
    /// As the server says.
    pub async fn invite_to_group(&self, group_id: GroupId, handles: Vec<String>) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.invite_to_group(group_id, &InviteToGroup { handles }).await
    }

    /// Lets people in who ask, or declines them (moderators).
    ///
    /// # Errors
    /// As the server says.
    pub async fn decide_group_requests(
        &self,
        group_id: GroupId,
        account_ids: Vec<AccountId>,
        accept: bool,
    ) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.decide_group_requests(group_id, &DecideGroupRequests { account_ids, accept }).await
    }

    /// Takes somebody out (moderators).
    ///
    /// # Errors
    /// As the server says.
    pub async fn remove_from_group(
        &self,
        group_id: GroupId,
        account_id: AccountId,
        remove: RemoveFromGroup,
    ) -> Result<(), ApiError> {
        self.0.account()?;
        self.0.api.remove_from_group(group_id, account_id, &remove).await
    }

    /// A page of a group's posts, the newest first.
    ///
    /// # Errors
    /// As the server says.
    pub async fn group_feed(&self, group_id: GroupId, cursor: Option<String>) -> Result<Page<PostView>, ApiError> {
        self.0.account()?;
        self.0.api.group_feed(group_id, cursor).await
    }

    /// Lets a post through that waits (moderators).
    ///
    /// # Errors
    /// As the server says.
    pub async fn let_through(&self, post_id: PostId) -> Result<PostView, ApiError> {
        self.0.account()?;
        self.0.api.let_through(post_id).await
    }
}
