//! Requests to come in through an invite, and the seats they take.

use doorpost_model::{
    AccountId, Binary, ChatId, DeviceId, InviteId, RequestId, TimeMs,
    invite::{DeclineReason, RequestState},
};

use crate::{StoreError, Tx, params, row, statements, stored_as_text};

stored_as_text!(RequestState {
    Requested = "requested",
    Admitted = "admitted",
    Joined = "joined",
    Declined = "declined",
    Withdrawn = "withdrawn",
    Expired = "expired",
});

stored_as_text!(DeclineReason {
    Full = "full",
    NotNow = "not_now",
    DoesNotFit = "does_not_fit",
    Other = "other",
});

row! {
    /// A request to come in.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct RequestRow {
        pub request_id: RequestId,
        pub invite_id: InviteId,
        pub chat_id: ChatId,
        pub account_id: AccountId,
        /// The device whose key package it is.
        pub device_id: DeviceId,
        pub state: RequestState,
        pub key_package: Binary,
        /// The nonce of the key package's ticket.
        pub nonce: Vec<u8>,
        /// `SealedAnswers` in postcard, where the invite asked something.
        pub answers: Option<Vec<u8>>,
        pub asked_at: TimeMs,
        /// When it came into its present state.
        pub state_at: TimeMs,
        /// Requested: when the ticket runs out. Admitted: when the seat is given back.
        pub expires_at: Option<TimeMs>,
        /// `Approval` in postcard, once a host has admitted it.
        pub approval: Option<Vec<u8>>,
        /// Of a declined request whose host said why.
        pub decline_reason: Option<DeclineReason>,
    }
}

row! {
    /// A request in the queue, with what people know the applicant by.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct QueuedRow {
        pub request_id: RequestId,
        pub invite_id: InviteId,
        pub account_id: AccountId,
        pub handle: String,
        pub name: String,
        /// A JSON array of strings: the invite's questions as they are now.
        pub questions: String,
        /// `SealedAnswers` in postcard, where the invite asked something.
        pub answers: Option<Vec<u8>>,
        pub state: RequestState,
        pub asked_at: TimeMs,
        pub key_package: Binary,
    }
}

row! {
    /// Where a request stands, for those who are to hear that it moved.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MovedRequest {
        pub request_id: RequestId,
        pub invite_id: InviteId,
        pub chat_id: ChatId,
        pub account_id: AccountId,
        pub device_id: DeviceId,
        /// The state it is in now.
        pub state: RequestState,
        /// It was approved by a host.
        pub approved: bool,
    }
}

row! {
    /// The newest request of an account through an invite.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OwnRequest {
        pub invite_id: InviteId,
        pub request_id: RequestId,
        pub state: RequestState,
    }
}

/// Where a page of the queue begins: after this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueCursor {
    pub asked_at: TimeMs,
    pub request_id: RequestId,
}

statements! {
    INSERT = "INSERT INTO join_requests (request_id, invite_id, chat_id, account_id, device_id, state, \
              key_package, nonce, answers, asked_at, state_at, expires_at, approval) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING";
    GET = "SELECT request_id, invite_id, chat_id, account_id, device_id, state, key_package, nonce, answers, \
           asked_at, state_at, expires_at, approval, decline_reason FROM join_requests WHERE request_id = $1";
    NEWEST = "SELECT request_id, invite_id, chat_id, account_id, device_id, state, key_package, nonce, answers, \
              asked_at, state_at, expires_at, approval, decline_reason FROM join_requests \
              WHERE account_id = $1 AND invite_id = $2 ORDER BY asked_at DESC, request_id DESC LIMIT 1";
    NEWEST_OF_INVITES = "SELECT r.invite_id, r.request_id, r.state FROM join_requests r \
                         WHERE r.account_id = $1 AND r.invite_id IN ({list}) AND NOT EXISTS \
                         (SELECT 1 FROM join_requests n WHERE n.account_id = r.account_id \
                         AND n.invite_id = r.invite_id AND (n.asked_at > r.asked_at \
                         OR (n.asked_at = r.asked_at AND n.request_id > r.request_id)))";
    RENEW = "UPDATE join_requests SET device_id = $2, key_package = $3, nonce = $4, answers = $5, \
             expires_at = COALESCE($6, expires_at), \
             approval = CASE WHEN nonce = $4 THEN approval ELSE NULL END \
             WHERE request_id = $1 AND state IN ('requested', 'admitted')";
    SET_STATE = "UPDATE join_requests SET state = $3, state_at = $4, expires_at = NULL \
                 WHERE request_id = $1 AND state = $2 \
                 RETURNING request_id, invite_id, chat_id, account_id, device_id, state, approval IS NOT NULL";
    SET_REASON = "UPDATE join_requests SET decline_reason = $2 WHERE request_id = $1 AND state = 'declined'";
    ADMIT = "UPDATE join_requests SET state = 'admitted', approval = $3, state_at = $4, expires_at = $5 \
             WHERE request_id = $1 AND state = 'requested' AND nonce = $2 \
             RETURNING request_id, invite_id, chat_id, account_id, device_id, state, approval IS NOT NULL";
    ASK_ANEW = "UPDATE join_requests SET state = 'requested', approval = NULL, state_at = $2, expires_at = $3 \
                WHERE request_id = $1 AND state = 'admitted'";
    IS_USED = "SELECT EXISTS (SELECT 1 FROM join_requests \
               WHERE account_id = $1 AND nonce = $2 AND state = 'joined')";
    JOIN = "UPDATE join_requests SET state = 'joined', state_at = $4, expires_at = NULL \
            WHERE chat_id = $1 AND device_id = $2 AND nonce = $3 AND state = 'admitted' \
            RETURNING request_id, invite_id, chat_id, account_id, device_id, state, approval IS NOT NULL";
    UNDER_WAY = "SELECT request_id, invite_id, chat_id, account_id, device_id, state, approval IS NOT NULL \
                 FROM join_requests WHERE chat_id = $1 AND account_id = $2 \
                 AND state IN ('requested', 'admitted') ORDER BY request_id";
    UNDER_WAY_OF_DEVICE = "SELECT request_id, invite_id, chat_id, account_id, device_id, state, approval IS NOT NULL \
                           FROM join_requests WHERE account_id = $1 AND device_id = $2 \
                           AND state IN ('requested', 'admitted') ORDER BY request_id";
    PENDING_OF_INVITE = "SELECT request_id, invite_id, chat_id, account_id, device_id, state, \
                         approval IS NOT NULL FROM join_requests \
                         WHERE invite_id = $1 AND state IN ('requested', 'admitted') ORDER BY request_id";
    END_ALL = "UPDATE join_requests SET state = $3, state_at = $4, expires_at = NULL \
               WHERE invite_id = $1 AND state = $2 \
               RETURNING request_id, invite_id, chat_id, account_id, device_id, state, approval IS NOT NULL";
    ADMITTED = "SELECT request_id, invite_id, chat_id, account_id, device_id, state, key_package, nonce, answers, \
                asked_at, state_at, expires_at, approval, decline_reason FROM join_requests \
                WHERE chat_id = $1 AND state = 'admitted' ORDER BY state_at, request_id LIMIT $2";
    DUE = "SELECT request_id, invite_id, chat_id, account_id, device_id, state, approval IS NOT NULL \
           FROM join_requests WHERE state IN ('requested', 'admitted') AND expires_at <= $1 \
           ORDER BY expires_at LIMIT $2";
    POSTPONE = "UPDATE join_requests SET expires_at = $2 WHERE request_id = $1 AND state = 'admitted'";
    COUNT_OF_INVITE = "SELECT COUNT(*) FROM join_requests WHERE invite_id = $1 AND state = $2";
    CHATS_ADMITTING = "SELECT DISTINCT r.chat_id FROM devices d \
                       JOIN join_requests r ON r.account_id = d.account_id AND r.device_id = d.device_id \
                       WHERE d.device_id = $1 AND r.state = 'admitted'";
    // From one invite with requests under way to the next, by the index: however many requests each has.
    OVER = "WITH RECURSIVE waiting(invite_id) AS (SELECT * FROM (SELECT invite_id FROM join_requests \
              WHERE state IN ('requested', 'admitted') ORDER BY invite_id LIMIT 1) AS first \
              UNION ALL SELECT (SELECT r.invite_id FROM join_requests r \
              WHERE r.state IN ('requested', 'admitted') AND r.invite_id > w.invite_id ORDER BY r.invite_id LIMIT 1) \
              FROM waiting w WHERE w.invite_id IS NOT NULL) \
            SELECT i.invite_id FROM waiting w JOIN invites i ON i.invite_id = w.invite_id \
            WHERE i.expires_at <= $1 OR i.closed_at IS NOT NULL OR (i.ends_with_post = TRUE AND EXISTS \
              (SELECT 1 FROM posts p WHERE p.post_id = i.post_id AND p.expires_at <= $1 AND NOT EXISTS \
              (SELECT 1 FROM highlight_stories h WHERE h.post_id = p.post_id)))";
    QUEUE = "SELECT r.request_id, r.invite_id, a.account_id, a.handle, a.name, i.questions, r.answers, r.state, \
             r.asked_at, r.key_package FROM join_requests r \
             JOIN accounts a ON a.account_id = r.account_id JOIN invites i ON i.invite_id = r.invite_id \
             WHERE r.chat_id = $1 AND r.state = $2 \
             AND (r.asked_at, r.request_id) > ($3, $4) \
             ORDER BY r.asked_at, r.request_id LIMIT $5";

    RESERVE_SEAT = "UPDATE invites SET seats_taken = seats_taken + 1 WHERE invite_id = $1 \
                    AND closed_at IS NULL AND (expires_at IS NULL OR expires_at > $2) \
                    AND (seats IS NULL OR seats_taken < seats)";
    RESERVE_SEAT_AGAIN = "UPDATE invites SET seats_taken = seats_taken + 1 WHERE invite_id = $1 \
                          AND closed_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    RELEASE_SEATS = "UPDATE invites SET seats_taken = seats_taken - $2 WHERE invite_id = $1";
}

/// Adds a request; `decline_reason` is not read. `false`: another one of the account through this invite is under way.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, row: &RequestRow) -> Result<bool, StoreError> {
    let params = params![
        row.request_id,
        row.invite_id,
        row.chat_id,
        row.account_id,
        row.device_id,
        row.state,
        &row.key_package,
        &row.nonce,
        row.answers.as_ref(),
        row.asked_at,
        row.state_at,
        row.expires_at,
        row.approval.as_ref()
    ];
    Ok(tx.execute(&INSERT, params).await? == 1)
}

/// # Errors
/// As every statement.
pub async fn get(tx: &mut Tx, request: RequestId) -> Result<Option<RequestRow>, StoreError> {
    tx.query_opt(&GET, params![request]).await
}

/// The newest request of an account through an invite, whatever its state.
///
/// # Errors
/// As every statement.
pub async fn newest(tx: &mut Tx, account: AccountId, invite: InviteId) -> Result<Option<RequestRow>, StoreError> {
    tx.query_opt(&NEWEST, params![account, invite]).await
}

/// As [`newest`] for many invites at once, in no particular order; invites without one are left out.
///
/// # Errors
/// As every statement.
pub async fn newest_of_invites(
    tx: &mut Tx,
    account: AccountId,
    invites: &[InviteId],
) -> Result<Vec<OwnRequest>, StoreError> {
    tx.query_list(&NEWEST_OF_INVITES, params![account], invites).await
}

/// Replaces what came with a request that is under way. An approval for another nonce is void.
/// `expires_at`: none leaves the time as it is.
///
/// # Errors
/// As every statement.
pub async fn renew(
    tx: &mut Tx,
    request: RequestId,
    device: DeviceId,
    key_package: &Binary,
    nonce: &[u8],
    answers: Option<&Vec<u8>>,
    expires_at: Option<TimeMs>,
) -> Result<bool, StoreError> {
    let params = params![request, device, key_package, nonce, answers, expires_at];
    Ok(tx.execute(&RENEW, params).await? == 1)
}

/// Moves a request from one state to another; none when it is not in the first.
///
/// # Errors
/// As every statement.
pub async fn set_state(
    tx: &mut Tx,
    request: RequestId,
    from: RequestState,
    to: RequestState,
    at: TimeMs,
) -> Result<Option<MovedRequest>, StoreError> {
    tx.query_opt(&SET_STATE, params![request, from, to, at]).await
}

/// Keeps why a request was declined. `false`: it is not.
///
/// # Errors
/// As every statement.
pub async fn set_reason(tx: &mut Tx, request: RequestId, reason: DeclineReason) -> Result<bool, StoreError> {
    Ok(tx.execute(&SET_REASON, params![request, reason]).await? == 1)
}

/// Admits a request that waits for approval; none when it does not wait (any more), or its ticket is
/// another than that with this nonce.
///
/// # Errors
/// As every statement.
pub async fn admit(
    tx: &mut Tx,
    request: RequestId,
    nonce: &[u8],
    approval: &[u8],
    at: TimeMs,
    expires_at: TimeMs,
) -> Result<Option<MovedRequest>, StoreError> {
    tx.query_opt(&ADMIT, params![request, nonce, approval, at, expires_at]).await
}

/// Puts an admitted request back into the queue, without its approval. The seat is not given back by this.
///
/// # Errors
/// As every statement.
pub async fn ask_anew(tx: &mut Tx, request: RequestId, at: TimeMs, expires_at: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&ASK_ANEW, params![request, at, expires_at]).await? == 1)
}

/// Whether a ticket with this nonce has let the account in before.
///
/// # Errors
/// As every statement.
pub async fn is_used(tx: &mut Tx, account: AccountId, nonce: &[u8]) -> Result<bool, StoreError> {
    tx.query_one(&IS_USED, params![account, nonce]).await
}

/// The admitted request of a device with this ticket is joined now; none when there is no such request.
///
/// # Errors
/// As every statement.
pub async fn join(
    tx: &mut Tx,
    chat: ChatId,
    device: DeviceId,
    nonce: &[u8],
    at: TimeMs,
) -> Result<Option<MovedRequest>, StoreError> {
    tx.query_opt(&JOIN, params![chat, device, nonce, at]).await
}

/// An account's requests under way into a chat, through whichever invite.
///
/// # Errors
/// As every statement.
pub async fn under_way(tx: &mut Tx, chat: ChatId, account: AccountId) -> Result<Vec<MovedRequest>, StoreError> {
    tx.query(&UNDER_WAY, params![chat, account]).await
}

/// What an account has under way with one of its devices.
///
/// # Errors
/// As every statement.
pub async fn under_way_of_device(
    tx: &mut Tx,
    account: AccountId,
    device: DeviceId,
) -> Result<Vec<MovedRequest>, StoreError> {
    tx.query(&UNDER_WAY_OF_DEVICE, params![account, device]).await
}

/// All requests under way through an invite.
///
/// # Errors
/// As every statement.
pub async fn pending_of_invite(tx: &mut Tx, invite: InviteId) -> Result<Vec<MovedRequest>, StoreError> {
    tx.query(&PENDING_OF_INVITE, params![invite]).await
}

/// Moves all requests of an invite that are in one state to another in which they are over; seats are not given back
/// by this.
///
/// # Errors
/// As every statement.
pub async fn end_all(
    tx: &mut Tx,
    invite: InviteId,
    from: RequestState,
    to: RequestState,
    at: TimeMs,
) -> Result<Vec<MovedRequest>, StoreError> {
    tx.query(&END_ALL, params![invite, from, to, at]).await
}

/// The `limit` admitted requests of a chat that have waited longest.
///
/// # Errors
/// As every statement.
pub async fn admitted(tx: &mut Tx, chat: ChatId, limit: u32) -> Result<Vec<RequestRow>, StoreError> {
    tx.query(&ADMITTED, params![chat, limit]).await
}

/// Up to `limit` requests whose time has run out at `now`.
///
/// # Errors
/// As every statement.
pub async fn due(tx: &mut Tx, now: TimeMs, limit: u32) -> Result<Vec<MovedRequest>, StoreError> {
    tx.query(&DUE, params![now, limit]).await
}

/// Gives an admitted request more time.
///
/// # Errors
/// As every statement.
pub async fn postpone(tx: &mut Tx, request: RequestId, expires_at: TimeMs) -> Result<(), StoreError> {
    tx.execute(&POSTPONE, params![request, expires_at]).await.map(drop)
}

/// How many requests of an invite are in a state. Takes as long as there are many.
///
/// # Errors
/// As every statement.
pub async fn count_of_invite(tx: &mut Tx, invite: InviteId, state: RequestState) -> Result<i64, StoreError> {
    tx.query_one(&COUNT_OF_INVITE, params![invite, state]).await
}

/// Chats into which this device is admitted and not yet joined.
///
/// # Errors
/// As every statement.
pub async fn chats_admitting(tx: &mut Tx, device: DeviceId) -> Result<Vec<ChatId>, StoreError> {
    tx.query(&CHATS_ADMITTING, params![device]).await
}

/// Invites that are closed, or over at `now`, and still have requests under way (somebody may ask in
/// the very moment in which it is closed).
///
/// # Errors
/// As every statement.
pub async fn invites_over(tx: &mut Tx, now: TimeMs) -> Result<Vec<InviteId>, StoreError> {
    tx.query(&OVER, params![now]).await
}

/// A page of a chat's requests in a state, those that asked first at the top.
///
/// # Errors
/// As every statement.
pub async fn queue(
    tx: &mut Tx,
    chat: ChatId,
    state: RequestState,
    after: QueueCursor,
    limit: u32,
) -> Result<Vec<QueuedRow>, StoreError> {
    tx.query(&QUEUE, params![chat, state, after.asked_at, after.request_id, limit]).await
}

/// Takes a seat of an invite. `false`: none is left, or the invite is closed or over at `now`.
///
/// # Errors
/// As every statement.
pub async fn reserve_seat(tx: &mut Tx, invite: InviteId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&RESERVE_SEAT, params![invite, now]).await? == 1)
}

/// Takes a seat of an invite for a member who has one and comes in anew, until the old one is given back: full or
/// not. `false`: the invite is closed or over at `now`.
///
/// # Errors
/// As every statement.
pub async fn reserve_seat_again(tx: &mut Tx, invite: InviteId, now: TimeMs) -> Result<bool, StoreError> {
    Ok(tx.execute(&RESERVE_SEAT_AGAIN, params![invite, now]).await? == 1)
}

/// Gives `count` seats of an invite back.
///
/// # Errors
/// As every statement.
pub async fn release_seats(tx: &mut Tx, invite: InviteId, count: u32) -> Result<(), StoreError> {
    tx.execute(&RELEASE_SEATS, params![invite, count]).await.map(drop)
}
