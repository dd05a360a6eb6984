//! What goes to a group's own moderators: reports of posts there. They are not told who reported.

use doorpost_model::{
    AccountId, CaseId, ErrorCode, GroupId, PostId, TimeMs,
    frame::Hint,
    moderation::{CaseOutcome, CaseView},
    people::Page,
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    moderation::case::{self as rows, CaseRow},
};

use super::case;
use crate::{
    app::App,
    group,
    http::{Error, Result, Viewer, place},
    post,
};

/// A page of the open cases of a group, the oldest first; none of what the viewer wrote.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid_field`.
pub(super) async fn page(
    app: &App,
    viewer: Viewer,
    group_id: GroupId,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<CaseView>> {
    let after = match cursor {
        Some(cursor) => place::decode(cursor).map(|(at, id)| (at, CaseId::from_bytes(id)))?,
        None => (TimeMs(i64::MIN), CaseId::from_bytes([0; 16])),
    };
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let me = viewer.account_id;
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                group::find(tx, me, group_id, Action::ModerateGroup).await?;
                let found = rows::of_group(tx, me, group_id, after, wanted).await?;
                let (mut found, next_cursor) = case::cut(found, limit);
                found.retain(|case| !case.is_viewers);
                let mut items = case::views(tx, me, None, found).await?;
                for item in &mut items {
                    item.may_judge = true;
                }
                Ok(Page { items, next_cursor })
            })
        })
        .await
}

/// Closes a case of a group: deletes the post, or leaves it.
///
/// # Errors
/// `not_found`, also for what the viewer wrote; `forbidden`; `conflict` when it is closed.
pub(super) async fn close(app: &App, viewer: Viewer, group_id: GroupId, case_id: CaseId, remove: bool) -> Result<()> {
    let now = app.clock.now();
    let me = viewer.account_id;
    let case = app.store.read::<_, Error, _>(move |tx| Box::pin(find(tx, me, group_id, case_id))).await?;
    if remove {
        match post::delete(app, viewer, PostId(case.target_id.0)).await {
            // Gone already.
            Err(error) if error.code() == ErrorCode::NotFound => {}
            other => other?,
        }
    }
    let moderators =
        app.store.write::<_, Error, _>(move |tx| Box::pin(write(tx, me, group_id, case_id, remove, now))).await?;
    app.hub.hint_accounts(&moderators, Hint::GroupChanged { group_id });
    Ok(())
}

async fn write(
    tx: &mut Tx,
    viewer: AccountId,
    group_id: GroupId,
    case_id: CaseId,
    remove: bool,
    now: TimeMs,
) -> Result<Vec<AccountId>> {
    find(tx, viewer, group_id, case_id).await?;
    let outcome = if remove { CaseOutcome::Removed } else { CaseOutcome::Dismissed };
    rows::close(tx, case_id, outcome, viewer, now).await?;
    Ok(store::group::member::moderators(tx, group_id).await?)
}

async fn find(tx: &mut Tx, viewer: AccountId, group_id: GroupId, case_id: CaseId) -> Result<CaseRow> {
    group::find(tx, viewer, group_id, Action::ModerateGroup).await?;
    let case = rows::find(tx, viewer, case_id).await?;
    let case = case.filter(|case| case.group_id == Some(group_id) && case.subject_id != viewer);
    let case = case.ok_or(ErrorCode::NotFound)?;
    if case.closed_at.is_some() {
        return Err(Error::new(ErrorCode::Conflict, "This case is closed already."));
    }
    Ok(case)
}
