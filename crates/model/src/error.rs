//! One error shape and its stable codes.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:tt, $status:literal;)*) => {
        /// Stable public code of an error. Codes are never renamed or reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl ErrorCode {
            /// Every code there is.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$variant),*];

            /// The code as it stands in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The HTTP status that goes with the code.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }
        }
    };
}

codes! {
    /// There is no such thing, or the viewer may not know of it: the two are one answer.
    NotFound = "not_found", 404;
    /// No session, or one that has ended.
    Unauthenticated = "unauthenticated", 401;
    /// Known to the viewer, but not theirs to do.
    Forbidden = "forbidden", 403;
    /// A field is missing, malformed, too long or out of range; `field` names it.
    InvalidField = "invalid_field", 400;
    /// The body is not the JSON, the query or the frame that was expected.
    MalformedRequest = "malformed_request", 400;
    /// The body is larger than allowed.
    TooLarge = "too_large", 413;
    /// Too many actions; try again after `retry_after_ms`.
    RateLimited = "rate_limited", 429;
    /// The server is saturated; nothing was done, try again.
    Busy = "busy", 503;
    /// A fault of the server; nothing was done.
    Internal = "internal", 500;
    /// Handle and password (or passkey) do not belong together.
    CredentialsInvalid = "credentials_invalid", 401;
    /// Somebody has that handle.
    HandleTaken = "handle_taken", 409;
    /// This server takes no new accounts.
    RegistrationClosed = "registration_closed", 403;
    /// The invitation code is missing, unknown or used up.
    RegistrationCodeInvalid = "registration_code_invalid", 403;
    /// The passkey ceremony failed or took too long.
    PasskeyInvalid = "passkey_invalid", 400;
    /// The session has no device yet, and this needs one.
    DeviceRequired = "device_required", 409;
    /// The device's credential is not signed by the account's identity key, or is another's.
    DeviceInvalid = "device_invalid", 400;
    /// The account has an identity already: unlock it, or reset it.
    IdentityExists = "identity_exists", 409;
    /// A named limit of the account or the thing is reached.
    LimitReached = "limit_reached", 409;
    /// The thing changed meanwhile, or is in a state that does not allow this.
    Conflict = "conflict", 409;
    /// That needs the two accounts to be connected.
    NotConnected = "not_connected", 409;
    /// The invite takes nobody any more: closed, expired or ended with its post.
    InviteClosed = "invite_closed", 409;
    /// The author's device has still to make the invite's secret readable for this account; try again later.
    InvitePreparing = "invite_preparing", 409;
    /// All seats are taken.
    InviteFull = "invite_full", 409;
    /// The request was declined by a host.
    RequestDeclined = "request_declined", 409;
    /// The account was removed from the chat by a host.
    RemovedFromChat = "removed_from_chat", 403;
    /// The invite or group asks questions, and not each has an answer.
    AnswersRequired = "answers_required", 400;
    /// The account is in that chat already.
    AlreadyMember = "already_member", 409;
    /// Only a member may do that.
    NotMember = "not_member", 403;
    /// Only a host may do that.
    NotHost = "not_host", 403;
    /// The group is in another epoch: process the log, then try again.
    StaleEpoch = "stale_epoch", 409;
    /// The commit breaks the chat's policy.
    CommitRefused = "commit_refused", 409;
    /// The ticket or approval is forged, expired, used, or for somebody else.
    TicketInvalid = "ticket_invalid", 403;
    /// The key package is malformed, expired, or not the device's.
    KeyPackageInvalid = "key_package_invalid", 400;
    /// The MLS message is malformed.
    MessageInvalid = "message_invalid", 400;
    /// The lease belongs to another device or has run out.
    LeaseLost = "lease_lost", 409;
    /// Client and server speak different versions.
    VersionUnsupported = "version_unsupported", 426;
    /// The chat's last host does not leave it, nor stop being one, without naming a successor.
    LastHost = "last_host", 409;
    /// The group's last owner does not leave it, nor stop being one, without naming a successor.
    LastOwner = "last_owner", 409;
    /// Something others need has to be handed over first; the message names what.
    Unsettled = "unsettled", 409;
    /// A request to write to somebody is one message until they accept.
    RequestPending = "request_pending", 409;
    /// The two of a chat do not write to each other now; neither is told why.
    DirectClosed = "direct_closed", 409;
    /// Only hosts write in this chat.
    OnlyHostsWrite = "only_hosts_write", 403;
    /// The chat is in slow mode: write again after `retry_after_ms`.
    SlowMode = "slow_mode", 429;
    /// Others could not follow a commit of the account: a host lets it go on, or takes it out.
    Suspended = "suspended", 403;
    /// The account is suspended for a time: it reads, exports and leaves, and writes nothing.
    AccountSuspended = "account_suspended", 403;

    /// A message in a report was not sent like that in that chat, as far as this server can tell.
    ReportUnproven = "report_unproven", 400;
    /// The file is no picture of a kind that is taken, whatever its name says.
    MediaUnknown = "media_unknown", 400;
    /// The picture is cut short or damaged.
    MediaDamaged = "media_damaged", 400;
    /// The picture has too many pixels, or takes too long.
    MediaTooCostly = "media_too_costly", 400;
    /// This server takes no videos.
    VideoUnavailable = "video_unavailable", 400;
    /// The file is no video of a kind that is taken, whatever its name says.
    VideoUnknown = "video_unknown", 400;
    /// The video is cut short or damaged.
    VideoDamaged = "video_damaged", 400;
    /// The video has too many pixels or pictures, or takes too long to make.
    VideoTooCostly = "video_too_costly", 400;
    /// The video is longer than videos are.
    VideoTooLong = "video_too_long", 400;

    // Said by clients alone:
    /// The server could not be reached.
    Offline = "offline", 0;
    /// Nobody is signed in on this device.
    SignedOut = "signed_out", 0;
    /// The identity's secrets are sealed; another way to unlock, or a reset, is needed.
    IdentityLocked = "identity_locked", 0;
    /// The local store is damaged and was set aside.
    StoreCorrupt = "store_corrupt", 0;
    /// The server, or a member, said something that the protocol or the chat's policy forbids.
    ServerMisbehaved = "server_misbehaved", 0;
    /// The command line is not understood.
    Usage = "usage", 0;
}

/// What went wrong, for programs (`code`) and for people (`message`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{message}")]
pub struct ErrorBody {
    pub code: ErrorCode,
    /// One sentence in English: what happened and what to do.
    pub message: String,
    /// The field that was wrong, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Milliseconds to wait before trying again, where waiting helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// The one shape of every error: `{"error":{"code":…,"message":…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{error}")]
pub struct ApiError {
    pub error: ErrorBody,
}

impl ApiError {
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { error: ErrorBody { code, message: message.into(), field: None, retry_after_ms: None } }
    }

    /// `invalid_field` for `field`.
    #[must_use]
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorCode::InvalidField, message);
        error.error.field = Some(field.to_owned());
        error
    }

    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.error.code
    }
}
