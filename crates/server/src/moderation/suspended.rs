//! Who writes nothing for a time.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use doorpost_model::{AccountId, TimeMs};

/// What a suspended account may still change: how it signs in and what it keeps safe, what it takes away, leaves or keeps out
/// of its sight, and what it says against the suspension. By method and route.
const STILL_ALLOWED: &[(&str, &str)] = &[
    ("POST", "/api/auth/logout"),
    ("DELETE", "/api/me"),
    ("DELETE", "/api/sessions"),
    ("DELETE", "/api/sessions/{session_id}"),
    ("POST", "/api/auth/passkeys/register/start"),
    ("POST", "/api/auth/passkeys/register/finish"),
    ("DELETE", "/api/auth/passkeys/{passkey_id}"),
    ("POST", "/api/devices"),
    ("PATCH", "/api/devices/{device_id}"),
    ("POST", "/api/devices/{device_id}/revoke"),
    ("PUT", "/api/device-links/{link_id}"),
    ("PUT", "/api/vault"),
    ("PUT", "/api/keyring/{chat_id}"),
    ("PUT", "/api/backup"),
    ("DELETE", "/api/backup"),
    ("PUT", "/api/backup/segments/{number}"),
    ("POST", "/api/key-packages"),
    ("PUT", "/api/chats/{chat_id}/read"),
    ("POST", "/api/chats/{chat_id}/leave"),
    // A chat goes on only if its members' devices take their turns.
    ("POST", "/api/chats/{chat_id}/commits"),
    ("POST", "/api/chats/{chat_id}/commits/{seq}/report"),
    ("POST", "/api/requests/{request_id}/withdraw"),
    ("DELETE", "/api/posts/{post_id}"),
    ("DELETE", "/api/posts/{post_id}/answer"),
    ("DELETE", "/api/highlights/{highlight_id}"),
    ("DELETE", "/api/media/{media_id}"),
    ("DELETE", "/api/me/picture"),
    ("DELETE", "/api/pages/{page}/picture"),
    ("POST", "/api/stories/seen"),
    ("POST", "/api/groups/{group_id}/leave"),
    ("DELETE", "/api/groups/{group_id}/join"),
    ("DELETE", "/api/connections/{handle}"),
    ("POST", "/api/connections/{handle}/decline"),
    ("PUT", "/api/blocks/{handle}"),
    ("DELETE", "/api/blocks/{handle}"),
    ("PUT", "/api/accounts/{handle}/mute"),
    ("DELETE", "/api/accounts/{handle}/mute"),
    ("PUT", "/api/posts/{post_id}/hidden"),
    ("DELETE", "/api/posts/{post_id}/hidden"),
    ("PUT", "/api/people/suggestions/{handle}/hidden"),
    ("DELETE", "/api/people/suggestions/{handle}/hidden"),
    ("POST", "/api/notifications/read"),
    ("PUT", "/api/notification-settings"),
    ("DELETE", "/api/push/subscriptions"),
    ("POST", "/api/reports"),
    ("POST", "/api/reports/public"),
    ("POST", "/api/notices/{notice_id}/seen"),
    ("POST", "/api/notices/{notice_id}/appeal"),
];

/// All that a suspended account may still change, by method and route.
#[must_use]
pub const fn still_allowed() -> &'static [(&'static str, &'static str)] {
    STILL_ALLOWED
}

/// Whether a suspended account may do this all the same.
#[must_use]
pub fn is_still_allowed(method: &str, route: &str) -> bool {
    STILL_ALLOWED.contains(&(method, route))
}

/// Until when accounts are suspended that asked for something or were decided about since the server started: sockets that are
/// open hear of nothing else.
#[derive(Default)]
pub struct Suspended {
    until: Mutex<HashMap<AccountId, TimeMs>>,
}

impl Suspended {
    /// Notes how it is with an account now.
    pub fn note(&self, account: AccountId, until: Option<TimeMs>) {
        let mut all = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        match until {
            Some(until) => drop(all.insert(account, until)),
            None => drop(all.remove(&account)),
        }
    }

    /// Whether an account writes nothing at `now`.
    #[must_use]
    pub fn is_suspended(&self, account: AccountId, now: TimeMs) -> bool {
        let all = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&account).is_some_and(|until| now < *until)
    }
}
