//! Where else a page is to be found, and whether that is known to be the same hand.

use doorpost_model::{AccountId, TimeMs};

use crate::{StoreError, Tx, params, row, statements};

row! {
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct LinkRow {
        pub url: String,
        /// Since when what is there is known to link back.
        pub verified_at: Option<TimeMs>,
    }
}

statements! {
    CLEAR = "DELETE FROM page_links WHERE page_id = $1";
    ADD = "INSERT INTO page_links (page_id, position, url, verified_at) VALUES ($1, $2, $3, $4)";
    ALL = "SELECT url, verified_at FROM page_links WHERE page_id = $1 ORDER BY position";
    SET_VERIFIED = "UPDATE page_links SET verified_at = $3 WHERE page_id = $1 AND url = $2";
}

/// Replaces a page's links.
///
/// # Errors
/// As every statement.
pub async fn set(tx: &mut Tx, page: AccountId, links: &[LinkRow]) -> Result<(), StoreError> {
    tx.execute(&CLEAR, params![page]).await?;
    for (position, link) in (0_i64..).zip(links) {
        tx.execute(&ADD, params![page, position, &link.url, link.verified_at]).await?;
    }
    Ok(())
}

/// A page's links in their order.
///
/// # Errors
/// As every statement.
pub async fn all(tx: &mut Tx, page: AccountId) -> Result<Vec<LinkRow>, StoreError> {
    tx.query(&ALL, params![page]).await
}

/// Notes whether what is behind a link links back.
///
/// # Errors
/// As every statement.
pub async fn set_verified(
    tx: &mut Tx,
    page: AccountId,
    url: &str,
    verified_at: Option<TimeMs>,
) -> Result<(), StoreError> {
    tx.execute(&SET_VERIFIED, params![page, url, verified_at]).await.map(drop)
}
