//! Key packages that a device leaves.

use doorpost_mls::delivery::{CheckedKeyPackage, check_left_key_package};
use doorpost_model::{
    ErrorCode,
    direct::{KeyPackagesLeft, PutKeyPackages},
    limits::{KEY_PACKAGE_BYTES_MAX, KEY_PACKAGES_MAX},
};
use doorpost_store::{self as store, key_package::LAST_RESORT};

use crate::{
    app::App,
    commit::blocking,
    http::{Error, Result, WithDevice},
};

/// What is left of the viewer's device's.
///
/// # Errors
/// As every statement.
pub(super) async fn left(app: &App, viewer: WithDevice) -> Result<KeyPackagesLeft> {
    let (device, now) = (viewer.device_id, app.clock.now());
    let left = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::key_package::left(tx, device, now).await?) }))
        .await?;
    Ok(KeyPackagesLeft { one_time: left.one_time, has_last_resort: left.has_last_resort })
}

/// Keeps more of them.
///
/// # Errors
/// `key_package_invalid` when one is not the viewer's device's; `limit_reached`; `too_large`.
pub(super) async fn put(app: &App, viewer: WithDevice, new: PutKeyPackages) -> Result<KeyPackagesLeft> {
    let now = app.clock.now();
    let all = || new.one_time.iter().chain(&new.last_resort);
    if new.one_time.len() > KEY_PACKAGES_MAX {
        return Err(ErrorCode::LimitReached.into());
    }
    if all().any(|key_package| key_package.0.len() > KEY_PACKAGE_BYTES_MAX) {
        return Err(ErrorCode::TooLarge.into());
    }
    let bytes: Vec<Vec<u8>> = all().map(|key_package| key_package.0.clone()).collect();
    let checked = blocking(move || {
        let check = |bytes: Vec<u8>| check_left_key_package(&bytes, now).map(|checked| (bytes, checked));
        bytes.into_iter().map(check).collect::<std::result::Result<Vec<_>, _>>()
    })
    .await?
    .map_err(|_| Error::from(ErrorCode::KeyPackageInvalid))?;
    let is_own = |(_, checked): &(Vec<u8>, CheckedKeyPackage)| {
        (checked.leaf.account_id, checked.leaf.device_id) == (viewer.account_id, viewer.device_id)
    };
    // Whether each is what it was sent as.
    let is_as_sent = checked.iter().filter(|(_, checked)| checked.last_resort).count()
        == usize::from(new.last_resort.is_some())
        && checked.last().is_none_or(|(_, last)| last.last_resort == new.last_resort.is_some());
    if !checked.iter().all(is_own) || !is_as_sent {
        return Err(ErrorCode::KeyPackageInvalid.into());
    }
    let device = viewer.device_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                store::account::lock(tx, viewer.account_id).await?;
                store::key_package::delete_expired(tx, device, now).await?;
                let before = store::key_package::left(tx, device, now).await?;
                let mut number = before.next_number;
                for (bytes, checked) in checked {
                    let place = if checked.last_resort { LAST_RESORT } else { number };
                    number += i64::from(!checked.last_resort);
                    store::key_package::put(tx, device, place, &bytes, checked.expires_at).await?;
                }
                let after = store::key_package::left(tx, device, now).await?;
                if after.one_time as usize > KEY_PACKAGES_MAX {
                    return Err(ErrorCode::LimitReached.into());
                }
                Ok(KeyPackagesLeft { one_time: after.one_time, has_last_resort: after.has_last_resort })
            })
        })
        .await
}
