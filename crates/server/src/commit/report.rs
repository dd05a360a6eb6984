//! Reports of what became of a commit on a member's device.

use doorpost_model::{
    ChatId, ErrorCode, TimeMs,
    chat::{CommitOutcome, CommitVerdict, ReportCommit},
    limits::{COMMIT_DISPUTE_MS, COMMIT_DISPUTE_POLL_MS, GROUP_INFO_BYTES_MAX},
};
use doorpost_policy::{
    gate::Action,
    recovery::{Dispute, Reporter, Verdict, decide},
};
use doorpost_store::{self as store, StoreError, Tx, chat_group::Unconfirmed, commit_report::NewReport, log::EntryRow};

use super::{
    groups::to_the_end,
    restore::{self, Restored, restore_in_tx},
    stage::signed,
};
use crate::{
    app::App,
    chat::access,
    http::{Error, Result, WithDevice},
};

/// Takes a device's word on the commit in entry `seq`: that it took it, or could not follow it. The latter may take the
/// commit back.
///
/// # Errors
/// `not_found` unless the viewer is a member; `too_large`.
pub(super) async fn report(
    app: &App,
    viewer: WithDevice,
    chat_id: ChatId,
    seq: u64,
    request: ReportCommit,
) -> Result<CommitVerdict> {
    if request.group_info.as_ref().is_some_and(|info| info.0.len() > GROUP_INFO_BYTES_MAX) {
        return Err(ErrorCode::TooLarge.into());
    }
    let app = app.clone();
    to_the_end(async move {
        let account = viewer.account_id;
        app.store
            .read::<_, Error, _>(move |tx| {
                Box::pin(async move { access::member(tx, account, chat_id, Action::SeeChat).await })
            })
            .await?;
        // No commit comes between what is decided and what is done.
        let mut held = app.groups.hold(chat_id).await;
        let turn = app.groups.order.lock(chat_id).await;
        let report = Report { viewer, chat_id, seq: signed(seq), request, at: app.clock.now() };
        let in_tx = app.clone();
        let (verdict, restored) =
            app.store.write::<_, Error, _>(move |tx| Box::pin(async move { take(tx, &in_tx, &report).await })).await?;
        if let Some(restored) = &restored {
            tracing::warn!("a commit that others could not follow was taken back");
            held.forget();
            restore::publish(&app, chat_id, restored);
        }
        drop(turn);
        drop(held);
        if let Some(restored) = &restored {
            restore::finish(&app, chat_id, restored);
        }
        Ok(verdict)
    })
    .await
}

/// A device's word.
struct Report {
    viewer: WithDevice,
    chat_id: ChatId,
    seq: i64,
    request: ReportCommit,
    at: TimeMs,
}

async fn take(tx: &mut Tx, app: &App, report: &Report) -> Result<(CommitVerdict, Option<Restored>)> {
    let chat_id = report.chat_id;
    let Some(chat) = store::chat::lock(tx, chat_id).await? else { return Ok((CommitVerdict::GoOn, None)) };
    if store::log::is_void(tx, chat_id, report.seq).await? {
        return Ok((CommitVerdict::Restored, None));
    }
    // Another one is of no consequence: the chat's group is where the device is.
    let commit = store::log::commit_at(tx, chat_id, report.seq).await?.filter(|commit| commit.epoch < chat.epoch);
    let Some(commit) = commit else { return Ok((CommitVerdict::GoOn, None)) };
    let kept = store::chat_group::unconfirmed(tx, chat_id).await?;
    match report.request.outcome {
        CommitOutcome::Taken => {
            if let Some(kept) = kept
                && kept.seq <= report.seq
                && may_speak(tx, report, &kept).await?
            {
                store::chat_group::confirm(tx, chat_id, kept.seq).await?;
                store::commit_report::delete(tx, chat_id).await?;
            }
            Ok((CommitVerdict::GoOn, None))
        }
        CommitOutcome::Refused => refuse(tx, app, report, &commit, kept).await,
    }
}

/// Whether the device's word counts: it was in the chat before the kept state's end, and is neither the maker's nor of
/// somebody who is suspended.
async fn may_speak(tx: &mut Tx, report: &Report, kept: &Unconfirmed) -> Result<bool, StoreError> {
    let viewer = report.viewer;
    let devices = store::member::devices_of(tx, report.chat_id, viewer.account_id).await?;
    let was_there = devices.iter().any(|device| device.device_id == viewer.device_id && device.joined_seq < kept.seq);
    Ok(was_there
        && viewer.account_id != kept.account_id
        && !store::suspension::is_suspended(tx, report.chat_id, viewer.account_id).await?)
}

async fn refuse(
    tx: &mut Tx,
    app: &App,
    report: &Report,
    commit: &EntryRow,
    kept: Option<Unconfirmed>,
) -> Result<(CommitVerdict, Option<Restored>)> {
    let chat_id = report.chat_id;
    let Some(kept) = kept.filter(|kept| kept.seq == commit.seq) else {
        return Ok((CommitVerdict::ComeInAgain, None));
    };
    if !may_speak(tx, report, &kept).await? {
        return Ok((CommitVerdict::ComeInAgain, None));
    }
    let viewer = report.viewer;
    let new = NewReport {
        seq: kept.seq,
        device_id: viewer.device_id,
        account_id: viewer.account_id,
        reported_at: report.at,
        group_info: report.request.group_info.as_ref().map(|info| info.0.as_slice()),
    };
    if store::commit_report::insert(tx, chat_id, new).await? {
        metrics::counter!("doorpost_commits_reported_total").increment(1);
    }
    Ok(match decide(&dispute(tx, report, &kept).await?) {
        Verdict::TakeBack => match restore_in_tx(tx, app, chat_id, &kept, report.at).await? {
            Some(restored) => (CommitVerdict::Restored, Some(restored)),
            None => (CommitVerdict::ComeInAgain, None),
        },
        Verdict::Wait => (CommitVerdict::Wait { retry_after_ms: COMMIT_DISPUTE_POLL_MS }, None),
        Verdict::Stays => (CommitVerdict::ComeInAgain, None),
    })
}

async fn dispute(tx: &mut Tx, report: &Report, kept: &Unconfirmed) -> Result<Dispute, StoreError> {
    let chat_id = report.chat_id;
    let reports = store::commit_report::of_commit(tx, chat_id, kept.seq).await?;
    let since = reports.iter().map(|reporter| reporter.reported_at).min().unwrap_or(report.at);
    let others = store::commit_report::count_others(tx, chat_id, kept.seq, kept.account_id).await?;
    Ok(Dispute {
        is_kept: true,
        is_confirmed: store::log::is_confirmed(tx, chat_id, kept.seq, kept.account_id).await?,
        others: u32::try_from(others).unwrap_or(u32::MAX),
        reporters: reports
            .iter()
            .map(|reporter| Reporter { account_id: reporter.account_id, is_host: reporter.is_host })
            .collect(),
        is_over: since.plus(COMMIT_DISPUTE_MS) <= report.at,
    })
}
