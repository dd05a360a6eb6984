//! Searching one's own messages.

use doorpost_model::ChatId;
use rusqlite::{Connection, params};

use super::{StoreError, id_column, message, to_sql};
use crate::view::SearchHit;

/// Messages with every word of `words` (each as the beginning of a word), the newest first: those of one chat, or of
/// all; `before` is the row after which to go on.
pub(crate) fn find(
    connection: &Connection,
    chat_id: Option<ChatId>,
    words: &str,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<SearchHit>, StoreError> {
    let Some(expression) = expression(words) else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.chat_id, m.local_id FROM message_text t JOIN message m ON m.id = t.rowid \
         WHERE message_text MATCH ?1 AND m.id < ?2 AND (?3 IS NULL OR m.chat_id = ?3) ORDER BY t.rowid DESC LIMIT ?4",
    )?;
    let chat = chat_id.as_ref().map(ChatId::as_bytes);
    let rows = statement
        .query_map(params![expression, before.map_or(i64::MAX, to_sql), chat, limit], |row| {
            Ok((row.get::<_, i64>(0)?, id_column!(ChatId, row, 1), row.get::<_, String>(2)?))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut hits = Vec::with_capacity(rows.len());
    for (id, chat_id, local_id) in rows {
        if let Some(message) = message::get(connection, chat_id, &local_id)? {
            hits.push(SearchHit { chat_id, message, cursor: super::from_sql(id) });
        }
    }
    Ok(hits)
}

/// The words as FTS5 reads them: each in quotes, so that nothing in them is an operator, and open at its end.
fn expression(words: &str) -> Option<String> {
    let terms: Vec<String> = words
        .split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}
