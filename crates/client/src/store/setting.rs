//! Single values: the session, the account, the device and its secrets.

use doorpost_mls::{
    backup::Behind,
    identity::{AccountSecrets, Device},
};
use doorpost_model::{
    Binary, DeviceId, TimeMs,
    account::{Me, ServerInfo},
    admission::Versioned,
};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{StoreError, checksum};
use crate::view::Privacy;

const ME: &str = "me";
const SERVER: &str = "server";
const TOKEN: &str = "token";
const DEVICE: &str = "device";
const SECRETS: &str = "secrets";
const CONTENT_VERSION: &str = "content_version";
const PRIVACY: &str = "privacy";
const CONDEMNED: &str = "condemned";
const BACKUP: &str = "backup";
const KEY_PACKAGES: &str = "key_packages";

fn get(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value, checksum FROM setting WHERE name = ?1")?;
    let row: Option<(Vec<u8>, Vec<u8>)> =
        statement.query_row([name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match row {
        Some((value, sum)) if checksum(name.as_bytes(), &value) == sum[..] => Ok(Some(value)),
        Some(_) => Err(StoreError::Corrupt),
        None => Ok(None),
    }
}

fn set(connection: &Connection, name: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
    match value {
        Some(value) => connection
            .prepare_cached(
                "INSERT INTO setting (name, value, checksum) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value, checksum = excluded.checksum",
            )?
            .execute(params![name, value, checksum(name.as_bytes(), value)])?,
        None => connection.prepare_cached("DELETE FROM setting WHERE name = ?1")?.execute([name])?,
    };
    Ok(())
}

fn get_json<T: DeserializeOwned>(connection: &Connection, name: &str) -> Result<Option<T>, StoreError> {
    get(connection, name)?.map(|bytes| serde_json::from_slice(&bytes).map_err(|_| StoreError::Corrupt)).transpose()
}

fn set_json<T: Serialize>(connection: &Connection, name: &str, value: Option<&T>) -> Result<(), StoreError> {
    let bytes = value.map(serde_json::to_vec).transpose().map_err(|_| StoreError::Corrupt)?;
    set(connection, name, bytes.as_deref())
}

/// What a device knows of the key packages it has left with the server.
#[derive(Serialize, Deserialize)]
pub(crate) struct LeftBehind {
    pub(crate) device_id: DeviceId,
    /// Those that have not run out; the keys of the used ones are gone already.
    pub(crate) kept: Vec<KeptKeyPackage>,
    /// When to ask how many are left.
    pub(crate) check_at: TimeMs,
}

/// A key package that was left with the server.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptKeyPackage {
    /// Its hash reference (RFC 9420 section 5.2).
    pub(crate) reference: Binary,
    pub(crate) expires_at: TimeMs,
}

pub(crate) fn key_packages(connection: &Connection) -> Result<Option<LeftBehind>, StoreError> {
    get_json(connection, KEY_PACKAGES)
}

pub(crate) fn set_key_packages(connection: &Connection, left: &LeftBehind) -> Result<(), StoreError> {
    set_json(connection, KEY_PACKAGES, Some(left))
}

/// The account, as it last saw itself.
pub(crate) fn me(connection: &Connection) -> Result<Option<Me>, StoreError> {
    get_json(connection, ME)
}

pub(crate) fn set_me(connection: &Connection, me: Option<&Me>) -> Result<(), StoreError> {
    set_json(connection, ME, me)
}

/// What the server last said of itself.
pub(crate) fn server(connection: &Connection) -> Result<Option<ServerInfo>, StoreError> {
    get_json(connection, SERVER)
}

pub(crate) fn set_server(connection: &Connection, server: &ServerInfo) -> Result<(), StoreError> {
    set_json(connection, SERVER, Some(server))
}

/// The version of contents that wrote here last.
pub(crate) fn content_version(connection: &Connection) -> Result<u16, StoreError> {
    Ok(get_json(connection, CONTENT_VERSION)?.unwrap_or(0))
}

pub(crate) fn set_content_version(connection: &Connection, version: u16) -> Result<(), StoreError> {
    set_json(connection, CONTENT_VERSION, Some(&version))
}

/// The session's bearer token.
pub(crate) fn token(connection: &Connection) -> Result<Option<String>, StoreError> {
    get(connection, TOKEN)?.map(|bytes| String::from_utf8(bytes).map_err(|_| StoreError::Corrupt)).transpose()
}

pub(crate) fn set_token(connection: &Connection, token: Option<&str>) -> Result<(), StoreError> {
    set(connection, TOKEN, token.map(str::as_bytes))
}

pub(crate) fn device(connection: &Connection) -> Result<Option<Device>, StoreError> {
    get(connection, DEVICE)?.map(|bytes| Device::from_bytes(&bytes).map_err(|_| StoreError::Corrupt)).transpose()
}

pub(crate) fn set_device(connection: &Connection, device: &Device) -> Result<(), StoreError> {
    set(connection, DEVICE, Some(&device.to_bytes()))
}

pub(crate) fn secrets(connection: &Connection) -> Result<Option<AccountSecrets>, StoreError> {
    get(connection, SECRETS)?
        .map(|bytes| AccountSecrets::from_bytes(&bytes).map_err(|_| StoreError::Corrupt))
        .transpose()
}

pub(crate) fn set_secrets(connection: &Connection, secrets: &AccountSecrets) -> Result<(), StoreError> {
    set(connection, SECRETS, Some(&secrets.to_bytes()))
}

/// What others are told beside messages.
pub(crate) fn privacy(connection: &Connection) -> Result<Privacy, StoreError> {
    Ok(get_json(connection, PRIVACY)?.unwrap_or_default())
}

pub(crate) fn set_privacy(connection: &Connection, privacy: Privacy) -> Result<(), StoreError> {
    set_json(connection, PRIVACY, Some(&privacy))
}

/// How this device stands with the account's backup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BackupState {
    /// When the account's backup began, as this device knows it; none: it has none.
    pub(crate) began_at: Option<TimeMs>,
    /// What is before this device's next segment.
    pub(crate) behind: Behind,
    /// What other devices deposited before this one came is on it.
    pub(crate) is_restored: bool,
}

pub(crate) fn backup(connection: &Connection) -> Result<BackupState, StoreError> {
    Ok(get_json(connection, BACKUP)?.unwrap_or_default())
}

pub(crate) fn set_backup(connection: &Connection, state: &BackupState) -> Result<(), StoreError> {
    set_json(connection, BACKUP, Some(state))
}

/// Damage was found while the store was in use.
pub(super) fn set_condemned(connection: &Connection) -> Result<(), StoreError> {
    set(connection, CONDEMNED, Some([].as_slice()))
}

/// Reads everything once.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    if get(connection, CONDEMNED)?.is_some() {
        return Err(StoreError::Corrupt);
    }
    me(connection)?;
    server(connection)?;
    privacy(connection)?;
    backup(connection)?;
    token(connection)?;
    device(connection)?;
    secrets(connection)?;
    Ok(())
}
