//! An account's devices, and what it calls them.

use doorpost_model::{DeviceId, ErrorCode, device::DeviceView};
use doorpost_store as store;

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    validate,
};

/// The viewer's devices that are not revoked, the oldest first.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, viewer: Viewer) -> Result<Vec<DeviceView>> {
    let devices = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::device::listed(tx, viewer.account_id).await?) }))
        .await?;
    let view = |row: store::device::ListedDevice| DeviceView {
        is_current: viewer.device_id == Some(row.device_id),
        device_id: row.device_id,
        name: row.name,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    };
    Ok(devices.into_iter().map(view).collect())
}

/// Gives one of the viewer's devices another name.
///
/// # Errors
/// `invalid_field`; `not_found` unless it is the viewer's, and not revoked.
pub async fn rename(app: &App, viewer: Viewer, device_id: DeviceId, name: &str) -> Result<()> {
    let name = validate::device_name("name", name)?;
    let account_id = viewer.account_id;
    let is_renamed = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move { Ok(store::device::rename(tx, account_id, device_id, &name).await?) })
        })
        .await?;
    if is_renamed { Ok(()) } else { Err(ErrorCode::NotFound.into()) }
}
