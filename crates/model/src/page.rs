//! Pages: what a club, a shop or a project says in its own name, through the people of its staff.

use serde::{Deserialize, Serialize};

use crate::{AccountId, TimeMs, group::GroupView, people::AccountRef};

/// A part in a page's staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PageRole {
    /// Sees the numbers.
    Analyst,
    /// Looks after answers and those who write.
    Community,
    /// Writes, changes and deletes as the page.
    Editor,
    /// Settles everything else: what the page is called, and who is on its staff.
    Admin,
}

impl PageRole {
    /// Writes, changes and deletes as the page.
    #[must_use]
    pub const fn speaks(self) -> bool {
        matches!(self, Self::Editor | Self::Admin)
    }

    /// Reads what was answered for the page alone, and settles what of it is shown.
    #[must_use]
    pub const fn tends(self) -> bool {
        matches!(self, Self::Community | Self::Editor | Self::Admin)
    }

    /// Sees how many followed, read and came in.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Analyst | Self::Editor | Self::Admin)
    }
}

/// `POST /api/pages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPage {
    /// As an account's; no account and no other page has it, nor had.
    pub handle: String,
    pub name: String,
    #[serde(default)]
    pub about: String,
    /// Where else the page is to be found (`https`).
    #[serde(default)]
    pub links: Vec<String>,
    /// Posts say the role of whoever wrote them.
    #[serde(default)]
    pub shows_roles: bool,
}

/// `PATCH /api/pages/{page}`; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows_roles: Option<bool>,
}

/// A page in a list, as one viewer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageView {
    #[serde(flatten)]
    pub page: AccountRef,
    pub about: String,
    pub follower_count: u32,
    /// The viewer follows it.
    pub follows: bool,
    /// The viewer's, if on the staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<PageRole>,
}

/// Where else a page is to be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageLink {
    pub url: String,
    /// Since when what is there is known to link back to the page (`rel="me"`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<TimeMs>,
    /// The operator has blocked since where it leads: it is shown, but not as a link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blocked: bool,
}

/// `GET /api/pages/{page}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageDetail {
    #[serde(flatten)]
    pub page: PageView,
    pub links: Vec<PageLink>,
    pub shows_roles: bool,
    pub created_at: TimeMs,
    /// The page's groups that the viewer may know of.
    pub groups: Vec<GroupView>,
}

/// A row of `GET /api/pages/{page}/staff`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageStaffView {
    #[serde(flatten)]
    pub account: AccountRef,
    pub role: PageRole,
    pub since: TimeMs,
}

/// `PUT /api/pages/{page}/staff/{person}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetPageRole {
    pub role: PageRole,
}

/// `GET /api/pages/{page}/numbers`: of the last 30 days but for `followers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageNumbers {
    /// All there are.
    pub followers: u32,
    pub new_followers: u32,
    pub posts: u32,
    pub story_views: u32,
    /// People who came into chats through the page's posts.
    pub joined: u32,
}

/// `PUT /api/groups/{group_id}/page`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetGroupPage {
    /// A page of which the viewer is admin; none: the group is nobody's but its owners'.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
}

/// What is said of a post that a page speaks in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostPage {
    pub page_id: AccountId,
    /// The viewer's role, if on the staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<PageRole>,
    /// The role of whoever wrote it, where the page shows that or the viewer is on the staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken_by_role: Option<PageRole>,
    /// Who wrote it, for the staff alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken_by: Option<AccountId>,
}
