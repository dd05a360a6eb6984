//! Groups and the people in them, as one viewer sees them.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, GroupId, TimeMs,
    group::{GroupBanView, GroupDetail, GroupMemberView, GroupPage, GroupRequestView, GroupView, GroupWaiting},
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
pub(crate) async fn detail(tx: &mut Tx, viewer: AccountId, group_id: GroupId) -> Result<GroupDetail> {
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

/// Those of `groups` that the viewer may know of, in the order given.
///
/// # Errors
/// As every statement.
pub(crate) async fn views(tx: &mut Tx, viewer: AccountId, groups: &[GroupId]) -> Result<Vec<GroupView>> {
    let rows = store::group::seen(tx, viewer, groups).await?;
    let mut rows: HashMap<GroupId, SeenGroup> = rows.into_iter().map(|row| (row.group_id, row)).collect();
    let seen = groups.iter().filter_map(|group_id| rows.remove(group_id));
    Ok(seen.filter(|row| may(viewer, Action::SeeGroup, row)).map(view).collect())
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
    let next_cursor = place::cut(&mut places, limit, |place| place::encode(place.0, place.1.as_bytes()));
    let ids: Vec<GroupId> = places.into_iter().map(|(_, group_id)| group_id).collect();
    Ok(Page { items: views(tx, viewer, &ids).await?, next_cursor })
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
    let next_cursor = place::cut(&mut rows, limit, |row| place::encode(row.joined_at, row.account_id.as_bytes()));
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
    let next_cursor = place::cut(&mut rows, limit, |row| place::encode(row.asked_at, row.account_id.as_bytes()));
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
    let next_cursor = place::cut(&mut rows, limit, |row| place::encode(row.banned_at, row.account_id.as_bytes()));
    let items = rows
        .into_iter()
        .map(|row| GroupBanView {
            account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
            banned_at: row.banned_at,
        })
        .collect();
    Ok(Page { items, next_cursor })
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
        page: row.page_handle.zip(row.page_name).map(|(handle, name)| GroupPage { handle, name }),
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
