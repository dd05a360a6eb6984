//! Writing a post. With an invite, post, invite and chat come to be together or not at all.

use std::sync::Arc;

use doorpost_model::{
    AccountId, ChatId, ErrorCode, PostId, TimeMs,
    admission::{ChatPolicy, PublicKey},
    hosts_key::PutHostsKey,
    invite::{InviteChat, NewInvite, SecretCopy},
    limits::{ALT_CHARS_MAX, POST_CHARS_MAX, POST_MEDIA_MAX, STORY_TTL_MS},
    media::PostMedia,
    notification::NotificationKind,
    post::{Audience, NewPost, PostKind, PostView},
    question::NewQuestion,
    story::Canvas,
};
use doorpost_policy::{gate::Action, terms as rules};
use doorpost_store::{self as store, Tx, invite::InviteRow, post::PostRow};

use super::{audience, live, view, watchers};
use crate::{
    app::App,
    chat::{self, NewChatRecord, PreparedChat},
    commit::{self, AcceptedCommit, CommitRecord, StagedCommit, to_the_end},
    group, hosts_key,
    http::{Error, Result, Viewer, WithDevice, rate_limit},
    invite::{copies, terms},
    mention,
    moderation::domains,
    notification::{self, About, News, Told, notify},
    question, story, validate,
};

/// Writes a post.
///
/// # Errors
/// `invalid_field`, `conflict` when the id is taken, and for a chat post what
/// [`chat::prepare`] and [`commit::stage`] say.
pub async fn create(app: &App, viewer: Viewer, post: NewPost) -> Result<PostView> {
    viewer.charge(app, rate_limit::Action::Post)?;
    viewer.charge_new(app, rate_limit::Action::NewPost)?;
    if post.invite.is_some() {
        viewer.charge_new(app, rate_limit::Action::NewInvite)?;
    }
    for handle in post.story.iter().flat_map(story::canvas::mentions) {
        app.limiter.charge_handle(handle, rate_limit::Action::MentionOf)?;
    }
    match &post.story {
        Some(canvas) => story::canvas::check(canvas, &post)?,
        None => check_says_something(&post.text, !post.media.is_empty())?,
    }
    question::check(&post)?;
    check_text(&post.text)?;
    check_media(&post.media)?;
    if let Some(written) = written_before(app, viewer, post.post_id).await? {
        return Ok(written);
    }
    let app = app.clone();
    to_the_end(async move { create_new(&app, viewer, post).await }).await
}

async fn create_new(app: &App, viewer: Viewer, post: NewPost) -> Result<PostView> {
    let now = app.clock.now();
    let NewPost { post_id, text, audience, media, mut invite, story, question } = post;
    let kind = if story.is_some() { PostKind::Story } else { PostKind::Post };
    if let Some(invite) = &invite {
        check_secret(invite, &audience, viewer.account_id)?;
    }
    let copies = invite.as_mut().map(|invite| std::mem::take(&mut invite.copies)).unwrap_or_default();
    let hosts_key = invite.as_mut().and_then(|invite| invite.hosts_key.take());
    let door = match invite {
        None => None,
        Some(invite) => Some(prepare(app, viewer, post_id, invite, now).await?),
    };
    if let (Some(key), Some(door)) = (&hosts_key, &door) {
        hosts_key::check(key, door.invite.chat_id, viewer.account_id)?;
    }
    let (author_id, spoken_by) = match audience {
        Audience::Page { page_id } => (page_id, Some(viewer.account_id)),
        _ => (viewer.account_id, None),
    };
    let draft = Draft {
        post: PostRow {
            post_id,
            author_id,
            text,
            audience: audience::kind(&audience),
            created_at: now,
            edited_at: None,
            deleted_at: None,
            kind,
            expires_at: story.is_some().then(|| now.plus(STORY_TTL_MS)),
            is_kept: false,
            spoken_by,
        },
        audience,
        media,
        story,
        question,
        invite: door.as_ref().map(|door| (door.invite.clone(), door.chat.record())),
        hosts_key,
        copies,
    };
    let teller = app.clone();
    let result =
        app.store.write::<_, Error, _>(move |tx| Box::pin(async move { write(tx, &teller, draft).await })).await;
    let (accepted, told) = match result {
        Ok(written) => written,
        // Another try of the same device was quicker.
        Err(error) if error.code() == ErrorCode::Conflict => {
            return written_before(app, viewer, post_id).await?.ok_or(error);
        }
        Err(error) => return Err(error),
    };
    match (door.map(|door| door.chat), accepted) {
        (Some(ChatDoor::New(prepared)), _) => chat::created(app, prepared),
        (Some(ChatDoor::Existing(staged)), Some(accepted)) => commit::finish(app, *staged, accepted),
        _ => {}
    }
    notification::tell(app, told);
    live::added(app, post_id, kind);
    if kind == PostKind::Post {
        watchers::tell(app, post_id);
    }
    let view = read(app, viewer, post_id).await?;
    group::post_waits(app, &view).await;
    Ok(view)
}

/// What is written in one transaction.
struct Draft {
    post: PostRow,
    audience: Audience,
    media: Vec<PostMedia>,
    story: Option<Canvas>,
    question: Option<NewQuestion>,
    invite: Option<(InviteRow, ChatRecord)>,
    /// Of a chat that is new.
    hosts_key: Option<PutHostsKey>,
    copies: Vec<SecretCopy>,
}

/// The invite of a post to be, its chat checked and held.
struct Door {
    invite: InviteRow,
    chat: ChatDoor,
}

enum ChatDoor {
    New(PreparedChat),
    Existing(Box<StagedCommit>),
}

enum ChatRecord {
    New(Arc<NewChatRecord>),
    Existing(Arc<CommitRecord>),
}

impl ChatDoor {
    fn record(&self) -> ChatRecord {
        match self {
            Self::New(prepared) => ChatRecord::New(prepared.record()),
            Self::Existing(staged) => ChatRecord::Existing(staged.record()),
        }
    }
}

impl ChatRecord {
    fn policy(&self) -> &ChatPolicy {
        match self {
            Self::New(record) => &record.policy,
            Self::Existing(record) => &record.policy,
        }
    }
}

async fn write(tx: &mut Tx, app: &App, draft: Draft) -> Result<(Option<AcceptedCommit>, Told)> {
    let Draft { post, audience, media, story, question, invite, hosts_key, copies } = draft;
    check_links(tx, &post.text, &media, story.as_ref()).await?;
    let resolved = audience::resolve(tx, post.writer(), &audience).await?;
    if !store::post::insert(tx, &post).await? {
        return Err(ErrorCode::Conflict.into());
    }
    audience::put(tx, &post, &resolved).await?;
    attach(tx, &post, &media).await?;
    let named = mention::put_in_post(tx, post.post_id, &post.text).await?;
    let named = mention::readers_of_post(tx, &post, named, post.created_at).await?;
    let news = News {
        kind: NotificationKind::Mention,
        actor: Some(post.author_id),
        about: About { post_id: Some(post.post_id), ..About::default() },
    };
    let told = notify(tx, app, &named, news, post.created_at).await?;
    if let Some(canvas) = &story {
        story::create::put(tx, &post, canvas).await?;
    }
    if let Some(question) = question {
        question::put(tx, post.post_id, question).await?;
    }
    let Some((invite, chat)) = invite else { return Ok((None, told)) };
    let accepted = match chat {
        ChatRecord::New(record) => {
            chat::create_in_tx(tx, &record).await?;
            if post.spoken_by.is_some() {
                store::page::set_of_chat(tx, record.chat_id, post.author_id).await?;
            }
            if let Some(key) = &hosts_key {
                hosts_key::put_in_tx(tx, record.chat_id, key, record.created_at).await?;
            }
            None
        }
        ChatRecord::Existing(record) => Some(commit::accept_in_tx(tx, &record).await?),
    };
    if !store::invite::insert(tx, &invite).await? {
        return Err(ErrorCode::Conflict.into());
    }
    copies::put_in_tx(tx, &invite, &copies, post.created_at).await?;
    Ok((accepted, told))
}

/// # Errors
/// `invalid_field` for a link to a domain that the operator has blocked.
async fn check_links(tx: &mut Tx, text: &str, media: &[PostMedia], story: Option<&Canvas>) -> Result<()> {
    domains::check(tx, &[("text", text)]).await?;
    for PostMedia { alt, .. } in media {
        domains::check(tx, &[("media", alt)]).await?;
    }
    match story {
        Some(canvas) => domains::check(tx, &[("story", &story::canvas::to_json(canvas)?)]).await,
        None => Ok(()),
    }
}

/// Puts the author's photos, or the one video, into the post.
///
/// # Errors
/// `invalid_field` for one that is not the author's, not finished, or in a post already: one answer for all.
async fn attach(tx: &mut Tx, post: &PostRow, media: &[PostMedia]) -> Result<()> {
    for (position, photo) in (0..).zip(media) {
        if !store::media::attach(tx, photo.media_id, post.writer(), post.post_id, position, &photo.alt).await? {
            return Err(Error::invalid("media", "A photo of this post is not there any more. Add it again."));
        }
        if media.len() > 1 && store::video::film(tx, photo.media_id).await?.is_some() {
            return Err(Error::invalid("media", "A post has one video, or photos."));
        }
    }
    Ok(())
}

/// The post with this id, if the viewer wrote it before.
async fn written_before(app: &App, viewer: Viewer, post_id: PostId) -> Result<Option<PostView>> {
    let account_id = viewer.account_id;
    let found = app
        .store
        .read::<_, Error, _>(move |tx| Box::pin(async move { Ok(store::post::get(tx, post_id).await?) }))
        .await?;
    match found {
        None => Ok(None),
        Some(post) if post.writer() == account_id && post.deleted_at.is_none() => {
            read(app, viewer, post_id).await.map(Some)
        }
        // Ids are drawn at random, so only who tries to take another's gets here.
        Some(_) => Err(ErrorCode::Conflict.into()),
    }
}

async fn read(app: &App, viewer: Viewer, post_id: PostId) -> Result<PostView> {
    let now = app.clock.now();
    app.store.read::<_, Error, _>(move |tx| Box::pin(view::one(tx, viewer.account_id, post_id, now))).await
}

/// Checks an invite and its chat, and holds the chat still.
async fn prepare(app: &App, viewer: Viewer, post_id: PostId, invite: NewInvite, now: TimeMs) -> Result<Door> {
    let device = with_device(viewer)?;
    rules::check(&invite.terms, now).map_err(terms::invalid)?;
    check_questions(&invite.terms.questions)?;
    let join_key: PublicKey = validate::bytes("join_key", &invite.join_key)?;
    validate::sealed("sealed_door", &invite.sealed_door)?;
    let (chat_id, chat) = match invite.chat {
        InviteChat::New { chat } => (chat.chat_id, ChatDoor::New(chat::prepare(app, device, chat).await?)),
        InviteChat::Existing { chat_id, commit } => {
            check_host(app, viewer, chat_id).await?;
            (chat_id, ChatDoor::Existing(Box::new(commit::stage(app, device, chat_id, commit).await?)))
        }
    };
    terms::check_in_policy(chat.record().policy(), invite.invite_id, join_key, &invite.terms, false)?;
    let row = terms::to_row(&invite.terms);
    let invite = InviteRow {
        invite_id: invite.invite_id,
        post_id,
        chat_id,
        author_id: viewer.account_id,
        admission: row.admission,
        questions: row.questions,
        seats: row.seats,
        seats_taken: 0,
        expires_at: row.expires_at,
        ends_with_post: row.ends_with_post,
        closed_at: None,
        created_at: now,
        join_key: invite.join_key.0,
        sealed_door: invite.sealed_door.0,
        secret: invite.secret.unwrap_or_default().0,
    };
    Ok(Door { invite, chat })
}

/// The secret comes with a post that everybody reads, and with no other: there the author has a copy of it instead.
///
/// # Errors
/// `invalid_field`.
fn check_secret(invite: &NewInvite, audience: &Audience, author: AccountId) -> Result<()> {
    copies::check(&invite.copies)?;
    match (&invite.secret, audience.is_everybody()) {
        (Some(secret), true) => validate::bytes::<32>("secret", secret).map(drop),
        (None, true) => Err(Error::invalid("secret", "A public invite needs its secret.")),
        (Some(_), _) => Err(Error::invalid("secret", "The server holds the secret of public invites alone.")),
        (None, _) if invite.copies.iter().any(|copy| copy.account_id == author) => Ok(()),
        (None, _) => Err(Error::invalid("copies", "The author's own copy is missing.")),
    }
}

/// # Errors
/// `not_found` unless the viewer is in the chat, `not_host` unless a host of it.
async fn check_host(app: &App, viewer: Viewer, chat_id: ChatId) -> Result<()> {
    app.store
        .read::<_, Error, _>(move |tx| Box::pin(chat::access::member(tx, viewer.account_id, chat_id, Action::HostChat)))
        .await
        .map(drop)
}

/// The viewer with the device that a group's change needs.
///
/// # Errors
/// `device_required`.
pub(super) fn with_device(viewer: Viewer) -> Result<WithDevice> {
    let device_id = viewer.device_id.ok_or(ErrorCode::DeviceRequired)?;
    let Viewer { account_id, session_id, joined_at, .. } = viewer;
    Ok(WithDevice { account_id, session_id, device_id, joined_at })
}

/// # Errors
/// `invalid_field` for a text that is blank where there are no photos either.
pub(super) fn check_says_something(text: &str, has_media: bool) -> Result<()> {
    if text.trim().is_empty() && !has_media {
        return Err(Error::invalid("text", "Write something first."));
    }
    Ok(())
}

/// # Errors
/// `invalid_field` for a text that is too long, or that the databases cannot keep.
pub(super) fn check_text(text: &str) -> Result<()> {
    if text.chars().count() > POST_CHARS_MAX {
        return Err(Error::invalid("text", format!("A post has at most {POST_CHARS_MAX} characters.")));
    }
    validate::no_nul("text", text)
}

/// # Errors
/// `invalid_field` for too many photos, or descriptions that are too long or cannot be kept.
fn check_media(media: &[PostMedia]) -> Result<()> {
    if media.len() > POST_MEDIA_MAX {
        return Err(Error::invalid("media", format!("A post has at most {POST_MEDIA_MAX} photos.")));
    }
    for PostMedia { alt, .. } in media {
        if alt.chars().nth(ALT_CHARS_MAX).is_some() {
            let message = format!("A photo's description has at most {ALT_CHARS_MAX} characters.");
            return Err(Error::invalid("media", message));
        }
        validate::no_nul("media", alt)?;
    }
    Ok(())
}

/// # Errors
/// `invalid_field` for questions that the databases cannot keep.
pub(super) fn check_questions(questions: &[String]) -> Result<()> {
    questions.iter().try_for_each(|question| validate::no_nul("terms.questions", question))
}
