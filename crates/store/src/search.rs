//! Finding people by the beginnings of words of their names, and by connections in common.

use doorpost_model::{
    AccountId,
    people::{AccountKind, AccountRef, Relation},
};

use crate::{FromRow, Row, StoreError, Tx, params, statements};

/// Somebody a search came upon, with what the gate asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    pub account: AccountRef,
    pub about: String,
    pub findable: bool,
    /// How they stand to the searcher; [`Relation::None`] where nothing is between the two.
    pub relation: Relation,
    /// Either of the two blocks the other.
    pub blocked: bool,
    pub kind: AccountKind,
}

impl FromRow for FoundRow {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            account: AccountRef::from_row(row)?,
            about: row.get(3)?,
            findable: row.get(4)?,
            relation: row.get(5)?,
            blocked: row.get(6)?,
            kind: row.get(7)?,
        })
    }
}

/// Columns of a [`FoundRow`].
const FOUND_COLUMNS: usize = 8;

statements! {
    FORGET = "DELETE FROM search_words WHERE account_id = $1";
    ADD = "INSERT INTO search_words (account_id, word) VALUES {rows:2} ON CONFLICT DO NOTHING";
    // Connections first, each by its own few words; then everybody whose first word is in the range, in the
    // words' order. Each way ends at the limit.
    FIND = "SELECT a.account_id, a.handle, a.name, a.about, a.findable, \
            COALESCE((SELECT c.state FROM connections c WHERE c.account_id = $1 AND c.other_id = a.account_id), 'none'), \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = a.account_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = a.account_id AND b.blocked_id = $1), a.kind \
        FROM (SELECT account_id FROM (\
          SELECT DISTINCT w.account_id FROM connections c CROSS JOIN search_words w \
          WHERE c.account_id = $1 AND c.state = 'connected' AND w.account_id = c.other_id AND w.word >= $2 AND w.word < $3 \
            AND EXISTS (SELECT 1 FROM search_words s WHERE s.account_id = w.account_id AND s.word >= $4 AND s.word < $5) \
            AND EXISTS (SELECT 1 FROM search_words s WHERE s.account_id = w.account_id AND s.word >= $6 AND s.word < $7) \
          ORDER BY w.account_id LIMIT $8) AS connected \
        UNION SELECT account_id FROM (\
          SELECT w.account_id FROM search_words w CROSS JOIN accounts o \
          WHERE w.word >= $2 AND w.word < $3 AND o.account_id = w.account_id AND o.findable AND w.account_id <> $1 \
            AND EXISTS (SELECT 1 FROM search_words s WHERE s.account_id = w.account_id AND s.word >= $4 AND s.word < $5) \
            AND EXISTS (SELECT 1 FROM search_words s WHERE s.account_id = w.account_id AND s.word >= $6 AND s.word < $7) \
            AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = w.account_id) \
            AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = w.account_id AND b.blocked_id = $1) \
          ORDER BY w.word, w.account_id LIMIT $8) AS others) AS found \
        JOIN accounts a ON a.account_id = found.account_id ORDER BY a.handle";
    SUGGEST = "SELECT a.account_id, a.handle, a.name, a.about, a.findable, 'none', \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = a.account_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = a.account_id AND b.blocked_id = $1), a.kind, \
            near.mutual FROM (\
          SELECT t.other_id, COUNT(*) AS mutual FROM (\
            SELECT other_id FROM connections WHERE account_id = $1 AND state = 'connected' \
            ORDER BY since DESC, other_id DESC LIMIT $2) AS own \
          CROSS JOIN connections t \
          WHERE t.account_id = own.other_id AND t.state = 'connected' AND t.other_id <> $1 \
          GROUP BY t.other_id HAVING COUNT(*) >= $3) AS near \
        JOIN accounts a ON a.account_id = near.other_id \
        WHERE a.findable \
          AND NOT EXISTS (SELECT 1 FROM connections c WHERE c.account_id = $1 AND c.other_id = a.account_id) \
          AND NOT EXISTS (SELECT 1 FROM hidden_suggestions h WHERE h.account_id = $1 AND h.other_id = a.account_id) \
          AND NOT EXISTS (SELECT 1 FROM mutes u WHERE u.account_id = $1 AND u.muted_id = a.account_id) \
          AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = a.account_id) \
          AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = a.account_id AND b.blocked_id = $1) \
        ORDER BY near.mutual DESC, a.handle LIMIT $4";
}

/// Forgets the words an account is found by.
///
/// # Errors
/// The database's.
pub async fn forget(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    tx.execute(&FORGET, params![account]).await.map(drop)
}

/// Adds words an account is found by (folded).
///
/// # Errors
/// The database's.
pub async fn add(tx: &mut Tx, account: AccountId, words: &[String]) -> Result<(), StoreError> {
    let rows: Vec<_> = words.iter().map(|word| [account.into(), word.as_str().into()]).collect();
    tx.execute_rows(&ADD, &[], &rows).await.map(drop)
}

/// People who have, for each of `words` (folded), a word that begins so: up to `limit` of the viewer's connections, and up to
/// `limit` others who let themselves be found and whom no block parts from the viewer. The first word is the one looked up, so it
/// should be the longest.
///
/// # Errors
/// The database's.
pub async fn find(tx: &mut Tx, viewer: AccountId, words: [&str; 3], limit: i64) -> Result<Vec<FoundRow>, StoreError> {
    // Every string that begins so, and no other: nothing sorts above U+10FFFF.
    let [first, second, third] = words.map(|word| format!("{word}\u{10FFFF}"));
    let params = params![viewer, words[0], &first, words[1], &second, words[2], &third, limit];
    tx.query(&FIND, params).await
}

/// Up to `limit` people the viewer has nothing with yet, who let themselves be found and are connected with at least `mutual_min` of
/// the viewer's newest `connections` connections; each with the number of those, most first.
///
/// # Errors
/// The database's.
pub async fn suggest(
    tx: &mut Tx,
    viewer: AccountId,
    connections: i64,
    mutual_min: i64,
    limit: i64,
) -> Result<Vec<SuggestedRow>, StoreError> {
    tx.query(&SUGGEST, params![viewer, connections, mutual_min, limit]).await
}

/// Somebody the viewer may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedRow {
    pub found: FoundRow,
    pub mutual: u32,
}

impl FromRow for SuggestedRow {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { found: FoundRow::from_row(row)?, mutual: row.get(FOUND_COLUMNS)? })
    }
}
