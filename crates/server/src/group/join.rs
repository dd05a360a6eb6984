//! Coming into a group, or asking to.

use doorpost_model::{
    AccountId, ErrorCode, GroupId, TimeMs,
    group::{GroupAnswer, GroupDetail, GroupRole, JoinGroup},
    limits::{GROUP_MEMBERS_MAX, GROUP_REQUESTS_MAX, GROUP_REQUESTS_PER_ACCOUNT_MAX},
    notification::NotificationKind,
};
use doorpost_policy::{
    gate::Action,
    group::{Joining, joining},
    terms::{AnswersError, check_answers},
};
use doorpost_store::{
    self as store, Tx,
    group::{SeenGroup, admission, member},
};

use super::{
    find::{FoundGroup, lock},
    live, news,
    settings::must_have_room,
    view,
};
use crate::{
    app::App,
    http::{Error, Result, Viewer, rate_limit},
    invite::terms::questions_from_text,
    notification::{self, Told},
    post::{
        live as post_live,
        sight::{Sight, SightChange},
    },
    validate,
};

/// Brings the viewer in, by an invitation too, or keeps their request. Who is in stays in, and who has asked has asked.
///
/// # Errors
/// `not_found`; `forbidden` for who is kept out; `answers_required`, `invalid_field`; `limit_reached`.
pub(super) async fn join(app: &App, viewer: Viewer, group_id: GroupId, request: JoinGroup) -> Result<GroupDetail> {
    viewer.charge(app, rate_limit::Action::Join)?;
    let now = app.clock.now();
    let account = viewer.account_id;
    let teller = app.clone();
    let (detail, told, sight, news) = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let FoundGroup { row, part } = lock(tx, account, group_id, Action::JoinGroup).await?;
                let (sight, news) = match joining(row.kind, part) {
                    Joining::AtOnce => (enter(tx, group_id, account, now).await?, Told::default()),
                    Joining::ByRequest => {
                        ask(tx, &row, account, &request.answers, now).await?;
                        let kind = NotificationKind::GroupRequest;
                        (SightChange::default(), news::to_moderators(tx, &teller, kind, group_id, account, now).await?)
                    }
                };
                let told = live::with_hosts(tx, group_id, account).await?;
                Ok((view::detail(tx, account, group_id).await?, told, sight, news))
            })
        })
        .await?;
    post_live::sight_changed(app, &sight);
    live::changed(app, group_id, &told);
    notification::tell(app, news);
    Ok(detail)
}

/// Takes the viewer's request back, or declines their invitation; without either nothing changes.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(super) async fn withdraw(app: &App, viewer: Viewer, group_id: GroupId) -> Result<()> {
    let account = viewer.account_id;
    let told = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                lock(tx, account, group_id, Action::JoinGroup).await?;
                let had_asked = admission::take_back(tx, group_id, account).await?;
                admission::uninvite(tx, group_id, account).await?;
                Ok(if had_asked { live::with_moderators(tx, group_id, account).await? } else { vec![account] })
            })
        })
        .await?;
    live::changed(app, group_id, &told);
    Ok(())
}

/// Puts somebody into a group that is locked, and gives what they see by it.
///
/// # Errors
/// `limit_reached` when the group is full or they are in too many.
pub(super) async fn enter(tx: &mut Tx, group_id: GroupId, account: AccountId, now: TimeMs) -> Result<SightChange> {
    if member::role(tx, group_id, account).await?.is_some() {
        return Ok(SightChange::default());
    }
    must_have_room(tx, account, GroupRole::Member).await?;
    let sight = Sight::of_group(tx, group_id, vec![account]).await?;
    member::insert(tx, group_id, account, GroupRole::Member, now).await?;
    if member::recount(tx, group_id).await? as usize > GROUP_MEMBERS_MAX {
        return Err(ErrorCode::LimitReached.into());
    }
    admission::take_back(tx, group_id, account).await?;
    admission::uninvite(tx, group_id, account).await?;
    Ok(sight.compare(tx).await?)
}

async fn ask(tx: &mut Tx, group: &SeenGroup, account: AccountId, answers: &[String], now: TimeMs) -> Result<()> {
    let questions = questions_from_text(&group.questions)?;
    check_answers(&questions, answers).map_err(refused)?;
    answers.iter().try_for_each(|answer| validate::no_nul("answers", answer))?;
    store::account::lock(tx, account).await?;
    let is_full = admission::count_asking(tx, group.group_id).await? as usize >= GROUP_REQUESTS_MAX
        || admission::count_asked(tx, account).await? as usize >= GROUP_REQUESTS_PER_ACCOUNT_MAX;
    if is_full && !group.has_asked {
        return Err(ErrorCode::LimitReached.into());
    }
    let pairs = questions.into_iter().zip(answers);
    let answers: Vec<GroupAnswer> =
        pairs.map(|(question, answer)| GroupAnswer { question, answer: answer.trim().to_owned() }).collect();
    let answers = serde_json::to_string(&answers).map_err(Error::internal)?;
    admission::ask(tx, group.group_id, account, &answers, now).await?;
    Ok(())
}

fn refused(error: AnswersError) -> Error {
    match error {
        AnswersError::Missing => Error::new(ErrorCode::AnswersRequired, error.to_string()),
        AnswersError::TooMany | AnswersError::TooLong => Error::invalid("answers", error.to_string()),
    }
}
