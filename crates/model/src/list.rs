//! Lists: named sets of connections, known to their owner alone.

use serde::{Deserialize, Serialize};

use crate::{ListId, TimeMs, people::AccountRef};

/// A row of `GET /api/lists`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListView {
    pub list_id: ListId,
    pub name: String,
    pub member_count: u32,
    pub created_at: TimeMs,
}

/// `GET /api/lists/{list_id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListDetail {
    #[serde(flatten)]
    pub list: ListView,
    pub members: Vec<AccountRef>,
}

/// `POST /api/lists` and `PATCH /api/lists/{list_id}`. Names are unique per owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListNameRequest {
    pub name: String,
}

/// `POST /api/lists/{list_id}/members`: done as a whole or not at all. Only connections can be added;
/// one who is in already, or is removed without being in, changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListMembersRequest {
    /// Handles.
    #[serde(default)]
    pub add: Vec<String>,
    /// Handles.
    #[serde(default)]
    pub remove: Vec<String>,
}
