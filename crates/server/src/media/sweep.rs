//! What time does to photos.

use doorpost_model::{MediaId, limits::MEDIA_UNUSED_TTL_MS};
use doorpost_store as store;

use super::{erase, finish};
use crate::{
    app::App,
    http::{Error, Result},
};

/// How often photos are looked at whose time may be over.
const SWEEP_MS: i64 = 10 * 60_000;
/// Photos that are looked up at one time.
const BATCH_MAX: u32 = 200;

/// Sweeps now and then, for ever.
pub(crate) async fn run(app: App) {
    loop {
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "photos whose time was over were not deleted");
        }
        app.clock.sleep(SWEEP_MS).await;
    }
}

/// Photos that have to be dealt with, by what has to be done.
struct Due {
    /// In no post for too long.
    unused: Vec<MediaId>,
    /// Taken from everybody, and not deleted yet.
    removed: Vec<MediaId>,
    /// Finished, with what was uploaded perhaps still there.
    staged: Vec<MediaId>,
}

async fn sweep(app: &App) -> Result<()> {
    loop {
        let due = due(app).await?;
        if due.unused.is_empty() && due.removed.is_empty() && due.staged.is_empty() {
            return Ok(());
        }
        for media_id in due.unused {
            erase::erase_unused(app, media_id).await?;
        }
        for media_id in due.removed {
            erase::erase(app, media_id).await?;
        }
        for media_id in due.staged {
            finish::unstage(app, media_id).await?;
        }
    }
}

async fn due(app: &App) -> Result<Due> {
    let begun_before = app.clock.now().plus(-MEDIA_UNUSED_TTL_MS);
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                Ok(Due {
                    unused: store::media::unused(tx, begun_before, BATCH_MAX).await?,
                    removed: store::media::removed(tx, BATCH_MAX).await?,
                    staged: store::media::staged(tx, BATCH_MAX).await?,
                })
            })
        })
        .await
}
