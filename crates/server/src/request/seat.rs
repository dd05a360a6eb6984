//! Seats kept for those who are admitted.

use doorpost_model::{AccountId, ChatId, InviteId, TimeMs};
use doorpost_store::{self as store, StoreError, Tx};

/// Takes a seat of an invite into a chat for an account. A member who came in by this invite and comes in anew takes
/// a second one, which a full invite has too: the first is given back on the way in. `false`: there is none.
///
/// # Errors
/// As every statement.
pub(super) async fn reserve(
    tx: &mut Tx,
    invite: InviteId,
    chat: ChatId,
    account: AccountId,
    now: TimeMs,
) -> Result<bool, StoreError> {
    let member = store::member::get(tx, chat, account).await?;
    if member.is_some_and(|member| member.invite_id == Some(invite)) {
        store::request::reserve_seat_again(tx, invite, now).await
    } else {
        store::request::reserve_seat(tx, invite, now).await
    }
}
