//! What people leave on a post (views, answers), a page at a time, the newest first.

use doorpost_model::AccountId;
use doorpost_policy::gate::{self, Action, Facts, Object};
use doorpost_store::{self as store, Tx, story::TraceKey};

use crate::http::{PageQuery, Result, place};

/// Which page.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) after: TraceKey,
    pub(crate) limit: usize,
}

impl Wanted {
    /// # Errors
    /// `invalid_field`.
    pub(crate) fn of(query: &PageQuery) -> Result<Self> {
        Ok(Self { limit: query.limit()?, after: decode(query.cursor.as_deref())? })
    }

    /// One more than asked for says whether there is another page.
    pub(crate) fn one_more(self) -> u32 {
        u32::try_from(self.limit + 1).unwrap_or(u32::MAX)
    }
}

/// The page's rows, and the cursor of the next one if there are more.
pub(crate) fn cut<Row>(mut rows: Vec<Row>, limit: usize, key: impl Fn(&Row) -> TraceKey) -> (Vec<Row>, Option<String>) {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| encode(key(row)));
    (rows, next_cursor)
}

/// The rows by people whom no block parts from the viewer.
///
/// # Errors
/// As every statement.
pub(crate) async fn visible<Row>(
    tx: &mut Tx,
    viewer: AccountId,
    mut rows: Vec<Row>,
    account: impl Fn(&Row) -> AccountId,
) -> Result<Vec<Row>> {
    let accounts: Vec<AccountId> = rows.iter().map(&account).collect();
    let blocked = store::block::among(tx, viewer, &accounts).await?;
    rows.retain(|row| {
        let account_id = account(row);
        let facts = Facts { blocked: blocked.contains(&account_id), ..Facts::default() };
        let viewer = gate::Viewer { account_id: viewer };
        gate::can(viewer, Action::SeeAccount, &Object::Account { account_id }, &facts).is_allowed()
    });
    Ok(rows)
}

fn encode(key: TraceKey) -> String {
    place::encode(key.at, key.account_id.as_bytes())
}

/// The place a cursor stands for; before all rows without one.
fn decode(cursor: Option<&str>) -> Result<TraceKey> {
    let Some(cursor) = cursor else { return Ok(TraceKey::START) };
    let (at, id) = place::decode(cursor)?;
    Ok(TraceKey { at, account_id: AccountId::from_bytes(id) })
}

#[cfg(test)]
mod tests {
    use doorpost_model::TimeMs;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(at: i64, id: [u8; 16]) {
            let key = TraceKey { at: TimeMs(at), account_id: AccountId::from_bytes(id) };
            prop_assert_eq!(decode(Some(&encode(key))).expect("cursor"), key);
        }
    }
}
