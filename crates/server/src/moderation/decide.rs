//! Deciding a case: what is done, what its subject is told, and what the log says.

use doorpost_model::{
    AccountId, CaseId, CommentId, ErrorCode, GroupId, LogEntryId, MediaId, NoticeId, PostId, ReportId, TimeMs,
    frame::Hint,
    limits::{CASE_NOTE_CHARS_MAX, NOTICE_EXCERPT_CHARS_MAX, SUSPENSION_MS},
    moderation::{CaseAction, CaseOutcome, CaseTarget, DecideCase, LogAction, NoticeKind},
    report::{ReportOutcome, ReportReason},
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    moderation::{
        case::{self as rows, CaseRow},
        log::{self, NewLogEntry},
        notice::{self, NoticeRow},
        role,
    },
};

use super::access;
use crate::{
    app::App,
    comment,
    commit::to_the_end,
    group,
    http::{Error, Result, Viewer},
    media, picture, post, validate,
};

/// Decides a case, once.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid_field`; `conflict` when it is closed.
pub(super) async fn decide(app: &App, viewer: Viewer, case_id: CaseId, request: DecideCase) -> Result<()> {
    let now = app.clock.now();
    let decision = Decision::check(app, viewer, request, now)?;
    let app = app.clone();
    to_the_end(async move {
        let online = app.hub.online_accounts();
        let done =
            app.store.write::<_, Error, _>(move |tx| Box::pin(write(tx, case_id, decision, online, now))).await?;
        done.tell(&app).await;
        Ok(())
    })
    .await
}

struct Decision {
    by: AccountId,
    action: CaseAction,
    /// None where none is needed.
    rule: Option<ReportReason>,
    note: String,
    /// Of a suspension.
    until: Option<TimeMs>,
    entry_id: LogEntryId,
    notice_id: NoticeId,
}

impl Decision {
    fn check(app: &App, viewer: Viewer, request: DecideCase, now: TimeMs) -> Result<Self> {
        let DecideCase { action, rule, note, duration_ms } = request;
        let note = validate::text("note", "A note", &note, CASE_NOTE_CHARS_MAX)?;
        let needs_rule = !matches!(action, CaseAction::Dismiss | CaseAction::Lift);
        if needs_rule && rule.is_none() {
            return Err(Error::invalid("rule", "Say which rule was broken."));
        }
        let until = match (action, duration_ms) {
            (CaseAction::Suspend, Some(ms)) if SUSPENSION_MS.contains(&ms) => Some(now.plus(ms)),
            (CaseAction::Suspend, _) => {
                return Err(Error::invalid("duration_ms", "A suspension is for 1 hour to 365 days."));
            }
            _ => None,
        };
        Ok(Self {
            by: viewer.account_id,
            action,
            rule,
            note,
            until,
            entry_id: LogEntryId(app.entropy.uuid_v4()),
            notice_id: NoticeId(app.entropy.uuid_v4()),
        })
    }

    const fn outcome(&self) -> (CaseOutcome, LogAction) {
        match self.action {
            CaseAction::Dismiss => (CaseOutcome::Dismissed, LogAction::Dismissed),
            CaseAction::Remove => (CaseOutcome::Removed, LogAction::Removed),
            CaseAction::Warn => (CaseOutcome::Warned, LogAction::Warned),
            CaseAction::Suspend => (CaseOutcome::Suspended, LogAction::Suspended),
            CaseAction::Lift => (CaseOutcome::Lifted, LogAction::Lifted),
            CaseAction::RemovePicture => (CaseOutcome::PictureRemoved, LogAction::PictureRemoved),
        }
    }

    const fn notice(&self) -> Option<NoticeKind> {
        match self.action {
            CaseAction::Dismiss | CaseAction::Lift => None,
            CaseAction::Remove => Some(NoticeKind::Removal),
            CaseAction::Warn => Some(NoticeKind::Warning),
            CaseAction::Suspend => Some(NoticeKind::Suspension),
            CaseAction::RemovePicture => Some(NoticeKind::PictureRemoval),
        }
    }
}

/// What is to be told once it is written.
struct Done {
    people: Vec<AccountId>,
    subject: AccountId,
    /// The subject's suspension as it is now, where that changed.
    suspension: Option<Option<TimeMs>>,
    post: Option<(PostId, post::Deleted)>,
    group: Option<(GroupId, group::Ended)>,
    comment: Option<comment::Removed>,
    picture: Option<MediaId>,
}

impl Done {
    async fn tell(self, app: &App) {
        if let Some(until) = self.suspension {
            app.suspended.note(self.subject, until);
        }
        if let Some((post_id, deleted)) = self.post {
            deleted.tell(app, post_id).await;
        }
        if let Some((group_id, ended)) = self.group {
            ended.tell(app, group_id);
        }
        if let Some(comment) = self.comment {
            comment.tell(app);
        }
        media::erase_all(app, self.picture.as_slice()).await;
        app.hub.hint_accounts(&self.people, Hint::ReportsChanged);
    }
}

async fn write(tx: &mut Tx, case_id: CaseId, decision: Decision, online: Vec<AccountId>, now: TimeMs) -> Result<Done> {
    // Locked first, so that what is checked is what is changed.
    rows::lock(tx, case_id).await?;
    let case = access::case(tx, decision.by, case_id, Action::JudgeCase).await?;
    if case.closed_at.is_some() {
        return Err(Error::new(ErrorCode::Conflict, "This case is closed already."));
    }
    let excerpt = excerpt(tx, &case).await?;
    let mut done = Done {
        people: super::people(tx).await?,
        subject: case.subject_id,
        suspension: None,
        post: None,
        group: None,
        comment: None,
        picture: None,
    };
    match decision.action {
        CaseAction::Dismiss | CaseAction::Warn => {}
        CaseAction::Remove => remove(tx, &case, online, now, &mut done).await?,
        CaseAction::RemovePicture => done.picture = remove_picture(tx, &case).await?,
        CaseAction::Suspend | CaseAction::Lift => {
            role::suspend(tx, case.subject_id, decision.until).await?;
            done.suspension = Some(decision.until);
        }
    }
    close(tx, &case, &decision, now).await?;
    note(tx, &case, &decision, excerpt, now).await?;
    Ok(done)
}

async fn remove(tx: &mut Tx, case: &CaseRow, online: Vec<AccountId>, now: TimeMs, done: &mut Done) -> Result<()> {
    match case.target {
        CaseTarget::Post | CaseTarget::Story => {
            let post_id = PostId(case.target_id.0);
            // What its author has deleted meanwhile is gone already.
            if let Some(post) = store::post::lock(tx, post_id).await?.filter(|post| post.deleted_at.is_none()) {
                done.post = Some((post_id, post::delete_in_tx(tx, post, false, &online, now).await?));
            }
        }
        CaseTarget::Group => {
            let group_id = GroupId(case.target_id.0);
            if store::group::lock(tx, group_id).await? {
                done.group = Some((group_id, group::delete_in_tx(tx, group_id, online, now).await?));
            }
        }
        CaseTarget::Comment => done.comment = comment::remove_in_tx(tx, CommentId(case.target_id.0), now).await?,
        CaseTarget::Account | CaseTarget::Messages | CaseTarget::Appeal => {
            return Err(Error::invalid("action", "There is nothing here that could be removed."));
        }
    }
    Ok(())
}

/// The picture that goes, none where its owner has taken it away meanwhile.
async fn remove_picture(tx: &mut Tx, case: &CaseRow) -> Result<Option<MediaId>> {
    if case.target != CaseTarget::Account {
        return Err(Error::invalid("action", "There is no picture here that could be removed."));
    }
    let account = AccountId(case.target_id.0);
    store::account::lock(tx, account).await?;
    Ok(picture::take_away(tx, account).await?)
}

async fn close(tx: &mut Tx, case: &CaseRow, decision: &Decision, now: TimeMs) -> Result<()> {
    let (outcome, _) = decision.outcome();
    rows::close(tx, case.case_id, outcome, decision.by, now).await?;
    if decision.action == CaseAction::Remove {
        // Nothing is left to be decided, by a group's moderators either.
        rows::close_all_of(tx, case.target, case.target_id, outcome, decision.by, now).await?;
    }
    if case.target == CaseTarget::Messages {
        let outcome = match decision.action {
            CaseAction::Dismiss => ReportOutcome::Dismissed,
            _ => ReportOutcome::Upheld,
        };
        store::report::close(tx, ReportId(case.target_id.0), outcome, decision.by, now).await?;
    }
    Ok(())
}

/// Tells the subject, and the log.
async fn note(tx: &mut Tx, case: &CaseRow, decision: &Decision, excerpt: String, now: TimeMs) -> Result<()> {
    if let (Some(kind), Some(rule)) = (decision.notice(), decision.rule) {
        let row = NoticeRow {
            notice_id: decision.notice_id,
            account_id: case.subject_id,
            kind,
            rule,
            note: decision.note.clone(),
            target: case.target,
            excerpt,
            at: now,
            until: decision.until,
            seen_at: None,
            appealed_at: None,
        };
        notice::tell(tx, &row).await?;
    }
    let entry = NewLogEntry {
        entry_id: decision.entry_id,
        at: now,
        actor_id: Some(decision.by),
        action: decision.outcome().1,
        target: Some(case.target),
        target_id: Some(case.target_id),
        subject_id: Some(case.subject_id),
        rule: decision.rule,
        note: decision.note.clone(),
        until: decision.until,
    };
    Ok(log::append(tx, &entry).await?)
}

/// How what the case is about began; nothing of messages, which are not the server's to repeat.
async fn excerpt(tx: &mut Tx, case: &CaseRow) -> Result<String> {
    let Some(first) = rows::first_reports(tx, &[case.case_id]).await?.pop() else { return Ok(String::new()) };
    let copy: doorpost_model::moderation::ReportedCopy = serde_json::from_str(&first.copy).map_err(Error::internal)?;
    let words = if copy.name.is_empty() { copy.text } else { copy.name };
    Ok(words.chars().take(NOTICE_EXCERPT_CHARS_MAX).collect())
}
