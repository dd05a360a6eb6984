//! Whose view of which posts a change of lists, connections, blocks or groups altered: taken before the change
//! and after it, in the same transaction, and compared.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use doorpost_model::{
    AccountId, GroupId, ListId, PostId, TimeMs,
    group::GroupRole,
    limits::{GROUP_SIGHT_POSTS_MAX, SOCKET_QUEUE_FRAMES_MAX},
    post::{AudienceKind, PostKind},
};
use doorpost_policy::gate::{self, Action, Facts, GroupPart, GroupPost, Lifetime, Object, PostObject};
use doorpost_store::{
    self as store, StoreError, Tx,
    group::post::PlacedPost,
    post::{self, AuthoredPost, audience as rows},
};

/// Posts of one author that are compared, the newest: a socket's queue has no room for more hints.
const POSTS_MAX: usize = SOCKET_QUEUE_FRAMES_MAX;

/// Posts of one author or group, and who is asked about.
pub struct Sight {
    of: Of,
    accounts: Vec<AccountId>,
    visible: BTreeSet<(ToldPost, AccountId)>,
}

/// A post as those are told of it who lose or gain sight of it.
pub type ToldPost = (PostId, PostKind);

enum Of {
    Author { author: AccountId, posts: Vec<AuthoredPost> },
    Group { group_id: GroupId, posts: Vec<(PostId, AccountId)> },
}

/// What some accounts lost sight of, and what came into their sight.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SightChange {
    pub lost: BTreeMap<ToldPost, Vec<AccountId>>,
    pub gained: BTreeMap<ToldPost, Vec<AccountId>>,
}

impl Sight {
    /// Which of an author's posts each of `accounts` may see at `now`.
    ///
    /// # Errors
    /// As every statement.
    pub async fn of_author(
        tx: &mut Tx,
        author: AccountId,
        accounts: Vec<AccountId>,
        now: TimeMs,
    ) -> Result<Self, StoreError> {
        let posts = post::of_author(tx, author, now, limit()).await?;
        Self::load(tx, Of::Author { author, posts }, accounts).await
    }

    /// As [`Sight::of_author`], of the posts whose audience names one list of the author's.
    ///
    /// # Errors
    /// As every statement.
    pub async fn of_list(
        tx: &mut Tx,
        author: AccountId,
        list_id: ListId,
        accounts: Vec<AccountId>,
        now: TimeMs,
    ) -> Result<Self, StoreError> {
        let posts = post::for_list(tx, list_id, now, limit()).await?;
        Self::load(tx, Of::Author { author, posts }, accounts).await
    }

    /// As [`Sight::of_author`], of the newest posts in a group.
    ///
    /// # Errors
    /// As every statement.
    pub async fn of_group(tx: &mut Tx, group_id: GroupId, accounts: Vec<AccountId>) -> Result<Self, StoreError> {
        let newest = u32::try_from(GROUP_SIGHT_POSTS_MAX).unwrap_or(u32::MAX);
        let posts = store::group::post::newest(tx, group_id, newest).await?;
        Self::load(tx, Of::Group { group_id, posts }, accounts).await
    }

    /// Looks again, in the same transaction, and says what is different.
    ///
    /// # Errors
    /// As every statement.
    pub async fn compare(self, tx: &mut Tx) -> Result<SightChange, StoreError> {
        let Self { of, accounts, visible: before } = self;
        let after = Self::load(tx, of, accounts).await?.visible;
        Ok(SightChange { lost: by_post(before.difference(&after)), gained: by_post(after.difference(&before)) })
    }

    async fn load(tx: &mut Tx, of: Of, accounts: Vec<AccountId>) -> Result<Self, StoreError> {
        let mut visible = BTreeSet::new();
        if !accounts.is_empty() && !of.is_empty() {
            let standing = Standing::load(tx, &of, &accounts).await?;
            for (AuthoredPost { post_id, audience, kind }, author) in of.posts() {
                // The query leaves out what is there no more; whether the rest is live or kept is one to the audience.
                let lifetime = if kind == PostKind::Story { Lifetime::Live } else { Lifetime::Lasting };
                let placed = standing.placed.get(&post_id);
                let group = placed.map(|placed| GroupPost { kind: placed.kind, pending: placed.pending });
                let seen = PostObject { author, audience, deleted: false, lifetime, group, comments_closed: false };
                let object = Object::Post(seen);
                let sees = |&&account_id: &&AccountId| {
                    let facts = standing.facts(post_id, author, account_id);
                    gate::can(gate::Viewer { account_id }, Action::SeePost, &object, &facts).is_allowed()
                };
                visible.extend(accounts.iter().filter(sees).map(|&account| ((post_id, kind), account)));
            }
        }
        Ok(Self { of, accounts, visible })
    }
}

impl Of {
    const fn is_empty(&self) -> bool {
        match self {
            Self::Author { posts, .. } => posts.is_empty(),
            Self::Group { posts, .. } => posts.is_empty(),
        }
    }

    /// Each post with its author.
    fn posts(&self) -> Vec<(AuthoredPost, AccountId)> {
        match self {
            Self::Author { author, posts } => posts.iter().map(|&post| (post, *author)).collect(),
            Self::Group { posts, .. } => posts
                .iter()
                .map(|&(post_id, author)| {
                    (AuthoredPost { post_id, audience: AudienceKind::Group, kind: PostKind::Post }, author)
                })
                .collect(),
        }
    }
}

/// How accounts stand to posts' authors and audiences.
#[derive(Default)]
struct Standing {
    connected: HashSet<AccountId>,
    /// Authors, each with somebody a block parts from them.
    blocked: HashSet<(AccountId, AccountId)>,
    in_lists: HashSet<(PostId, AccountId)>,
    named: HashSet<(PostId, AccountId)>,
    /// Posts that are in groups.
    placed: HashMap<PostId, PlacedPost>,
    roles: HashMap<(GroupId, AccountId), GroupRole>,
}

impl Standing {
    async fn load(tx: &mut Tx, of: &Of, accounts: &[AccountId]) -> Result<Self, StoreError> {
        match of {
            Of::Author { author, .. } => Self::to_author(tx, *author, accounts).await,
            Of::Group { group_id, posts } => Self::to_group(tx, *group_id, posts, accounts).await,
        }
    }

    async fn to_author(tx: &mut Tx, author: AccountId, accounts: &[AccountId]) -> Result<Self, StoreError> {
        let blocked = store::block::among(tx, author, accounts).await?;
        let placed = store::group::post::of_author(tx, author, limit()).await?;
        let roles = match placed.is_empty() {
            true => Vec::new(),
            false => store::group::member::roles_beside(tx, author, accounts).await?,
        };
        Ok(Self {
            connected: store::connection::connected_among(tx, author, accounts).await?.into_iter().collect(),
            blocked: blocked.into_iter().map(|other| (author, other)).collect(),
            in_lists: rows::reached_by_lists(tx, author, accounts).await?.into_iter().collect(),
            named: rows::reached_by_name(tx, author, accounts).await?.into_iter().collect(),
            placed: placed.into_iter().map(|placed| (placed.post_id, placed)).collect(),
            roles: roles.into_iter().map(|(group, account, role)| ((group, account), role)).collect(),
        })
    }

    async fn to_group(
        tx: &mut Tx,
        group_id: GroupId,
        posts: &[(PostId, AccountId)],
        accounts: &[AccountId],
    ) -> Result<Self, StoreError> {
        let authors: BTreeSet<AccountId> = posts.iter().map(|&(_, author)| author).collect();
        let mut blocked = HashSet::new();
        // Blocks part both, so they are read from the side where there are fewer.
        if accounts.len() < authors.len() {
            for &account in accounts {
                let parted = store::block::all(tx, account).await?;
                blocked.extend(parted.into_iter().map(|author| (author, account)));
            }
        } else {
            for &author in &authors {
                let parted = store::block::among(tx, author, accounts).await?;
                blocked.extend(parted.into_iter().map(|account| (author, account)));
            }
        }
        let ids: Vec<PostId> = posts.iter().map(|&(post_id, _)| post_id).collect();
        let placed = store::group::post::among(tx, &ids).await?;
        let roles = store::group::member::roles(tx, group_id).await?;
        Ok(Self {
            blocked,
            placed: placed.into_iter().map(|placed| (placed.post_id, placed)).collect(),
            roles: roles.into_iter().map(|(account, role)| ((group_id, account), role)).collect(),
            ..Self::default()
        })
    }

    fn facts(&self, post_id: PostId, author: AccountId, account_id: AccountId) -> Facts {
        let placed = self.placed.get(&post_id);
        let role = placed.and_then(|placed| self.roles.get(&(placed.group_id, account_id)));
        Facts {
            connected: self.connected.contains(&account_id),
            blocked: self.blocked.contains(&(author, account_id)),
            in_lists: self.in_lists.contains(&(post_id, account_id)),
            named: self.named.contains(&(post_id, account_id)),
            group: role.copied().map_or(GroupPart::None, GroupPart::In),
            ..Facts::default()
        }
    }
}

/// What each of two people sees of the other's posts.
pub struct MutualSight([Sight; 2]);

impl MutualSight {
    /// # Errors
    /// As every statement.
    pub async fn of(tx: &mut Tx, one: AccountId, other: AccountId, now: TimeMs) -> Result<Self, StoreError> {
        let of_one = Sight::of_author(tx, one, vec![other], now).await?;
        Ok(Self([of_one, Sight::of_author(tx, other, vec![one], now).await?]))
    }

    /// As [`Sight::compare`], both ways.
    ///
    /// # Errors
    /// As every statement.
    pub async fn compare(self, tx: &mut Tx) -> Result<SightChange, StoreError> {
        let mut change = SightChange::default();
        for sight in self.0 {
            let SightChange { lost, gained } = sight.compare(tx).await?;
            change.lost.extend(lost);
            change.gained.extend(gained);
        }
        Ok(change)
    }
}

fn limit() -> i64 {
    i64::try_from(POSTS_MAX).unwrap_or(i64::MAX)
}

fn by_post<'a>(pairs: impl Iterator<Item = &'a (ToldPost, AccountId)>) -> BTreeMap<ToldPost, Vec<AccountId>> {
    let mut by_post: BTreeMap<ToldPost, Vec<AccountId>> = BTreeMap::new();
    for &(post, account_id) in pairs {
        by_post.entry(post).or_default().push(account_id);
    }
    by_post
}
