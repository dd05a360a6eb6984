//! Telling those who watch an author of a new post. How many they are does not hold up whoever writes.

use doorpost_model::{AccountId, PostId, TimeMs, notification::NotificationKind};
use doorpost_store::{self as store, StoreError, Tx};

use super::live;
use crate::{
    app::App,
    notification::{self, About, News},
};

/// Watchers who are looked at, and told, at a time.
const PORTION: u32 = 200;

/// After a post was written: those of its author's watchers who may see it are told. What a server that stops has not told is
/// not told later.
pub(super) fn tell(app: &App, post_id: PostId) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = tell_all(&app, post_id).await {
            tracing::warn!(%error, "those who watch a post's author could not be told");
        }
    });
}

async fn tell_all(app: &App, post_id: PostId) -> Result<(), StoreError> {
    let mut after = AccountId::from_bytes([0; 16]);
    loop {
        let now = app.clock.now();
        let portion = app
            .store
            .read::<_, StoreError, _>(move |tx| Box::pin(async move { portion(tx, post_id, after, now).await }));
        let Portion { author, readers, last } = portion.await?;
        if !readers.is_empty() {
            let about = About { post_id: Some(post_id), ..About::default() };
            let news = News { kind: NotificationKind::NewPost, actor: Some(author), about };
            let teller = app.clone();
            let told = app.store.write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { notification::notify(tx, &teller, &readers, news, now).await })
            });
            notification::tell(app, told.await?);
        }
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// Some of an author's watchers.
struct Portion {
    author: AccountId,
    /// Those who may see the post.
    readers: Vec<AccountId>,
    /// The last who was looked at, where there may be more.
    last: Option<AccountId>,
}

async fn portion(tx: &mut Tx, post_id: PostId, after: AccountId, now: TimeMs) -> Result<Portion, StoreError> {
    let Some(post) = store::post::get(tx, post_id).await? else {
        return Ok(Portion { author: after, readers: Vec::new(), last: None });
    };
    let watching = store::watch::watching(tx, post.author_id, after, PORTION).await?;
    let last = watching.last().copied().filter(|_| watching.len() == PORTION as usize);
    let readers = live::readers(tx, &post, &watching, now).await?.into_iter().collect();
    Ok(Portion { author: post.author_id, readers, last })
}
