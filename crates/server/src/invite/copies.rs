//! Copies of an invite's secret for those in a chosen audience. The author's devices make them; the server keeps them
//! and cannot open any.

use std::collections::HashSet;

use doorpost_model::{
    AccountId, ErrorCode, InviteId, TimeMs,
    frame::Hint,
    invite::{MissingCopies, PutSecretCopies, SecretCopy},
    limits::{SEALED_SECRET_BYTES_MAX, SECRET_COPIES_MAX},
};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, Tx, invite::InviteRow};

use super::who_may_join;
use crate::{
    app::App,
    hosts_key,
    http::{Error, Result, Viewer},
    post::{audience::Circle, find},
};

/// Invites looked at for one answer.
const INVITES_MAX: u32 = 50;

/// People in the audiences of the viewer's invites who lack a copy: some of them, when there are many.
///
/// # Errors
/// As every statement.
pub(super) async fn missing(app: &App, viewer: Viewer) -> Result<Vec<MissingCopies>> {
    let now = app.clock.now();
    app.store.read::<_, Error, _>(move |tx| Box::pin(read_missing(tx, viewer.account_id, now))).await
}

async fn read_missing(tx: &mut Tx, author: AccountId, now: TimeMs) -> Result<Vec<MissingCopies>> {
    let mut rows = Vec::new();
    let mut left = SECRET_COPIES_MAX;
    for invite_id in store::invite::copy::lacking(tx, author, now, INVITES_MAX).await? {
        let lacking = lacking(tx, invite_id, left, now).await?;
        let keys = store::account::sealing_keys(tx, &lacking).await?;
        left = left.saturating_sub(keys.len());
        if !keys.is_empty() {
            rows.push(MissingCopies { invite_id, accounts: keys.into_iter().map(hosts_key::sealing_key).collect() });
        }
        if left == 0 {
            break;
        }
    }
    Ok(rows)
}

/// Up to `limit` people with an identity in an invite's audience who have no copy.
async fn lacking(tx: &mut Tx, invite_id: InviteId, limit: usize, now: TimeMs) -> Result<Vec<AccountId>> {
    let Some(invite) = store::invite::get(tx, invite_id).await? else { return Ok(Vec::new()) };
    let Some(post) = store::post::get(tx, invite.post_id).await? else { return Ok(Vec::new()) };
    let holders: HashSet<AccountId> = store::invite::copy::holders(tx, invite_id).await?.into_iter().collect();
    let circle = Circle::load(tx, &post, now).await?;
    let may_join = |account: &AccountId| circle.may_join(*account, invite.ends_with_post);
    let lacking = circle.chosen().into_iter().filter(|account| !holders.contains(account)).filter(may_join);
    Ok(lacking.take(limit).collect())
}

/// Keeps copies; those for people who are not in the audience (any more) are passed over.
///
/// # Errors
/// `not_found`, `forbidden` unless the viewer wrote the invite's post; `conflict` when they are of another secret than
/// the invite has; `invalid_field`.
pub(super) async fn put(app: &App, viewer: Viewer, invite_id: InviteId, request: PutSecretCopies) -> Result<()> {
    let PutSecretCopies { join_key, copies } = request;
    check(&copies)?;
    let now = app.clock.now();
    let (post_id, kept) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let invite = store::invite::get(tx, invite_id).await?.ok_or(ErrorCode::NotFound)?;
                find::check(tx, viewer.account_id, invite.post_id, Action::SeeAudience, now).await?;
                if invite.join_key != join_key.0 {
                    return Err(Error::new(ErrorCode::Conflict, "The invite has another secret by now."));
                }
                let kept = put_in_tx(tx, &invite, &copies, now).await?;
                Ok((invite.post_id, kept))
            })
        })
        .await?;
    for account in kept {
        app.hub.hint(account, Hint::PostChanged { post_id });
    }
    Ok(())
}

/// Checks number and sizes.
///
/// # Errors
/// `invalid_field`.
pub(crate) fn check(copies: &[SecretCopy]) -> Result<()> {
    let fits = |copy: &SecretCopy| (1..=SEALED_SECRET_BYTES_MAX).contains(&copy.sealed.0.len());
    if copies.len() > SECRET_COPIES_MAX || !copies.iter().all(fits) {
        return Err(Error::invalid(
            "copies",
            format!("Send at most {SECRET_COPIES_MAX} copies, none of them too long."),
        ));
    }
    Ok(())
}

/// Keeps the copies for people in the audience; gives those people.
///
/// # Errors
/// As every statement.
pub(crate) async fn put_in_tx(
    tx: &mut Tx,
    invite: &InviteRow,
    copies: &[SecretCopy],
    now: TimeMs,
) -> Result<HashSet<AccountId>> {
    let accounts: Vec<AccountId> = copies.iter().map(|copy| copy.account_id).collect();
    let may_join = who_may_join(tx, invite, &accounts, now).await?;
    for copy in copies.iter().filter(|copy| may_join.contains(&copy.account_id)) {
        store::invite::copy::put(tx, invite.invite_id, copy.account_id, &copy.sealed.0).await?;
    }
    Ok(may_join)
}
