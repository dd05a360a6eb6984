//! Pushes: what a browser is told while the app is closed, and by which channels an account is told what
//! (`docs/adr/0026-notifications.md`).

use serde::{Deserialize, Serialize};

use crate::{AccountId, Binary, ChatId, GroupId, PostId, TimeMs, notification::NotificationKind};

/// `GET` and `PUT /api/notification-settings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationSettings {
    /// One for each kind; of a kind that is not named, what is usual.
    #[serde(default)]
    pub kinds: Vec<KindSettings>,
    /// Push that there are new messages in a chat.
    #[serde(default = "yes")]
    pub messages: bool,
    /// No pushes are sent then; they come after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// Pushes of one source within an hour; what is more comes as one.
    #[serde(default = "per_hour")]
    pub pushes_per_hour: u32,
    /// Of these nothing is told at all.
    #[serde(default)]
    pub muted: Vec<Mute>,
}

/// By which channels an account is told of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindSettings {
    pub kind: NotificationKind,
    /// In the app; without it there is nothing to push either.
    pub in_app: bool,
    pub push: bool,
}

/// From one time of the day to another, over midnight too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuietHours {
    /// Minutes after midnight.
    pub from_min: u16,
    pub to_min: u16,
    /// IANA's name of the time zone, such as `Europe/Berlin`.
    pub time_zone: String,
}

/// What an account wants to be told nothing of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mute {
    pub source: Source,
    /// Until then; none: for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<TimeMs>,
}

/// What notifications come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    Person { account_id: AccountId },
    Post { post_id: PostId },
    Group { group_id: GroupId },
    Chat { chat_id: ChatId },
}

const fn yes() -> bool {
    true
}

const fn per_hour() -> u32 {
    crate::limits::PUSHES_PER_HOUR_DEFAULT
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self { kinds: Vec::new(), messages: true, quiet: None, pushes_per_hour: per_hour(), muted: Vec::new() }
    }
}

impl NotificationSettings {
    /// By which channels the account is told of a kind.
    #[must_use]
    pub fn of(&self, kind: NotificationKind) -> KindSettings {
        let chosen = self.kinds.iter().find(|settings| settings.kind == kind);
        chosen.copied().unwrap_or_else(|| KindSettings::usual(kind))
    }

    /// Whether the account wants to be told nothing of a source at `now`.
    #[must_use]
    pub fn mutes(&self, source: Source, now: TimeMs) -> bool {
        let is_on = |mute: &Mute| mute.source == source && mute.until.is_none_or(|until| until > now);
        self.muted.iter().any(is_on)
    }

    /// The same with all kinds, each once.
    #[must_use]
    pub fn complete(self) -> Self {
        let kinds = NotificationKind::ALL.iter().map(|kind| self.of(*kind)).collect();
        Self { kinds, ..self }
    }
}

impl KindSettings {
    /// What is pushed waits for somebody, or somebody waited for it.
    #[must_use]
    pub const fn usual(kind: NotificationKind) -> Self {
        use NotificationKind as Kind;
        let is_light =
            matches!(kind, Kind::Reaction | Kind::AnswerPublished | Kind::GroupPostPending | Kind::RequestDeclined);
        Self { kind, in_app: true, push: !is_light }
    }
}

/// `GET /api/push/key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushKey {
    /// The server's public key (RFC 8292), as `PushManager.subscribe` takes it.
    pub public_key: Binary,
}

/// `POST /api/push/subscriptions`: what the browser's push service gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPushSubscription {
    /// Where to send pushes: `https` and a public host.
    pub endpoint: String,
    /// The browser's public key and its secret (RFC 8291), 65 and 16 bytes.
    pub p256dh: Binary,
    pub auth: Binary,
}

/// `DELETE /api/push/subscriptions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndPushSubscription {
    pub endpoint: String,
}

/// A notification's kind, or `message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushKind {
    Message,
    #[serde(untagged)]
    Notification(NotificationKind),
}

/// What a push says, encrypted to the browser: of what kind it is and what it is about, nothing of what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushPayload {
    pub kind: PushKind,
    /// Of the notification; of a message, of its chat.
    pub id: String,
    /// There is more of the same source than this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// Unread notifications, for the app's icon.
    pub unread: u32,
}
