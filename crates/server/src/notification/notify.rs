//! Writing down what happened, for those whom it concerns.

use doorpost_model::{
    AccountId, ChatId, CommentId, GroupId, InviteId, NotificationId, PostId, TimeMs,
    frame::Hint,
    limits::{NOTIFICATION_BUNDLE_MAX, NOTIFICATION_BUNDLE_MS},
    notification::NotificationKind,
};
use doorpost_store::{
    StoreError, Tx,
    notification::{self as rows, Bundle, NewNotification, Object},
};

use crate::app::App;

/// What happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct News {
    pub(crate) kind: NotificationKind,
    /// Who did it; none where it is the group's or the hosts' doing.
    pub(crate) actor: Option<AccountId>,
    pub(crate) about: About,
}

/// What it happened to. The innermost of these things is what notifications are put together by; what is said under a post,
/// by that post.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct About {
    pub(crate) post_id: Option<PostId>,
    pub(crate) comment_id: Option<CommentId>,
    pub(crate) group_id: Option<GroupId>,
    pub(crate) invite_id: Option<InviteId>,
    pub(crate) chat_id: Option<ChatId>,
}

impl About {
    /// What happens to an account itself is put together by that account.
    fn object(&self, kind: NotificationKind, account: AccountId) -> Object {
        let comment = self.comment_id.map(Object::Comment);
        let chat = self.chat_id.map(Object::Chat);
        let post = self.post_id.map(Object::Post);
        if matches!(kind, NotificationKind::Comment | NotificationKind::Reply) {
            return post.unwrap_or(Object::Account(account));
        }
        let group = self.group_id.map(Object::Group);
        comment.or(chat).or(post).or(group).unwrap_or(Object::Account(account))
    }
}

/// Those who were told, for [`tell`].
#[must_use = "give it to `tell` once the transaction has committed"]
#[derive(Debug, Default)]
pub(crate) struct Told(Vec<AccountId>);

impl Told {
    /// Both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// Writes down what happened at `now` for each of `accounts`. Nobody is told of what they did themselves, nor twice of the
/// same doing of the same person within a while.
///
/// # Errors
/// As every statement.
pub(crate) async fn notify(
    tx: &mut Tx,
    app: &App,
    accounts: &[AccountId],
    news: News,
    now: TimeMs,
) -> Result<Told, StoreError> {
    let mut told = Told::default();
    for &account in accounts.iter().filter(|account| Some(**account) != news.actor) {
        if write(tx, app, account, news, now).await? {
            told.0.push(account);
        }
    }
    Ok(told)
}

/// `false` where they know of it already.
async fn write(tx: &mut Tx, app: &App, account: AccountId, news: News, now: TimeMs) -> Result<bool, StoreError> {
    let News { kind, actor, about } = news;
    let object = about.object(kind, account);
    let since = now.plus(-NOTIFICATION_BUNDLE_MS);
    let lately = rows::lately(tx, account, kind, object, since, actor).await?;
    if lately.is_some_and(is_told) {
        return Ok(false);
    }
    let notification_id = NotificationId(app.entropy.uuid_v7(now));
    let About { post_id, comment_id, group_id, invite_id, chat_id } = about;
    let new = NewNotification {
        notification_id,
        account_id: account,
        kind,
        bundle_id: lately.map_or(notification_id, |lately| lately.bundle_id),
        object,
        actor_id: actor,
        post_id,
        comment_id,
        group_id,
        invite_id,
        chat_id,
        at: now,
    };
    rows::insert(tx, &new).await?;
    Ok(true)
}

/// A flood is written down as far as it is shown.
fn is_told(lately: Bundle) -> bool {
    lately.has_actor || lately.rows as usize >= NOTIFICATION_BUNDLE_MAX
}

/// Lets those who were told look, after the transaction.
pub(crate) fn tell(app: &App, told: Told) {
    let Told(mut accounts) = told;
    accounts.sort_unstable();
    accounts.dedup();
    app.hub.hint_accounts(&accounts, Hint::NotificationsChanged);
}
