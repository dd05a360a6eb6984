//! Pushing that there are new messages in a chat: nothing of what they say, which the server does not know.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use doorpost_model::{AccountId, ChatId, push::Source};
use doorpost_store::{
    self as store, StoreError, Tx,
    push::{self as rows, Listener},
};

use super::{
    queue::{self, Waiting},
    settings,
};
use crate::app::App;

/// Messages of one chat that come within this time are looked at together (milliseconds).
const GATHER_MS: i64 = 3_000;
/// Of more people than this who wrote within that time, nobody mutes all.
const SENDERS_LOOKED_AT_MAX: usize = 8;

/// Chats with new messages whose members will be looked through shortly, each with who wrote.
#[derive(Default)]
pub struct Gathering {
    chats: Mutex<HashMap<ChatId, HashSet<AccountId>>>,
    /// Looks that are under way.
    looks: AtomicUsize,
}

impl Gathering {
    /// `false` when the chat is noted already.
    fn note(&self, chat: ChatId, senders: HashSet<AccountId>) -> bool {
        let mut chats = self.chats.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !chats.contains_key(&chat);
        chats.entry(chat).or_default().extend(senders);
        is_new
    }

    /// Whether members of some chat are still to be looked through.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.looks.load(Ordering::Acquire) > 0
    }

    fn take(&self, chat: ChatId) -> HashSet<AccountId> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner).remove(&chat).unwrap_or_default()
    }
}

/// After messages were appended: members who are not there and have not read them are pushed to, shortly.
pub(crate) fn note(app: &App, chat_id: ChatId, senders: HashSet<AccountId>) {
    if !app.gathering.note(chat_id, senders) {
        return;
    }
    let app = app.clone();
    app.gathering.looks.fetch_add(1, Ordering::AcqRel);
    tokio::spawn(async move {
        app.clock.sleep(GATHER_MS).await;
        // Taken first: a message from now on is noted anew.
        let senders = app.gathering.take(chat_id);
        if let Err(error) = gather(&app, chat_id, senders).await {
            tracing::warn!(%error, "members could not be pushed to");
        }
        app.gathering.looks.fetch_sub(1, Ordering::AcqRel);
    });
}

/// Those of the listeners to whom nobody of the senders is worth a push: each is themselves, or muted by them.
async fn unheard(
    tx: &mut Tx,
    senders: &HashSet<AccountId>,
    listeners: &[Listener],
) -> Result<HashSet<AccountId>, StoreError> {
    let mut unheard: HashSet<AccountId> = listeners.iter().map(|listener| listener.account_id).collect();
    if senders.len() > SENDERS_LOOKED_AT_MAX {
        return Ok(HashSet::new());
    }
    for &sender in senders {
        let still: Vec<AccountId> = unheard.iter().copied().filter(|account| *account != sender).collect();
        let muting = store::mute::muting_among(tx, sender, &still).await?;
        unheard.retain(|account| *account == sender || muting.contains(account));
    }
    Ok(unheard)
}

async fn gather(app: &App, chat_id: ChatId, senders: HashSet<AccountId>) -> Result<(), StoreError> {
    let source = Source::Chat { chat_id };
    let online: HashSet<AccountId> = app.hub.online_accounts().into_iter().collect();
    let (listeners, unheard) = app
        .store
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let listeners = rows::listeners(tx, chat_id).await?;
                let unheard = unheard(tx, &senders, &listeners).await?;
                Ok((listeners, unheard))
            })
        })
        .await?;
    let now = app.clock.now();
    let away = |listener: &Listener| !online.contains(&listener.account_id) && !unheard.contains(&listener.account_id);
    let chosen: Vec<_> = listeners
        .into_iter()
        .filter(away)
        .map(|listener| (listener.account_id, settings::parse(listener.settings.as_deref())))
        .filter(|(_, settings)| settings.messages && !settings.mutes(source, now))
        .collect();
    if chosen.is_empty() {
        return Ok(());
    }
    app.store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                for (account, settings) in &chosen {
                    queue::add(tx, *account, settings, Waiting { source, notification: None }, now).await?;
                }
                Ok(())
            })
        })
        .await
}
