//! Who asks to come into a group, who is invited, and who is kept out.

use doorpost_model::{AccountId, GroupId, TimeMs};

use super::member::MemberPlace;
use crate::{StoreError, Tx, Value, params, row, statements};

row! {
    /// A request that waits.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct GroupRequestRow {
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        /// A JSON array of pairs of strings.
        pub answers: String,
        pub asked_at: TimeMs,
    }
}

row! {
    /// Somebody who is kept out.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct GroupBanRow {
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        pub banned_at: TimeMs,
    }
}

statements! {
    ASK = "INSERT INTO group_requests (group_id, account_id, answers, asked_at) VALUES ($1, $2, $3, $4) \
           ON CONFLICT DO NOTHING";
    TAKE_BACK = "DELETE FROM group_requests WHERE group_id = $1 AND account_id = $2";
    DROP_REQUESTS = "DELETE FROM group_requests WHERE group_id = $1";
    ASKING_AMONG = "SELECT account_id FROM group_requests WHERE group_id = $1 AND account_id IN ({list})";
    COUNT_ASKING = "SELECT COUNT(*) FROM group_requests WHERE group_id = $1";
    COUNT_ASKED = "SELECT COUNT(*) FROM group_requests WHERE account_id = $1";
    REQUESTS = "SELECT r.account_id, a.handle, a.name, r.answers, r.asked_at \
                FROM group_requests r JOIN accounts a ON a.account_id = r.account_id \
                WHERE r.group_id = $1 AND (r.asked_at, r.account_id) > ($2, $3) \
                ORDER BY r.asked_at, r.account_id LIMIT $4";
    INVITE = "INSERT INTO group_invitations (group_id, account_id, inviter_id, invited_at) VALUES {rows:4} \
              ON CONFLICT DO NOTHING";
    UNINVITE = "DELETE FROM group_invitations WHERE group_id = $1 AND account_id = $2";
    UNINVITE_BETWEEN = "DELETE FROM group_invitations \
                        WHERE (inviter_id = $1 AND account_id = $2) OR (inviter_id = $2 AND account_id = $1)";
    DROP_INVITATIONS = "DELETE FROM group_invitations WHERE group_id = $1";
    COUNT_INVITED = "SELECT COUNT(*) FROM group_invitations WHERE group_id = $1";
    BAN = "INSERT INTO group_bans (group_id, account_id, banned_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    UNBAN = "DELETE FROM group_bans WHERE group_id = $1 AND account_id = $2";
    DROP_BANS = "DELETE FROM group_bans WHERE group_id = $1";
    COUNT_BANNED = "SELECT COUNT(*) FROM group_bans WHERE group_id = $1";
    BANNED_AMONG = "SELECT account_id FROM group_bans WHERE group_id = $1 AND account_id IN ({list})";
    BANS = "SELECT k.account_id, a.handle, a.name, k.banned_at \
            FROM group_bans k JOIN accounts a ON a.account_id = k.account_id \
            WHERE k.group_id = $1 AND (k.banned_at, k.account_id) < ($2, $3) \
            ORDER BY k.banned_at DESC, k.account_id DESC LIMIT $4";
}

/// Keeps somebody's request. `false`: they have asked already.
///
/// # Errors
/// As every statement.
pub async fn ask(
    tx: &mut Tx,
    group: GroupId,
    account: AccountId,
    answers: &str,
    now: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&ASK, params![group, account, answers, now]).await? == 1)
}

/// Forgets somebody's request. `false`: there is none.
///
/// # Errors
/// As every statement.
pub async fn take_back(tx: &mut Tx, group: GroupId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&TAKE_BACK, params![group, account]).await? == 1)
}

/// Forgets all requests of a group.
///
/// # Errors
/// As every statement.
pub async fn drop_requests(tx: &mut Tx, group: GroupId) -> Result<(), StoreError> {
    tx.execute(&DROP_REQUESTS, params![group]).await.map(drop)
}

/// Which of `accounts` ask to come in, in no particular order.
///
/// # Errors
/// As every statement.
pub async fn asking_among(tx: &mut Tx, group: GroupId, accounts: &[AccountId]) -> Result<Vec<AccountId>, StoreError> {
    tx.query_list(&ASKING_AMONG, params![group], accounts).await
}

/// How many ask to come into a group.
///
/// # Errors
/// As every statement.
pub async fn count_asking(tx: &mut Tx, group: GroupId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_ASKING, params![group]).await
}

/// In how many groups a request of an account waits.
///
/// # Errors
/// As every statement.
pub async fn count_asked(tx: &mut Tx, account: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_ASKED, params![account]).await
}

/// Requests after a place, the oldest first.
///
/// # Errors
/// As every statement.
pub async fn requests(
    tx: &mut Tx,
    group: GroupId,
    after: MemberPlace,
    limit: u32,
) -> Result<Vec<GroupRequestRow>, StoreError> {
    tx.query(&REQUESTS, params![group, after.0, after.1, limit]).await
}

/// Invites people; gives the number of those who were not invited already.
///
/// # Errors
/// As every statement.
pub async fn invite(
    tx: &mut Tx,
    group: GroupId,
    inviter: AccountId,
    accounts: &[AccountId],
    now: TimeMs,
) -> Result<u64, StoreError> {
    let row = |account: &AccountId| -> [Value<'_>; 4] { [group.into(), account.into(), inviter.into(), now.into()] };
    let rows: Vec<[Value<'_>; 4]> = accounts.iter().map(row).collect();
    tx.execute_rows(&INVITE, &[], &rows).await
}

/// Forgets somebody's invitation. `false`: there is none.
///
/// # Errors
/// As every statement.
pub async fn uninvite(tx: &mut Tx, group: GroupId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&UNINVITE, params![group, account]).await? == 1)
}

/// Forgets the invitations that either of two sent the other.
///
/// # Errors
/// As every statement.
pub async fn uninvite_between(tx: &mut Tx, one: AccountId, other: AccountId) -> Result<(), StoreError> {
    tx.execute(&UNINVITE_BETWEEN, params![one, other]).await.map(drop)
}

/// Forgets all invitations of a group.
///
/// # Errors
/// As every statement.
pub async fn drop_invitations(tx: &mut Tx, group: GroupId) -> Result<(), StoreError> {
    tx.execute(&DROP_INVITATIONS, params![group]).await.map(drop)
}

/// How many are invited to a group.
///
/// # Errors
/// As every statement.
pub async fn count_invited(tx: &mut Tx, group: GroupId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_INVITED, params![group]).await
}

/// Keeps somebody out. `false`: they were kept out already.
///
/// # Errors
/// As every statement.
pub async fn ban(tx: &mut Tx, group: GroupId, account: AccountId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&BAN, params![group, account, now]).await? == 1)
}

/// Keeps somebody out no more. `false`: they were not kept out.
///
/// # Errors
/// As every statement.
pub async fn unban(tx: &mut Tx, group: GroupId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&UNBAN, params![group, account]).await? == 1)
}

/// Forgets whom a group keeps out.
///
/// # Errors
/// As every statement.
pub async fn drop_bans(tx: &mut Tx, group: GroupId) -> Result<(), StoreError> {
    tx.execute(&DROP_BANS, params![group]).await.map(drop)
}

/// How many a group keeps out.
///
/// # Errors
/// As every statement.
pub async fn count_banned(tx: &mut Tx, group: GroupId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_BANNED, params![group]).await
}

/// Which of `accounts` a group keeps out, in no particular order.
///
/// # Errors
/// As every statement.
pub async fn banned_among(tx: &mut Tx, group: GroupId, accounts: &[AccountId]) -> Result<Vec<AccountId>, StoreError> {
    tx.query_list(&BANNED_AMONG, params![group], accounts).await
}

/// Whom a group keeps out, after a place, the latest first.
///
/// # Errors
/// As every statement.
pub async fn bans(
    tx: &mut Tx,
    group: GroupId,
    before: MemberPlace,
    limit: u32,
) -> Result<Vec<GroupBanRow>, StoreError> {
    tx.query(&BANS, params![group, before.0, before.1, limit]).await
}
