//! Registering a device, and with the first one (or after a reset) the account's identity.

use doorpost_mls::{answers::verify_sealing_key, identity::verify_credential};
use doorpost_model::{
    AccountId, DeviceId, ErrorCode, SessionId, TimeMs,
    account::{Me, NewIdentity, RegisterDeviceRequest, VaultEntry},
    admission::PublicKey,
    frame::Hint,
    hosts_key::SealingKey,
    limits::DEVICES_PER_ACCOUNT_MAX,
};
use doorpost_store::{self as store, Tx, account::AccountRow, device::DeviceRow};

use crate::{
    account::me,
    app::App,
    direct,
    http::{Error, Result, Viewer},
    session::end,
    validate,
    vault::check_entry,
};

/// A request whose fields and signatures are good.
struct Checked {
    device: DeviceRow,
    /// The identity that signed the device's credential.
    signed_by: PublicKey,
    new_identity: Option<Identity>,
    reset: bool,
}

struct Identity {
    key: PublicKey,
    sealing_key: PublicKey,
    sealing_signature: Vec<u8>,
    vault_entry: Option<VaultEntry>,
}

/// What ended along the way.
#[derive(Default)]
struct Ended {
    sessions: Vec<SessionId>,
    devices: Vec<DeviceId>,
    /// Whose chat with the viewer ended.
    others: Vec<AccountId>,
    /// The device that the viewer's session spoke for before.
    former_device: Option<DeviceId>,
}

/// Lets the viewer's session speak for a device from now on; makes the device known where it is new.
///
/// # Errors
/// `invalid_field`; `device_invalid` when the credential is not by the account's identity or the
/// device's id is taken; `identity_exists`; `limit_reached`.
pub async fn register(app: &App, viewer: Viewer, request: RegisterDeviceRequest) -> Result<Me> {
    let now = app.clock.now();
    let checked = check(viewer, request, now)?;
    let was_reset = checked.reset;
    let (me, ended) =
        app.store.write::<_, Error, _>(move |tx| Box::pin(register_in_tx(tx, viewer, checked, now))).await?;
    if let Some(device) = ended.former_device {
        app.hub.reopen_device(device);
    }
    end::close_sockets(app, &ended.sessions);
    for device in ended.devices {
        app.hub.end_device(device);
    }
    if was_reset {
        app.hub.hint(viewer.account_id, Hint::ChatsChanged);
        app.hub.hint_accounts(&ended.others, Hint::ChatsChanged);
    }
    Ok(me)
}

fn check(viewer: Viewer, request: RegisterDeviceRequest, now: TimeMs) -> Result<Checked> {
    let name = validate::device_name("name", &request.name)?;
    let signature_key: PublicKey = validate::bytes("signature_key", &request.signature_key)?;
    let credential = verify_credential(&request.credential.0, &signature_key).map_err(|_| ErrorCode::DeviceInvalid)?;
    if credential.account_id != viewer.account_id || credential.device_id != request.device_id {
        return Err(ErrorCode::DeviceInvalid.into());
    }
    if request.reset_identity && request.identity.is_none() {
        return Err(Error::invalid("identity", "A reset needs the new identity."));
    }
    let new_identity = request.identity.map(|identity| check_identity(identity, viewer.account_id)).transpose()?;
    if new_identity.as_ref().is_some_and(|identity| identity.key != credential.identity_key) {
        return Err(ErrorCode::DeviceInvalid.into());
    }
    Ok(Checked {
        device: DeviceRow {
            device_id: request.device_id,
            account_id: viewer.account_id,
            name,
            credential: request.credential.0,
            signature_key: signature_key.to_vec(),
            created_at: now,
            revoked_at: None,
        },
        signed_by: credential.identity_key,
        new_identity,
        reset: request.reset_identity,
    })
}

fn check_identity(identity: NewIdentity, account_id: AccountId) -> Result<Identity> {
    identity.vault_entry.as_ref().map(|entry| check_entry("identity", entry)).transpose()?;
    let sealing_key = SealingKey {
        account_id,
        identity_key: identity.identity_key,
        sealing_key: identity.sealing_key,
        signature: identity.sealing_signature,
    };
    let is_signed = verify_sealing_key(&sealing_key);
    Ok(Identity {
        key: validate::bytes("identity_key", &sealing_key.identity_key)?,
        sealing_key: is_signed.map_err(|_| Error::invalid("sealing_key", "It is not signed by the identity key."))?,
        sealing_signature: sealing_key.signature.0,
        vault_entry: identity.vault_entry,
    })
}

async fn register_in_tx(tx: &mut Tx, viewer: Viewer, checked: Checked, now: TimeMs) -> Result<(Me, Ended)> {
    let account_id = viewer.account_id;
    store::account::lock(tx, account_id).await?;
    let account = store::account::find(tx, account_id).await?.ok_or(ErrorCode::Unauthenticated)?;
    let mut ended = Ended::default();
    settle_identity(tx, viewer, &account, &checked, now, &mut ended).await?;
    let device_id = checked.device.device_id;
    insert_device(tx, &checked.device, now).await?;
    ended.former_device = viewer.device_id.filter(|former| *former != device_id);
    if !store::session::bind_device(tx, viewer.session_id, device_id).await? {
        return Err(ErrorCode::Unauthenticated.into());
    }
    Ok((me::view_in_tx(tx, account_id, viewer.session_id, Some(device_id)).await?, ended))
}

/// Brings the account's identity in line with the request, or refuses the device.
async fn settle_identity(
    tx: &mut Tx,
    viewer: Viewer,
    account: &AccountRow,
    checked: &Checked,
    now: TimeMs,
    ended: &mut Ended,
) -> Result<()> {
    let is_present = |key: &PublicKey| account.identity_key.as_deref() == Some(key.as_slice());
    match (&checked.new_identity, &account.identity_key) {
        // The first device, or its request once more.
        (Some(identity), None) => {
            let Identity { key, sealing_key, sealing_signature, .. } = identity;
            store::account::set_first_identity(tx, account.account_id, key, sealing_key, sealing_signature).await?;
            put_vault_entry(tx, account.account_id, identity, now).await
        }
        (Some(identity), Some(_)) if is_present(&identity.key) => Ok(()),
        (Some(identity), Some(_)) if checked.reset => {
            replace_identity(tx, viewer, identity, checked.device.device_id, now, ended).await
        }
        (Some(_), Some(_)) => Err(ErrorCode::IdentityExists.into()),
        (None, Some(_)) if is_present(&checked.signed_by) => Ok(()),
        (None, Some(_)) => Err(ErrorCode::DeviceInvalid.into()),
        (None, None) => Err(Error::invalid("identity", "The account's first device has to bring its identity.")),
    }
}

/// Everything sealed under the old identity goes with it, and so do the devices it certified and all sessions but the
/// viewer's own.
async fn replace_identity(
    tx: &mut Tx,
    viewer: Viewer,
    identity: &Identity,
    device_id: DeviceId,
    now: TimeMs,
    ended: &mut Ended,
) -> Result<()> {
    let account_id = viewer.account_id;
    let Identity { key, sealing_key, sealing_signature, .. } = identity;
    store::account::replace_identity(tx, account_id, key, sealing_key, sealing_signature).await?;
    store::vault::delete_all(tx, account_id).await?;
    store::keyring::delete_all(tx, account_id).await?;
    store::backup::delete(tx, account_id).await?;
    store::hosts_key::delete_copies(tx, account_id).await?;
    store::invite::copy::delete_of_account(tx, account_id).await?;
    ended.others = direct::identity_changed(tx, account_id).await?;
    ended.devices.extend(store::device::revoke_others(tx, account_id, device_id, now).await?);
    store::key_package::delete_of_revoked(tx, account_id).await?;
    ended.sessions.extend(store::session::delete_others(tx, account_id, viewer.session_id).await?);
    put_vault_entry(tx, account_id, identity, now).await
}

async fn put_vault_entry(tx: &mut Tx, account_id: AccountId, identity: &Identity, now: TimeMs) -> Result<()> {
    if let Some(entry) = &identity.vault_entry {
        store::vault::put(tx, account_id, entry, now).await?;
    }
    Ok(())
}

/// Adds the device, or finds that it is known already: same id, account and key, not revoked.
async fn insert_device(tx: &mut Tx, device: &DeviceRow, now: TimeMs) -> Result<()> {
    if let Some(known) = store::device::find(tx, device.device_id).await? {
        let same = known.account_id == device.account_id
            && known.signature_key == device.signature_key
            && known.credential == device.credential
            && known.revoked_at.is_none();
        return if same { Ok(()) } else { Err(ErrorCode::DeviceInvalid.into()) };
    }
    make_room(tx, device.account_id, now).await?;
    if store::device::insert(tx, device).await? { Ok(()) } else { Err(ErrorCode::DeviceInvalid.into()) }
}

/// Where the account has as many devices as it may, revokes the oldest one that is signed out.
async fn make_room(tx: &mut Tx, account_id: AccountId, now: TimeMs) -> Result<()> {
    let devices = store::device::of_account(tx, account_id).await?;
    if devices.len() < DEVICES_PER_ACCOUNT_MAX {
        return Ok(());
    }
    let sessions = store::session::of_account(tx, account_id).await?;
    let is_signed_in = |device: &DeviceRow| sessions.iter().any(|session| session.device_id == Some(device.device_id));
    let Some(unused) = devices.iter().find(|device| !is_signed_in(device)) else {
        return Err(Error::new(
            ErrorCode::LimitReached,
            format!("An account has at most {DEVICES_PER_ACCOUNT_MAX} devices. Sign out on one of them first."),
        ));
    };
    store::device::revoke(tx, account_id, unused.device_id, now).await?;
    store::key_package::delete_of_revoked(tx, account_id).await?;
    Ok(())
}
