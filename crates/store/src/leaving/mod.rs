//! Accounts that are deleted: gone for everybody in one transaction, then erased in portions.

pub(crate) mod kept;
pub(crate) mod written;

use doorpost_model::{AccountId, ChatId, GroupId, InviteId, MediaId, TimeMs};

use crate::{StoreError, Tx, params, request::MovedRequest, statements};

statements! {
    BEGIN = "INSERT INTO leavings (account_id, began_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    DISGUISE = "UPDATE accounts SET kind = 'gone', handle = $2, name = '', about = '', findable = FALSE, \
        is_moderator = FALSE, password_hash = NULL WHERE account_id = $1";
    HOLD = "INSERT INTO held_handles (handle_hash) VALUES ($1) ON CONFLICT DO NOTHING";
    IS_HELD = "SELECT EXISTS (SELECT 1 FROM held_handles WHERE handle_hash = $1)";
    // Stands where somebody stood who is not told any more, and something of others hangs on it.
    PUT_NOBODY = "INSERT INTO accounts (account_id, handle, name, about, findable, is_operator, created_at, kind) \
        VALUES ($1, '', '', '', FALSE, FALSE, $2, 'gone') ON CONFLICT DO NOTHING";
    PART_FROM_ALL = "INSERT INTO blocks (blocker_id, blocked_id, since) \
        SELECT l.account_id, a.account_id, l.began_at FROM leavings l JOIN accounts a ON a.account_id <> l.account_id \
        WHERE l.account_id = $1 ON CONFLICT DO NOTHING";
    PART_FROM_LEAVING = "INSERT INTO blocks (blocker_id, blocked_id, since) \
        SELECT l.account_id, a.account_id, l.began_at FROM leavings l JOIN accounts a ON a.account_id <> l.account_id \
        WHERE a.account_id = $1 ON CONFLICT DO NOTHING";
    UNDER_WAY = "SELECT account_id FROM leavings ORDER BY began_at, account_id LIMIT $1";
    LONE_HOST = "SELECT c.title FROM chat_members m JOIN chats c ON c.chat_id = m.chat_id \
        WHERE m.account_id = $1 AND m.role = 'host' AND c.member_count > 1 \
          AND NOT EXISTS (SELECT 1 FROM chat_members o \
            WHERE o.chat_id = m.chat_id AND o.role = 'host' AND o.account_id <> m.account_id) \
          AND NOT EXISTS (SELECT 1 FROM direct_chats d WHERE d.chat_id = m.chat_id) \
        ORDER BY m.joined_at DESC, m.chat_id LIMIT $2";
    LONE_OWNER = "SELECT g.name FROM group_members m JOIN community_groups g ON g.group_id = m.group_id \
        WHERE m.account_id = $1 AND m.role = 'owner' AND g.member_count > 1 \
          AND NOT EXISTS (SELECT 1 FROM group_members o \
            WHERE o.group_id = m.group_id AND o.role = 'owner' AND o.account_id <> m.account_id) \
        ORDER BY m.joined_at DESC, m.group_id LIMIT $2";
    LONE_ADMIN = "SELECT a.name FROM page_staff s JOIN accounts a ON a.account_id = s.page_id \
        WHERE s.account_id = $1 AND s.role = 'admin' \
          AND NOT EXISTS (SELECT 1 FROM page_staff o \
            WHERE o.page_id = s.page_id AND o.role = 'admin' AND o.account_id <> s.account_id) \
        ORDER BY s.since DESC, s.page_id LIMIT $2";
    CHATS = "SELECT chat_id FROM chat_members WHERE account_id = $1 ORDER BY chat_id";
    GROUPS = "SELECT group_id FROM group_members WHERE account_id = $1 ORDER BY group_id";
    PAGES = "SELECT page_id FROM page_staff WHERE account_id = $1 ORDER BY page_id";
    OPEN_INVITES = "SELECT i.invite_id FROM posts p JOIN invites i ON i.post_id = p.post_id \
        WHERE p.author_id = $1 AND i.closed_at IS NULL ORDER BY i.invite_id";
    REQUESTS = "SELECT request_id, invite_id, chat_id, account_id, device_id, state, approval IS NOT NULL \
        FROM join_requests WHERE account_id = $1 AND state IN ('requested', 'admitted') ORDER BY request_id";

    HIDE_POSTS = "UPDATE posts SET text = '', canvas = NULL, deleted_at = $2 \
        WHERE author_id = $1 AND deleted_at IS NULL";
    HIDE_SPOKEN = "UPDATE posts SET spoken_by = NULL WHERE spoken_by = $1";
    // Photos in a page's posts are the page's, whoever uploaded them.
    GIVE_PHOTOS = "UPDATE media SET account_id = (SELECT p.author_id FROM posts p WHERE p.post_id = media.post_id) \
        WHERE account_id = $1 AND post_id IN (SELECT p.post_id FROM posts p \
          WHERE p.post_id = media.post_id AND p.author_id <> media.account_id)";
    HIDE_PICTURE = "DELETE FROM pictures WHERE account_id = $1";
    HIDE_REQUESTS = "DELETE FROM group_requests WHERE account_id = $1";
    HIDE_INVITATIONS = "DELETE FROM group_invitations WHERE account_id = $1 OR inviter_id = $1";
    HIDE_BANS = "DELETE FROM group_bans WHERE account_id = $1";
    HIDE_CONNECTIONS = "DELETE FROM connections WHERE account_id = $1 OR other_id = $1";
    HIDE_LISTED = "DELETE FROM list_members WHERE account_id = $1";
    HIDE_STAFF = "DELETE FROM page_staff WHERE account_id = $1";
    COUNT_FOLLOWERS = "UPDATE pages SET follower_count = follower_count - 1 \
        WHERE page_id IN (SELECT f.page_id FROM page_followers f WHERE f.account_id = $1)";
    HIDE_FOLLOWER = "DELETE FROM page_followers WHERE account_id = $1";
    HIDE_VIEWS = "DELETE FROM story_views WHERE account_id = $1";
    HIDE_VOTES = "DELETE FROM story_votes WHERE account_id = $1";
    HIDE_ANSWERS = "DELETE FROM answers WHERE account_id = $1";
    HIDE_NAMED = "DELETE FROM post_people WHERE account_id = $1";
    HIDE_WORDS = "DELETE FROM search_words WHERE account_id = $1";
    // What waits to be mailed goes with the address.
    HIDE_EMAIL = "DELETE FROM emails WHERE account_id = $1";
    HIDE_PUSHES = "DELETE FROM pushes WHERE account_id = $1 OR source_id = $1";
    END_PASSKEYS = "DELETE FROM passkeys WHERE account_id = $1";
    END_LINKS = "DELETE FROM device_links WHERE account_id = $1";

    TAKE_MEDIA = "UPDATE media SET removed = TRUE, post_id = NULL, position = NULL \
        WHERE media_id IN (SELECT media_id FROM media WHERE account_id = $1 LIMIT $2) RETURNING media_id";
    FORGET_LEAVING = "DELETE FROM leavings WHERE account_id = $1";
    FORGET = "DELETE FROM accounts WHERE account_id = $1";
}

/// What does not honour blocks, and what an account comes in by.
static HIDDEN: &[&crate::Statement] = &[
    &HIDE_SPOKEN,
    &GIVE_PHOTOS,
    &HIDE_PICTURE,
    &HIDE_REQUESTS,
    &HIDE_INVITATIONS,
    &HIDE_BANS,
    &HIDE_CONNECTIONS,
    &HIDE_LISTED,
    &HIDE_STAFF,
    &COUNT_FOLLOWERS,
    &HIDE_FOLLOWER,
    &HIDE_VIEWS,
    &HIDE_VOTES,
    &HIDE_ANSWERS,
    &HIDE_NAMED,
    &HIDE_WORDS,
    &HIDE_EMAIL,
    &HIDE_PUSHES,
    &END_PASSKEYS,
    &END_LINKS,
];

/// How many steps [`erase`] has.
#[must_use]
pub fn steps() -> usize {
    written::STEPS.len() + kept::STEPS.len()
}

/// Notes that an account is being deleted. `false`: it was noted before.
///
/// # Errors
/// As every statement.
pub async fn begin(tx: &mut Tx, account: AccountId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&BEGIN, params![account, now]).await? == 1)
}

/// Takes name, handle and password from an account; `alias` is what nobody can type as a handle.
///
/// # Errors
/// As every statement.
pub async fn disguise(tx: &mut Tx, account: AccountId, alias: &str) -> Result<(), StoreError> {
    tx.execute(&DISGUISE, params![account, alias]).await.map(drop)
}

/// Keeps a handle from being taken again.
///
/// # Errors
/// As every statement.
pub async fn hold_handle(tx: &mut Tx, handle_hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute(&HOLD, params![handle_hash]).await.map(drop)
}

/// Whether a handle was somebody's who deleted their account.
///
/// # Errors
/// As every statement.
pub async fn is_held(tx: &mut Tx, handle_hash: &[u8; 32]) -> Result<bool, StoreError> {
    tx.query_one(&IS_HELD, params![handle_hash]).await
}

/// Makes the one account that is nobody's and stands in the place of those who are gone; `id` is its id if there is none
/// yet.
///
/// # Errors
/// As every statement.
pub async fn put_nobody(tx: &mut Tx, id: AccountId, now: TimeMs) -> Result<(), StoreError> {
    tx.execute(&PUT_NOBODY, params![id, now]).await.map(drop)
}

/// Parts an account that is being deleted from everybody, as a block does.
///
/// # Errors
/// As every statement.
pub async fn part_from_all(tx: &mut Tx, account: AccountId) -> Result<u64, StoreError> {
    tx.execute(&PART_FROM_ALL, params![account]).await
}

/// Parts a new account from those that are being deleted.
///
/// # Errors
/// As every statement.
pub async fn part_from_leaving(tx: &mut Tx, newcomer: AccountId) -> Result<u64, StoreError> {
    tx.execute(&PART_FROM_LEAVING, params![newcomer]).await
}

/// At most `limit` accounts that are being deleted, those begun first.
///
/// # Errors
/// As every statement.
pub async fn under_way(tx: &mut Tx, limit: u32) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&UNDER_WAY, params![limit]).await
}

/// Titles of chats that others are in and that have no host but this account.
///
/// # Errors
/// As every statement.
pub async fn lone_host(tx: &mut Tx, account: AccountId, limit: u32) -> Result<Vec<String>, StoreError> {
    tx.query(&LONE_HOST, params![account, limit]).await
}

/// Names of groups that others are in and that nobody but this account owns.
///
/// # Errors
/// As every statement.
pub async fn lone_owner(tx: &mut Tx, account: AccountId, limit: u32) -> Result<Vec<String>, StoreError> {
    tx.query(&LONE_OWNER, params![account, limit]).await
}

/// Names of pages that have no admin but this account.
///
/// # Errors
/// As every statement.
pub async fn lone_admin(tx: &mut Tx, account: AccountId, limit: u32) -> Result<Vec<String>, StoreError> {
    tx.query(&LONE_ADMIN, params![account, limit]).await
}

/// The chats an account is in.
///
/// # Errors
/// As every statement.
pub async fn chats(tx: &mut Tx, account: AccountId) -> Result<Vec<ChatId>, StoreError> {
    tx.query(&CHATS, params![account]).await
}

/// The groups an account is in.
///
/// # Errors
/// As every statement.
pub async fn groups(tx: &mut Tx, account: AccountId) -> Result<Vec<GroupId>, StoreError> {
    tx.query(&GROUPS, params![account]).await
}

/// The pages on whose staff an account is.
///
/// # Errors
/// As every statement.
pub async fn pages(tx: &mut Tx, account: AccountId) -> Result<Vec<AccountId>, StoreError> {
    tx.query(&PAGES, params![account]).await
}

/// The invites of an account's posts that are not closed.
///
/// # Errors
/// As every statement.
pub async fn open_invites(tx: &mut Tx, account: AccountId) -> Result<Vec<InviteId>, StoreError> {
    tx.query(&OPEN_INVITES, params![account]).await
}

/// What an account has under way to come in somewhere.
///
/// # Errors
/// As every statement.
pub async fn requests(tx: &mut Tx, account: AccountId) -> Result<Vec<MovedRequest>, StoreError> {
    tx.query(&REQUESTS, params![account]).await
}

/// Deletes all posts and stories of an account, as far as anybody sees.
///
/// # Errors
/// As every statement.
pub async fn hide_posts(tx: &mut Tx, account: AccountId, now: TimeMs) -> Result<u64, StoreError> {
    tx.execute(&HIDE_POSTS, params![account, now]).await
}

/// Takes away what others see of an account although a block parts them, and what it signs in by.
///
/// # Errors
/// As every statement.
pub async fn hide(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    for statement in HIDDEN {
        tx.execute(statement, params![account]).await?;
    }
    Ok(())
}

/// Takes at most `limit` photos of an account from everybody; their bytes are to be deleted.
///
/// # Errors
/// As every statement.
pub async fn take_media(tx: &mut Tx, account: AccountId, limit: u32) -> Result<Vec<MediaId>, StoreError> {
    tx.query(&TAKE_MEDIA, params![account, limit]).await
}

/// Erases at most `limit` rows of an account; the answer is how many. A step is done when it erases none, and the next
/// one may need that.
///
/// # Errors
/// As every statement.
pub async fn erase(tx: &mut Tx, account: AccountId, step: usize, limit: u32) -> Result<u64, StoreError> {
    let statement = written::STEPS.iter().chain(kept::STEPS).nth(step).ok_or(StoreError::NoRow)?;
    tx.execute(statement, params![account, limit]).await
}

/// Forgets an account of which nothing is left.
///
/// # Errors
/// As every statement; a broken foreign key while something is left.
pub async fn forget(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    tx.execute(&FORGET_LEAVING, params![account]).await?;
    tx.execute(&FORGET, params![account]).await.map(drop)
}
