//! Beginning an upload.

use doorpost_model::{
    AccountId, ChatId, ErrorCode, TimeMs,
    file::{FileUpload, NewFile, sealed_bytes},
    limits::FILE_TTL_MS,
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx};

use super::upload_of;
use crate::{
    app::App,
    chat::access,
    config::FileLimits,
    direct,
    http::{Error, Result, Viewer},
    upload,
};

/// Says where the upload of a file stands, and begins it where it has not begun.
///
/// # Errors
/// `not_found` unless the viewer is a member; `invalid_field` for an empty file or a wrong time; `too_large`; `limit_reached` when the
/// account has uploaded too much; `conflict` when the id is another file's; as [`direct::check_open`].
pub(super) async fn begin(app: &App, viewer: Viewer, chat_id: ChatId, new: NewFile) -> Result<FileUpload> {
    let now = app.clock.now();
    let limits = app.config.files;
    app.store
        .write::<_, Error, _>(move |tx| Box::pin(begin_in_tx(tx, viewer.account_id, chat_id, new, limits, now)))
        .await
}

async fn begin_in_tx(
    tx: &mut Tx,
    account: AccountId,
    chat_id: ChatId,
    new: NewFile,
    limits: FileLimits,
    now: TimeMs,
) -> Result<FileUpload> {
    access::member(tx, account, chat_id, Action::WriteChat).await?;
    direct::check_open(tx, chat_id).await?;
    if new.size_bytes == 0 {
        return Err(Error::invalid("size_bytes", "This file is empty. Choose another."));
    }
    if new.size_bytes > sealed_bytes(limits.size_bytes_max) {
        return Err(too_large(limits.size_bytes_max));
    }
    if new.ttl_ms.is_some_and(|ttl| !FILE_TTL_MS.contains(&ttl)) {
        return Err(Error::invalid("ttl_ms", "A file is kept for 1 minute to 90 days."));
    }
    let expires_at = new.ttl_ms.and_then(|ttl| i64::try_from(ttl).ok()).map(|ttl| now.plus(ttl));
    let size_bytes = i64::try_from(new.size_bytes).map_err(|_| too_large(limits.size_bytes_max))?;
    // So that two uploads at a time count each other.
    store::account::lock(tx, account).await?;
    if let Some(row) = store::file::get(tx, chat_id, new.file_id).await? {
        let is_same = row.account_id == account && row.size_bytes == size_bytes;
        return if is_same { Ok(upload_of(&row)) } else { Err(ErrorCode::Conflict.into()) };
    }
    upload::check_room(tx, account, new.size_bytes, limits.quota_bytes).await?;
    if !store::file::insert(tx, chat_id, new.file_id, account, size_bytes, now, expires_at).await? {
        // One of that name is just being removed.
        return Err(ErrorCode::Busy.into());
    }
    let row = store::file::get(tx, chat_id, new.file_id).await?.ok_or(ErrorCode::Conflict)?;
    Ok(upload_of(&row))
}

fn too_large(size_bytes_max: u64) -> Error {
    let mib = size_bytes_max / (1024 * 1024);
    Error::new(ErrorCode::TooLarge, format!("This file is too large: this server takes files up to {mib} MiB."))
}
