//! Pages as one viewer sees them.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, TimeMs,
    limits::{PAGE_GROUPS_MAX, PAGE_NUMBERS_MS},
    page::{PageDetail, PageLink, PageNumbers, PageView},
    people::{AccountRef, Page},
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    page::{PageNumbersRow, PagePlace, SeenPage, link::LinkRow},
};

use super::find::{find, may};
use crate::{
    group,
    http::{Result, place},
    moderation::domains,
};

/// Which pages a list is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Those on whose staff the viewer is.
    Mine,
    /// Those the viewer follows.
    Followed,
    /// Those with a name or handle like this pattern.
    NamedLike(String),
}

/// One page.
///
/// # Errors
/// As [`find`].
pub(super) async fn detail(tx: &mut Tx, viewer: AccountId, handle: &str) -> Result<PageDetail> {
    let row = find(tx, viewer, handle, Action::SeePage).await?;
    let links = store::page::link::all(tx, row.page_id).await?;
    let urls: Vec<&str> = links.iter().map(|link| link.url.as_str()).collect();
    let blocked = domains::blocked_in(tx, &urls).await?;
    let link = |link: LinkRow| {
        let blocked = !domains::in_text(&link.url, &blocked).is_empty();
        // What nobody is led to is not vouched for either.
        PageLink { verified_at: link.verified_at.filter(|_| !blocked), url: link.url, blocked }
    };
    let groups = store::page::groups(tx, row.page_id, PAGE_GROUPS_MAX).await?;
    Ok(PageDetail {
        links: links.into_iter().map(link).collect(),
        shows_roles: row.shows_roles,
        created_at: row.created_at,
        groups: group::views(tx, viewer, &groups).await?,
        page: view(row),
    })
}

/// A page of pages: the latest followed, come to, or made first.
///
/// # Errors
/// `invalid_field`.
pub(super) async fn list(
    tx: &mut Tx,
    viewer: AccountId,
    which: &Which,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<PageView>> {
    let before = match cursor {
        None => (TimeMs(i64::MAX), AccountId::from_bytes([0xFF; 16])),
        Some(cursor) => place::decode(cursor).map(|(at, id)| (at, AccountId::from_bytes(id)))?,
    };
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut places: Vec<PagePlace> = match which {
        Which::Mine => store::page::staff::of_account(tx, viewer, before, wanted).await?,
        Which::Followed => store::page::followed(tx, viewer, before, wanted).await?,
        Which::NamedLike(pattern) => store::page::named_like(tx, pattern, before, wanted).await?,
    };
    let next_cursor = place::cut(&mut places, limit, |place| place::encode(place.0, place.1.as_bytes()));
    let ids: Vec<AccountId> = places.into_iter().map(|(_, page_id)| page_id).collect();
    let rows = store::page::seen(tx, viewer, &ids).await?;
    let mut rows: HashMap<AccountId, SeenPage> = rows.into_iter().map(|row| (row.page_id, row)).collect();
    let seen = ids.iter().filter_map(|page_id| rows.remove(page_id));
    let items = seen.filter(|row| may(viewer, Action::SeePage, row)).map(view).collect();
    Ok(Page { items, next_cursor })
}

/// What a page has to show for itself.
///
/// # Errors
/// As [`find`].
pub(super) async fn numbers(tx: &mut Tx, viewer: AccountId, handle: &str, now: TimeMs) -> Result<PageNumbers> {
    let page_id = find(tx, viewer, handle, Action::SeePageNumbers).await?.page_id;
    let row = store::page::numbers(tx, page_id, now.plus(-PAGE_NUMBERS_MS)).await?;
    let PageNumbersRow { followers, new_followers, posts, story_views, joined } = row;
    Ok(PageNumbers { followers, new_followers, posts, story_views, joined })
}

/// A row of a list.
pub(super) fn view(row: SeenPage) -> PageView {
    PageView {
        page: AccountRef { account_id: row.page_id, handle: row.handle, name: row.name },
        about: row.about,
        follower_count: row.follower_count,
        follows: row.follows,
        role: row.role,
    }
}
