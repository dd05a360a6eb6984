//! Writing down what happened, for those whom it concerns.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, ChatId, CommentId, GroupId, InviteId, NotificationId, PostId, TimeMs,
    limits::{NOTIFICATION_BUNDLE_MAX, NOTIFICATION_BUNDLE_MS},
    notification::NotificationKind,
    push::{NotificationSettings, Source},
};
use doorpost_store::{
    self as store, StoreError, Tx,
    notification::{self as rows, Bundle, NewNotification, Object},
};

use super::bells;
use crate::{
    app::App,
    push::{self, Waiting},
};

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
    /// What can be muted that it is about, besides who did it.
    fn sources(&self) -> impl Iterator<Item = Source> {
        let post = self.post_id.map(|post_id| Source::Post { post_id });
        let group = self.group_id.map(|group_id| Source::Group { group_id });
        let chat = self.chat_id.map(|chat_id| Source::Chat { chat_id });
        chat.into_iter().chain(group).chain(post)
    }

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
    /// These, who have something new to read in what they were told already.
    pub(crate) const fn again(accounts: Vec<AccountId>) -> Self {
        Self(accounts)
    }

    /// Both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// Writes down what happened at `now` for each of `accounts`. Nobody is told of what they did themselves, nor of what
/// somebody did whom they mute, nor twice of the same doing of the same person within a while.
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
    let others = listening(tx, accounts, &news).await?;
    let settings = push::of_accounts(tx, &others).await?;
    let subscribed = store::push::subscribed_among(tx, &others).await?;
    let mut told = Told::default();
    for account in others {
        let Some(settings) = settings.get(&account).filter(|settings| wants(settings, &news, now)) else { continue };
        let Some(notification_id) = write(tx, app, account, news, now).await? else { continue };
        told.0.push(account);
        if settings.of(news.kind).push && subscribed.contains(&account) {
            let notification = Some((notification_id, news.kind));
            push::add(tx, account, settings, Waiting { source: source(account, &news), notification }, now).await?;
        }
    }
    Ok(told)
}

/// Lets it be pushed to those who were told already, of whom each has not read that yet.
///
/// # Errors
/// As every statement.
pub(crate) async fn remind(
    tx: &mut Tx,
    unread: &HashMap<AccountId, NotificationId>,
    news: News,
    now: TimeMs,
) -> Result<(), StoreError> {
    let accounts: Vec<AccountId> = unread.keys().copied().collect();
    let accounts = listening(tx, &accounts, &news).await?;
    let settings = push::of_accounts(tx, &accounts).await?;
    for account in accounts {
        let Some(settings) = settings.get(&account).filter(|settings| wants(settings, &news, now)) else { continue };
        if settings.of(news.kind).push {
            let notification = unread.get(&account).map(|id| (*id, news.kind));
            push::add(tx, account, settings, Waiting { source: source(account, &news), notification }, now).await?;
        }
    }
    Ok(())
}

/// Those of `accounts` who did not do it themselves and do not mute who did.
async fn listening(tx: &mut Tx, accounts: &[AccountId], news: &News) -> Result<Vec<AccountId>, StoreError> {
    let others: Vec<AccountId> = accounts.iter().copied().filter(|account| Some(*account) != news.actor).collect();
    let Some(actor) = news.actor.filter(|_| !others.is_empty()) else { return Ok(others) };
    let muting = store::mute::muting_among(tx, actor, &others).await?;
    Ok(others.into_iter().filter(|account| !muting.contains(account)).collect())
}

/// Whether somebody wants to be told of this at all.
fn wants(settings: &NotificationSettings, news: &News, now: TimeMs) -> bool {
    let person = news.actor.map(|account_id| Source::Person { account_id });
    let is_muted = news.about.sources().chain(person).any(|source| settings.mutes(source, now));
    settings.of(news.kind).in_app && !is_muted
}

/// What the push counts for.
fn source(account: AccountId, news: &News) -> Source {
    let person = Source::Person { account_id: news.actor.unwrap_or(account) };
    match news.kind {
        // Whoever writes many posts pushes no more often than others.
        NotificationKind::NewPost => person,
        _ => news.about.sources().next().unwrap_or(person),
    }
}

/// None where they know of it already.
async fn write(
    tx: &mut Tx,
    app: &App,
    account: AccountId,
    news: News,
    now: TimeMs,
) -> Result<Option<NotificationId>, StoreError> {
    let News { kind, actor, about } = news;
    let object = about.object(kind, account);
    let since = now.plus(-NOTIFICATION_BUNDLE_MS);
    // Who asks to come into a chat is in its queue, of which this is one pointer for all.
    let actor = actor.filter(|_| kind != NotificationKind::JoinRequest);
    let lately = rows::lately(tx, account, kind, object, since, actor).await?;
    if lately.is_some_and(is_told) {
        return Ok(None);
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
    Ok(Some(notification_id))
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
    bells::ring(app, accounts);
}
