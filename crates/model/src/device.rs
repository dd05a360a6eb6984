//! An account's devices, and linking a new one.

use serde::{Deserialize, Serialize};

use crate::{Binary, DeviceId, LinkId, TimeMs, account::SignedIn, admission::DeviceRevocation};

/// A row of `GET /api/devices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceView {
    pub device_id: DeviceId,
    pub name: String,
    pub created_at: TimeMs,
    /// When a session of it was last used, to the nearest few minutes; none while it is signed out.
    pub last_used_at: Option<TimeMs>,
    /// The device that the request was made with.
    pub is_current: bool,
}

/// `PATCH /api/devices/{device_id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateDeviceRequest {
    pub name: String,
}

/// `POST /api/devices/{device_id}/revoke`: the device's sessions end, and it goes out of every chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevokeDeviceRequest {
    pub revocation: DeviceRevocation,
}

/// `POST /api/device-links`: a device without an account waits for one of an account's devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BeginLinkRequest {
    /// Made by the device (UUID version 4); stands in its code.
    pub link_id: LinkId,
    /// SHA-256 of 32 random bytes that only the waiting device has.
    pub claim_hash: Binary,
}

/// The answer to [`BeginLinkRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkBegun {
    pub expires_at: TimeMs,
}

/// `PUT /api/device-links/{link_id}`: what the account's device hands over, sealed to the key in the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandOverRequest {
    /// HPKE ciphertext that the server cannot open.
    pub sealed: Binary,
}

/// `POST /api/device-links/{link_id}/claim`: whether something was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimLinkRequest {
    /// The 32 bytes whose SHA-256 is [`BeginLinkRequest::claim_hash`].
    pub claim: Binary,
}

/// The answer to [`ClaimLinkRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkClaimed {
    /// None while the device still waits. Given once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked: Option<LinkedDevice>,
}

/// A session of the account that a device is linked to, and what its other device handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkedDevice {
    pub signed_in: SignedIn,
    pub sealed: Binary,
}
