//! The backup of an account's messages: segments that its devices seal and the server keeps.

use serde::{Deserialize, Serialize};

use crate::{Binary, DeviceId, TimeMs};

/// `GET /api/backup`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackupView {
    /// Since when the account has one; none: it has none.
    pub began_at: Option<TimeMs>,
    /// Ciphertext kept of it.
    pub size_bytes: u64,
}

/// `PUT /api/backup/segments/{number}`: the next segment of the device. The same one twice is once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutSegment {
    /// XChaCha20-Poly1305 ciphertext that the server cannot open.
    pub sealed: Binary,
    /// Deleted from then on: everything in it disappears before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimeMs>,
}

/// A segment as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentView {
    /// Whose segment it is: each device numbers its own, from 0.
    pub device_id: DeviceId,
    pub number: u32,
    pub sealed: Binary,
}

/// `GET /api/backup/segments?after_device=…&after_number=…`: the segments behind that one, by device and number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentPage {
    pub segments: Vec<SegmentView>,
    /// There are more behind the last one.
    pub has_more: bool,
}
