//! Whose view of which posts a change of lists, connections or blocks altered: taken before the change
//! and after it, in the same transaction, and compared.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use doorpost_model::{AccountId, ListId, PostId, TimeMs, limits::SOCKET_QUEUE_FRAMES_MAX, post::PostKind};
use doorpost_policy::gate::{self, Action, Facts, Lifetime, Object, PostObject};
use doorpost_store::{
    self as store, StoreError, Tx,
    post::{self, AuthoredPost, audience as rows},
};

/// Posts of one author that are compared, the newest: a socket's queue has no room for more hints.
const POSTS_MAX: usize = SOCKET_QUEUE_FRAMES_MAX;

/// Posts of one author, and who is asked about.
pub struct Sight {
    author: AccountId,
    accounts: Vec<AccountId>,
    posts: Vec<AuthoredPost>,
    visible: BTreeSet<(ToldPost, AccountId)>,
}

/// A post as those are told of it who lose or gain sight of it.
pub type ToldPost = (PostId, PostKind);

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
        Self::load(tx, author, accounts, posts).await
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
        Self::load(tx, author, accounts, posts).await
    }

    /// Looks again, in the same transaction, and says what is different.
    ///
    /// # Errors
    /// As every statement.
    pub async fn compare(self, tx: &mut Tx) -> Result<SightChange, StoreError> {
        let Self { author, accounts, posts, visible: before } = self;
        let after = Self::load(tx, author, accounts, posts).await?.visible;
        Ok(SightChange { lost: by_post(before.difference(&after)), gained: by_post(after.difference(&before)) })
    }

    async fn load(
        tx: &mut Tx,
        author: AccountId,
        accounts: Vec<AccountId>,
        posts: Vec<AuthoredPost>,
    ) -> Result<Self, StoreError> {
        let mut visible = BTreeSet::new();
        if !accounts.is_empty() && !posts.is_empty() {
            let standing = Standing::load(tx, author, &accounts).await?;
            for &AuthoredPost { post_id, audience, kind } in &posts {
                // The query leaves out what is there no more; whether the rest is live or kept is one to the audience.
                let lifetime = if kind == PostKind::Story { Lifetime::Live } else { Lifetime::Lasting };
                let object = Object::Post(PostObject { author, audience, deleted: false, lifetime });
                let sees = |&&account_id: &&AccountId| {
                    let facts = standing.facts(post_id, account_id);
                    gate::can(gate::Viewer { account_id }, Action::SeePost, &object, &facts).is_allowed()
                };
                visible.extend(accounts.iter().filter(sees).map(|&account| ((post_id, kind), account)));
            }
        }
        Ok(Self { author, accounts, posts, visible })
    }
}

/// How accounts stand to an author and to the audiences of the author's posts.
struct Standing {
    connected: HashSet<AccountId>,
    blocked: HashSet<AccountId>,
    in_lists: HashSet<(PostId, AccountId)>,
    named: HashSet<(PostId, AccountId)>,
}

impl Standing {
    async fn load(tx: &mut Tx, author: AccountId, accounts: &[AccountId]) -> Result<Self, StoreError> {
        Ok(Self {
            connected: store::connection::connected_among(tx, author, accounts).await?.into_iter().collect(),
            blocked: store::block::among(tx, author, accounts).await?.into_iter().collect(),
            in_lists: rows::reached_by_lists(tx, author, accounts).await?.into_iter().collect(),
            named: rows::reached_by_name(tx, author, accounts).await?.into_iter().collect(),
        })
    }

    fn facts(&self, post_id: PostId, account_id: AccountId) -> Facts {
        Facts {
            connected: self.connected.contains(&account_id),
            blocked: self.blocked.contains(&account_id),
            in_lists: self.in_lists.contains(&(post_id, account_id)),
            named: self.named.contains(&(post_id, account_id)),
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
