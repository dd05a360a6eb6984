//! What waits to be pushed.

use doorpost_model::{
    AccountId, NotificationId, TimeMs,
    limits::{PUSH_WINDOW_MS, PUSHES_WAITING_MAX},
    notification::NotificationKind,
    push::{NotificationSettings, Source},
};
use doorpost_store::{
    StoreError, Tx,
    push::{self as rows, PushRow, SourceId},
};

use super::quiet;

/// Something to push.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    pub(crate) source: Source,
    /// None: messages in the chat that is the source.
    pub(crate) notification: Option<(NotificationId, NotificationKind)>,
}

/// Lets something wait for an account until it may be pushed: at once, after quiet hours, or once its source may push
/// again. What waits from the same source is one push with it.
///
/// # Errors
/// As every statement.
pub(crate) async fn add(
    tx: &mut Tx,
    account: AccountId,
    settings: &NotificationSettings,
    what: Waiting,
    now: TimeMs,
) -> Result<(), StoreError> {
    let source = SourceId::from(what.source);
    let before = rows::get(tx, account, source).await?;
    if before.is_none_or(|row| row.due_at.is_none()) && rows::count_waiting(tx, account).await? >= PUSHES_WAITING_MAX {
        return Ok(());
    }
    rows::put(tx, &next(before, account, source, settings, what, now)).await
}

fn next(
    before: Option<PushRow>,
    account_id: AccountId,
    source_id: SourceId,
    settings: &NotificationSettings,
    what: Waiting,
    now: TimeMs,
) -> PushRow {
    let (notification_id, kind) = what.notification.unzip();
    let fresh = PushRow {
        account_id,
        source_id,
        kind,
        notification_id,
        waiting: 1,
        attempts: 0,
        due_at: Some(quiet::after(settings.quiet.as_ref(), now)),
        window_at: now,
        sent: 0,
    };
    let Some(before) = before else { return fresh };
    if before.due_at.is_some() {
        // A notification goes before messages, which are not pushed to somebody who is there.
        let (kind, notification_id) =
            if kind.is_some() { (kind, notification_id) } else { (before.kind, before.notification_id) };
        return PushRow { kind, notification_id, waiting: before.waiting.saturating_add(1), ..before };
    }
    let is_over = before.window_at.plus(PUSH_WINDOW_MS) <= now;
    if is_over {
        return fresh;
    }
    let is_spent = before.sent >= settings.pushes_per_hour;
    let earliest = if is_spent { before.window_at.plus(PUSH_WINDOW_MS) } else { now };
    let due_at = quiet::after(settings.quiet.as_ref(), earliest);
    PushRow { window_at: before.window_at, sent: before.sent, due_at: Some(due_at), ..fresh }
}

/// The row of something that was pushed, or that there is no reason to push any more.
pub(super) fn done(row: PushRow, was_sent: bool, now: TimeMs) -> PushRow {
    let is_over = row.window_at.plus(PUSH_WINDOW_MS) <= now;
    let (window_at, sent) = if is_over { (now, 0) } else { (row.window_at, row.sent) };
    PushRow {
        due_at: None,
        notification_id: None,
        waiting: 0,
        attempts: 0,
        window_at,
        sent: sent.saturating_add(u32::from(was_sent)),
        ..row
    }
}

#[cfg(test)]
mod tests {
    use doorpost_model::{ChatId, push::QuietHours};

    use super::*;

    const ANN: AccountId = AccountId::from_bytes([1; 16]);
    const CHAT: Source = Source::Chat { chat_id: ChatId::from_bytes([2; 16]) };

    fn add(before: Option<PushRow>, settings: &NotificationSettings, now: i64) -> PushRow {
        next(before, ANN, CHAT.into(), settings, Waiting { source: CHAT, notification: None }, TimeMs(now))
    }

    #[test]
    fn a_source_pushes_so_often_and_then_all_the_rest_at_once() {
        let settings = NotificationSettings { pushes_per_hour: 2, ..NotificationSettings::default() };
        let mut row = None;
        for now in [10, 20] {
            let waiting = add(row, &settings, now);
            assert_eq!(waiting.due_at, Some(TimeMs(now)));
            row = Some(done(waiting, true, TimeMs(now)));
        }
        let held = add(row, &settings, 30);
        assert_eq!(held.due_at, Some(TimeMs(10 + PUSH_WINDOW_MS)));
        let held = add(Some(held), &settings, 40);
        assert_eq!((held.due_at, held.waiting), (Some(TimeMs(10 + PUSH_WINDOW_MS)), 2), "the rest is one");
        let sent = done(held, true, TimeMs(10 + PUSH_WINDOW_MS));
        assert_eq!((sent.sent, sent.due_at), (1, None), "in an hour of its own");
        assert_eq!(add(Some(sent), &settings, 11 + PUSH_WINDOW_MS).due_at, Some(TimeMs(11 + PUSH_WINDOW_MS)));
    }

    #[test]
    fn what_there_is_no_reason_to_push_costs_nothing() {
        let settings = NotificationSettings { pushes_per_hour: 1, ..NotificationSettings::default() };
        let dropped = done(add(None, &settings, 10), false, TimeMs(11));
        assert_eq!(add(Some(dropped), &settings, 12).due_at, Some(TimeMs(12)));
    }

    #[test]
    fn messages_do_not_take_a_notifications_place() {
        let settings = NotificationSettings::default();
        let asked = Some((NotificationId::from_bytes([3; 16]), NotificationKind::JoinRequest));
        let waiting =
            next(None, ANN, CHAT.into(), &settings, Waiting { source: CHAT, notification: asked }, TimeMs(10));
        let both = add(Some(waiting), &settings, 20);
        assert_eq!((both.notification_id.zip(both.kind), both.waiting), (asked, 2));
    }

    #[test]
    fn quiet_hours_hold_it_back() {
        let quiet = QuietHours { from_min: 0, to_min: 60, time_zone: "UTC".to_owned() };
        let settings = NotificationSettings { quiet: Some(quiet), ..NotificationSettings::default() };
        assert_eq!(add(None, &settings, 60_000).due_at, Some(TimeMs(3_600_000)));
        assert_eq!(add(None, &settings, 3_600_000).due_at, Some(TimeMs(3_600_000)));
    }
}
