//! Segments: taken from a device in their order, given to every device of the account.

use doorpost_model::{
    DeviceId, ErrorCode, TimeMs,
    backup::{PutSegment, SegmentPage, SegmentView},
    limits::{BACKUP_BYTES_MAX, BACKUP_PAGE_MAX, BACKUP_SEGMENT_BYTES_MAX},
};
use doorpost_store::{self as store, Tx, backup::SegmentRow};

use crate::{
    app::App,
    http::{Error, Result, Viewer, WithDevice},
};

/// Keeps the next segment of the viewer's device; the same one twice is once.
///
/// # Errors
/// `too_large`; `not_found` while the account has no backup; `conflict` when the device's next segment has another
/// number, or this number another segment; `limit_reached` when the backup is full.
pub async fn put(app: &App, viewer: WithDevice, number: u32, request: PutSegment) -> Result<()> {
    if !(1..=BACKUP_SEGMENT_BYTES_MAX).contains(&request.sealed.0.len()) {
        return Err(ErrorCode::TooLarge.into());
    }
    let segment = SegmentRow { device_id: viewer.device_id, number: i64::from(number), sealed: request.sealed.0 };
    app.store.write::<_, Error, _>(move |tx| Box::pin(put_in_tx(tx, viewer, segment, request.expires_at))).await
}

async fn put_in_tx(tx: &mut Tx, viewer: WithDevice, segment: SegmentRow, expires_at: Option<TimeMs>) -> Result<()> {
    let account_id = viewer.account_id;
    store::account::lock(tx, account_id).await?;
    let backup = store::backup::get(tx, account_id).await?.ok_or(ErrorCode::NotFound)?;
    let next = store::backup::next_number(tx, account_id, viewer.device_id).await?;
    if segment.number < next {
        let kept = store::backup::sealed(tx, account_id, viewer.device_id, segment.number).await?;
        // One that is gone was kept, and its time is over.
        return if kept.is_none_or(|kept| kept == segment.sealed) { Ok(()) } else { Err(ErrorCode::Conflict.into()) };
    }
    if segment.number > next {
        return Err(ErrorCode::Conflict.into());
    }
    let bytes = i64::try_from(segment.sealed.len()).unwrap_or(i64::MAX);
    if u64::try_from(backup.size_bytes.saturating_add(bytes)).is_ok_and(|size| size > BACKUP_BYTES_MAX) {
        return Err(Error::new(ErrorCode::LimitReached, "The backup is full. Delete it to begin anew."));
    }
    store::backup::insert(tx, account_id, &segment, expires_at).await?;
    store::backup::grow(tx, account_id, bytes).await?;
    Ok(store::backup::advance(tx, account_id, viewer.device_id, next + 1).await?)
}

/// The segments behind `after`, by device and number; from the first on without it.
///
/// # Errors
/// The store's.
pub async fn page(app: &App, viewer: Viewer, after: Option<(DeviceId, u32)>) -> Result<SegmentPage> {
    let after = after.map_or((DeviceId::from_bytes([0; 16]), -1), |(device, number)| (device, i64::from(number)));
    let limit = u32::try_from(BACKUP_PAGE_MAX).unwrap_or(u32::MAX);
    let now = app.clock.now();
    let mut rows = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::backup::page(tx, viewer.account_id, after, now, limit + 1).await?) })
        })
        .await?;
    let has_more = rows.len() > BACKUP_PAGE_MAX;
    rows.truncate(BACKUP_PAGE_MAX);
    let view = |row: SegmentRow| SegmentView {
        device_id: row.device_id,
        number: u32::try_from(row.number).unwrap_or(u32::MAX),
        sealed: row.sealed.into(),
    };
    Ok(SegmentPage { segments: rows.into_iter().map(view).collect(), has_more })
}
