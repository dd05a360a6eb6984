//! A group through the gate. One that is secret to the viewer and one that never was are one answer, given after the same
//! one query.

use doorpost_model::{AccountId, ErrorCode, GroupId};
use doorpost_policy::gate::{self, Action, Decision, Facts, GroupPart, Object};
use doorpost_store::{self as store, Tx, group::SeenGroup};

use crate::http::Result;

/// A group that somebody may act on, with their own part in it.
pub struct FoundGroup {
    pub row: SeenGroup,
    pub part: GroupPart,
}

/// Finds a group for `viewer` to do `action` with.
///
/// # Errors
/// `not_found` for those who may not know of it, `forbidden` for those to whom that is not given.
pub async fn find(tx: &mut Tx, viewer: AccountId, group_id: GroupId, action: Action) -> Result<FoundGroup> {
    let row = store::group::seen(tx, viewer, &[group_id]).await?.pop().ok_or(ErrorCode::NotFound)?;
    let part = part(&row);
    let facts = Facts { group: part, ..Facts::default() };
    match gate::can(gate::Viewer { account_id: viewer }, action, &Object::Group(row.kind), &facts) {
        Decision::Allowed => Ok(FoundGroup { row, part }),
        Decision::Refused => Err(ErrorCode::Forbidden.into()),
        Decision::Hidden => Err(ErrorCode::NotFound.into()),
    }
}

/// As [`find`]; members and settings stay as they are until the end of the transaction.
///
/// # Errors
/// As [`find`].
pub(crate) async fn lock(tx: &mut Tx, viewer: AccountId, group_id: GroupId, action: Action) -> Result<FoundGroup> {
    // Locked first, so that what is checked is what is changed.
    store::group::lock(tx, group_id).await?;
    find(tx, viewer, group_id, action).await
}

/// The part in a group of whom it was loaded for.
pub(crate) fn part(row: &SeenGroup) -> GroupPart {
    match row.role {
        Some(role) => GroupPart::In(role),
        None if row.banned => GroupPart::Banned,
        None if row.inviter_id.is_some() && !row.inviter_blocked => GroupPart::Invited,
        None => GroupPart::None,
    }
}
