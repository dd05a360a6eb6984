//! Who is in a list.

use std::collections::BTreeSet;

use doorpost_model::{
    AccountId, ErrorCode, ListId,
    limits::{LIST_CHANGE_MAX, LIST_MEMBERS_MAX},
    list::{ListDetail, ListMembersRequest},
};
use doorpost_store::{self as store, Tx};

use super::{change::among, view};
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    invite,
    post::{live, sight::Sight},
    request, validate,
};

/// Puts connections into a list and takes people out, as a whole or not at all.
///
/// # Errors
/// `invalid_field` when there are too many; `not_found` for the list, or for somebody to be added the
/// viewer may not know of; `not_connected`; `limit_reached`.
pub async fn change(app: &App, viewer: Viewer, list_id: ListId, request: ListMembersRequest) -> Result<ListDetail> {
    for (field, handles) in [("add", &request.add), ("remove", &request.remove)] {
        if handles.len() > LIST_CHANGE_MAX {
            return Err(Error::invalid(field, format!("At most {LIST_CHANGE_MAX} people at a time.")));
        }
    }
    let now = app.clock.now();
    let owner = viewer.account_id;
    let online = app.hub.online_accounts();
    let (detail, voided, sight) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                // Connections are changed under the same lock, so nobody is added who is just leaving.
                store::account::lock(tx, owner).await?;
                store::list::find(tx, list_id, owner).await?.ok_or(ErrorCode::NotFound)?;
                let add = connections_in_tx(tx, owner, &request.add).await?;
                let remove = accounts_in_tx(tx, &request.remove).await?;
                let moved = among(&online, &[add.as_slice(), &remove].concat());
                let sight = Sight::of_list(tx, owner, list_id, moved, now).await?;
                store::list::remove(tx, list_id, &remove).await?;
                store::list::add(tx, list_id, &add, now).await?;
                if store::list::count_members(tx, list_id).await? as usize > LIST_MEMBERS_MAX {
                    return Err(ErrorCode::LimitReached.into());
                }
                let voided = invite::void_lost(tx, owner, &remove, now).await?;
                let sight = sight.compare(tx).await?;
                Ok((view::detail_in_tx(tx, owner, list_id).await?, voided, sight))
            })
        })
        .await?;
    request::moved(app, &voided);
    live::sight_changed(app, &sight);
    Ok(detail)
}

/// The accounts with these handles, each of which must be a connection.
async fn connections_in_tx(tx: &mut Tx, owner: AccountId, handles: &[String]) -> Result<Vec<AccountId>> {
    let accounts = accounts_in_tx(tx, handles).await?;
    let asked: BTreeSet<&str> = handles.iter().map(String::as_str).collect();
    let connected = store::connection::connected_among(tx, owner, &accounts).await?;
    if connected.len() == asked.len() {
        return Ok(accounts);
    }
    // A block ends connections, so who is hidden by one is not connected either; they must look like
    // those who do not exist.
    let hidden = store::block::among(tx, owner, &accounts).await?;
    let visible = accounts.iter().filter(|account| !hidden.contains(account)).count();
    Err(if visible < asked.len() { ErrorCode::NotFound.into() } else { ErrorCode::NotConnected.into() })
}

/// The accounts with these handles; handles that nobody has are left out.
async fn accounts_in_tx(tx: &mut Tx, handles: &[String]) -> Result<Vec<AccountId>> {
    let handles: BTreeSet<&str> =
        handles.iter().map(String::as_str).filter(|handle| validate::could_be_handle(handle)).collect();
    let handles: Vec<&str> = handles.into_iter().collect();
    let accounts = store::account::refs_by_handle(tx, &handles).await?;
    Ok(accounts.into_iter().map(|account| account.account_id).collect())
}
