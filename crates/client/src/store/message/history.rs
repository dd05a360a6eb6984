//! Messages as a newcomer is given them.

use doorpost_model::{AccountId, ChatId, MessageId, TimeMs, history::HistoryEdit, limits};
use rusqlite::{Connection, params};

use super::{COLUMNS, MessageRow, read};
use crate::store::{StoreError, from_sql, id_column, to_sql};

/// A message with the places of its edit and its end.
pub(crate) struct PastMessage {
    pub(crate) row: MessageRow,
    pub(crate) edit: Option<HistoryEdit>,
    pub(crate) closed_seq: Option<u64>,
}

/// The newest `limit` messages of entries from `from_seq` to before `before_seq` that are neither deleted nor over at
/// `now`, the newest first.
pub(crate) fn past(
    connection: &Connection,
    chat_id: ChatId,
    from_seq: u64,
    before_seq: u64,
    now: TimeMs,
    limit: u32,
) -> Result<Vec<PastMessage>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, edited_seq, closed_seq FROM message WHERE chat_id = ?1 AND seq >= ?2 AND seq < ?3 \
         AND content IS NOT NULL AND kind IN ('text', 'poll', 'unknown') AND (expires_at IS NULL OR expires_at > ?4) \
         ORDER BY seq DESC, ordinal DESC LIMIT ?5"
    ))?;
    let rows = statement.query_map(
        params![chat_id.as_bytes(), to_sql(from_seq), to_sql(before_seq), now.0, limit],
        |found| {
            let row = read(found)?;
            // An edit that waits to be sent is nobody else's business yet.
            let edited_seq = found.get::<_, Option<i64>>(EDITED_SEQ)?.map(from_sql).filter(|seq| *seq > 0);
            let edit = edited_seq.map(|seq| HistoryEdit {
                text: row.text.clone(),
                mentions: row.people.clone(),
                seq,
                proof: None,
            });
            let closed_seq = found.get::<_, Option<i64>>(EDITED_SEQ + 1)?.map(from_sql).filter(|seq| *seq > 0);
            Ok(PastMessage { row, edit, closed_seq })
        },
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The column after [`COLUMNS`].
const EDITED_SEQ: usize = 18;

/// Who put which emoji on a message.
pub(crate) fn reactions(
    connection: &Connection,
    chat_id: ChatId,
    message_id: MessageId,
) -> Result<Vec<(AccountId, String)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT account_id, emoji FROM reaction WHERE chat_id = ?1 AND message_id = ?2 AND present = 1 \
         ORDER BY account_id, emoji LIMIT ?3",
    )?;
    let rows = statement
        .query_map(params![chat_id.as_bytes(), message_id.as_bytes(), limits::HISTORY_EFFECTS_MAX], |row| {
            Ok((id_column!(AccountId, row, 0), row.get(1)?))
        })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
