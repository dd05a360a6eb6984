//! Groups and the people in them, as one viewer sees them.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, GroupId, TimeMs,
    group::{GroupBanView, GroupDetail, GroupMemberView, GroupRequestView, GroupView, GroupWaiting},
    limits::GROUP_SEARCH_CHARS_MAX,
    people::{AccountRef, Page},
};
use doorpost_policy::{
    gate::{self, Action, Facts, GroupPart, Object},
    group::button,
};
use doorpost_store::{
    self as store, Tx,
    group::{GroupPlace, SeenGroup, admission::GroupRequestRow, member::MemberPlace},
};

use super::find::{FoundGroup, find, part};
use crate::{
    http::{Error, Result, place},
    invite::terms::questions_from_text,
};

/// Which groups a list is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Those the viewer is in.
    Mine,
    /// Those the viewer is invited to.
    Inviting,
    /// Open and closed ones with a name like this pattern.
    NamedLike(String),
}

/// One group.
///
/// # Errors
/// As [`find`].
pub(super) async fn detail(tx: &mut Tx, viewer: AccountId, group_id: GroupId) -> Result<GroupDetail> {
    let FoundGroup { row, .. } = find(tx, viewer, group_id, Action::SeeGroup).await?;
    let waiting = match may(viewer, Action::ModerateGroup, &row) {
        true => Some(GroupWaiting {
            requests: store::group::admission::count_asking(tx, group_id).await?,
            posts: store::group::post::count_pending(tx, group_id).await?,
        }),
        false => None,
    };
    let (rules, questions) = (row.rules.clone(), questions_from_text(&row.questions)?);
    Ok(GroupDetail { rules, questions, posts_wait: row.posts_wait, waiting, group: view(row) })
}

/// A page of groups: the latest joined, invited to, or made first.
///
/// # Errors
/// `invalid_field`.
pub(super) async fn page(
    tx: &mut Tx,
    viewer: AccountId,
    which: &Which,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<GroupView>> {
    let before = match cursor {
        None => (TimeMs(i64::MAX), GroupId::from_bytes([0xFF; 16])),
        Some(cursor) => place::decode(cursor).map(|(at, id)| (at, GroupId::from_bytes(id)))?,
    };
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut places: Vec<GroupPlace> = match which {
        Which::Mine => store::group::of_account(tx, viewer, before, wanted).await?,
        Which::Inviting => store::group::inviting(tx, viewer, before, wanted).await?,
        Which::NamedLike(pattern) => store::group::named_like(tx, pattern, before, wanted).await?,
    };
    let next_cursor = cut(&mut places, limit, |place| place::encode(place.0, place.1.as_bytes()));
    let ids: Vec<GroupId> = places.into_iter().map(|(_, group_id)| group_id).collect();
    let rows = store::group::seen(tx, viewer, &ids).await?;
    let mut rows: HashMap<GroupId, SeenGroup> = rows.into_iter().map(|row| (row.group_id, row)).collect();
    let seen = ids.iter().filter_map(|group_id| rows.remove(group_id));
    let items = seen.filter(|row| may(viewer, Action::SeeGroup, row)).map(view).collect();
    Ok(Page { items, next_cursor })
}

/// A page of members whom the viewer may see, the latest joined first.
///
/// # Errors
/// As [`find`]; `invalid_field`.
pub(super) async fn members(
    tx: &mut Tx,
    viewer: AccountId,
    group_id: GroupId,
    pattern: &str,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<GroupMemberView>> {
    let found = find(tx, viewer, group_id, Action::SeeGroupMember).await?;
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut rows = store::group::member::page(tx, viewer, group_id, pattern, before(cursor)?, wanted).await?;
    let next_cursor = cut(&mut rows, limit, |row| place::encode(row.joined_at, row.account_id.as_bytes()));
    let object = Object::Group(found.row.kind);
    let sees = |blocked| {
        let facts = Facts { group: found.part, blocked, ..Facts::default() };
        gate::can(gate::Viewer { account_id: viewer }, Action::SeeGroupMember, &object, &facts).is_allowed()
    };
    let items = rows
        .into_iter()
        .filter(|row| sees(row.blocked))
        .map(|row| GroupMemberView {
            account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
            role: row.role,
            joined_at: row.joined_at,
        })
        .collect();
    Ok(Page { items, next_cursor })
}

/// A page of the requests that wait, the oldest first.
///
/// # Errors
/// As [`find`]; `invalid_field`.
pub(super) async fn requests(
    tx: &mut Tx,
    viewer: AccountId,
    group_id: GroupId,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<GroupRequestView>> {
    find(tx, viewer, group_id, Action::ModerateGroup).await?;
    let after = match cursor {
        None => (TimeMs(i64::MIN), AccountId::from_bytes([0; 16])),
        Some(cursor) => member_place(cursor)?,
    };
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut rows = store::group::admission::requests(tx, group_id, after, wanted).await?;
    let next_cursor = cut(&mut rows, limit, |row| place::encode(row.asked_at, row.account_id.as_bytes()));
    let items = rows.into_iter().map(request).collect::<Result<_>>()?;
    Ok(Page { items, next_cursor })
}

/// A page of those who are kept out, the latest first.
///
/// # Errors
/// As [`find`]; `invalid_field`.
pub(super) async fn bans(
    tx: &mut Tx,
    viewer: AccountId,
    group_id: GroupId,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<GroupBanView>> {
    find(tx, viewer, group_id, Action::ModerateGroup).await?;
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut rows = store::group::admission::bans(tx, group_id, before(cursor)?, wanted).await?;
    let next_cursor = cut(&mut rows, limit, |row| place::encode(row.banned_at, row.account_id.as_bytes()));
    let items = rows
        .into_iter()
        .map(|row| GroupBanView {
            account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
            banned_at: row.banned_at,
        })
        .collect();
    Ok(Page { items, next_cursor })
}

/// What finds names and handles that contain `text`, whatever the case of A to Z.
///
/// # Errors
/// `invalid_field` for one that is too long or cannot be kept.
pub(super) fn pattern(text: &str) -> Result<String> {
    if text.chars().count() > GROUP_SEARCH_CHARS_MAX || text.contains('\0') {
        let message = format!("Search for at most {GROUP_SEARCH_CHARS_MAX} characters.");
        return Err(Error::invalid("query", message));
    }
    let mut pattern = String::from("%");
    for c in text.trim().to_ascii_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    Ok(pattern)
}

fn may(viewer: AccountId, action: Action, row: &SeenGroup) -> bool {
    let facts = Facts { group: part(row), ..Facts::default() };
    gate::can(gate::Viewer { account_id: viewer }, action, &Object::Group(row.kind), &facts).is_allowed()
}

fn view(row: SeenGroup) -> GroupView {
    let part = part(&row);
    let inviter = match (row.inviter_id, row.inviter_handle, row.inviter_name) {
        (Some(account_id), Some(handle), Some(name)) => Some(AccountRef { account_id, handle, name }),
        _ => None,
    };
    GroupView {
        group_id: row.group_id,
        kind: row.kind,
        name: row.name,
        description: row.description,
        member_count: row.member_count,
        created_at: row.created_at,
        button: button(row.kind, part, row.has_asked),
        role: row.role,
        invited_by: inviter.filter(|_| part == GroupPart::Invited),
    }
}

fn request(row: GroupRequestRow) -> Result<GroupRequestView> {
    let answers = serde_json::from_str(&row.answers)
        .map_err(|_| Error::internal("the answers of a request to come into a group cannot be read"))?;
    let account = AccountRef { account_id: row.account_id, handle: row.handle, name: row.name };
    Ok(GroupRequestView { account, answers, asked_at: row.asked_at })
}

/// Where a page of people begins, the latest first.
fn before(cursor: Option<&str>) -> Result<MemberPlace> {
    cursor.map_or(Ok((TimeMs(i64::MAX), AccountId::from_bytes([0xFF; 16]))), member_place)
}

fn member_place(cursor: &str) -> Result<MemberPlace> {
    place::decode(cursor).map(|(at, id)| (at, AccountId::from_bytes(id)))
}

/// Cuts rows, one more than a page has where there is another page, to a page; gives the cursor of the next one.
fn cut<T>(rows: &mut Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> Option<String> {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    rows.last().filter(|_| has_more).map(cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_means_its_characters() {
        assert_eq!(pattern("").expect("all"), "%%");
        assert_eq!(pattern(" Rowing ").expect("pattern"), "%rowing%");
        assert_eq!(pattern("50%_!").expect("pattern"), "%50!%!_!!%");
        pattern(&"a".repeat(GROUP_SEARCH_CHARS_MAX + 1)).expect_err("too long");
        pattern("\0").expect_err("cannot be kept");
    }

    #[test]
    fn a_page_ends_where_there_is_more() {
        let mut rows = vec![1, 2, 3];
        assert_eq!(cut(&mut rows, 2, |row| format!("after {row}")), Some("after 2".to_owned()));
        assert_eq!(rows, [1, 2]);
        assert_eq!(cut(&mut rows, 2, |row| format!("after {row}")), None);
    }
}
