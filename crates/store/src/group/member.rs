//! Who is in a group.

use doorpost_model::{AccountId, GroupId, TimeMs, group::GroupRole};

use crate::{StoreError, Tx, params, row, statements};

row! {
    /// A member, as somebody else finds them.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct MemberRow {
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        pub role: GroupRole,
        pub joined_at: TimeMs,
        /// Either of the two blocks the other.
        pub blocked: bool,
    }
}

/// A member's place in the list: the latest joined first.
pub type MemberPlace = (TimeMs, AccountId);

statements! {
    INSERT = "INSERT INTO group_members (group_id, account_id, role, joined_at) VALUES ($1, $2, $3, $4) \
              ON CONFLICT DO NOTHING";
    ROLE = "SELECT role FROM group_members WHERE group_id = $1 AND account_id = $2";
    SET_ROLE = "UPDATE group_members SET role = $3 WHERE group_id = $1 AND account_id = $2";
    REMOVE = "DELETE FROM group_members WHERE group_id = $1 AND account_id = $2";
    REMOVE_ALL = "DELETE FROM group_members WHERE group_id = $1";
    // How many there are, for cards, without counting them each time.
    RECOUNT = "UPDATE community_groups SET member_count = \
               (SELECT COUNT(*) FROM group_members m WHERE m.group_id = community_groups.group_id) \
               WHERE group_id = $1 RETURNING member_count";
    COUNT_OWNERS = "SELECT COUNT(*) FROM group_members WHERE group_id = $1 AND role = 'owner'";
    COUNT_OF_ACCOUNT = "SELECT COUNT(*) FROM group_members WHERE account_id = $1";
    COUNT_OWNED = "SELECT COUNT(*) FROM group_members WHERE account_id = $1 AND role = 'owner'";
    ROLES = "SELECT account_id, role FROM group_members WHERE group_id = $1";
    ROLES_BESIDE = "SELECT m.group_id, m.account_id, m.role FROM group_members m \
                    WHERE m.group_id IN (SELECT q.group_id FROM posts p JOIN group_posts q ON q.post_id = p.post_id \
                      WHERE p.author_id = $1 AND p.deleted_at IS NULL) AND m.account_id IN ({list})";
    MODERATORS = "SELECT account_id FROM group_members WHERE group_id = $1 AND role <> 'member'";
    PAGE = "SELECT m.account_id, a.handle, a.name, m.role, m.joined_at, \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = m.account_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = m.account_id AND b.blocked_id = $1) \
            FROM group_members m JOIN accounts a ON a.account_id = m.account_id \
            WHERE m.group_id = $2 AND (m.joined_at, m.account_id) < ($3, $4) \
              AND (a.handle LIKE $5 ESCAPE '!' OR lower(a.name) LIKE $5 ESCAPE '!') \
            ORDER BY m.joined_at DESC, m.account_id DESC LIMIT $6";
}

/// Puts somebody into a group. `false`: they were in.
///
/// # Errors
/// As every statement.
pub async fn insert(
    tx: &mut Tx,
    group: GroupId,
    account: AccountId,
    role: GroupRole,
    now: TimeMs,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&INSERT, params![group, account, role, now]).await? == 1)
}

/// Somebody's role, if in.
///
/// # Errors
/// As every statement.
pub async fn role(tx: &mut Tx, group: GroupId, account: AccountId) -> Result<Option<GroupRole>, StoreError> {
    tx.query_opt(&ROLE, params![group, account]).await
}

/// Gives a member another role. `false`: they are not in.
///
/// # Errors
/// As every statement.
pub async fn set_role(tx: &mut Tx, group: GroupId, account: AccountId, role: GroupRole) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_ROLE, params![group, account, role]).await? == 1)
}

/// Takes somebody out. `false`: they were not in.
///
/// # Errors
/// As every statement.
pub async fn remove(tx: &mut Tx, group: GroupId, account: AccountId) -> Result<bool, StoreError> {
    Ok(tx.execute(&REMOVE, params![group, account]).await? == 1)
}

/// Takes everybody out.
///
/// # Errors
/// As every statement.
pub async fn remove_all(tx: &mut Tx, group: GroupId) -> Result<(), StoreError> {
    tx.execute(&REMOVE_ALL, params![group]).await.map(drop)
}

/// Keeps in the group how many are in, and gives that number. To be called after people came or went.
///
/// # Errors
/// As every statement; [`StoreError::NoRow`] without such a group.
pub async fn recount(tx: &mut Tx, group: GroupId) -> Result<u32, StoreError> {
    tx.query_one(&RECOUNT, params![group]).await
}

/// How many owners a group has.
///
/// # Errors
/// As every statement.
pub async fn count_owners(tx: &mut Tx, group: GroupId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_OWNERS, params![group]).await
}

/// How many groups an account is in.
///
/// # Errors
/// As every statement.
pub async fn count_of_account(tx: &mut Tx, account: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_OF_ACCOUNT, params![account]).await
}

/// Of how many groups an account is an owner.
///
/// # Errors
/// As every statement.
pub async fn count_owned(tx: &mut Tx, account: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_OWNED, params![account]).await
}

/// Everybody in a group, with their roles.
///
/// # Errors
/// As every statement.
pub async fn roles(tx: &mut Tx, group: GroupId) -> Result<Vec<(AccountId, GroupRole)>, StoreError> {
    tx.query(&ROLES, params![group]).await
}

/// The roles of `accounts` in the groups that posts of an author are in.
///
/// # Errors
/// As every statement.
pub async fn roles_beside(
    tx: &mut Tx,
    author: AccountId,
    accounts: &[AccountId],
) -> Result<Vec<(GroupId, AccountId, GroupRole)>, StoreError> {
    tx.query_list(&ROLES_BESIDE, params![author], accounts).await
}

/// A group's moderators and owners.
///
/// # Errors
/// As every statement.
pub async fn moderators(tx: &mut Tx, group: GroupId) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&MODERATORS, params![group]).await
}

/// Members with a handle or name like `pattern` (as for [`super::named_like`]), after a place, with how `viewer` stands
/// to each.
///
/// # Errors
/// As every statement.
pub async fn page(
    tx: &mut Tx,
    viewer: AccountId,
    group: GroupId,
    pattern: &str,
    before: MemberPlace,
    limit: u32,
) -> Result<Vec<MemberRow>, StoreError> {
    tx.query(&PAGE, params![viewer, group, before.0, before.1, pattern, limit]).await
}
