//! An invite through the gate. Unknown, ended, outside the audience and blocked are one answer, given
//! after the same one query.

use std::collections::{BTreeMap, HashSet};

use doorpost_model::{AccountId, ErrorCode, InviteId, TimeMs, people::AccountRef};
use doorpost_policy::gate::{self, Action, Decision, Facts, InviteObject, Membership, Object};
use doorpost_store::{
    self as store, Tx,
    invite::{InviteRow, card::CardRow},
    post::SeenByInvite,
    request::MovedRequest,
};

use super::card;
use crate::{
    http::{Error, Result},
    post::audience::{self, Circle},
    request,
};

/// An invite that somebody may act on, with their own part in it.
pub struct FoundInvite {
    pub invite: InviteRow,
    /// The chat, the seats, the viewer's role and newest request.
    pub card: CardRow,
    pub membership: Membership,
    /// The post's author.
    pub host: AccountRef,
}

/// Finds an invite for `viewer` to do `action` with at `now`. Whether it takes people at the moment is
/// `policy::terms`' to say.
///
/// # Errors
/// `not_found` for those who may not know of it; `removed_from_chat` and `forbidden` for those who
/// know of it and may not.
pub async fn find(
    tx: &mut Tx,
    viewer: AccountId,
    invite_id: InviteId,
    action: Action,
    now: TimeMs,
) -> Result<FoundInvite> {
    let seen = store::post::seen_by_invite(tx, viewer, invite_id).await?;
    // Who may not know of it is told so before anything more is read.
    let seen = seen.filter(|seen| may_see(viewer, seen, now)).ok_or(ErrorCode::NotFound)?;
    let SeenByInvite { post, ends_with_post } = seen;
    let invite = store::invite::get(tx, invite_id).await?.ok_or(ErrorCode::NotFound)?;
    let card = store::invite::card::of_posts(tx, viewer, &[post.post_id]).await?.pop();
    let card = card.ok_or_else(|| Error::internal("an invite without a chat"))?;
    let membership = card::membership(&card);
    let object = Object::Invite(InviteObject { post: audience::object(&post, now), ends_with_post });
    let facts = Facts { membership, ..audience::facts(&post) };
    match gate::can(gate::Viewer { account_id: viewer }, action, &object, &facts) {
        Decision::Allowed => {}
        Decision::Refused if membership == Membership::Removed => return Err(ErrorCode::RemovedFromChat.into()),
        Decision::Refused => return Err(ErrorCode::Forbidden.into()),
        Decision::Hidden => return Err(ErrorCode::NotFound.into()),
    }
    let host = AccountRef { account_id: post.author_id, handle: post.author_handle, name: post.author_name };
    Ok(FoundInvite { invite, card, membership, host })
}

fn may_see(viewer: AccountId, seen: &SeenByInvite, now: TimeMs) -> bool {
    let invite = InviteObject { post: audience::object(&seen.post, now), ends_with_post: seen.ends_with_post };
    let viewer = gate::Viewer { account_id: viewer };
    gate::can(viewer, Action::SeeInvite, &Object::Invite(invite), &audience::facts(&seen.post)).is_allowed()
}

/// Those of `accounts` whom an invite's audience still has at `now`, to be asked again when something is done
/// for people who asked earlier.
///
/// # Errors
/// As every statement.
pub async fn who_may_join(
    tx: &mut Tx,
    invite: &InviteRow,
    accounts: &[AccountId],
    now: TimeMs,
) -> Result<HashSet<AccountId>> {
    let Some(post) = store::post::get(tx, invite.post_id).await? else { return Ok(HashSet::new()) };
    let circle = Circle::load(tx, &post, now).await?;
    let may_join = |account: &AccountId| circle.may_join(*account, invite.ends_with_post);
    Ok(accounts.iter().copied().filter(may_join).collect())
}

/// Expires the requests under way of those of `accounts` whom the audience of an author's posts no
/// longer has. To be called in the transaction that blocks, disconnects, or takes out of a list; once
/// it has committed, give the answer to [`request::moved`].
///
/// # Errors
/// As every statement.
pub async fn void_lost(
    tx: &mut Tx,
    author: AccountId,
    accounts: &[AccountId],
    now: TimeMs,
) -> Result<Vec<MovedRequest>> {
    let asked = store::invite::asked_of_author(tx, author, accounts).await?;
    void_asking(tx, asked, now).await
}

/// Of requests under way, each given as invite and account, expires those of people whom the audience no longer has.
///
/// # Errors
/// As every statement.
pub(crate) async fn void_asking(
    tx: &mut Tx,
    asked: Vec<(InviteId, AccountId)>,
    now: TimeMs,
) -> Result<Vec<MovedRequest>> {
    let mut asking: BTreeMap<InviteId, Vec<AccountId>> = BTreeMap::new();
    for (invite_id, account) in asked {
        asking.entry(invite_id).or_default().push(account);
    }
    let mut voided = Vec::new();
    for (invite_id, asking) in asking {
        let Some(invite) = store::invite::get(tx, invite_id).await? else { continue };
        let may_join = who_may_join(tx, &invite, &asking, now).await?;
        let lost: Vec<AccountId> = asking.into_iter().filter(|account| !may_join.contains(account)).collect();
        voided.extend(request::void(tx, invite_id, &lost, now).await?);
    }
    Ok(voided)
}

/// [`void_lost`] both ways, for two who are connected no more or parted by a block.
///
/// # Errors
/// As every statement.
pub async fn void_between(tx: &mut Tx, one: AccountId, other: AccountId, now: TimeMs) -> Result<Vec<MovedRequest>> {
    let mut voided = void_lost(tx, one, &[other], now).await?;
    voided.extend(void_lost(tx, other, &[one], now).await?);
    Ok(voided)
}
