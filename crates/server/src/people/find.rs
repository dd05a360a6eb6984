//! Finding somebody by handle.

use doorpost_model::{
    AccountId, ErrorCode,
    people::{AccountKind, Relation},
};
use doorpost_policy::gate::{self, Action, Facts, Object};
use doorpost_store::{self as store, Tx, account::AccountRow};

use crate::{
    http::{Error, Result},
    validate,
};

/// The account with this handle, when the viewer may know of it.
///
/// # Errors
/// `not_found`, be it that there is none or that one of the two blocks the other.
pub async fn find_in_tx(tx: &mut Tx, viewer: AccountId, handle: &str) -> Result<AccountRow> {
    let account = find_any_in_tx(tx, handle).await?;
    check_visible_in_tx(tx, viewer, account.account_id).await?;
    Ok(account)
}

/// As [`find_in_tx`], by id, of a person.
///
/// # Errors
/// As [`find_in_tx`]; `invalid_field` when it is the viewer, or a page.
pub(crate) async fn find_id_in_tx(tx: &mut Tx, viewer: AccountId, account_id: AccountId) -> Result<AccountRow> {
    let account = find_any_id_in_tx(tx, viewer, account_id).await?;
    must_be_person(&account)?;
    Ok(account)
}

/// As [`find_id_in_tx`], of a page too.
///
/// # Errors
/// As [`find_in_tx`]; `invalid_field` when it is the viewer.
pub(crate) async fn find_any_id_in_tx(tx: &mut Tx, viewer: AccountId, account_id: AccountId) -> Result<AccountRow> {
    if account_id == viewer {
        return Err(Error::invalid("account_id", "That is yourself."));
    }
    let account = there(store::account::find(tx, account_id).await?)?;
    check_visible_in_tx(tx, viewer, account_id).await?;
    Ok(account)
}

/// How somebody stands to the viewer, with both accounts locked.
///
/// # Errors
/// As [`find_id_in_tx`].
pub(crate) async fn lock_pair_id_in_tx(tx: &mut Tx, viewer: AccountId, account_id: AccountId) -> Result<Relation> {
    for account in [viewer.min(account_id), viewer.max(account_id)] {
        store::account::lock(tx, account).await?;
    }
    find_id_in_tx(tx, viewer, account_id).await?;
    Ok(store::connection::relation(tx, viewer, account_id).await?)
}

/// The viewer and somebody else, whose standing to each other does not change until the transaction ends.
pub struct Pair {
    pub other: AccountRow,
    /// How the other stands to the viewer.
    pub relation: Relation,
}

/// As [`find_in_tx`] for a person other than the viewer, with both accounts locked.
///
/// # Errors
/// As [`find_in_tx`]; `invalid_field` when it is the viewer, or a page.
pub async fn lock_pair_in_tx(tx: &mut Tx, viewer: AccountId, handle: &str) -> Result<Pair> {
    let other = lock_both_in_tx(tx, viewer, handle).await?;
    check_visible_in_tx(tx, viewer, other.account_id).await?;
    must_be_person(&other)?;
    let relation = store::connection::relation(tx, viewer, other.account_id).await?;
    Ok(Pair { other, relation })
}

/// The account with this handle, whether or not there is a block, with both accounts locked.
///
/// # Errors
/// `not_found` when there is none; `invalid_field` when it is the viewer.
pub(crate) async fn lock_both_in_tx(tx: &mut Tx, viewer: AccountId, handle: &str) -> Result<AccountRow> {
    let other = find_any_in_tx(tx, handle).await?;
    if other.account_id == viewer {
        return Err(Error::invalid("handle", "That is yourself."));
    }
    // Always in the order of their ids, so that two who act on each other cannot wait for one another.
    for account in [viewer.min(other.account_id), viewer.max(other.account_id)] {
        store::account::lock(tx, account).await?;
    }
    Ok(other)
}

async fn find_any_in_tx(tx: &mut Tx, handle: &str) -> Result<AccountRow> {
    if !validate::could_be_handle(handle) {
        return Err(ErrorCode::NotFound.into());
    }
    there(store::account::find_by_handle(tx, handle).await?)
}

/// # Errors
/// `not_found` for none, and for one that is gone.
fn there(account: Option<AccountRow>) -> Result<AccountRow> {
    Ok(account.filter(|account| account.kind != AccountKind::Gone).ok_or(ErrorCode::NotFound)?)
}

/// # Errors
/// `invalid_field` for a page: what is between two people is not between a person and a page.
fn must_be_person(account: &AccountRow) -> Result<()> {
    match account.kind {
        AccountKind::Person => Ok(()),
        _ => Err(Error::invalid("handle", "That is a page. You can follow it.")),
    }
}

async fn check_visible_in_tx(tx: &mut Tx, viewer: AccountId, account_id: AccountId) -> Result<()> {
    let blocked = store::block::between(tx, viewer, account_id).await?;
    let page_role = match blocked {
        true => store::page::staff::role(tx, account_id, viewer).await?,
        false => None,
    };
    let facts = Facts { blocked, page_role, ..Facts::default() };
    let viewer = gate::Viewer { account_id: viewer };
    if gate::can(viewer, Action::SeeAccount, &Object::Account { account_id }, &facts).is_allowed() {
        Ok(())
    } else {
        Err(ErrorCode::NotFound.into())
    }
}
