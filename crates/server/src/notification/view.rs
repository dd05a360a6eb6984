//! Notifications as their account sees them.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use doorpost_model::{
    NotificationId,
    limits::{NOTIFICATION_ACTORS_MAX, NOTIFICATION_EXCERPT_CHARS_MAX},
    notification::{NotificationChat, NotificationGroup, NotificationKind, NotificationPost, NotificationView},
    people::AccountRef,
    post::PostKind,
};
use doorpost_store::{notification::SeenNotification, post::SeenPost};

use super::sight::{Applicant, Visible};

/// One view for each bundle of which anything is visible.
pub(super) fn views(visible: Visible) -> HashMap<NotificationId, NotificationView> {
    let Visible { rows, posts, groups, waiting, .. } = visible;
    let mut bundles: HashMap<NotificationId, Vec<SeenNotification>> = HashMap::new();
    for row in rows {
        bundles.entry(row.bundle_id).or_default().push(row);
    }
    let mut views = HashMap::with_capacity(bundles.len());
    for (bundle_id, mut rows) in bundles {
        rows.sort_unstable_by_key(|row| Reverse((row.at, row.notification_id)));
        let Some(newest) = rows.first() else { continue };
        let post = newest.post_id.and_then(|id| posts.get(&id));
        let group = newest.group_id.and_then(|id| groups.get(&id));
        let people = actors(&rows, &waiting);
        let view = NotificationView {
            notification_id: bundle_id,
            kind: newest.kind,
            at: newest.at,
            is_read: rows.iter().all(|row| row.read_at.is_some()),
            actor_count: u32::try_from(people.len()).unwrap_or(u32::MAX),
            actors: people.into_iter().take(NOTIFICATION_ACTORS_MAX).collect(),
            post: post.map(post_view),
            comment_id: newest.comment_id,
            group: group.map(|group| NotificationGroup { group_id: group.group_id, name: group.name.clone() }),
            chat: chat_view(newest),
        };
        views.insert(bundle_id, view);
    }
    views
}

/// Those who did it, the last first.
fn actors(rows: &[SeenNotification], waiting: &HashMap<NotificationId, Vec<Applicant>>) -> Vec<AccountRef> {
    let mut seen = HashSet::new();
    let of_row = |row: &SeenNotification| match row.kind {
        NotificationKind::JoinRequest => {
            waiting.get(&row.notification_id).into_iter().flatten().map(|applicant| applicant.account.clone()).collect()
        }
        _ => Vec::from_iter(actor(row)),
    };
    rows.iter().flat_map(of_row).filter(|account| seen.insert(account.account_id)).collect()
}

fn actor(row: &SeenNotification) -> Option<AccountRef> {
    let account_id = row.actor_id?;
    Some(AccountRef { account_id, handle: row.actor_handle.clone()?, name: row.actor_name.clone()? })
}

fn post_view(post: &SeenPost) -> NotificationPost {
    NotificationPost {
        post_id: post.post_id,
        kind: if post.expires_at.is_some() { PostKind::Story } else { PostKind::Post },
        author: AccountRef {
            account_id: post.author_id,
            handle: post.author_handle.clone(),
            name: post.author_name.clone(),
        },
        excerpt: post.text.chars().take(NOTIFICATION_EXCERPT_CHARS_MAX).collect(),
    }
}

fn chat_view(row: &SeenNotification) -> Option<NotificationChat> {
    Some(NotificationChat {
        chat_id: row.chat_id?,
        invite_id: row.invite_id?,
        title: row.chat_title.clone()?,
        is_member: row.role.is_some(),
    })
}
