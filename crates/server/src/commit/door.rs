//! Another door of a chat, as after somebody was taken out: the invites into it give that one from the same moment on.

use doorpost_model::{
    AccountId, ErrorCode,
    admission::{ChatPolicy, InvitePolicy},
    invite::ChangedDoor,
    limits::INVITES_PER_CHAT_MAX,
};
use doorpost_store::{self as store, Tx, invite::OpenInviteRow, request::MovedRequest};

use super::CommitRecord;
use crate::{
    http::{Error, Result},
    invite::copies,
    request, validate,
};

/// What another door did to a chat's invites.
#[derive(Default)]
pub(super) struct DoorChange {
    /// Requests that ended, for their tickets are void.
    pub(super) moved: Vec<MovedRequest>,
    /// Who is to hand out another secret.
    pub(super) authors: Vec<AccountId>,
}

/// Checks numbers and sizes.
///
/// # Errors
/// `invalid_field`.
pub(super) fn check(doors: &[ChangedDoor]) -> Result<()> {
    if doors.len() > INVITES_PER_CHAT_MAX {
        return Err(Error::invalid("doors", format!("A chat has at most {INVITES_PER_CHAT_MAX} doors.")));
    }
    for door in doors {
        validate::sealed("sealed_door", &door.sealed_door)?;
        copies::check(&door.copies)?;
    }
    Ok(())
}

/// Puts the doors that came with the commit in the place of those before.
///
/// # Errors
/// `conflict` unless there is one for each invite that stays open, and no other.
pub(super) async fn change(tx: &mut Tx, record: &CommitRecord) -> Result<DoorChange> {
    if !record.change.door_changed {
        return if record.doors.is_empty() { Ok(DoorChange::default()) } else { Err(unfit()) };
    }
    let mut outcome = DoorChange::default();
    let mut changed = 0;
    for invite in store::invite::open_of_chat(tx, record.chat_id).await? {
        let policy = in_policy(&record.policy, &invite)?;
        if policy.closed {
            store::invite::close(tx, invite.invite_id, record.at).await?;
            outcome.moved.extend(request::void_pending(tx, invite.invite_id, record.at).await?);
            continue;
        }
        let door = record.doors.iter().find(|door| door.invite_id == invite.invite_id).ok_or_else(unfit)?;
        if policy.join_key[..] != invite.join_key[..] {
            rekey(tx, record, &invite, door, &mut outcome).await?;
        }
        store::invite::set_door(tx, invite.invite_id, &policy.join_key, &door.sealed_door.0).await?;
        changed += 1;
    }
    if changed == record.doors.len() { Ok(outcome) } else { Err(unfit()) }
}

/// Another secret: who had the one before gets the new one from the author, and what was asked for with it is void.
async fn rekey(
    tx: &mut Tx,
    record: &CommitRecord,
    invite: &OpenInviteRow,
    door: &ChangedDoor,
    outcome: &mut DoorChange,
) -> Result<()> {
    // Everybody may have the secret by now.
    if !invite.secret.is_empty() {
        return Err(unfit());
    }
    store::invite::copy::delete_of_invite(tx, invite.invite_id).await?;
    if let Some(row) = store::invite::get(tx, invite.invite_id).await? {
        copies::put_in_tx(tx, &row, &door.copies, record.at).await?;
    }
    outcome.moved.extend(request::void_pending(tx, invite.invite_id, record.at).await?);
    outcome.authors.push(invite.author_id);
    Ok(())
}

fn in_policy<'p>(policy: &'p ChatPolicy, invite: &OpenInviteRow) -> Result<&'p InvitePolicy> {
    policy.invites.iter().find(|known| known.invite_id == invite.invite_id).ok_or_else(unfit)
}

fn unfit() -> Error {
    Error::new(ErrorCode::Conflict, "The chat's invites are others by now. Try again.")
}
