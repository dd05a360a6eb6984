//! The one error shape, and how every failure gets into it.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use doorpost_model::{ApiError, ErrorCode};
use doorpost_store::StoreError;

/// When to try again what the store had no time for.
const BUSY_RETRY_MS: u64 = 500;

/// A failure on its way to the client: an [`ApiError`] that is a response.
///
/// Made from an [`ErrorCode`] (with that code's standard sentence), from an [`ApiError`], or from
/// what the store says.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ApiError>);

/// What use cases and handlers give back.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ApiError::new(code, message).into()
    }

    /// `invalid_field` for `field`.
    #[must_use]
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        ApiError::invalid(field, message).into()
    }

    /// `code` with the time to wait before trying again.
    #[must_use]
    pub fn retry_after(code: ErrorCode, retry_after_ms: u64) -> Self {
        let mut error = ApiError::new(code, sentence(code));
        error.error.retry_after_ms = Some(retry_after_ms);
        error.into()
    }

    /// A fault of the server. `cause` goes to the log, never to the client, so it must not hold
    /// anything secret.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        ErrorCode::Internal.into()
    }

    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code()
    }

    /// The error as clients get it.
    #[must_use]
    pub fn into_api_error(self) -> ApiError {
        *self.0
    }

    /// The response, with a status that HTTP has a finer word for than the code's own.
    pub fn with_status(self, status: StatusCode) -> Response {
        let retry_after_ms = self.0.error.retry_after_ms;
        let mut response = (status, Json(*self.0)).into_response();
        if let Some(ms) = retry_after_ms {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        response
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self(Box::new(error))
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, sentence(code))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            return Self::retry_after(ErrorCode::Busy, BUSY_RETRY_MS);
        }
        Self::internal(error)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.with_status(status)
    }
}

/// What a person reads when nothing more can be said: what happened and what to do.
#[must_use]
pub const fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NotFound => "There is nothing here, or it is not for you.",
        ErrorCode::Unauthenticated => "Sign in first.",
        ErrorCode::Forbidden => "That is not yours to do.",
        ErrorCode::InvalidField => "A field is not valid.",
        ErrorCode::MalformedRequest => "The request could not be understood.",
        ErrorCode::TooLarge => "That is too large.",
        ErrorCode::RateLimited => "That was too much at once. Wait a moment, then try again.",
        ErrorCode::Busy => "The server is very busy. Nothing was done; try again in a moment.",
        ErrorCode::Internal => "Something went wrong on the server. Nothing was done; try again later.",
        ErrorCode::CredentialsInvalid => "That sign-in does not match any account.",
        ErrorCode::HandleTaken => "Somebody has that handle already. Choose another.",
        ErrorCode::RegistrationClosed => "This server takes no new accounts.",
        ErrorCode::RegistrationCodeInvalid => "That invitation code is not valid, or was used already.",
        ErrorCode::PasskeyInvalid => "The passkey could not be checked, or it took too long. Try again.",
        ErrorCode::DeviceRequired => "This session has no device yet. Register the device first.",
        ErrorCode::DeviceInvalid => "The device's credential is not signed by the account's identity.",
        ErrorCode::IdentityExists => "The account has an identity already. Unlock it, or reset it.",
        ErrorCode::LimitReached => "There is no room for more. Remove something first.",
        ErrorCode::Conflict => "It changed meanwhile. Look again, then try again.",
        ErrorCode::NotConnected => "You need to be connected for that.",
        ErrorCode::InviteClosed => "This invite takes nobody any more.",
        ErrorCode::InvitePreparing => "Whoever invites you has to be online once before you can join. Try again later.",
        ErrorCode::InviteFull => "All seats are taken.",
        ErrorCode::RequestDeclined => "A host declined this request.",
        ErrorCode::RemovedFromChat => "A host removed you from this chat.",
        ErrorCode::LastOwner => "You are the group's last owner. Name a member who owns it after you.",
        ErrorCode::AnswersRequired => "Answer each question first.",
        ErrorCode::AlreadyMember => "You are in this chat already.",
        ErrorCode::NotMember => "Only members of the chat may do that.",
        ErrorCode::NotHost => "Only hosts of the chat may do that.",
        ErrorCode::Unsettled => "Others need you somewhere. Hand that over first.",
        ErrorCode::LastHost => "You are the last host. Make somebody else a host first.",
        ErrorCode::RequestPending => "Until they accept, one message is all.",
        ErrorCode::DirectClosed => "Nothing can be written to them now.",
        ErrorCode::Suspended => "Others could not follow a change you made in this chat. A host can let you go on.",
        ErrorCode::AccountSuspended => "Your account is suspended for a time. You can read, but not write.",
        ErrorCode::OnlyHostsWrite => "Only hosts write in this chat.",
        ErrorCode::SlowMode => "This chat is in slow mode. Wait a moment before you write again.",
        ErrorCode::StaleEpoch => "The chat has moved on. Read its log, then try again.",
        ErrorCode::CommitRefused => "The chat's policy does not allow this change.",
        ErrorCode::TicketInvalid => "This ticket or approval is not valid here.",
        ErrorCode::KeyPackageInvalid => "The key package is not valid.",
        ErrorCode::MessageInvalid => "The encrypted message is not valid.",
        ErrorCode::LeaseLost => "Somebody else is changing the chat now.",
        ErrorCode::VersionUnsupported => "This client's version does not fit the server. Update it.",
        ErrorCode::ReportUnproven => "One of these messages was not sent like that here.",
        ErrorCode::MediaUnknown => "This is no picture that can be shown here. Choose a JPEG, PNG, WebP or GIF.",
        ErrorCode::MediaDamaged => "This picture is damaged or cut short. Choose another.",
        ErrorCode::MediaTooCostly => "This picture has too many pixels. Make it smaller, then try again.",
        ErrorCode::VideoUnavailable => "This server takes no videos. Choose a photo.",
        ErrorCode::VideoUnknown => {
            "This is no video that can be shown here, or it is damaged. Choose an MP4, MOV or WebM."
        }
        ErrorCode::VideoDamaged => "This video is damaged or cut short. Choose another.",
        ErrorCode::VideoTooCostly => {
            "This video is too large: videos have up to 3840 pixels a side and 60 pictures a second."
        }
        ErrorCode::VideoTooLong => "This video is too long: videos have up to 60 seconds.",
        ErrorCode::Offline
        | ErrorCode::SignedOut
        | ErrorCode::IdentityLocked
        | ErrorCode::StoreCorrupt
        | ErrorCode::ServerMisbehaved
        | ErrorCode::Usage => "Something went wrong on the device.",
    }
}
