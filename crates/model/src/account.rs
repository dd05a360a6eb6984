//! Accounts, sign-in, sessions, devices and the vault.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Binary, CeremonyId, ChatId, DeviceId, PasskeyId, RealmId, SessionId, TimeMs, admission::LeaveNote,
    chat::Ciphersuite, moderation::ServerRole,
};

/// Who may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    Open,
    /// With an invitation code the operator made.
    Code,
    Closed,
}

/// `GET /api/server`: what a client must know before anybody signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    /// Name of the software and its version, such as `0.1.0`.
    pub version: String,
    /// The server's lasting identity; salt of password proofs (see [`RegisterRequest::proof`]).
    pub realm_id: RealmId,
    pub registration: Registration,
    /// Nobody has signed up yet: the next account is the operator.
    pub needs_operator: bool,
    /// The address people reach this server at, without a trailing slash.
    pub public_url: String,
    /// Largest file that may be sent in a chat, in plaintext bytes.
    pub file_bytes_max: u64,
    /// Posts and stories may have videos here.
    #[serde(default)]
    pub video: bool,
    /// What new chats are encrypted with.
    #[serde(default)]
    pub ciphersuite: Ciphersuite,
    /// It sends mail, to those who want any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub email: bool,
}

/// `POST /api/auth/register`: a new account with a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterRequest {
    pub handle: String,
    pub name: String,
    /// 32 bytes the device derives from the password, so that the server never sees it:
    /// `m = Argon2id(password, salt = SHA-256("doorpost password v1" ‖ realm_id ‖ handle)[..16],
    /// 32 MiB, 3 passes, 1 lane)`, proof = HKDF-SHA-256(m, info "doorpost proof v1").
    /// The vault key is HKDF-SHA-256(m, info "doorpost vault v1"). The server keeps Argon2id(proof).
    pub proof: Binary,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_code: Option<String>,
}

/// `POST /api/auth/login`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginRequest {
    pub handle: String,
    /// As in [`RegisterRequest::proof`].
    pub proof: Binary,
}

/// `POST /api/auth/recover`: sign-in with the account's recovery code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoverRequest {
    pub handle: String,
    /// 32 bytes the device derives from the code: HKDF-SHA-256(code, info "doorpost recovery v1").
    pub proof: Binary,
}

/// The answer to every successful sign-up or sign-in. With the request header
/// `doorpost-session: cookie` the token is set as the cookie `__Host-doorpost` and left out here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    pub me: Me,
    /// Bearer token of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// `GET /api/me`: the signed-in account as it sees itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    pub account_id: AccountId,
    pub handle: String,
    pub name: String,
    /// What others read on one's profile.
    #[serde(default)]
    pub about: String,
    /// Search and suggestions show the account to those who are no connections of it.
    pub findable: bool,
    pub is_operator: bool,
    /// The account's part in running the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_role: Option<ServerRole>,
    /// Until then the account reads, exports and leaves, and writes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_until: Option<TimeMs>,
    pub session_id: SessionId,
    /// The device this session speaks for, once it has said which.
    pub device_id: Option<DeviceId>,
    /// Ed25519 public key of the account's identity, once a device has made one.
    pub identity_key: Option<Binary>,
    pub has_password: bool,
    pub passkeys: Vec<PasskeyView>,
}

/// `PATCH /api/me`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateMeRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findable: Option<bool>,
}

/// `GET /api/me/leaving`: what keeps the account from being deleted, by name. Nothing of it: it can be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unsettled {
    /// It runs the server.
    pub is_operator: bool,
    /// Chats with others that have no other host.
    pub chats: Vec<String>,
    /// Groups with others that nobody else owns.
    pub groups: Vec<String>,
    /// Pages that have no other admin.
    pub pages: Vec<String>,
}

/// An account's word that it leaves a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatLeaveNote {
    pub chat_id: ChatId,
    pub note: LeaveNote,
}

/// `DELETE /api/me`: who asks proves anew who they are, by password or passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteMeRequest<Credential> {
    /// The account's handle, typed.
    pub handle: String,
    /// As in [`RegisterRequest::proof`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Binary>,
    /// A sign-in's ceremony, begun as for signing in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<PasskeyFinish<Credential>>,
    /// For the chats the account is in, so that members' devices can take its leaves out of them.
    #[serde(default)]
    pub leave_notes: Vec<ChatLeaveNote>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyView {
    pub passkey_id: PasskeyId,
    pub name: String,
    pub created_at: TimeMs,
    pub last_used_at: Option<TimeMs>,
}

/// `POST /api/auth/passkeys/register/start`: sign up with a passkey; with a session (and without
/// `handle` and `name`), add one to the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyRegisterStart {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_code: Option<String>,
    /// What the person calls this passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey_name: Option<String>,
}

/// A WebAuthn ceremony to be finished by the browser; `public_key` is what
/// `navigator.credentials.create` or `.get` takes, in WebAuthn's JSON form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyCeremony<Options> {
    pub ceremony_id: CeremonyId,
    pub public_key: Options,
}

/// `POST /api/auth/passkeys/{register|login}/finish`; `credential` is the browser's answer in WebAuthn's JSON form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyFinish<Credential> {
    pub ceremony_id: CeremonyId,
    pub credential: Credential,
}

/// A row of `GET /api/sessions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    pub session_id: SessionId,
    pub device_id: Option<DeviceId>,
    pub device_name: Option<String>,
    pub created_at: TimeMs,
    /// To the nearest few minutes.
    pub last_used_at: TimeMs,
    /// The session this request was made with.
    pub is_current: bool,
}

/// `POST /api/devices`: this session speaks for a device from now on. A device that is known
/// already (same id, account and key) is simply bound to the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterDeviceRequest {
    /// Made by the device (UUID version 4).
    pub device_id: DeviceId,
    pub name: String,
    /// [`crate::admission::DeviceCredential`] in postcard.
    pub credential: Binary,
    /// Ed25519 public key that signs this device's MLS leaf.
    pub signature_key: Binary,
    /// The account's identity, from the first device alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<NewIdentity>,
    /// Replace the account's identity: every other device is revoked. Everybody who talks with the account is shown it.
    #[serde(default)]
    pub reset_identity: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewIdentity {
    /// Ed25519 public key; signs the account's devices and, for hosts, approvals.
    pub identity_key: Binary,
    /// X25519 public key for things sealed to the account (HPKE).
    pub sealing_key: Binary,
    /// By the identity key, as in [`crate::hosts_key::SealingKey::signature`].
    pub sealing_signature: Binary,
    /// First entry of the vault, so that no account is left that cannot be unlocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_entry: Option<VaultEntry>,
}

/// How a vault entry is unlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VaultMethod {
    /// A key derived from the password on the device.
    Password,
    /// The output of WebAuthn's PRF extension.
    PasskeyPrf,
    /// A key derived from the account's recovery code on the device.
    RecoveryCode,
}

/// The account's secrets, sealed on a device: the encrypted hand-over from each device to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VaultEntry {
    pub method: VaultMethod,
    /// Tells entries of one method apart: empty for the password, the credential's id for a passkey, the SHA-256 of
    /// [`RecoverRequest::proof`] for a recovery code, of which there is one at a time.
    pub unlock_id: Binary,
    /// XChaCha20-Poly1305 ciphertext the server cannot open.
    pub sealed: Binary,
}

/// `GET /api/vault`; `PUT /api/vault` takes one [`VaultEntry`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VaultView {
    pub identity_key: Option<Binary>,
    pub sealing_key: Option<Binary>,
    pub entries: Vec<VaultEntry>,
}

/// `PUT /api/keyring/{chat_id}`: what another device of the account needs to come into that chat, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedSecret {
    pub sealed: Binary,
}

/// A row of `GET /api/keyring`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyringRow {
    pub chat_id: crate::ChatId,
    pub sealed: Binary,
}

/// A row of `GET /api/registration-codes` (operator), and the answer to `POST`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistrationCode {
    pub code: String,
    pub created_at: TimeMs,
    /// Handle of who used it, once used.
    pub used_by: Option<String>,
}
