//! Chats of two: each pair of accounts has one at most, and both host it.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Binary, ChatId, DeviceId, admission::FIRST_DOOR_VERSION, chat::NewChat, hosts_key::SealingKey,
    people::AccountRef,
};

/// A copy of a direct chat's door secret is sealed to the other account under this label, bound to chat and account.
pub const LABEL_DIRECT_DOOR: &str = "doorpost direct door v1";

/// The version of the door that a direct chat has for good.
pub const DIRECT_DOOR_VERSION: u32 = FIRST_DOOR_VERSION;

/// `GET /api/direct/{account_id}`: what a device needs to write to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectView {
    pub account: AccountRef,
    /// The other account's keys.
    pub keys: SealingKey,
    /// The chat of the two, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
}

/// `POST /api/direct/{account_id}`: a chat with somebody. Where the two have one, that stays, and is the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewDirect {
    pub chat: NewChat,
    /// The chat's door secret, sealed to the other account.
    pub sealed_door: Binary,
}

/// The one chat of two accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectOpened {
    pub chat_id: ChatId,
}

/// How a chat of two stands, to one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DirectState {
    /// Both write.
    Open,
    /// One's own request: one message until the other accepts. Declining looks the same.
    Requested,
    /// The other's request.
    Incoming,
    /// The other's request, which one has declined, or whose sender one blocks.
    Declined,
    /// One blocks the other: neither writes.
    Blocked,
    /// The other's identity is another one since: nobody writes in it, and another chat takes its place.
    Ended,
}

/// With whom a chat of two is, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectWith {
    pub account: AccountRef,
    pub state: DirectState,
}

/// `POST /api/chats/{chat_id}/direct`: what the account asked makes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerDirect {
    pub accept: bool,
}

/// `POST /api/key-packages`: this device's key packages, for those who write to its account while it is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutKeyPackages {
    /// Each is given out once.
    pub one_time: Vec<Binary>,
    /// Given out when no other is left, as often as need be; in the place of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_resort: Option<Binary>,
}

/// `GET /api/key-packages`: what is left of this device's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyPackagesLeft {
    pub one_time: u32,
    pub has_last_resort: bool,
}

/// A device of the other account, to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimedKeyPackage {
    pub account_id: AccountId,
    pub device_id: DeviceId,
    pub key_package: Binary,
}
