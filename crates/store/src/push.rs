//! Pushes: the server's key, browsers' subscriptions, what waits to be sent, and what accounts want to be told of.

use doorpost_model::{
    AccountId, ChatId, GroupId, NotificationId, PostId, SessionId, TimeMs, notification::NotificationKind, push::Source,
};

use crate::{Cell, FromCell, StoreError, Tx, Value, params, post::padded, row, statements};

row! {
    /// A browser that gets pushes.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SubscriptionRow {
        pub endpoint: String,
        pub account_id: AccountId,
        /// The session that subscribed; the subscription ends with it.
        pub session_id: SessionId,
        pub p256dh: Vec<u8>,
        pub auth: Vec<u8>,
        pub created_at: TimeMs,
    }
}

row! {
    /// What waits to be pushed from one source to one account, and what was sent lately.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PushRow {
        pub account_id: AccountId,
        pub source_id: SourceId,
        /// None: messages in the chat that is the source.
        pub kind: Option<NotificationKind>,
        pub notification_id: Option<NotificationId>,
        pub waiting: u32,
        pub attempts: u32,
        /// None: nothing waits.
        pub due_at: Option<TimeMs>,
        pub window_at: TimeMs,
        pub sent: u32,
    }
}

row! {
    /// A chat's member who is to hear of new messages: somebody who has a browser for it and has not read them.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Listener {
        pub account_id: AccountId,
        /// As JSON.
        pub settings: Option<String>,
    }
}

/// The id of what pushes come from, whichever kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub [u8; 16]);

impl SourceId {
    /// As the id of a chat.
    #[must_use]
    pub const fn chat_id(self) -> ChatId {
        ChatId::from_bytes(self.0)
    }
}

impl From<Source> for SourceId {
    fn from(source: Source) -> Self {
        match source {
            Source::Person { account_id } => account_id.into(),
            Source::Post { post_id } => post_id.into(),
            Source::Group { group_id } => group_id.into(),
            Source::Chat { chat_id } => chat_id.into(),
        }
    }
}

macro_rules! source_ids {
    ($($id:ty),*) => {$(
        impl From<$id> for SourceId {
            fn from(id: $id) -> Self {
                Self(*id.as_bytes())
            }
        }
    )*};
}
source_ids!(AccountId, PostId, GroupId, ChatId);

impl From<SourceId> for Value<'_> {
    fn from(id: SourceId) -> Self {
        Self::Id(id.0)
    }
}

impl FromCell for SourceId {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        AccountId::from_cell(cell).map(Self::from)
    }
}

statements! {
    // The update changes nothing; it makes the row that is there come back.
    ENSURE_KEY = "INSERT INTO push_keys (singleton, secret, created_at) VALUES (1, $1, $2)
        ON CONFLICT (singleton) DO UPDATE SET singleton = excluded.singleton RETURNING secret";
    SETTINGS = "SELECT account_id, settings FROM notification_settings WHERE account_id IN ({list})";
    PUT_SETTINGS = "INSERT INTO notification_settings (account_id, settings) VALUES ($1, $2) \
                    ON CONFLICT (account_id) DO UPDATE SET settings = excluded.settings";
    // Of a browser that somebody else signs in with, the subscription is theirs from then on.
    SUBSCRIBE = "INSERT INTO push_subscriptions (endpoint, account_id, session_id, p256dh, auth, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (endpoint) DO UPDATE SET \
                 account_id = excluded.account_id, session_id = excluded.session_id, p256dh = excluded.p256dh, \
                 auth = excluded.auth, created_at = excluded.created_at";
    SUBSCRIPTIONS = "SELECT endpoint, account_id, session_id, p256dh, auth, created_at FROM push_subscriptions \
                     WHERE account_id = $1 ORDER BY created_at DESC, endpoint";
    UNSUBSCRIBE = "DELETE FROM push_subscriptions WHERE account_id = $1 AND endpoint = $2";
    SUBSCRIBED_AMONG = "SELECT DISTINCT account_id FROM push_subscriptions WHERE account_id IN ({list})";
    LISTENERS = "SELECT m.account_id, s.settings FROM chat_members m JOIN chats c ON c.chat_id = m.chat_id \
                 LEFT JOIN notification_settings s ON s.account_id = m.account_id \
                 WHERE m.chat_id = $1 AND m.read_seq < c.last_seq \
                 AND EXISTS (SELECT 1 FROM push_subscriptions p WHERE p.account_id = m.account_id)";
    GET = "SELECT account_id, source_id, kind, notification_id, waiting, attempts, due_at, window_at, sent \
           FROM pushes WHERE account_id = $1 AND source_id = $2";
    PUT = "INSERT INTO pushes (account_id, source_id, kind, notification_id, waiting, attempts, due_at, window_at, sent) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account_id, source_id) DO UPDATE SET \
           kind = excluded.kind, notification_id = excluded.notification_id, waiting = excluded.waiting, \
           attempts = excluded.attempts, due_at = excluded.due_at, window_at = excluded.window_at, sent = excluded.sent";
    COUNT_WAITING = "SELECT COUNT(*) FROM pushes WHERE account_id = $1 AND due_at IS NOT NULL";
    DUE = "SELECT account_id, source_id, kind, notification_id, waiting, attempts, due_at, window_at, sent \
           FROM pushes WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
    PRUNE_IDLE = "DELETE FROM pushes WHERE due_at IS NULL AND window_at < $1";
}

/// The key made at the first start; `candidate` becomes it if there is none yet.
///
/// # Errors
/// As every statement.
pub async fn ensure_key(tx: &mut Tx, candidate: [u8; 32], now: TimeMs) -> Result<[u8; 32], StoreError> {
    tx.query_one(&ENSURE_KEY, params![&candidate, now]).await
}

/// What these accounts want to be told of, as JSON; those who have not said are left out.
///
/// # Errors
/// As every statement.
pub async fn settings(tx: &mut Tx, accounts: &[AccountId]) -> Result<Vec<(AccountId, String)>, StoreError> {
    tx.query_list(&SETTINGS, &[], &padded(accounts)).await
}

/// Keeps what an account wants to be told of.
///
/// # Errors
/// As every statement.
pub async fn put_settings(tx: &mut Tx, account: AccountId, settings: &str) -> Result<(), StoreError> {
    tx.execute(&PUT_SETTINGS, params![account, settings]).await.map(drop)
}

/// Keeps a browser's subscription, in place of an earlier one of the same endpoint.
///
/// # Errors
/// As every statement.
pub async fn subscribe(tx: &mut Tx, row: &SubscriptionRow) -> Result<(), StoreError> {
    let params = params![&row.endpoint, row.account_id, row.session_id, &row.p256dh, &row.auth, row.created_at];
    tx.execute(&SUBSCRIBE, params).await.map(drop)
}

/// An account's browsers, the latest first.
///
/// # Errors
/// As every statement.
pub async fn subscriptions(tx: &mut Tx, account: AccountId) -> Result<Vec<SubscriptionRow>, StoreError> {
    tx.query(&SUBSCRIPTIONS, params![account]).await
}

/// Ends an account's subscription; `false` when there is none.
///
/// # Errors
/// As every statement.
pub async fn unsubscribe(tx: &mut Tx, account: AccountId, endpoint: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&UNSUBSCRIBE, params![account, endpoint]).await? == 1)
}

/// Those of these accounts that have a browser for pushes.
///
/// # Errors
/// As every statement.
pub async fn subscribed_among(tx: &mut Tx, accounts: &[AccountId]) -> Result<Vec<AccountId>, StoreError> {
    tx.query_list(&SUBSCRIBED_AMONG, &[], accounts).await
}

/// A chat's members who have a browser for pushes and have not read all.
///
/// # Errors
/// As every statement.
pub async fn listeners(tx: &mut Tx, chat: ChatId) -> Result<Vec<Listener>, StoreError> {
    tx.query(&LISTENERS, params![chat]).await
}

/// What waits from a source, and what was sent.
///
/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, account: AccountId, source: SourceId) -> Result<Option<PushRow>, StoreError> {
    tx.query_opt(&GET, params![account, source]).await
}

/// Keeps what waits from a source, in place of what was there.
///
/// # Errors
/// As every statement.
pub async fn put(tx: &mut Tx, row: &PushRow) -> Result<(), StoreError> {
    let params = params![
        row.account_id,
        row.source_id,
        row.kind,
        row.notification_id,
        row.waiting,
        row.attempts,
        row.due_at,
        row.window_at,
        row.sent,
    ];
    tx.execute(&PUT, params).await.map(drop)
}

/// From how many sources something waits for an account.
///
/// # Errors
/// As every statement.
pub async fn count_waiting(tx: &mut Tx, account: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_WAITING, params![account]).await
}

/// What is to be sent by `now`, what has waited longest first.
///
/// # Errors
/// As every statement.
pub async fn due(tx: &mut Tx, now: TimeMs, limit: u32) -> Result<Vec<PushRow>, StoreError> {
    tx.query(&DUE, params![now, limit]).await
}

/// Forgets sources from which nothing waits, and nothing was sent since a time.
///
/// # Errors
/// As every statement.
pub async fn prune_idle(tx: &mut Tx, before: TimeMs) -> Result<u64, StoreError> {
    tx.execute(&PRUNE_IDLE, params![before]).await
}
