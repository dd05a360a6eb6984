//! The door: what a viewer's device needs to make a ticket.

use doorpost_model::{
    AccountId, Binary, ChatId, ErrorCode, InviteId, TimeMs,
    invite::{ChatDoor, InviteDoor, RequestState},
};
use doorpost_policy::{
    gate::{Action, Membership},
    terms::{Standing, standing},
};
use doorpost_store::{self as store, Tx, invite::OpenInviteRow};

use super::{
    find::{FoundInvite, find},
    terms::{questions_from_text, state},
};
use crate::{
    app::App,
    chat::access,
    hosts_key,
    http::{Error, Result, Viewer},
};

/// The door of an invite that takes people, and its author. Who is in, or on the way in, gets it of a full one too.
///
/// # Errors
/// `not_found`, `removed_from_chat`, `invite_closed`, `invite_full`.
pub async fn door(tx: &mut Tx, viewer: AccountId, invite_id: InviteId, now: TimeMs) -> Result<(InviteDoor, AccountId)> {
    let found = find(tx, viewer, invite_id, Action::TakeDoor, now).await?;
    match standing(&state(&found.card), now) {
        Standing::Open => {}
        Standing::Full if has_a_place(&found) => {}
        Standing::Full => return Err(ErrorCode::InviteFull.into()),
        Standing::Closed | Standing::Expired => return Err(ErrorCode::InviteClosed.into()),
    }
    let invite = found.invite;
    let door = InviteDoor {
        invite_id,
        chat_id: invite.chat_id,
        admission: invite.admission,
        questions: questions_from_text(&invite.questions)?,
        hosts_key: hosts_key::current(tx, invite.chat_id).await?,
        join_key: Binary(invite.join_key),
        sealed_door: Binary(invite.sealed_door),
        sealed_secret: store::invite::copy::get(tx, invite_id, viewer).await?.map(Binary),
        secret: Some(Binary(invite.secret)).filter(|secret| !secret.0.is_empty()),
    };
    Ok((door, invite.author_id))
}

/// The invites into a chat that are not closed.
///
/// # Errors
/// `not_found` unless the viewer is a member; `not_host`.
pub(super) async fn of_chat(app: &App, viewer: Viewer, chat_id: ChatId) -> Result<Vec<ChatDoor>> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::HostChat).await?;
                let rows = store::invite::open_of_chat(tx, chat_id).await?;
                let authors: Vec<AccountId> = rows.iter().map(|row| row.author_id).collect();
                let keys = store::account::sealing_keys(tx, &authors).await?;
                let door = |row: OpenInviteRow| ChatDoor {
                    invite_id: row.invite_id,
                    author: keys
                        .iter()
                        .find(|key| key.account_id == row.author_id && !row.is_post_gone)
                        .map(|key| hosts_key::sealing_key(key.clone())),
                    secret: Some(Binary(row.secret)).filter(|secret| !secret.0.is_empty()),
                };
                Ok(rows.into_iter().map(door).collect())
            })
        })
        .await
}

fn has_a_place(found: &FoundInvite) -> bool {
    let is_waiting = found.card.request_state == Some(RequestState::Requested);
    is_waiting || matches!(found.membership, Membership::In(_) | Membership::Admitted)
}
