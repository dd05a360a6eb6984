//! What a chat's settings let its members say: decided by everybody alike, from the log alone.

use doorpost_model::{chat::Role, content::ContentBody, limits::SLOW_MODE_SLACK_MS};

use super::Origin;
use crate::store::{StoreError, Tx, chat};

/// Whether who is no host may say this now, and notes a message for the next one's sake. `body` is none for what
/// this version does not understand, which counts as a message.
///
/// What one writes oneself is checked before it is written, and what one sent is in the timeline already.
pub(super) fn may_say(tx: &Tx<'_>, origin: &Origin, body: Option<&ContentBody>) -> Result<bool, StoreError> {
    let &Origin { chat_id, sender, at, .. } = origin;
    if origin.seq.is_none() {
        return Ok(true);
    }
    let is_message =
        body.is_none_or(|body| matches!(body, ContentBody::Text(_) | ContentBody::Poll(_) | ContentBody::Unknown));
    let settings = chat::settings(tx, chat_id)?.unwrap_or_default();
    let is_bound = settings.only_hosts_write || (is_message && settings.slow_mode_ms.is_some());
    if is_bound && chat::role(tx, chat_id, sender)? != Some(Role::Host) {
        if settings.only_hosts_write {
            return Ok(false);
        }
        let wait_ms = settings.slow_mode_ms.unwrap_or(0).saturating_sub(SLOW_MODE_SLACK_MS);
        let wait_ms = i64::try_from(wait_ms).unwrap_or(i64::MAX);
        if chat::member_wrote_at(tx, chat_id, sender)?.is_some_and(|before| at < before.plus(wait_ms)) {
            return Ok(false);
        }
    }
    if is_message {
        chat::set_member_wrote_at(tx, chat_id, sender, at)?;
        if sender == origin.me {
            chat::set_wrote_at(tx, chat_id, at)?;
        }
    }
    Ok(true)
}
