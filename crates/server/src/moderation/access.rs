//! The server and its cases through the gate.

use doorpost_model::{AccountId, CaseId, ErrorCode, moderation::ServerRole};
use doorpost_policy::gate::{self, Action, Decision, Facts, Object};
use doorpost_store::{self as store, Tx, moderation::case::CaseRow};

use crate::http::Result;

/// Checks that the viewer may do `action` with the server; their role.
///
/// # Errors
/// `forbidden`.
pub(super) async fn server(tx: &mut Tx, viewer: AccountId, action: Action) -> Result<Option<ServerRole>> {
    let server_role = store::moderation::role::of_account(tx, viewer).await?;
    let facts = Facts { server_role, ..Facts::default() };
    match gate::can(gate::Viewer { account_id: viewer }, action, &Object::Server, &facts) {
        Decision::Allowed => Ok(server_role),
        Decision::Refused => Err(ErrorCode::Forbidden.into()),
        Decision::Hidden => Err(ErrorCode::NotFound.into()),
    }
}

/// What the gate says to an action with a case. An owner of a group answers for it as whoever the case names.
pub(super) fn decide(viewer: AccountId, role: Option<ServerRole>, action: Action, case: &CaseRow) -> Decision {
    let (subject, subject_role) = match case.is_viewers {
        true => (viewer, role),
        false => (case.subject_id, case.subject_role),
    };
    let facts = Facts { server_role: role, ..Facts::default() };
    gate::can(gate::Viewer { account_id: viewer }, action, &Object::Case { subject, subject_role }, &facts)
}

/// A case of the server's desk that the viewer may do `action` with.
///
/// # Errors
/// `not_found` also for those who may not know of it; `forbidden`.
pub(super) async fn case(tx: &mut Tx, viewer: AccountId, case_id: CaseId, action: Action) -> Result<CaseRow> {
    let role = store::moderation::role::of_account(tx, viewer).await?;
    let case = store::moderation::case::find(tx, viewer, case_id).await?.ok_or(ErrorCode::NotFound)?;
    if case.group_id.is_some() {
        return Err(ErrorCode::NotFound.into());
    }
    match decide(viewer, role, action, &case) {
        Decision::Allowed => Ok(case),
        Decision::Refused => Err(ErrorCode::Forbidden.into()),
        Decision::Hidden => Err(ErrorCode::NotFound.into()),
    }
}
