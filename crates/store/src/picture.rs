//! Pictures of people and pages: photos that are in no post. An account has one at most.

use doorpost_model::{AccountId, MediaId};

use crate::{StoreError, Tx, params, post::padded, row, statements};

row! {
    /// Whose picture it is, and how one account stands to them. Whether they may see it is not decided here.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PictureRow {
        pub account_id: AccountId,
        pub media_id: MediaId,
        /// Either of the two blocks the other.
        pub blocked: bool,
        /// It is a page's, on whose staff the account is.
        pub on_staff: bool,
    }
}

statements! {
    SET = "INSERT INTO pictures (account_id, media_id) VALUES ($1, $2) \
           ON CONFLICT (account_id) DO UPDATE SET media_id = excluded.media_id";
    GIVE = "UPDATE media SET account_id = $2 WHERE media_id = $1";
    GET = "SELECT media_id FROM pictures WHERE account_id = $1";
    OWNER = "SELECT account_id FROM pictures WHERE media_id = $1";
    REMOVE = "DELETE FROM pictures WHERE account_id = $1 RETURNING media_id";
    SEEN = "SELECT p.account_id, p.media_id, \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = p.account_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = p.account_id AND b.blocked_id = $1), \
            EXISTS (SELECT 1 FROM page_staff s WHERE s.page_id = p.account_id AND s.account_id = $1) \
            FROM pictures p WHERE p.account_id IN ({list})";
}

/// Makes a photo the picture of an account, in the place of another.
///
/// # Errors
/// As every statement.
pub async fn set(tx: &mut Tx, account: AccountId, media: MediaId) -> Result<(), StoreError> {
    tx.execute(&SET, params![account, media]).await.map(drop)
}

/// Makes a photo another account's: a page's picture is the page's, whoever uploaded it.
///
/// # Errors
/// As every statement.
pub async fn give(tx: &mut Tx, media: MediaId, account: AccountId) -> Result<(), StoreError> {
    tx.execute(&GIVE, params![media, account]).await.map(drop)
}

/// The picture of an account.
///
/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, account: AccountId) -> Result<Option<MediaId>, StoreError> {
    tx.query_opt(&GET, params![account]).await
}

/// Whose picture a photo is.
///
/// # Errors
/// As every statement.
pub async fn owner(tx: &mut Tx, media: MediaId) -> Result<Option<AccountId>, StoreError> {
    tx.query_opt(&OWNER, params![media]).await
}

/// The account has no picture any more; gives the one it had.
///
/// # Errors
/// As every statement.
pub async fn remove(tx: &mut Tx, account: AccountId) -> Result<Option<MediaId>, StoreError> {
    tx.query_opt(&REMOVE, params![account]).await
}

/// Those of these accounts' pictures that there are, with how the viewer stands to whose they are. In no particular order.
///
/// # Errors
/// As every statement.
pub async fn seen(tx: &mut Tx, viewer: AccountId, accounts: &[AccountId]) -> Result<Vec<PictureRow>, StoreError> {
    tx.query_list(&SEEN, params![viewer], &padded(accounts)).await
}
