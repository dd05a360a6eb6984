//! The group's public state.

use doorpost_model::{ChatId, ErrorCode, chat::GroupInfoView};
use doorpost_store as store;

use super::groups::blocking;
use crate::{
    app::App,
    chat::access,
    http::{Error, Result, Viewer},
    log::unsigned,
};

/// Group info and tree of the chat's present epoch.
///
/// # Errors
/// `not_found` unless the viewer is a member or admitted.
pub(super) async fn get(app: &App, viewer: Viewer, chat_id: ChatId) -> Result<GroupInfoView> {
    let account = viewer.account_id;
    app.store.read::<_, Error, _>(move |tx| Box::pin(access::may_take_group_info(tx, account, chat_id))).await?;
    // No commit comes between the two halves while the group is held.
    let mut held = app.groups.hold(chat_id).await;
    let group = held.take(app).await?;
    let row = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::chat_group::get(tx, chat_id).await?) }))
        .await?
        .ok_or(ErrorCode::NotFound)?;
    if unsigned(row.epoch) != group.epoch() {
        return Err(Error::internal("a group in memory is not in the stored epoch"));
    }
    let (group, ratchet_tree) = blocking(move || {
        let tree = group.ratchet_tree();
        (group, tree)
    })
    .await?;
    held.put(group);
    Ok(GroupInfoView {
        epoch: unsigned(row.epoch),
        group_info: row.group_info.into(),
        ratchet_tree: ratchet_tree.into(),
    })
}
