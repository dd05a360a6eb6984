//! Invites' secrets, sealed to those in a chosen audience.

use doorpost_model::{AccountId, InviteId, TimeMs};

use crate::{StoreError, Tx, params, statements};

statements! {
    PUT = "INSERT INTO invite_copies (invite_id, account_id, sealed) VALUES ($1, $2, $3) \
           ON CONFLICT (invite_id, account_id) DO UPDATE SET sealed = excluded.sealed";
    GET = "SELECT sealed FROM invite_copies WHERE invite_id = $1 AND account_id = $2";
    HOLDERS = "SELECT account_id FROM invite_copies WHERE invite_id = $1 ORDER BY account_id";
    DELETE_OF_INVITE = "DELETE FROM invite_copies WHERE invite_id = $1";
    DELETE_OF_ACCOUNT = "DELETE FROM invite_copies WHERE account_id = $1";
    // Narrows alone: who is in an audience, the gate says.
    LACKING = "SELECT i.invite_id FROM posts p JOIN invites i ON i.post_id = p.post_id \
        WHERE p.author_id = $1 AND p.deleted_at IS NULL AND length(i.secret) = 0 AND i.closed_at IS NULL \
        AND (i.expires_at IS NULL OR i.expires_at > $2) AND (\
          (p.audience IN ('connections', 'lists') AND EXISTS (SELECT 1 FROM connections c \
             JOIN accounts a ON a.account_id = c.other_id \
             WHERE c.account_id = p.author_id AND c.state = 'connected' AND a.identity_key IS NOT NULL \
             AND (p.audience = 'connections' OR EXISTS (SELECT 1 FROM post_lists l \
                JOIN list_members m ON m.list_id = l.list_id \
                WHERE l.post_id = p.post_id AND m.account_id = c.other_id)) \
             AND NOT EXISTS (SELECT 1 FROM invite_copies k \
                WHERE k.invite_id = i.invite_id AND k.account_id = c.other_id))) \
          OR (p.audience = 'people' AND EXISTS (SELECT 1 FROM post_people n \
             JOIN accounts a ON a.account_id = n.account_id \
             WHERE n.post_id = p.post_id AND a.identity_key IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM invite_copies k \
                WHERE k.invite_id = i.invite_id AND k.account_id = n.account_id))) \
          OR (p.audience = 'group' AND EXISTS (SELECT 1 FROM group_posts q \
             JOIN group_members m ON m.group_id = q.group_id JOIN accounts a ON a.account_id = m.account_id \
             WHERE q.post_id = p.post_id AND m.account_id <> p.author_id AND a.identity_key IS NOT NULL \
             AND (q.pending = FALSE OR m.role <> 'member') \
             AND NOT EXISTS (SELECT 1 FROM invite_copies k \
                WHERE k.invite_id = i.invite_id AND k.account_id = m.account_id)))) \
        ORDER BY i.created_at DESC, i.invite_id LIMIT $3";
}

/// Keeps somebody's copy, in the place of the one before.
///
/// # Errors
/// As every statement.
pub async fn put(tx: &mut Tx, invite: InviteId, account: AccountId, sealed: &[u8]) -> Result<(), StoreError> {
    tx.execute(&PUT, params![invite, account, sealed]).await.map(drop)
}

/// An account's own copy.
///
/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, invite: InviteId, account: AccountId) -> Result<Option<Vec<u8>>, StoreError> {
    tx.query_opt(&GET, params![invite, account]).await
}

/// Who has a copy.
///
/// # Errors
/// As every statement.
pub async fn holders(tx: &mut Tx, invite: InviteId) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&HOLDERS, params![invite]).await
}

/// Forgets all copies of an invite's secret, as when it has ended.
///
/// # Errors
/// As every statement.
pub async fn delete_of_invite(tx: &mut Tx, invite: InviteId) -> Result<(), StoreError> {
    tx.execute(&DELETE_OF_INVITE, params![invite]).await.map(drop)
}

/// Forgets all copies of an account, as when its identity is replaced.
///
/// # Errors
/// As every statement.
pub async fn delete_of_account(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    tx.execute(&DELETE_OF_ACCOUNT, params![account]).await.map(drop)
}

/// Up to `limit` of an author's invites with a chosen audience that take people at `now` and whose secret somebody
/// with an identity may lack, the newest first.
///
/// # Errors
/// As every statement.
pub async fn lacking(tx: &mut Tx, author: AccountId, now: TimeMs, limit: u32) -> Result<Vec<InviteId>, StoreError> {
    tx.query(&LACKING, params![author, now, limit]).await
}
