//! People as others see them, connections and blocks.

use serde::{Deserialize, Serialize};

use crate::{AccountId, TimeMs};

/// An account, wherever one is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountRef {
    pub account_id: AccountId,
    pub handle: String,
    pub name: String,
}

/// What an account is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    #[default]
    Person,
    /// Spoken as by the people of its staff ([`crate::page`]).
    Page,
    /// Deleted: found by nobody, its handle kept so that nobody passes for it.
    Gone,
}

/// How the viewer and another account stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    Me,
    None,
    /// The viewer asked.
    Requested,
    /// The other asked.
    Incoming,
    Connected,
}

/// `GET /api/accounts/{handle}`. An account that blocks the viewer, or is blocked, is not found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonView {
    #[serde(flatten)]
    pub account: AccountRef,
    pub relation: Relation,
    /// What they say of themselves.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// A page says more of itself at `GET /api/pages/{page}`.
    #[serde(default)]
    pub kind: AccountKind,
    /// The viewer does not want their posts in the feeds; said by the profile alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// The viewer is told of their new posts; said by the profile alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub watched: bool,
}

/// A row of `GET /api/people/suggestions`: somebody the viewer may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suggestion {
    #[serde(flatten)]
    pub account: AccountRef,
    /// How many of the viewer's connections are connected with them; never one, which would say who.
    pub mutual: u32,
}

/// A row of `GET /api/connections`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionView {
    #[serde(flatten)]
    pub account: AccountRef,
    /// `requested`, `incoming` or `connected`.
    pub relation: Relation,
    /// When it came to be as it is.
    pub since: TimeMs,
}

/// A row of `GET /api/blocks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockView {
    #[serde(flatten)]
    pub account: AccountRef,
    pub since: TimeMs,
}

/// A row of `GET /api/mutes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MuteView {
    #[serde(flatten)]
    pub account: AccountRef,
    pub since: TimeMs,
}

/// A page of rows, newest first, with the cursor of the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Give it back as `cursor` for the rows after these; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
