//! Accounts whose commit was taken back: hosts see them, and let them go on.

use doorpost_model::{AccountId, ChatId, ErrorCode, chat::SuspensionView, frame::Hint, people::AccountRef};
use doorpost_policy::gate::Action;
use doorpost_store::{self as store, suspension::SuspensionRow};

use super::access;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    log::unsigned,
};

/// Who is suspended in a chat.
///
/// # Errors
/// `not_found` unless the viewer is a member; `not_host`.
pub(super) async fn all(app: &App, viewer: Viewer, chat_id: ChatId) -> Result<Vec<SuspensionView>> {
    let rows = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::HostChat).await?;
                Ok(store::suspension::of_chat(tx, chat_id).await?)
            })
        })
        .await?;
    Ok(rows.into_iter().map(view).collect())
}

/// Lets an account go on.
///
/// # Errors
/// As [`all`]; `not_found` also when it is not suspended.
pub(super) async fn lift(app: &App, viewer: Viewer, chat_id: ChatId, account_id: AccountId) -> Result<()> {
    let was_suspended = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::member(tx, viewer.account_id, chat_id, Action::HostChat).await?;
                Ok(store::suspension::delete(tx, chat_id, account_id).await?)
            })
        })
        .await?;
    if !was_suspended {
        return Err(ErrorCode::NotFound.into());
    }
    app.hub.hint(account_id, Hint::ChatsChanged);
    Ok(())
}

fn view(row: SuspensionRow) -> SuspensionView {
    SuspensionView {
        account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
        seq: unsigned(row.seq),
        suspended_at: row.suspended_at,
    }
}
