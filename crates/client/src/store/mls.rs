//! The group engine's keys and values.

use doorpost_mls::storage::{KeyValue, KeyValueError, WriteSet};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, checksum};

/// The table as the group engine sees it.
pub(crate) struct MlsView<'a>(pub(crate) &'a Connection);

impl KeyValue for MlsView<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, KeyValueError> {
        let row: Option<(Vec<u8>, Vec<u8>)> = self
            .0
            .prepare_cached("SELECT value, checksum FROM mls WHERE key = ?1")
            .and_then(|mut statement| statement.query_row([key], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .map_err(|error| match StoreError::from(error) {
                StoreError::Corrupt => KeyValueError::Damaged,
                error => KeyValueError::Unreadable(error.to_string()),
            })?;
        match row {
            Some((value, sum)) if checksum(key, &value) == sum[..] => Ok(Some(value)),
            Some(_) => Err(KeyValueError::Damaged),
            None => Ok(None),
        }
    }
}

/// Applies what an operation changed.
pub(crate) fn apply(connection: &Connection, writes: &WriteSet) -> Result<(), StoreError> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO mls (key, value, checksum) VALUES (?1, ?2, ?3) \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, checksum = excluded.checksum",
    )?;
    let mut delete = connection.prepare_cached("DELETE FROM mls WHERE key = ?1")?;
    for (key, value) in &writes.0 {
        match value {
            Some(value) => upsert.execute(params![key, value, checksum(key, value)])?,
            None => delete.execute([key])?,
        };
    }
    Ok(())
}
