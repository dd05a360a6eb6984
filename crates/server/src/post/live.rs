//! Telling those who are there that a post is new, has changed, or is gone. Who is told is decided by
//! the gate, for everybody who has a socket open.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use doorpost_model::{AccountId, ChatId, PostId, TimeMs, frame::Hint, post::PostKind};
use doorpost_store::{self as store, StoreError, Tx, post::PostRow};

use super::{audience::Circle, sight::SightChange};
use crate::app::App;

/// Changes of a card that come within this time are told as one (milliseconds).
const CARD_GATHER_MS: i64 = 250;

/// Chats whose posts' cards changed, and whose audiences will hear of it shortly.
#[derive(Default)]
pub struct Cards {
    changed: Mutex<HashSet<ChatId>>,
}

impl Cards {
    /// `false` when the chat is noted already.
    fn note(&self, chat: ChatId) -> bool {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(chat)
    }

    fn take(&self, chat: ChatId) {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).remove(&chat);
    }
}

/// Those of `accounts` who may see the post as it is in this transaction, at `now`.
///
/// # Errors
/// As every statement.
pub async fn readers(
    tx: &mut Tx,
    post: &PostRow,
    accounts: &[AccountId],
    now: TimeMs,
) -> Result<HashSet<AccountId>, StoreError> {
    if accounts.is_empty() {
        return Ok(HashSet::new());
    }
    let circle = Circle::load(tx, post, now).await?;
    Ok(accounts.iter().copied().filter(|&account| circle.may_see(account)).collect())
}

/// After a post was written: everybody online whose feed has it hears of it; whoever mutes its author does not.
pub fn added(app: &App, post_id: PostId, kind: PostKind) {
    let app = app.clone();
    tokio::spawn(async move {
        let mut readers = online(&app, post_id, Told::Fed).await;
        let muting = app.store.read::<_, StoreError, _>(move |tx| Box::pin(muting_author(tx, post_id))).await;
        let muting = muting.unwrap_or_default();
        readers.retain(|reader| !muting.contains(reader));
        app.hub.hint_accounts(&readers, new_post(post_id, kind));
    });
}

/// Whose feeds a post is not in because they mute its author.
async fn muting_author(tx: &mut Tx, post_id: PostId) -> Result<HashSet<AccountId>, StoreError> {
    let Some(post) = store::post::get(tx, post_id).await? else { return Ok(HashSet::new()) };
    Ok(store::mute::muting(tx, post.author_id).await?.into_iter().collect())
}

/// After a post was changed: `readers` are those online who could see it before or can see it now.
pub fn changed(app: &App, post_id: PostId, readers: HashSet<AccountId>) {
    let readers: Vec<AccountId> = readers.into_iter().collect();
    app.hub.hint_accounts(&readers, Hint::PostChanged { post_id });
}

/// After lists, connections or blocks were changed: who lost sight of a post is told to read it again,
/// and finds nothing; who gained sight of one hears of it as of a new one.
pub fn sight_changed(app: &App, change: &SightChange) {
    for (&(post_id, _), accounts) in &change.lost {
        app.hub.hint_accounts(accounts, Hint::PostChanged { post_id });
    }
    for (&(post_id, kind), accounts) in &change.gained {
        app.hub.hint_accounts(accounts, new_post(post_id, kind));
    }
}

const fn new_post(post_id: PostId, kind: PostKind) -> Hint {
    match kind {
        PostKind::Post => Hint::PostAdded { post_id },
        PostKind::Story => Hint::StoryAdded { post_id },
    }
}

/// After something on the cards of a chat's posts changed (seats, members, the queue): everybody online
/// who may see such a post hears of it, at most once in [`CARD_GATHER_MS`].
pub fn cards_changed(app: &App, chat_id: ChatId) {
    if !app.cards.note(chat_id) {
        return;
    }
    let app = app.clone();
    tokio::spawn(async move {
        app.clock.sleep(CARD_GATHER_MS).await;
        // Taken first: a change from now on is told by a new task.
        app.cards.take(chat_id);
        let posts = app
            .store
            .read::<_, StoreError, _>(move |tx| Box::pin(store::invite::posts_into(tx, chat_id)))
            .await
            .unwrap_or_default();
        for post_id in posts {
            let readers = online(&app, post_id, Told::Readers).await;
            app.hub.hint_accounts(&readers, Hint::PostChanged { post_id });
        }
    });
}

/// Who is to hear of a post.
#[derive(Clone, Copy)]
enum Told {
    /// In whose feeds it is.
    Fed,
    /// Who may see it.
    Readers,
}

/// Those online who are told of a post. Hints are not worth an error: whoever misses one reads later.
async fn online(app: &App, post_id: PostId, told: Told) -> Vec<AccountId> {
    let online = app.hub.online_accounts();
    let now = app.clock.now();
    let found = app
        .store
        .read::<_, StoreError, _>(move |tx| {
            Box::pin(async move {
                let Some(post) = store::post::get(tx, post_id).await? else { return Ok(Vec::new()) };
                let circle = Circle::load(tx, &post, now).await?;
                match told {
                    Told::Fed => circle.fed_to(tx, online).await,
                    Told::Readers => Ok(online.into_iter().filter(|&account| circle.may_see(account)).collect()),
                }
            })
        })
        .await;
    match found {
        Ok(readers) => readers,
        Err(error) => {
            tracing::warn!(%error, "the readers of a post could not be told of it");
            Vec::new()
        }
    }
}
