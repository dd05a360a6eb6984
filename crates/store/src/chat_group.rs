//! The delivery service's view of a chat's MLS group.

use doorpost_model::{AccountId, ChatId};

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

row! {
    /// The first commit that nobody but its maker has confirmed, and what it takes to go back behind it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Unconfirmed {
        /// Its entry in the log.
        pub seq: i64,
        pub account_id: AccountId,
        /// What it and later commits changed in other tables; opaque to the store.
        pub undo: Vec<u8>,
    }
}

statements! {
    INSERT = "INSERT INTO chat_groups (chat_id, epoch, snapshot, group_info) VALUES ($1, $2, $3, $4)";
    GET = "SELECT epoch, snapshot, group_info FROM chat_groups WHERE chat_id = $1";
    REPLACE = "UPDATE chat_groups SET epoch = $3, snapshot = $4, group_info = $5, \
               previous_epoch = NULL, previous_snapshot = NULL, previous_group_info = NULL, \
               unconfirmed_seq = NULL, unconfirmed_by = NULL, undo = NULL WHERE chat_id = $1 AND epoch = $2";
    REPLACE_KEEPING = "UPDATE chat_groups SET previous_epoch = epoch, previous_snapshot = snapshot, \
                       previous_group_info = group_info, epoch = $3, snapshot = $4, group_info = $5, \
                       unconfirmed_seq = $6, unconfirmed_by = $7, undo = $8 WHERE chat_id = $1 AND epoch = $2";
    REPLACE_LATER = "UPDATE chat_groups SET epoch = $3, snapshot = $4, group_info = $5, undo = $6 \
                     WHERE chat_id = $1 AND epoch = $2";
    SET_GROUP_INFO = "UPDATE chat_groups SET group_info = $3 WHERE chat_id = $1 AND epoch = $2";
    UNCONFIRMED = "SELECT unconfirmed_seq, unconfirmed_by, undo FROM chat_groups \
                   WHERE chat_id = $1 AND unconfirmed_seq IS NOT NULL";
    CONFIRM = "UPDATE chat_groups SET previous_epoch = NULL, previous_snapshot = NULL, previous_group_info = NULL, \
               unconfirmed_seq = NULL, unconfirmed_by = NULL, undo = NULL WHERE chat_id = $1 AND unconfirmed_seq = $2";
    RESTORE = "UPDATE chat_groups SET epoch = previous_epoch, snapshot = previous_snapshot, \
               group_info = previous_group_info, previous_epoch = NULL, previous_snapshot = NULL, \
               previous_group_info = NULL, unconfirmed_seq = NULL, unconfirmed_by = NULL, undo = NULL \
               WHERE chat_id = $1 AND unconfirmed_seq = $2 RETURNING epoch";
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

/// Puts the next epoch's group in the place of that of epoch `from`, for good: no earlier one is kept.
/// `false`: the stored group is of another epoch.
///
/// # Errors
/// As every statement.
pub async fn replace(tx: &mut Tx, chat: ChatId, from: i64, group: &GroupRow) -> Result<bool, StoreError> {
    let params = params![chat, from, group.epoch, &group.snapshot, &group.group_info];
    Ok(tx.execute(&REPLACE, params).await? == 1)
}

/// As [`replace`] by an unconfirmed commit: the group of epoch `from` is kept.
///
/// # Errors
/// As every statement.
pub async fn replace_keeping(
    tx: &mut Tx,
    chat: ChatId,
    from: i64,
    group: &GroupRow,
    commit: &Unconfirmed,
) -> Result<bool, StoreError> {
    let params = params![
        chat,
        from,
        group.epoch,
        &group.snapshot,
        &group.group_info,
        commit.seq,
        commit.account_id,
        &commit.undo
    ];
    Ok(tx.execute(&REPLACE_KEEPING, params).await? == 1)
}

/// As [`replace`] by a commit after an unconfirmed one: what was kept stays, with all there is to undo now.
///
/// # Errors
/// As every statement.
pub async fn replace_later(
    tx: &mut Tx,
    chat: ChatId,
    from: i64,
    group: &GroupRow,
    undo: &[u8],
) -> Result<bool, StoreError> {
    let params = params![chat, from, group.epoch, &group.snapshot, &group.group_info, undo];
    Ok(tx.execute(&REPLACE_LATER, params).await? == 1)
}

/// Another group info of the present epoch. `false`: the stored group is of another one.
///
/// # Errors
/// As every statement.
pub async fn set_group_info(tx: &mut Tx, chat: ChatId, epoch: i64, group_info: &[u8]) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_GROUP_INFO, params![chat, epoch, group_info]).await? == 1)
}

/// The first unconfirmed commit of a chat, if its latest commits are unconfirmed.
///
/// # Errors
/// As every statement.
pub async fn unconfirmed(tx: &mut Tx, chat: ChatId) -> Result<Option<Unconfirmed>, StoreError> {
    tx.query_opt(&UNCONFIRMED, params![chat]).await
}

/// Forgets the state before the commit in entry `seq`, for good. `false`: that is not the first unconfirmed one.
///
/// # Errors
/// As every statement.
pub async fn confirm(tx: &mut Tx, chat: ChatId, seq: i64) -> Result<bool, StoreError> {
    Ok(tx.execute(&CONFIRM, params![chat, seq]).await? == 1)
}

/// Puts the group back to before the commit in entry `seq`; the answer is the epoch. None: that is not the first
/// unconfirmed one.
///
/// # Errors
/// As every statement.
pub async fn restore(tx: &mut Tx, chat: ChatId, seq: i64) -> Result<Option<i64>, StoreError> {
    tx.query_opt(&RESTORE, params![chat, seq]).await
}
