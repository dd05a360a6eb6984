//! Asking, accepting, declining, removing.

use doorpost_model::{
    AccountId, ErrorCode, TimeMs,
    frame::Hint,
    limits::CONNECTIONS_MAX,
    notification::NotificationKind,
    people::{PersonView, Relation},
};
use doorpost_store::{self as store, Tx};

use crate::{
    app::App,
    direct,
    http::{Error, Result, Viewer, rate_limit::Action},
    invite,
    notification::{self, About, News, Told},
    people::{Pair, lock_pair_in_tx},
    post::{live, sight::MutualSight},
    request,
};

/// What one can do about somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Ask to connect; accepts, where the other has asked.
    Request,
    Accept,
    Decline,
    /// End the connection, or take one's own request back.
    Remove,
}

/// Does it, and gives how the two stand then. Doing what is done already changes nothing.
///
/// # Errors
/// `not_found`; `invalid_field` for oneself; `limit_reached`; `conflict` on accepting what was never asked.
pub async fn change(app: &App, viewer: Viewer, handle: String, change: Change) -> Result<PersonView> {
    if change == Change::Request {
        viewer.charge(app, Action::Connect)?;
        viewer.charge_new(app, Action::NewConnect)?;
    }
    let now = app.clock.now();
    let me = viewer.account_id;
    let limits = app.clone();
    let teller = app.clone();
    let (view, changed, opened, lost, told) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let Pair { other, relation } = lock_pair_in_tx(tx, me, &handle).await?;
                let other_id = other.account_id;
                let sight = match (change, relation) {
                    (Change::Remove, Relation::Connected) => Some(MutualSight::of(tx, me, other_id, now).await?),
                    _ => None,
                };
                let changed = match (change, relation) {
                    (Change::Request, Relation::None) => {
                        limits.limiter.charge_target(other_id, Action::ConnectTo)?;
                        must_have_room(tx, &[me, other_id]).await?;
                        store::connection::request(tx, me, other_id, now).await?
                    }
                    (Change::Request | Change::Accept, Relation::Incoming) => {
                        store::connection::accept(tx, me, other_id, now).await?
                    }
                    (Change::Accept, Relation::None | Relation::Requested) => {
                        return Err(Error::new(ErrorCode::Conflict, "There is no request of theirs to accept."));
                    }
                    (Change::Decline, Relation::Incoming) => {
                        store::connection::delete_request(tx, other_id, me).await?
                    }
                    (Change::Remove, Relation::Connected | Relation::Requested) => {
                        store::list::remove_each_other(tx, me, other_id).await?;
                        store::connection::delete(tx, me, other_id).await?
                    }
                    _ => false,
                };
                let relation = store::connection::relation(tx, me, other_id).await?;
                let told = match changed {
                    true => notify(tx, &teller, me, other_id, change, relation, now).await?,
                    false => Told::default(),
                };
                let opened = changed && relation == Relation::Connected && direct::connected(tx, me, other_id).await?;
                let lost = match sight {
                    Some(sight) => {
                        let voided = invite::void_between(tx, me, other_id, now).await?;
                        Some((voided, sight.compare(tx).await?))
                    }
                    None => None,
                };
                let muted = store::mute::is_muted(tx, me, other_id).await?;
                let watched = store::watch::is_watched(tx, me, other_id).await?;
                Ok((
                    PersonView {
                        account: other.to_ref(),
                        relation,
                        about: other.about.clone(),
                        kind: other.kind,
                        muted,
                        watched,
                    },
                    changed,
                    opened,
                    lost,
                    told,
                ))
            })
        })
        .await?;
    if let Some((voided, sight)) = lost {
        request::moved(app, &voided);
        live::sight_changed(app, &sight);
    }
    if changed {
        app.hub.hint_accounts(&[me, view.account.account_id], Hint::ConnectionsChanged);
    }
    notification::tell(app, told);
    if opened {
        app.hub.hint_accounts(&[me, view.account.account_id], Hint::ChatsChanged);
    }
    Ok(view)
}

/// Tells the other that they are asked, or that they were accepted.
async fn notify(
    tx: &mut Tx,
    app: &App,
    me: AccountId,
    other: AccountId,
    change: Change,
    relation: Relation,
    now: TimeMs,
) -> Result<Told> {
    let kind = match (change, relation) {
        (Change::Request, Relation::Requested) => NotificationKind::ConnectionRequest,
        (Change::Request | Change::Accept, Relation::Connected) => NotificationKind::ConnectionAccepted,
        _ => return Ok(Told::default()),
    };
    let news = News { kind, actor: Some(me), about: About::default() };
    Ok(notification::notify(tx, app, &[other], news, now).await?)
}

async fn must_have_room(tx: &mut Tx, accounts: &[AccountId]) -> Result<()> {
    for &account in accounts {
        if store::connection::count(tx, account).await? as usize >= CONNECTIONS_MAX {
            return Err(ErrorCode::LimitReached.into());
        }
    }
    Ok(())
}
