//! Making a group, and changing what its owners settle.

use doorpost_model::{
    AccountId, ErrorCode, GroupId,
    group::{GroupChange, GroupDetail, GroupKind, GroupRole, NewGroup},
    limits::{
        GROUP_DESCRIPTION_CHARS_MAX, GROUP_NAME_CHARS_MAX, GROUP_RULES_CHARS_MAX, GROUPS_OWNED_MAX,
        GROUPS_PER_ACCOUNT_MAX,
    },
};
use doorpost_policy::{gate::Action, group::may_become, terms::check_questions};
use doorpost_store::{
    self as store, Tx,
    group::{GroupRow, SeenGroup},
};

use super::{
    find::{FoundGroup, lock},
    live, view,
};
use crate::{
    app::App,
    http::{Error, Result, Viewer, rate_limit},
    invite::terms::questions_to_text,
    moderation::domains,
    post::{live as post_live, sight::Sight},
    validate,
};

/// Makes a group that the viewer owns.
///
/// # Errors
/// `invalid_field`; `limit_reached`.
pub(super) async fn make(app: &App, viewer: Viewer, new: NewGroup) -> Result<GroupDetail> {
    viewer.charge(app, rate_limit::Action::Group)?;
    let now = app.clock.now();
    let group = GroupRow {
        group_id: GroupId(app.entropy.uuid_v4()),
        kind: new.kind,
        name: name(&new.name)?,
        description: description(&new.description)?,
        rules: rules(&new.rules)?,
        questions: questions(&new.questions)?,
        posts_wait: new.posts_wait,
        member_count: 1,
        created_at: now,
    };
    let account = viewer.account_id;
    let detail = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                must_have_room(tx, account, GroupRole::Owner).await?;
                check_links(tx, [&group.name, &group.description, &group.rules]).await?;
                store::group::insert(tx, &group).await?;
                store::group::member::insert(tx, group.group_id, account, GroupRole::Owner, now).await?;
                view::detail(tx, account, group.group_id).await
            })
        })
        .await?;
    live::changed(app, detail.group.group_id, &[account]);
    Ok(detail)
}

/// Changes a group.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid_field`; `conflict` for a kind that more people would read by.
pub(super) async fn change(app: &App, viewer: Viewer, group_id: GroupId, change: GroupChange) -> Result<GroupDetail> {
    let account = viewer.account_id;
    let online = app.hub.online_accounts();
    let (detail, sight) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let FoundGroup { row, .. } = lock(tx, account, group_id, Action::OwnGroup).await?;
                let from = row.kind;
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                let new = [text(&change.name), text(&change.description), text(&change.rules)];
                check_links(tx, [&new[0], &new[1], &new[2]]).await?;
                let group = changed(row, change)?;
                if !may_become(from, group.kind) {
                    let message = "A group can be closed or made secret, and not opened again.";
                    return Err(Error::new(ErrorCode::Conflict, message));
                }
                // Of an open group everybody may lose sight; of any other nobody does.
                let watched = if from == GroupKind::Open && group.kind != from { online } else { Vec::new() };
                let sight = Sight::of_group(tx, group_id, watched).await?;
                store::group::set(tx, &group).await?;
                if group.kind == GroupKind::Secret {
                    store::group::admission::drop_requests(tx, group_id).await?;
                }
                Ok((view::detail(tx, account, group_id).await?, sight.compare(tx).await?))
            })
        })
        .await?;
    post_live::sight_changed(app, &sight);
    live::changed(app, group_id, &[account]);
    Ok(detail)
}

/// # Errors
/// `invalid_field` for a link to a domain that the operator has blocked.
async fn check_links(tx: &mut Tx, [name, description, rules]: [&str; 3]) -> Result<()> {
    domains::check(tx, &[("name", name), ("description", description), ("rules", rules)]).await
}

/// Checks that an account may be in one more group; it is held until the end of the transaction.
///
/// # Errors
/// `limit_reached`.
pub(super) async fn must_have_room(tx: &mut Tx, account: AccountId, role: GroupRole) -> Result<()> {
    store::account::lock(tx, account).await?;
    let is_full = store::group::member::count_of_account(tx, account).await? as usize >= GROUPS_PER_ACCOUNT_MAX;
    let owns_too_many =
        role == GroupRole::Owner && store::group::member::count_owned(tx, account).await? as usize >= GROUPS_OWNED_MAX;
    if is_full || owns_too_many { Err(ErrorCode::LimitReached.into()) } else { Ok(()) }
}

fn changed(row: SeenGroup, change: GroupChange) -> Result<GroupRow> {
    Ok(GroupRow {
        group_id: row.group_id,
        kind: change.kind.unwrap_or(row.kind),
        name: change.name.as_deref().map_or(Ok(row.name), name)?,
        description: change.description.as_deref().map_or(Ok(row.description), description)?,
        rules: change.rules.as_deref().map_or(Ok(row.rules), rules)?,
        questions: change.questions.as_deref().map_or(Ok(row.questions), questions)?,
        posts_wait: change.posts_wait.unwrap_or(row.posts_wait),
        member_count: row.member_count,
        created_at: row.created_at,
    })
}

fn name(text: &str) -> Result<String> {
    validate::line("name", "A group's name", text, GROUP_NAME_CHARS_MAX)
}

fn description(text: &str) -> Result<String> {
    validate::text("description", "A group's description", text, GROUP_DESCRIPTION_CHARS_MAX)
}

fn rules(text: &str) -> Result<String> {
    validate::text("rules", "The text of a group's rules", text, GROUP_RULES_CHARS_MAX)
}

fn questions(questions: &[String]) -> Result<String> {
    check_questions(questions).map_err(|error| Error::invalid("questions", error.to_string()))?;
    questions.iter().try_for_each(|question| validate::no_nul("questions", question))?;
    Ok(questions_to_text(questions))
}
