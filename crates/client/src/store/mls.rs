//! The group engine's keys and values.

use doorpost_mls::storage::{KeyValue, KeyValueError, WriteSet};
use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;

/// The table as the group engine sees it.
pub(crate) struct MlsView<'a>(pub(crate) &'a Connection);

impl KeyValue for MlsView<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, KeyValueError> {
        self.0
            .prepare_cached("SELECT value FROM mls WHERE key = ?1")
            .and_then(|mut statement| statement.query_row([key], |row| row.get(0)).optional())
            .map_err(|error| KeyValueError(error.to_string()))
    }
}

/// Applies what an operation changed.
pub(crate) fn apply(connection: &Connection, writes: &WriteSet) -> Result<(), StoreError> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO mls (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?;
    let mut delete = connection.prepare_cached("DELETE FROM mls WHERE key = ?1")?;
    for (key, value) in &writes.0 {
        match value {
            Some(value) => upsert.execute(params![key, value])?,
            None => delete.execute([key])?,
        };
    }
    Ok(())
}
