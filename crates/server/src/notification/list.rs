//! Reading notifications, and how many are unread.

use std::collections::HashSet;

use doorpost_model::{
    AccountId, NotificationId, TimeMs,
    limits::{NOTIFICATIONS_UNREAD_LOOKED_AT_MAX, NOTIFICATIONS_UNREAD_MAX},
    notification::{NotificationKind, NotificationView, UnreadNotifications},
    people::Page,
};
use doorpost_store::{
    StoreError, Tx,
    notification::{self as rows, NotificationKey, SeenNotification},
};

use super::{
    sight::{Visible, visible},
    view::views,
};
use crate::http::{PageQuery, Result, place};

/// Which page.
pub(super) struct Wanted {
    after: NotificationKey,
    limit: usize,
}

impl Wanted {
    /// # Errors
    /// `invalid_field`.
    pub(super) fn of(query: &PageQuery) -> Result<Self> {
        let after = match query.cursor.as_deref() {
            None => NotificationKey::START,
            Some(cursor) => {
                let (at, id) = place::decode(cursor)?;
                NotificationKey { at, bundle_id: NotificationId::from_bytes(id) }
            }
        };
        Ok(Self { after, limit: query.limit()? })
    }
}

/// A page of what the viewer is told and may see at `now`, what happened last first. A page may have fewer rows than
/// there is room for, and another one behind it.
///
/// # Errors
/// As every statement.
pub(super) async fn page(
    tx: &mut Tx,
    viewer: AccountId,
    wanted: Wanted,
    now: TimeMs,
) -> Result<Page<NotificationView>, StoreError> {
    let Wanted { after, limit } = wanted;
    // One more than asked for says whether there is another page.
    let one_more = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut keys = rows::bundles(tx, viewer, after, one_more).await?;
    let has_more = keys.len() > limit;
    keys.truncate(limit);
    let next_cursor = keys.last().filter(|_| has_more).map(|key| place::encode(key.at, key.bundle_id.as_bytes()));
    let bundles: Vec<NotificationId> = keys.iter().map(|key| key.bundle_id).collect();
    let ids = rows::of_bundles(tx, viewer, &bundles).await?;
    let mut views = views(visible(tx, viewer, &ids, now).await?);
    Ok(Page { items: bundles.iter().filter_map(|bundle| views.remove(bundle)).collect(), next_cursor })
}

/// How many notifications the viewer has not read and may see at `now`, as far as they are counted.
///
/// # Errors
/// As every statement.
pub(crate) async fn unread(tx: &mut Tx, viewer: AccountId, now: TimeMs) -> Result<UnreadNotifications, StoreError> {
    let ids = rows::unread(tx, viewer, NOTIFICATIONS_UNREAD_LOOKED_AT_MAX).await?;
    let visible = visible(tx, viewer, &ids, now).await?;
    let bundles: HashSet<NotificationId> = visible.rows.iter().map(|row| row.bundle_id).collect();
    let count = u32::try_from(bundles.len()).unwrap_or(u32::MAX);
    Ok(UnreadNotifications { count: count.min(NOTIFICATIONS_UNREAD_MAX) })
}

/// Whether a notification is unread, and for the account to see at `now`.
///
/// # Errors
/// As every statement.
pub(crate) async fn is_unread(
    tx: &mut Tx,
    account: AccountId,
    id: Option<NotificationId>,
    now: TimeMs,
) -> Result<bool, StoreError> {
    let Some(id) = id else { return Ok(false) };
    let visible = visible(tx, account, &[id], now).await?;
    Ok(visible.rows.iter().any(|row| row.read_at.is_none()))
}

/// Something that somebody has not read, without who did it to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnreadNews {
    pub(crate) kind: NotificationKind,
    pub(crate) at: TimeMs,
}

/// What an account has not read and may see at `now`; whoever waits to come in counts once.
///
/// # Errors
/// As every statement.
pub(crate) async fn unread_news(tx: &mut Tx, account: AccountId, now: TimeMs) -> Result<Vec<UnreadNews>, StoreError> {
    let ids = rows::unread(tx, account, NOTIFICATIONS_UNREAD_LOOKED_AT_MAX).await?;
    let Visible { rows, waiting, .. } = visible(tx, account, &ids, now).await?;
    let news = |row: SeenNotification| match row.kind {
        NotificationKind::JoinRequest => {
            let waiting = waiting.get(&row.notification_id).into_iter().flatten();
            waiting.map(|applicant| UnreadNews { kind: row.kind, at: applicant.asked_at }).collect()
        }
        kind => vec![UnreadNews { kind, at: row.at }],
    };
    Ok(rows.into_iter().flat_map(news).collect())
}
