//! Leaving: in force at once. The leaves are taken out of the group by the next member who commits.

use doorpost_mls::delivery::ChatGroup;
use doorpost_model::{
    AccountId, ChatId, ErrorCode, TimeMs,
    admission::{LeaveNote, Nonce},
    chat::Role,
    frame::Hint,
};
use doorpost_policy::{gate::Action, membership::verify_leave_note};
use doorpost_store::{self as store, Tx, member::LeaveNoteRow};

use super::access;
use crate::{
    app::App,
    commit::to_the_end,
    direct::is_direct,
    http::{Error, Result, Viewer},
    lease, post,
};

/// Takes the viewer out of the chat by their own word.
///
/// # Errors
/// `not_found` unless the viewer is a member; `ticket_invalid` when the note is not theirs, or not for the
/// leaves they have now; `last_host` when others would stay without a host.
pub(super) async fn leave(app: &App, viewer: Viewer, chat_id: ChatId, note: LeaveNote) -> Result<()> {
    let app = app.clone();
    let account = viewer.account_id;
    to_the_end(async move { leave_now(&app, account, chat_id, note).await }).await
}

/// As [`leave`], for what is under way to its end already.
///
/// # Errors
/// As [`leave`].
pub(crate) async fn leave_now(app: &App, account: AccountId, chat_id: ChatId, note: LeaveNote) -> Result<()> {
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move { access::member(tx, account, chat_id, Action::WriteChat).await })
        })
        .await?;
    // Held until the members' table says it too, so that no commit changes the leaves meanwhile.
    let mut held = app.groups.hold(chat_id).await;
    let group = held.take(app).await?;
    let fits = is_own_word(&group, account, &note);
    held.put(group);
    if !fits {
        return Err(ErrorCode::TicketInvalid.into());
    }
    let turn = app.groups.order.lock(chat_id).await;
    let now = app.clock.now();
    let note = postcard::to_stdvec(&note).map_err(Error::internal)?;
    app.store.write::<_, Error, _>(move |tx| Box::pin(take_out(tx, chat_id, account, note, now))).await?;
    app.hub.drop_account(chat_id, account);
    drop(turn);
    drop(held);
    app.hub.hint(account, Hint::ChatsChanged);
    post::live::cards_changed(app, chat_id);
    lease::kick(app, chat_id);
    Ok(())
}

/// Whether the note was signed by the account for the leaves it has now.
fn is_own_word(group: &ChatGroup, account: AccountId, note: &LeaveNote) -> bool {
    let leaves: Vec<_> = group.leaves().filter(|leaf| leaf.account_id == account).collect();
    let nonces: Vec<Nonce> = leaves.iter().map(|leaf| leaf.nonce()).collect();
    // Leaves of an identity that was reset may be among them.
    leaves.iter().any(|leaf| verify_leave_note(note, group.chat_id(), account, &leaf.identity_key, &nonces))
}

async fn take_out(tx: &mut Tx, chat_id: ChatId, account: AccountId, note: Vec<u8>, now: TimeMs) -> Result<()> {
    if is_direct(tx, chat_id).await? {
        return Err(Error::new(ErrorCode::Conflict, "A chat of two is not left. Block them, or mute it."));
    }
    store::chat::lock(tx, chat_id).await?.ok_or(ErrorCode::NotFound)?;
    let member = store::member::delete(tx, chat_id, account).await?.ok_or(ErrorCode::NotFound)?;
    store::member::delete_devices(tx, chat_id, account).await?;
    let note = LeaveNoteRow { account_id: account, invite_id: member.invite_id, note };
    store::member::insert_leave_note(tx, chat_id, &note, now).await?;
    let staying = store::chat::count_members(tx, chat_id).await?;
    if member.role == Role::Host && staying > 0 && store::member::hosts(tx, chat_id).await?.is_empty() {
        return Err(ErrorCode::LastHost.into());
    }
    Ok(())
}
