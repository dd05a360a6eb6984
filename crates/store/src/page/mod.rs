//! Pages: accounts that people of their staff speak as, and that others follow.

pub mod link;
pub mod staff;

use doorpost_model::{AccountId, ChatId, GroupId, PostId, TimeMs, page::PageRole};

use crate::{StoreError, Tx, params, post::padded, row, statements, stored_as_text};

stored_as_text!(PageRole { Analyst = "analyst", Community = "community", Editor = "editor", Admin = "admin" });

row! {
    /// A page with how one account stands to it. Whether they may see it is not decided here.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SeenPage {
        pub page_id: AccountId,
        /// Lower case.
        pub handle: String,
        pub name: String,
        pub about: String,
        /// Posts say the role of whoever wrote them.
        pub shows_roles: bool,
        pub follower_count: u32,
        pub created_at: TimeMs,
        /// The account's role among the staff.
        pub role: Option<PageRole>,
        /// The account follows it.
        pub follows: bool,
        /// Account or page blocks the other.
        pub blocked: bool,
    }
}

/// A page's place in a list that is ordered by time.
pub type PagePlace = (TimeMs, AccountId);

row! {
    /// What a page has to show for itself.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PageNumbersRow {
        pub followers: u32,
        pub new_followers: u32,
        pub posts: u32,
        pub story_views: u32,
        pub joined: u32,
    }
}

statements! {
    BECOME = "UPDATE accounts SET kind = 'page', findable = TRUE WHERE account_id = $1";
    END = "UPDATE accounts SET kind = 'gone', name = '', about = '', findable = FALSE WHERE account_id = $1";
    INSERT = "INSERT INTO pages (page_id, shows_roles, follower_count, created_at) VALUES ($1, $2, 0, $3)";
    // Whoever changes a page's staff, followers or settings holds it until the end of the transaction.
    LOCK = "SELECT page_id FROM pages WHERE page_id = $1 {for update}";
    SEEN = "SELECT p.page_id, a.handle, a.name, a.about, p.shows_roles, p.follower_count, p.created_at, s.role, \
            EXISTS (SELECT 1 FROM page_followers f WHERE f.page_id = p.page_id AND f.account_id = $1), \
            EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = p.page_id) \
              OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = p.page_id AND b.blocked_id = $1) \
            FROM pages p JOIN accounts a ON a.account_id = p.page_id \
            LEFT JOIN page_staff s ON s.page_id = p.page_id AND s.account_id = $1 \
            WHERE p.page_id IN ({list})";
    SET_SHOWS_ROLES = "UPDATE pages SET shows_roles = $2 WHERE page_id = $1";
    FOLLOWED = "SELECT followed_at, page_id FROM page_followers \
                WHERE account_id = $1 AND (followed_at, page_id) < ($2, $3) \
                ORDER BY followed_at DESC, page_id DESC LIMIT $4";
    NAMED_LIKE = "SELECT p.created_at, p.page_id FROM pages p JOIN accounts a ON a.account_id = p.page_id \
                  WHERE (a.handle LIKE $1 ESCAPE '!' OR lower(a.name) LIKE $1 ESCAPE '!') \
                    AND (p.created_at, p.page_id) < ($2, $3) \
                  ORDER BY p.created_at DESC, p.page_id DESC LIMIT $4";
    FOLLOW = "INSERT INTO page_followers (page_id, account_id, followed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    UNFOLLOW = "DELETE FROM page_followers WHERE page_id = $1 AND account_id = $2";
    COUNT_FOLLOWED = "SELECT COUNT(*) FROM page_followers WHERE account_id = $1";
    FOLLOWERS_AMONG = "SELECT account_id FROM page_followers WHERE page_id = $1 AND account_id IN ({list})";
    ADD_FOLLOWERS = "UPDATE pages SET follower_count = follower_count + $2 WHERE page_id = $1";
    SET_OF_CHAT = "UPDATE chats SET page_id = $2 WHERE chat_id = $1";
    SET_OF_GROUP = "UPDATE community_groups SET page_id = $2 WHERE group_id = $1";
    GROUPS = "SELECT g.group_id FROM community_groups g WHERE g.page_id = $1 AND g.kind <> 'secret' \
              ORDER BY g.created_at DESC, g.group_id LIMIT $2";
    NUMBERS = "SELECT p.follower_count, \
               (SELECT COUNT(*) FROM page_followers f WHERE f.page_id = p.page_id AND f.followed_at > $2), \
               (SELECT COUNT(*) FROM posts q WHERE q.author_id = p.page_id AND q.deleted_at IS NULL AND q.created_at > $2), \
               (SELECT COUNT(*) FROM posts q JOIN story_views v ON v.post_id = q.post_id \
                 WHERE q.author_id = p.page_id AND q.deleted_at IS NULL AND q.created_at > $2), \
               (SELECT CAST(COALESCE(SUM(i.seats_taken), 0) AS BIGINT) FROM posts q JOIN invites i ON i.post_id = q.post_id \
                 WHERE q.author_id = p.page_id AND q.deleted_at IS NULL AND q.created_at > $2) \
               FROM pages p WHERE p.page_id = $1";
    POSTS = "SELECT post_id FROM posts WHERE author_id = $1 AND deleted_at IS NULL";
    DROP_FOLLOWERS = "DELETE FROM page_followers WHERE page_id = $1";
    DROP_FROM_CHATS = "UPDATE chats SET page_id = NULL WHERE page_id = $1";
    DROP_FROM_GROUPS = "UPDATE community_groups SET page_id = NULL WHERE page_id = $1";
    DROP = "DELETE FROM pages WHERE page_id = $1";
}

/// Makes a page of an account that was just made for it.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, page: AccountId, shows_roles: bool, now: TimeMs) -> Result<(), StoreError> {
    tx.execute(&BECOME, params![page]).await?;
    tx.execute(&INSERT, params![page, shows_roles, now]).await.map(drop)
}

/// Holds a page until the end of the transaction. `false`: there is none.
///
/// # Errors
/// As every statement.
pub async fn lock(tx: &mut Tx, page: AccountId) -> Result<bool, StoreError> {
    Ok(tx.query_opt::<AccountId>(&LOCK, params![page]).await?.is_some())
}

/// These pages with how an account stands to each. In no particular order; what is no page is left out.
///
/// # Errors
/// As every statement.
pub async fn seen(tx: &mut Tx, account: AccountId, pages: &[AccountId]) -> Result<Vec<SeenPage>, StoreError> {
    tx.query_list(&SEEN, params![account], &padded(pages)).await
}

/// Whether posts say the role of whoever wrote them.
///
/// # Errors
/// As every statement.
pub async fn set_shows_roles(tx: &mut Tx, page: AccountId, shows_roles: bool) -> Result<(), StoreError> {
    tx.execute(&SET_SHOWS_ROLES, params![page, shows_roles]).await.map(drop)
}

/// The pages an account follows, after a place, the latest followed first.
///
/// # Errors
/// As every statement.
pub async fn followed(
    tx: &mut Tx,
    account: AccountId,
    before: PagePlace,
    limit: u32,
) -> Result<Vec<PagePlace>, StoreError> {
    tx.query(&FOLLOWED, params![account, before.0, before.1, limit]).await
}

/// Pages with a name or handle like `pattern` (lower case, for `LIKE` with `!` as escape), after a place, the newest first.
///
/// # Errors
/// As every statement.
pub async fn named_like(
    tx: &mut Tx,
    pattern: &str,
    before: PagePlace,
    limit: u32,
) -> Result<Vec<PagePlace>, StoreError> {
    tx.query(&NAMED_LIKE, params![pattern, before.0, before.1, limit]).await
}

/// Makes an account follow a page. `false`: it did.
///
/// # Errors
/// As every statement.
pub async fn follow(tx: &mut Tx, page: AccountId, account: AccountId, now: TimeMs) -> Result<bool, StoreError> {
    let is_new = tx.execute(&FOLLOW, params![page, account, now]).await? == 1;
    if is_new {
        tx.execute(&ADD_FOLLOWERS, params![page, 1_i64]).await?;
    }
    Ok(is_new)
}

/// Makes an account follow a page no more. `false`: it did not.
///
/// # Errors
/// As every statement.
pub async fn unfollow(tx: &mut Tx, page: AccountId, account: AccountId) -> Result<bool, StoreError> {
    let was_there = tx.execute(&UNFOLLOW, params![page, account]).await? == 1;
    if was_there {
        tx.execute(&ADD_FOLLOWERS, params![page, -1_i64]).await?;
    }
    Ok(was_there)
}

/// How many pages an account follows.
///
/// # Errors
/// As every statement.
pub async fn count_followed(tx: &mut Tx, account: AccountId) -> Result<u32, StoreError> {
    tx.query_one(&COUNT_FOLLOWED, params![account]).await
}

/// Those of `accounts` who follow a page.
///
/// # Errors
/// As every statement.
pub async fn followers_among(
    tx: &mut Tx,
    page: AccountId,
    accounts: &[AccountId],
) -> Result<Vec<AccountId>, StoreError> {
    tx.query_list(&FOLLOWERS_AMONG, params![page], accounts).await
}

/// Notes as which page a chat was opened.
///
/// # Errors
/// As every statement.
pub async fn set_of_chat(tx: &mut Tx, chat: ChatId, page: AccountId) -> Result<(), StoreError> {
    tx.execute(&SET_OF_CHAT, params![chat, page]).await.map(drop)
}

/// Gives a group to a page, or takes it back.
///
/// # Errors
/// As every statement.
pub async fn set_of_group(tx: &mut Tx, group: GroupId, page: Option<AccountId>) -> Result<(), StoreError> {
    tx.execute(&SET_OF_GROUP, params![group, page]).await.map(drop)
}

/// A page's groups that everybody may know of, the newest first.
///
/// # Errors
/// As every statement.
pub async fn groups(tx: &mut Tx, page: AccountId, limit: u32) -> Result<Vec<GroupId>, StoreError> {
    tx.query(&GROUPS, params![page, limit]).await
}

/// What a page has to show for itself, of followers and posts since `since`.
///
/// # Errors
/// As every statement.
pub async fn numbers(tx: &mut Tx, page: AccountId, since: TimeMs) -> Result<PageNumbersRow, StoreError> {
    tx.query_one(&NUMBERS, params![page, since]).await
}

/// All posts and stories of a page that are not deleted.
///
/// # Errors
/// As every statement.
pub async fn posts(tx: &mut Tx, page: AccountId) -> Result<Vec<PostId>, StoreError> {
    tx.query(&POSTS, params![page]).await
}

/// Ends a page whose posts are gone: nobody finds it, and nobody gets its handle.
///
/// # Errors
/// As every statement.
pub async fn end(tx: &mut Tx, page: AccountId) -> Result<(), StoreError> {
    link::set(tx, page, &[]).await?;
    staff::drop_all(tx, page).await?;
    tx.execute(&DROP_FOLLOWERS, params![page]).await?;
    tx.execute(&DROP_FROM_CHATS, params![page]).await?;
    tx.execute(&DROP_FROM_GROUPS, params![page]).await?;
    tx.execute(&DROP, params![page]).await?;
    tx.execute(&END, params![page]).await.map(drop)
}
