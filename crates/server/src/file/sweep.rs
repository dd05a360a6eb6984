//! What time does to files.

use doorpost_model::{TimeMs, limits::FILE_UPLOAD_TTL_MS};
use doorpost_store::{self as store, file::FileRow};

use super::FileKey;
use crate::{
    app::App,
    http::{Error, Result},
    storage::Kept,
};

/// How often files are looked at whose time may be over.
const SWEEP_MS: i64 = 10 * 60_000;
/// Files that are looked up at one time.
const BATCH_MAX: u32 = 200;

/// Sweeps now and then, for ever.
pub(crate) async fn run(app: App) {
    loop {
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "files whose time was over were not deleted");
        }
        app.clock.sleep(SWEEP_MS).await;
    }
}

/// Deletes uploads that nobody completed, files that have come to the end their uploader gave them or are older than the
/// operator keeps them, and those of chats that nobody is in any more.
async fn sweep(app: &App) -> Result<()> {
    loop {
        let due = due(app, app.clock.now()).await?;
        if due.is_empty() {
            return Ok(());
        }
        for row in due {
            remove(app, &row).await?;
        }
    }
}

/// Takes a file from everybody, then its ciphertext from the disk. Stopped in between, the next sweep goes on.
async fn remove(app: &App, row: &FileRow) -> Result<()> {
    let key = FileKey::from(row);
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::file::remove(tx, key.chat_id, key.file_id).await?) })
        })
        .await?;
    app.storage.delete(Kept::File(key)).await.map_err(Error::internal)?;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::file::delete(tx, key.chat_id, key.file_id).await?) })
        })
        .await?;
    Ok(())
}

async fn due(app: &App, now: TimeMs) -> Result<Vec<FileRow>> {
    let begun_before = now.plus(-FILE_UPLOAD_TTL_MS);
    let complete_before = app.config.files.retention_ms.map(|ms| now.plus(-ms));
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let mut due = store::file::unfinished(tx, begun_before, BATCH_MAX).await?;
                if due.is_empty()
                    && let Some(before) = complete_before
                {
                    due = store::file::old(tx, before, BATCH_MAX).await?;
                }
                if due.is_empty() {
                    due = store::file::expired(tx, now, BATCH_MAX).await?;
                }
                if due.is_empty() {
                    due = store::file::abandoned(tx, BATCH_MAX).await?;
                }
                Ok(due)
            })
        })
        .await
}
