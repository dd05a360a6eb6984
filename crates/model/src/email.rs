//! Mail: where an account gets it, and how often it is told there that something waits
//! (`docs/adr/0026-notifications.md`). All of it is there only on a server whose operator set up mail.

use serde::{Deserialize, Serialize};

/// `GET /api/email`: what the account itself sees of it; nobody else sees any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmailView {
    /// Where digests go: an address that was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The address that a code was mailed to, until that code is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<String>,
    #[serde(flatten)]
    pub digest: DigestSettings,
}

/// `PUT /api/email/digest`: when the account is mailed how much of what waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DigestSettings {
    pub frequency: DigestFrequency,
    /// Of the day, from 0 to 23.
    pub hour: u32,
    /// IANA's name of the time zone, such as `Europe/Berlin`.
    pub time_zone: String,
    #[serde(default)]
    pub language: MailLanguage,
}

/// How often a digest is mailed, where there is anything new to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DigestFrequency {
    Off,
    Daily,
    /// On Mondays.
    Weekly,
}

/// What mails are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailLanguage {
    #[default]
    En,
    De,
}

/// `POST /api/email/address`: a code is mailed there, which [`ConfirmEmail`] gives back. Until then an earlier address
/// stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewEmail {
    pub address: String,
    /// Where the account lives, and what it reads.
    pub time_zone: String,
    #[serde(default)]
    pub language: MailLanguage,
}

/// `POST /api/email/address/confirm`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfirmEmail {
    /// Six digits, as they were mailed.
    pub code: String,
}
