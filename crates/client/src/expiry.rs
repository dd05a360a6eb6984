//! Messages that disappear: every client forgets them when their time is over, online or not.

use std::{collections::BTreeMap, pin::pin, rc::Rc};

use doorpost_model::{ApiError, ChatId, TimeMs};
use futures_util::future::{Either, select};

use crate::{
    Event, Platform,
    core::Core,
    store::{effect, message},
};

/// Messages forgotten in one transaction.
const BATCH: u32 = 500;
/// Longest sleep: clocks are put forward while devices sleep.
const LOOK_AGAIN_MS: i64 = 60_000;

impl<P: Platform> Core<P> {
    /// Forgets what is due, and looks again when the next message is.
    pub(crate) fn forget_expired_soon(self: &Rc<Self>) {
        let result = self.forget_expired();
        self.background(result);
        let next = match message::next_expiry(self.store.read()) {
            Ok(Some(next)) => next,
            Ok(None) => return,
            Err(error) => return self.background(Err(error.into())),
        };
        let now = self.now();
        let look_at = next.clamp(now.plus(1), now.plus(LOOK_AGAIN_MS));
        if self.next_look.get().is_some_and(|planned| planned <= look_at) {
            return;
        }
        self.next_look.set(Some(look_at));
        let pause_ms = u64::try_from(look_at.0 - now.0).unwrap_or(1);
        let stop = self.live.stop.next();
        self.spawn(async move |core| {
            let stopped = matches!(select(stop, pin!(core.platform().sleep(pause_ms))).await, Either::Left(_));
            core.next_look.set(None);
            if !stopped {
                core.forget_expired_soon();
            }
        });
    }

    fn forget_expired(self: &Rc<Self>) -> Result<(), ApiError> {
        loop {
            let now: TimeMs = self.now();
            let gone = self.store.write(|tx| {
                let gone = message::expired(tx, now, BATCH)?;
                for expired in &gone {
                    message::delete(tx, expired.chat_id, &expired.local_id)?;
                    if let Some(message_id) = expired.message_id {
                        effect::forget(tx, expired.chat_id, message_id)?;
                    }
                }
                Ok::<_, ApiError>(gone)
            })?;
            if gone.is_empty() {
                return Ok(());
            }
            let mut by_chat: BTreeMap<ChatId, Vec<String>> = BTreeMap::new();
            for expired in gone {
                by_chat.entry(expired.chat_id).or_default().push(expired.local_id);
            }
            for (chat_id, local_ids) in by_chat {
                self.emit(&Event::MessagesGone { chat_id, local_ids });
            }
            self.emit(&Event::Chats);
            self.drop_unused_files_soon();
        }
    }
}
