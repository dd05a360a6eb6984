//! The words by which an account hides others' comments under its posts.

use doorpost_model::AccountId;

use crate::{StoreError, Tx, params, statements};

statements! {
    ALL = "SELECT word FROM hidden_words WHERE account_id = $1 ORDER BY position";
    ADD = "INSERT INTO hidden_words (account_id, word, position) VALUES {rows:3}";
    CLEAR = "DELETE FROM hidden_words WHERE account_id = $1";
}

/// An account's words, as they were typed and in their order.
///
/// # Errors
/// As every statement.
pub async fn all(tx: &mut Tx, account: AccountId) -> Result<Vec<String>, StoreError> {
    tx.query(&ALL, params![account]).await
}

/// Adds words to an account that has none.
///
/// # Errors
/// As every statement.
pub async fn add(tx: &mut Tx, account: AccountId, words: &[String]) -> Result<(), StoreError> {
    let rows: Vec<_> =
        (0_u32..).zip(words).map(|(position, word)| [account.into(), word.as_str().into(), position.into()]).collect();
    tx.execute_rows(&ADD, &[], &rows).await.map(drop)
}

/// Forgets an account's words.
///
/// # Errors
/// As every statement.
pub async fn clear(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    tx.execute(&CLEAR, params![account]).await.map(drop)
}
