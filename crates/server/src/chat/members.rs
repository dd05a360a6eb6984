//! Who is in a chat.

use doorpost_model::{
    ChatId,
    chat::{MemberView, Role},
    people::AccountRef,
};
use doorpost_policy::gate::Action;
use doorpost_store as store;

use super::access;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
};

/// All members in the order they came; which invite they came through is for hosts.
///
/// # Errors
/// `not_found` unless the viewer is a member.
pub(super) async fn all(app: &App, viewer: Viewer, chat_id: ChatId) -> Result<Vec<MemberView>> {
    let (role, rows) = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let own = access::member(tx, viewer.account_id, chat_id, Action::SeeChat).await?;
                Ok((own.role, store::member::named(tx, chat_id).await?))
            })
        })
        .await?;
    let view = |row: store::member::NamedMember| MemberView {
        account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
        role: row.role,
        joined_at: row.joined_at,
        speaks_for: row.speaks_for.filter(|_| row.role == Role::Host),
        invite_id: row.invite_id.filter(|_| role == Role::Host),
    };
    Ok(rows.into_iter().map(view).collect())
}
