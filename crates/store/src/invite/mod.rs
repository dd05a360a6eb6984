//! Invites: the way from a post into a chat.

pub mod card;
pub mod copy;

use doorpost_model::{AccountId, ChatId, InviteId, PostId, TimeMs, invite::Admission};

use crate::{StoreError, Tx, params, row, statements, stored_as_text};

stored_as_text!(Admission { Open = "open", Approval = "approval" });

row! {
    /// An invite as it is kept.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct InviteRow {
        pub invite_id: InviteId,
        pub post_id: PostId,
        pub chat_id: ChatId,
        /// The author of the post.
        pub author_id: AccountId,
        pub admission: Admission,
        /// A JSON array of strings.
        pub questions: String,
        pub seats: Option<u32>,
        /// People who came in through it and are in, or have a seat reserved.
        pub seats_taken: u32,
        pub expires_at: Option<TimeMs>,
        pub ends_with_post: bool,
        pub closed_at: Option<TimeMs>,
        pub created_at: TimeMs,
        /// Ed25519 public key.
        pub join_key: Vec<u8>,
        /// Empty once the invite has ended with its post.
        pub sealed_door: Vec<u8>,
        /// Empty too where only those in the audience have it.
        pub secret: Vec<u8>,
    }
}

row! {
    /// An invite that is not closed, as the hosts of its chat see it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct OpenInviteRow {
        pub invite_id: InviteId,
        /// The author of the post.
        pub author_id: AccountId,
        pub is_post_gone: bool,
        pub join_key: Vec<u8>,
        /// Empty where the server does not have it.
        pub secret: Vec<u8>,
    }
}

/// Terms as they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsRow {
    pub admission: Admission,
    /// A JSON array of strings.
    pub questions: String,
    pub seats: Option<u32>,
    pub expires_at: Option<TimeMs>,
    pub ends_with_post: bool,
}

statements! {
    INSERT = "INSERT INTO invites (invite_id, post_id, chat_id, admission, questions, seats, seats_taken, \
              expires_at, ends_with_post, created_at, join_key, sealed_door, secret) \
              VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
    GET = "SELECT i.invite_id, i.post_id, i.chat_id, COALESCE(p.spoken_by, p.author_id), i.admission, i.questions, i.seats, \
           i.seats_taken, i.expires_at, i.ends_with_post, i.closed_at, i.created_at, i.join_key, \
           i.sealed_door, i.secret \
           FROM invites i JOIN posts p ON p.post_id = i.post_id WHERE i.invite_id = $1";
    OF_POST = "SELECT i.invite_id, i.post_id, i.chat_id, COALESCE(p.spoken_by, p.author_id), i.admission, i.questions, i.seats, \
               i.seats_taken, i.expires_at, i.ends_with_post, i.closed_at, i.created_at, i.join_key, \
               i.sealed_door, i.secret \
               FROM invites i JOIN posts p ON p.post_id = i.post_id WHERE i.post_id = $1";
    ASKED_OF_AUTHOR = "SELECT r.invite_id, r.account_id FROM join_requests r \
        JOIN invites i ON i.invite_id = r.invite_id JOIN posts p ON p.post_id = i.post_id \
        WHERE p.author_id = $1 AND r.state IN ('requested', 'admitted') AND r.account_id IN ({list})";
    POSTS_INTO = "SELECT i.post_id FROM invites i JOIN posts p ON p.post_id = i.post_id \
                  WHERE i.chat_id = $1 AND p.deleted_at IS NULL ORDER BY i.post_id";
    SET_TERMS = "UPDATE invites SET admission = $2, questions = $3, seats = $4, expires_at = $5, \
                 ends_with_post = $6 WHERE invite_id = $1";
    CLOSE = "UPDATE invites SET closed_at = $2 WHERE invite_id = $1 AND closed_at IS NULL";
    OPEN_OF_CHAT = "SELECT i.invite_id, COALESCE(p.spoken_by, p.author_id), p.deleted_at IS NOT NULL, i.join_key, i.secret \
                    FROM invites i JOIN posts p ON p.post_id = i.post_id \
                    WHERE i.chat_id = $1 AND i.closed_at IS NULL ORDER BY i.invite_id";
    SET_DOOR = "UPDATE invites SET join_key = $2, sealed_door = $3 WHERE invite_id = $1";
    SET_SECRET = "UPDATE invites SET secret = $2 WHERE invite_id = $1";
    WIPE = "UPDATE invites SET sealed_door = $2, secret = $2 WHERE invite_id = $1";
}

/// Adds an invite, open and with no seat taken; `author_id`, `seats_taken` and `closed_at` are not
/// read. `false`: there is one with this id, or for this post.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, invite: &InviteRow) -> Result<bool, StoreError> {
    let params = params![
        invite.invite_id,
        invite.post_id,
        invite.chat_id,
        invite.admission,
        &invite.questions,
        invite.seats,
        invite.expires_at,
        invite.ends_with_post,
        invite.created_at,
        &invite.join_key,
        &invite.sealed_door,
        &invite.secret,
    ];
    Ok(tx.execute(&INSERT, params).await? == 1)
}

/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, invite: InviteId) -> Result<Option<InviteRow>, StoreError> {
    tx.query_opt(&GET, params![invite]).await
}

/// The invite of a post.
///
/// # Errors
/// As every statement.
pub async fn of_post(tx: &mut Tx, post: PostId) -> Result<Option<InviteRow>, StoreError> {
    tx.query_opt(&OF_POST, params![post]).await
}

/// Which of `accounts` have a request under way through which invite of an author's posts.
///
/// # Errors
/// As every statement.
pub async fn asked_of_author(
    tx: &mut Tx,
    author: AccountId,
    accounts: &[AccountId],
) -> Result<Vec<(InviteId, AccountId)>, StoreError> {
    tx.query_list(&ASKED_OF_AUTHOR, params![author], accounts).await
}

/// The posts, not deleted, whose invites lead into a chat.
///
/// # Errors
/// As every statement.
pub async fn posts_into(tx: &mut Tx, chat: ChatId) -> Result<Vec<PostId>, StoreError> {
    tx.query(&POSTS_INTO, params![chat]).await
}

/// # Errors
/// As every statement.
pub async fn set_terms(tx: &mut Tx, invite: InviteId, terms: &TermsRow) -> Result<bool, StoreError> {
    let params =
        params![invite, terms.admission, &terms.questions, terms.seats, terms.expires_at, terms.ends_with_post,];
    Ok(tx.execute(&SET_TERMS, params).await? == 1)
}

/// Closes an invite for good. `false`: it was closed before.
///
/// # Errors
/// As every statement.
pub async fn close(tx: &mut Tx, invite: InviteId, closed_at: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&CLOSE, params![invite, closed_at]).await? == 1)
}

/// The invites into a chat that are not closed; some may have expired.
///
/// # Errors
/// As every statement.
pub async fn open_of_chat(tx: &mut Tx, chat: ChatId) -> Result<Vec<OpenInviteRow>, StoreError> {
    tx.query(&OPEN_OF_CHAT, params![chat]).await
}

/// Keeps the chat's door as it is sealed now, and the key that tickets are made with.
///
/// # Errors
/// As every statement.
pub async fn set_door(tx: &mut Tx, invite: InviteId, join_key: &[u8], sealed_door: &[u8]) -> Result<(), StoreError> {
    tx.execute(&SET_DOOR, params![invite, join_key, sealed_door]).await.map(drop)
}

/// Keeps an invite's secret, as when its post becomes public.
///
/// # Errors
/// As every statement.
pub async fn set_secret(tx: &mut Tx, invite: InviteId, secret: &[u8]) -> Result<(), StoreError> {
    tx.execute(&SET_SECRET, params![invite, secret]).await.map(drop)
}

/// Forgets the secrets of an invite that has ended.
///
/// # Errors
/// As every statement.
pub async fn wipe_secrets(tx: &mut Tx, invite: InviteId) -> Result<(), StoreError> {
    tx.execute(&WIPE, params![invite, &[0_u8; 0]]).await.map(drop)
}
