//! Pictures of people and pages.

use serde::{Deserialize, Serialize};

use crate::{AccountId, MediaId};

/// `PUT /api/me/picture`, `PUT /api/pages/{page}/picture`: a finished photo of the viewer's that is in no post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetPicture {
    pub media_id: MediaId,
}

/// A row of `GET /api/pictures`: whose picture it is, and where it is read as other photos are. Another picture has another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PictureOf {
    pub account_id: AccountId,
    pub media_id: MediaId,
}
