//! Audiences: from what an author says to what is kept, and who among many people is in one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use doorpost_model::{
    AccountId, GroupId, ListId, TimeMs,
    group::GroupRole,
    limits::{AUDIENCE_LISTS_MAX, AUDIENCE_PEOPLE_MAX},
    page::PageRole,
    post::{Audience, AudienceKind, PostKind},
};
use doorpost_policy::{
    gate::{self, Action, CommentObject, Facts, GroupPart, GroupPost, InviteObject, Object, PostObject},
    group::waits,
    story::lifetime,
};
use doorpost_store::{
    self as store, StoreError, Tx,
    post::{PostRow, SeenPost, audience as rows},
};

use crate::{
    group,
    http::{Error, Result},
    page, validate,
};

/// An audience whose names have become ids.
pub struct ResolvedAudience {
    pub kind: AudienceKind,
    lists: Vec<ListId>,
    people: Vec<AccountId>,
    group: Option<GroupPlacing>,
}

/// Where a post in a group goes.
struct GroupPlacing {
    group_id: GroupId,
    /// Waits for a moderator.
    pending: bool,
}

/// Looks up what an audience names: the author's own lists, people the author may know of, and a group that takes posts of
/// theirs. Of a page's post `author` is whoever writes it.
///
/// # Errors
/// `invalid_field`. A list of somebody else is answered as one that never was, a person whom a block parts from the
/// author as a handle nobody has, a group that the author is not in as none, and so a page that they do not speak as.
pub async fn resolve(tx: &mut Tx, author: AccountId, audience: &Audience) -> Result<ResolvedAudience> {
    let mut resolved = ResolvedAudience { kind: kind(audience), lists: vec![], people: vec![], group: None };
    match audience {
        Audience::Public | Audience::Connections => {}
        Audience::Lists { list_ids } => resolved.lists = own_lists(tx, author, list_ids).await?,
        Audience::People { handles } => resolved.people = people(tx, author, handles).await?,
        Audience::Group { group_id } => resolved.group = Some(placing(tx, author, *group_id).await?),
        Audience::Page { page_id } => {
            let none = || Error::invalid("audience", "You do not write as that page.");
            page::find_id(tx, author, *page_id, Action::SpeakAsPage).await.map_err(|_| none())?;
        }
    }
    Ok(resolved)
}

/// Replaces what a post's audience names; a group only with a new post, which stays in it.
///
/// # Errors
/// As every statement.
pub async fn put(tx: &mut Tx, post: &PostRow, audience: &ResolvedAudience) -> Result<(), StoreError> {
    rows::clear_lists(tx, post.post_id).await?;
    rows::clear_people(tx, post.post_id).await?;
    rows::add_lists(tx, post.post_id, post.created_at, &audience.lists).await?;
    if post.kind == PostKind::Story {
        rows::out_of_feeds(tx, post.post_id).await?;
    }
    rows::add_people(tx, post.post_id, post.created_at, &audience.people).await?;
    match audience.group {
        None => Ok(()),
        Some(GroupPlacing { group_id, pending }) => {
            store::group::post::insert(tx, post.post_id, group_id, post.created_at, pending).await
        }
    }
}

/// The kind of an audience.
#[must_use]
pub const fn kind(audience: &Audience) -> AudienceKind {
    match audience {
        Audience::Public => AudienceKind::Public,
        Audience::Connections => AudienceKind::Connections,
        Audience::Lists { .. } => AudienceKind::Lists,
        Audience::People { .. } => AudienceKind::People,
        Audience::Group { .. } => AudienceKind::Group,
        Audience::Page { .. } => AudienceKind::Page,
    }
}

async fn placing(tx: &mut Tx, author: AccountId, group_id: GroupId) -> Result<GroupPlacing> {
    let none = || Error::invalid("audience", "You are in no such group.");
    let found = group::find(tx, author, group_id, Action::PostInGroup).await.map_err(|_| none())?;
    let role = found.row.role.ok_or_else(none)?;
    Ok(GroupPlacing { group_id, pending: waits(found.row.posts_wait, role) })
}

async fn own_lists(tx: &mut Tx, author: AccountId, list_ids: &[ListId]) -> Result<Vec<ListId>> {
    let wanted: BTreeSet<ListId> = list_ids.iter().copied().collect();
    if wanted.is_empty() || list_ids.len() > AUDIENCE_LISTS_MAX {
        return Err(Error::invalid("audience", format!("Choose 1 to {AUDIENCE_LISTS_MAX} lists.")));
    }
    let wanted: Vec<ListId> = wanted.into_iter().collect();
    let own = store::list::owned_among(tx, author, &wanted).await?;
    if own.len() == wanted.len() { Ok(wanted) } else { Err(Error::invalid("audience", "You have no such list.")) }
}

async fn people(tx: &mut Tx, author: AccountId, handles: &[String]) -> Result<Vec<AccountId>> {
    let wanted: BTreeSet<&str> = handles.iter().map(String::as_str).collect();
    if wanted.is_empty() || handles.len() > AUDIENCE_PEOPLE_MAX {
        return Err(Error::invalid("audience", format!("Name 1 to {AUDIENCE_PEOPLE_MAX} people.")));
    }
    let possible: Vec<&str> = wanted.iter().copied().filter(|text| validate::could_be_handle(text)).collect();
    let found = store::account::refs_by_handle(tx, &possible).await?;
    let blocked: HashSet<AccountId> = store::block::all(tx, author).await?;
    let viewer = gate::Viewer { account_id: author };
    let known: BTreeMap<String, AccountId> = found
        .into_iter()
        .filter(|account| {
            let facts = Facts { blocked: blocked.contains(&account.account_id), ..Facts::default() };
            let object = Object::Account { account_id: account.account_id };
            gate::can(viewer, Action::SeeAccount, &object, &facts).is_allowed()
        })
        .map(|account| (account.handle, account.account_id))
        .collect();
    let missing: Vec<&str> = wanted.into_iter().filter(|&handle| !known.contains_key(handle)).collect();
    match missing.first() {
        None => Ok(known.into_values().collect()),
        Some(first) => {
            let first: String = first.chars().take(NAMED_CHARS_MAX).collect();
            Err(Error::invalid("audience", format!("There is nobody called {first}.")))
        }
    }
}

/// How much of an unknown handle is said back.
const NAMED_CHARS_MAX: usize = 40;

/// A post as the gate knows it at `now`.
#[must_use]
pub fn object(post: &SeenPost, now: TimeMs) -> PostObject {
    PostObject {
        author: post.author_id,
        audience: post.audience,
        deleted: post.deleted_at.is_some(),
        lifetime: lifetime(post.expires_at, post.is_kept, now),
        group: post.group_kind.map(|kind| GroupPost { kind, pending: post.pending }),
        comments_closed: post.comments_closed,
    }
}

/// How the viewer that a post was loaded for stands to it.
#[must_use]
pub fn facts(post: &SeenPost) -> Facts {
    Facts {
        connected: post.connected,
        blocked: post.blocked,
        in_lists: post.in_lists,
        named: post.named,
        group: post.group_role.map_or(GroupPart::None, GroupPart::In),
        page_role: post.page_role,
        ..Facts::default()
    }
}

/// One post with all that decides who may see it, for asking about many people at once.
pub struct Circle {
    post: PostObject,
    connected: HashSet<AccountId>,
    blocked: HashSet<AccountId>,
    in_lists: HashSet<AccountId>,
    named: HashSet<AccountId>,
    /// Those in the post's group.
    members: HashMap<AccountId, GroupRole>,
    /// The staff of the page that wrote it.
    staff: HashMap<AccountId, PageRole>,
}

impl Circle {
    /// Loads what the post's audience at `now` needs: two or three queries, however many people there are.
    ///
    /// # Errors
    /// As every statement.
    pub async fn load(tx: &mut Tx, post: &PostRow, now: TimeMs) -> Result<Self, StoreError> {
        let group = match post.audience {
            AudienceKind::Group => store::group::post::of_post(tx, post.post_id).await?,
            _ => None,
        };
        let mut circle = Self {
            post: PostObject {
                author: post.author_id,
                audience: post.audience,
                deleted: post.deleted_at.is_some(),
                lifetime: lifetime(post.expires_at, post.is_kept, now),
                group: group.map(|group| GroupPost { kind: group.kind, pending: group.pending }),
                comments_closed: false,
            },
            blocked: store::block::all(tx, post.author_id).await?,
            connected: HashSet::new(),
            in_lists: HashSet::new(),
            named: HashSet::new(),
            members: HashMap::new(),
            staff: HashMap::new(),
        };
        if let Some(group) = group {
            circle.members = store::group::member::roles(tx, group.group_id).await?.into_iter().collect();
        }
        if matches!(post.audience, AudienceKind::Connections | AudienceKind::Lists) {
            circle.connected = store::connection::connected_ids(tx, post.author_id).await?.into_iter().collect();
        }
        match post.audience {
            AudienceKind::Public | AudienceKind::Connections | AudienceKind::Group => {}
            AudienceKind::Lists => {
                circle.in_lists = rows::accounts_in_lists(tx, post.post_id).await?.into_iter().collect();
            }
            AudienceKind::People => {
                circle.named = rows::accounts_named(tx, post.post_id).await?.into_iter().collect();
            }
            AudienceKind::Page => {
                circle.staff = store::page::staff::roles(tx, post.author_id).await?.into_iter().collect();
            }
        }
        Ok(circle)
    }

    /// Those whom the audience's connections, lists, names or group may mean; nobody in particular for a public post.
    #[must_use]
    pub fn chosen(&self) -> Vec<AccountId> {
        match self.post.audience {
            AudienceKind::Public | AudienceKind::Page | AudienceKind::People => self.named.iter().copied().collect(),
            AudienceKind::Connections => self.connected.iter().copied().collect(),
            AudienceKind::Lists => self.in_lists.iter().copied().collect(),
            AudienceKind::Group => {
                self.members.keys().copied().filter(|account| *account != self.post.author).collect()
            }
        }
    }

    /// Whether an account may see the post.
    #[must_use]
    pub fn may_see(&self, account_id: AccountId) -> bool {
        let object = Object::Post(self.post);
        gate::can(gate::Viewer { account_id }, Action::SeePost, &object, &self.facts(account_id)).is_allowed()
    }

    /// Whether an account may see a comment under the post; `parted`: a block is between it and the comment's writer.
    #[must_use]
    pub fn may_see_comment(&self, account_id: AccountId, writer: AccountId, hidden: bool, parted: bool) -> bool {
        let object = Object::Comment(CommentObject { post: self.post, writer, deleted: false, hidden });
        let facts = Facts { parted_from_writer: parted, ..self.facts(account_id) };
        gate::can(gate::Viewer { account_id }, Action::SeeComment, &object, &facts).is_allowed()
    }

    /// In whose feeds at home, of those of `accounts`, the post is: in that of whoever may see it, of groups' posts that of
    /// members once it is let through, of pages' posts that of followers.
    ///
    /// # Errors
    /// As every statement.
    pub async fn fed_to(&self, tx: &mut Tx, mut accounts: Vec<AccountId>) -> Result<Vec<AccountId>, StoreError> {
        match self.post.audience {
            AudienceKind::Page => {
                accounts = store::page::followers_among(tx, self.post.author, &accounts).await?;
            }
            _ => accounts.retain(|account| {
                self.post.group.is_none_or(|group| !group.pending && self.members.contains_key(account))
            }),
        }
        accounts.retain(|&account| self.may_see(account));
        Ok(accounts)
    }

    /// Whether an account may come in through the post's invite, as far as the audience goes.
    #[must_use]
    pub fn may_join(&self, account_id: AccountId, ends_with_post: bool) -> bool {
        let object = Object::Invite(InviteObject { post: self.post, ends_with_post });
        gate::can(gate::Viewer { account_id }, Action::Join, &object, &self.facts(account_id)).is_allowed()
    }

    fn facts(&self, account_id: AccountId) -> Facts {
        Facts {
            connected: self.connected.contains(&account_id),
            blocked: self.blocked.contains(&account_id),
            in_lists: self.in_lists.contains(&account_id),
            named: self.named.contains(&account_id),
            group: self.members.get(&account_id).copied().map_or(GroupPart::None, GroupPart::In),
            page_role: self.staff.get(&account_id).copied(),
            ..Facts::default()
        }
    }
}
