//! Groups of accounts. The MLS groups of chats are [`crate::chat_group`]'s.

pub mod admission;
pub mod member;
pub mod post;

use doorpost_model::{
    AccountId, GroupId, TimeMs,
    group::{GroupKind, GroupRole},
};

use crate::{StoreError, Tx, params, post::padded, row, statements, stored_as_text};

stored_as_text!(GroupKind { Open = "open", Closed = "closed", Secret = "secret" });

stored_as_text!(GroupRole { Member = "member", Moderator = "moderator", Owner = "owner" });

row! {
    /// A group as it is kept.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct GroupRow {
        pub group_id: GroupId,
        pub kind: GroupKind,
        pub name: String,
        pub description: String,
        pub rules: String,
        /// A JSON array of strings.
        pub questions: String,
        /// Members' posts wait for a moderator.
        pub posts_wait: bool,
        pub member_count: u32,
        pub created_at: TimeMs,
    }
}

row! {
    /// A group with one account's part in it. Whether they may see it is not decided here.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SeenGroup {
        pub group_id: GroupId,
        pub kind: GroupKind,
        pub name: String,
        pub description: String,
        pub rules: String,
        /// A JSON array of strings.
        pub questions: String,
        /// Members' posts wait for a moderator.
        pub posts_wait: bool,
        pub member_count: u32,
        pub created_at: TimeMs,
        /// The account's role, if in.
        pub role: Option<GroupRole>,
        /// Who invited the account, if invited, and how they are called.
        pub inviter_id: Option<AccountId>,
        pub inviter_handle: Option<String>,
        pub inviter_name: Option<String>,
        /// The account or its inviter blocks the other.
        pub inviter_blocked: bool,
        /// The account's request waits.
        pub has_asked: bool,
        pub banned: bool,
        /// The page it belongs to.
        pub page_handle: Option<String>,
        pub page_name: Option<String>,
    }
}

/// A group's place in a list that is ordered by time.
pub type GroupPlace = (TimeMs, GroupId);

statements! {
    INSERT = "INSERT INTO community_groups \
              (group_id, kind, name, description, rules, questions, posts_wait, member_count, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    // Whoever changes a group's members or settings holds it until the end of the transaction.
    LOCK = "SELECT group_id FROM community_groups WHERE group_id = $1 {for update}";
    SEEN = "SELECT g.group_id, g.kind, g.name, g.description, g.rules, g.questions, g.posts_wait, g.member_count, \
            g.created_at, m.role, i.inviter_id, a.handle, a.name, \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = i.inviter_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = i.inviter_id AND b.blocked_id = $1), \
            EXISTS (SELECT 1 FROM group_requests r WHERE r.group_id = g.group_id AND r.account_id = $1), \
            EXISTS (SELECT 1 FROM group_bans k WHERE k.group_id = g.group_id AND k.account_id = $1), \
            pa.handle, pa.name \
            FROM community_groups g \
            LEFT JOIN group_members m ON m.group_id = g.group_id AND m.account_id = $1 \
            LEFT JOIN group_invitations i ON i.group_id = g.group_id AND i.account_id = $1 \
            LEFT JOIN accounts a ON a.account_id = i.inviter_id \
            LEFT JOIN accounts pa ON pa.account_id = g.page_id \
            WHERE g.group_id IN ({list})";
    SET = "UPDATE community_groups SET kind = $2, name = $3, description = $4, rules = $5, questions = $6, \
           posts_wait = $7 WHERE group_id = $1";
    OF_ACCOUNT = "SELECT joined_at, group_id FROM group_members \
                  WHERE account_id = $1 AND (joined_at, group_id) < ($2, $3) \
                  ORDER BY joined_at DESC, group_id DESC LIMIT $4";
    INVITING = "SELECT invited_at, group_id FROM group_invitations \
                WHERE account_id = $1 AND (invited_at, group_id) < ($2, $3) \
                ORDER BY invited_at DESC, group_id DESC LIMIT $4";
    NAMED_LIKE = "SELECT created_at, group_id FROM community_groups \
                  WHERE kind <> 'secret' AND lower(name) LIKE $1 ESCAPE '!' AND (created_at, group_id) < ($2, $3) \
                  ORDER BY created_at DESC, group_id DESC LIMIT $4";
    DELETE = "DELETE FROM community_groups WHERE group_id = $1";
}

/// Makes a group that nobody is in yet; its `member_count` is kept as it is given.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, group: &GroupRow) -> Result<(), StoreError> {
    let params = params![
        group.group_id,
        group.kind,
        &group.name,
        &group.description,
        &group.rules,
        &group.questions,
        group.posts_wait,
        group.member_count,
        group.created_at,
    ];
    tx.execute(&INSERT, params).await.map(drop)
}

/// Holds a group until the end of the transaction. `false`: there is none.
///
/// # Errors
/// As every statement.
pub async fn lock(tx: &mut Tx, group: GroupId) -> Result<bool, StoreError> {
    Ok(tx.query_opt::<GroupId>(&LOCK, params![group]).await?.is_some())
}

/// These groups with an account's part in each. In no particular order; unknown ones are left out.
///
/// # Errors
/// As every statement.
pub async fn seen(tx: &mut Tx, account: AccountId, groups: &[GroupId]) -> Result<Vec<SeenGroup>, StoreError> {
    tx.query_list(&SEEN, params![account], &padded(groups)).await
}

/// Changes what a group's owners settle; `member_count` and `created_at` are not read.
///
/// # Errors
/// As every statement.
pub async fn set(tx: &mut Tx, group: &GroupRow) -> Result<(), StoreError> {
    let params = params![
        group.group_id,
        group.kind,
        &group.name,
        &group.description,
        &group.rules,
        &group.questions,
        group.posts_wait,
    ];
    tx.execute(&SET, params).await.map(drop)
}

/// The groups an account is in, after a place, the latest joined first.
///
/// # Errors
/// As every statement.
pub async fn of_account(
    tx: &mut Tx,
    account: AccountId,
    before: GroupPlace,
    limit: u32,
) -> Result<Vec<GroupPlace>, StoreError> {
    tx.query(&OF_ACCOUNT, params![account, before.0, before.1, limit]).await
}

/// The groups an account is invited to, after a place, the latest first.
///
/// # Errors
/// As every statement.
pub async fn inviting(
    tx: &mut Tx,
    account: AccountId,
    before: GroupPlace,
    limit: u32,
) -> Result<Vec<GroupPlace>, StoreError> {
    tx.query(&INVITING, params![account, before.0, before.1, limit]).await
}

/// Open and closed groups with a name like `pattern` (lower case, for `LIKE` with `!` as escape), after a place, the
/// newest first.
///
/// # Errors
/// As every statement.
pub async fn named_like(
    tx: &mut Tx,
    pattern: &str,
    before: GroupPlace,
    limit: u32,
) -> Result<Vec<GroupPlace>, StoreError> {
    tx.query(&NAMED_LIKE, params![pattern, before.0, before.1, limit]).await
}

/// Forgets a group from which everything else is gone.
///
/// # Errors
/// As every statement.
pub async fn delete(tx: &mut Tx, group: GroupId) -> Result<(), StoreError> {
    tx.execute(&DELETE, params![group]).await.map(drop)
}
