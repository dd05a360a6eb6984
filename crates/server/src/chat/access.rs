//! Who may do what in a chat: the facts for the gate, and its answer as an error.

use doorpost_model::{AccountId, ChatId, ErrorCode, invite::RequestState};
use doorpost_policy::gate::{self, Action, Decision, Facts, Membership, Object};
use doorpost_store::{self as store, Tx, member::MemberRow};

use crate::http::Result;

/// The viewer's own row in a chat, for something only members may do.
///
/// # Errors
/// `not_found` for everybody who is not in the chat, whether or not there is one; `not_host`.
pub(crate) async fn member(tx: &mut Tx, viewer: AccountId, chat_id: ChatId, action: Action) -> Result<MemberRow> {
    let row = store::member::get(tx, chat_id, viewer).await?;
    let membership = row.as_ref().map_or(Membership::None, |row| Membership::In(row.role));
    ask(viewer, action, membership)?;
    Ok(row.ok_or(ErrorCode::NotFound)?)
}

/// Whether the viewer may have the group's public state: members, and those on their way in.
///
/// # Errors
/// `not_found`.
pub(crate) async fn may_take_group_info(tx: &mut Tx, viewer: AccountId, chat_id: ChatId) -> Result<()> {
    let membership = match store::member::get(tx, chat_id, viewer).await? {
        Some(row) => Membership::In(row.role),
        None => {
            let under_way = store::request::under_way(tx, chat_id, viewer).await?;
            let is_admitted = under_way.iter().any(|request| request.state == RequestState::Admitted);
            if is_admitted { Membership::Admitted } else { Membership::None }
        }
    };
    ask(viewer, Action::TakeGroupInfo, membership)
}

/// Whether the server takes what the account does in the chat.
///
/// # Errors
/// `suspended`.
pub(crate) async fn not_suspended(tx: &mut Tx, viewer: AccountId, chat_id: ChatId) -> Result<()> {
    if store::suspension::is_suspended(tx, chat_id, viewer).await? {
        return Err(ErrorCode::Suspended.into());
    }
    Ok(())
}

fn ask(viewer: AccountId, action: Action, membership: Membership) -> Result<()> {
    let facts = Facts { membership, ..Facts::default() };
    match gate::can(gate::Viewer { account_id: viewer }, action, &Object::Chat, &facts) {
        Decision::Allowed => Ok(()),
        Decision::Refused => Err(ErrorCode::NotHost.into()),
        Decision::Hidden => Err(ErrorCode::NotFound.into()),
    }
}
