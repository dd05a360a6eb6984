//! The delivery service's view of a chat's MLS group.

use doorpost_model::ChatId;

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A group as it was stored with the last commit.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct GroupRow {
        pub epoch: i64,
        /// Opaque to the store.
        pub snapshot: Vec<u8>,
        /// GroupInfo of the epoch, without the tree.
        pub group_info: Vec<u8>,
    }
}

statements! {
    INSERT = "INSERT INTO chat_groups (chat_id, epoch, snapshot, group_info) VALUES ($1, $2, $3, $4)";
    GET = "SELECT epoch, snapshot, group_info FROM chat_groups WHERE chat_id = $1";
    REPLACE = "UPDATE chat_groups SET previous_snapshot = snapshot, previous_group_info = group_info, \
               epoch = $3, snapshot = $4, group_info = $5 WHERE chat_id = $1 AND epoch = $2";
}

/// # Errors
/// As every statement; the chat must not have a group yet.
pub async fn insert(tx: &mut Tx, chat: ChatId, group: &GroupRow) -> Result<(), StoreError> {
    tx.execute(&INSERT, params![chat, group.epoch, &group.snapshot, &group.group_info]).await.map(drop)
}

/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, chat: ChatId) -> Result<Option<GroupRow>, StoreError> {
    tx.query_opt(&GET, params![chat]).await
}

/// Puts the next epoch's group in the place of that of epoch `from`, which is kept as the one before.
/// `false`: the stored group is of another epoch.
///
/// # Errors
/// As every statement.
pub async fn replace(tx: &mut Tx, chat: ChatId, from: i64, group: &GroupRow) -> Result<bool, StoreError> {
    let params = params![chat, from, group.epoch, &group.snapshot, &group.group_info];
    Ok(tx.execute(&REPLACE, params).await? == 1)
}
