//! Telling those who are there that something was said under a post. Who is told is decided by the gate, so nobody learns
//! from a hint that somebody said something who is not there for them.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use doorpost_model::{AccountId, PostId, frame::Hint, limits::COMMENT_HINT_WRITERS_MAX};
use doorpost_store::{self as store, StoreError, Tx};

use crate::{app::App, post::audience::Circle};

/// What is said under a post within this time is told as one (milliseconds).
const GATHER_MS: i64 = 250;

/// Somebody wrote, changed or took away a comment or a reaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Said {
    pub(crate) writer: AccountId,
    /// A comment with a word that the post's author hides.
    pub(crate) hidden: bool,
}

/// Posts under which something was said, and whose readers will hear of it shortly.
#[derive(Default)]
pub struct Talk {
    said: Mutex<HashMap<PostId, HashSet<Said>>>,
}

impl Talk {
    /// `false` when the post is noted already.
    fn note(&self, post_id: PostId, said: &[Said]) -> bool {
        let mut posts = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !posts.contains_key(&post_id);
        let noted = posts.entry(post_id).or_default();
        for &said in said {
            // One more says that there were too many.
            if noted.len() <= COMMENT_HINT_WRITERS_MAX {
                noted.insert(said);
            }
        }
        is_new
    }

    fn take(&self, post_id: PostId) -> HashSet<Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).remove(&post_id).unwrap_or_default()
    }
}

/// After something was said under a post: everybody online for whom it is there hears of it, at most once in [`GATHER_MS`].
pub(crate) fn said(app: &App, post_id: PostId, said: &[Said]) {
    if said.is_empty() || !app.talk.note(post_id, said) {
        return;
    }
    let app = app.clone();
    tokio::spawn(async move {
        app.clock.sleep(GATHER_MS).await;
        // Taken first: what is said from now on is told by a new task.
        let said = app.talk.take(post_id);
        let online = app.hub.online_accounts();
        let now = app.clock.now();
        let told = app
            .store
            .read::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    let Some(post) = store::post::get(tx, post_id).await? else { return Ok(Vec::new()) };
                    let circle = Circle::load(tx, &post, now).await?;
                    told(tx, &circle, &said, online).await
                })
            })
            .await;
        match told {
            Ok(told) => app.hub.hint_accounts(&told, Hint::PostChanged { post_id }),
            Err(error) => tracing::warn!(%error, "the readers of a post could not be told of its comments"),
        }
    });
}

/// Those online for whom something of what was said is there.
async fn told(
    tx: &mut Tx,
    circle: &Circle,
    said: &HashSet<Said>,
    online: Vec<AccountId>,
) -> Result<Vec<AccountId>, StoreError> {
    if said.len() > COMMENT_HINT_WRITERS_MAX {
        return Ok(online.into_iter().filter(|&account| circle.may_see(account)).collect());
    }
    let mut told = HashSet::new();
    for said in said {
        let parted = store::block::all(tx, said.writer).await?;
        let hears =
            |account: &AccountId| circle.may_see_comment(*account, said.writer, said.hidden, parted.contains(account));
        told.extend(online.iter().copied().filter(hears));
    }
    Ok(told.into_iter().collect())
}
