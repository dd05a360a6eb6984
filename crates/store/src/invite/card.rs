//! What the cards of a page are made of: for all of them at once, for one viewer.

use doorpost_model::{
    AccountId, ChatId, InviteId, PostId, RequestId, TimeMs,
    chat::Role,
    invite::{Admission, RequestState},
};

use crate::{StoreError, Tx, post::padded, row, statements};

row! {
    /// A post's invite with its chat, and the viewer's own part in both.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct CardRow {
        pub post_id: PostId,
        pub invite_id: InviteId,
        pub chat_id: ChatId,
        pub title: String,
        pub admission: Admission,
        /// A JSON array of strings.
        pub questions: String,
        pub seats: Option<u32>,
        pub seats_taken: u32,
        pub expires_at: Option<TimeMs>,
        pub ends_with_post: bool,
        pub closed_at: Option<TimeMs>,
        /// People in the chat, hosts included.
        pub member_count: u32,
        /// The viewer's role, if in.
        pub role: Option<Role>,
        /// The invite the viewer came in through, if in.
        pub member_invite_id: Option<InviteId>,
        /// The viewer is in, but none of the viewer's present devices is: the identity was reset since.
        pub stranded: bool,
        /// The viewer can have the invite's secret: the server holds it, or a copy for the viewer.
        pub has_secret: bool,
        /// A host took the viewer out.
        pub removed: bool,
        /// The viewer's newest request through this invite.
        pub request_id: Option<RequestId>,
        pub request_state: Option<RequestState>,
        /// Requests waiting through this invite; counted for hosts alone.
        pub waiting_count: Option<u32>,
    }
}

row! {
    /// A connection of the viewer who is in a chat.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct FaceRow {
        pub chat_id: ChatId,
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        /// Either blocks the other.
        pub blocked: bool,
        /// How many connections with this `blocked` are in the chat; the row stands for one of the first.
        pub count: u32,
    }
}

statements! {
    CARDS = "SELECT i.post_id, i.invite_id, i.chat_id, c.title, i.admission, i.questions, i.seats, \
             i.seats_taken, i.expires_at, i.ends_with_post, i.closed_at, c.member_count, m.role, m.invite_id, \
             m.role IS NOT NULL AND NOT EXISTS (SELECT 1 FROM chat_devices l \
               JOIN devices d ON d.device_id = l.device_id \
               WHERE l.chat_id = i.chat_id AND l.account_id = $1 AND d.revoked_at IS NULL), \
             length(i.secret) > 0 OR EXISTS (SELECT 1 FROM invite_copies k \
               WHERE k.invite_id = i.invite_id AND k.account_id = $1), \
             EXISTS (SELECT 1 FROM chat_removals x WHERE x.chat_id = i.chat_id AND x.account_id = $1), \
             r.request_id, r.state, \
             CASE WHEN m.role = 'host' THEN (SELECT COUNT(*) FROM join_requests w \
               WHERE w.invite_id = i.invite_id AND w.state = 'requested') END \
             FROM invites i JOIN chats c ON c.chat_id = i.chat_id \
             LEFT JOIN chat_members m ON m.chat_id = i.chat_id AND m.account_id = $1 \
             LEFT JOIN join_requests r ON r.request_id = (SELECT q.request_id FROM join_requests q \
               WHERE q.account_id = $1 AND q.invite_id = i.invite_id \
               ORDER BY q.asked_at DESC, q.request_id DESC LIMIT 1) \
             WHERE i.post_id IN ({list})";
    // The first in by name of each chat, with how many there are of their kind.
    FACES = "SELECT f.chat_id, f.account_id, f.handle, f.name, f.blocked, f.count FROM (\
               SELECT k.chat_id, k.account_id, k.handle, k.name, k.blocked, \
                 COUNT(*) OVER (PARTITION BY k.chat_id, k.blocked) AS count, \
                 ROW_NUMBER() OVER (PARTITION BY k.chat_id, k.blocked ORDER BY k.joined_seq, k.account_id) AS place \
               FROM (SELECT m.chat_id, m.account_id, m.joined_seq, a.handle, a.name, \
                   EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = m.account_id) \
                     OR EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = m.account_id AND b.blocked_id = $1) \
                     AS blocked \
                 FROM connections c JOIN chat_members m ON m.account_id = c.other_id \
                 JOIN accounts a ON a.account_id = m.account_id \
                 WHERE c.account_id = $1 AND c.state = 'connected' AND m.chat_id IN ({list})) AS k\
             ) AS f WHERE f.place <= $2 ORDER BY f.chat_id, f.place";
}

/// The cards of these posts' invites; posts without one are left out. In no particular order.
///
/// # Errors
/// As every statement.
pub async fn of_posts(tx: &mut Tx, viewer: AccountId, posts: &[PostId]) -> Result<Vec<CardRow>, StoreError> {
    tx.query_list(&CARDS, &[viewer.into()], &padded(posts)).await
}

/// Of the viewer's connections who are in these chats, the first `limit` in of each chat (and again
/// as many of those a block parts from the viewer), with how many there are.
///
/// # Errors
/// As every statement.
pub async fn faces(tx: &mut Tx, viewer: AccountId, chats: &[ChatId], limit: u32) -> Result<Vec<FaceRow>, StoreError> {
    tx.query_list(&FACES, &[viewer.into(), limit.into()], &padded(chats)).await
}
