//! Posts as one viewer sees them, a whole page at a time.

use std::collections::{HashMap, HashSet};

use doorpost_model::{
    AccountId, ErrorCode, PostId, TimeMs,
    comment::CommentsView,
    group::PostGroup,
    media::MediaView,
    page::PostPage,
    people::AccountRef,
    post::{Audience, AudienceKind, PostView},
    question::QuestionView,
    reaction::ReactionsView,
    story::StoryView,
};
use doorpost_policy::gate::{self, Action, Object, PostObject};
use doorpost_store::{
    self as store, Tx,
    post::{self as rows, SeenPost},
};

use super::audience::{facts, object};
use crate::{
    http::Result,
    invite::card::{self, Card},
    media, mention,
    moderation::domains,
    question, reaction, story,
};

/// Those of `posts` that the viewer may see, in the order given. The number of queries does not
/// depend on how many there are.
///
/// # Errors
/// As every statement.
pub async fn views(tx: &mut Tx, viewer: AccountId, posts: &[PostId], now: TimeMs) -> Result<Vec<PostView>> {
    let seen = rows::seen(tx, viewer, posts).await?;
    let mut seen: HashMap<PostId, SeenPost> =
        seen.into_iter().filter(|post| may_see(viewer, post, now)).map(|post| (post.post_id, post)).collect();
    let visible: Vec<PostId> = posts.iter().copied().filter(|post| seen.contains_key(post)).collect();
    let own: Vec<PostId> = visible.iter().copied().filter(|post| seen[post].author_id == viewer).collect();
    let mut audiences = audiences(tx, &own, &seen).await?;
    let hosts: Vec<(PostId, AccountRef)> = visible.iter().map(|&post| (post, author(&seen[&post]))).collect();
    let mut media = media::of_posts(tx, &visible).await?;
    let mut stories = story::view::of_posts(tx, viewer, &stories_among(&visible, &seen)).await?;
    let mut questions = question::of_posts(tx, viewer, &visible).await?;
    let comments: HashMap<PostId, u32> = store::comment::counts(tx, viewer, &visible).await?.into_iter().collect();
    let mut reactions = reaction::of_posts(tx, viewer, &visible).await?;
    let mut mentions = mention::in_posts(tx, viewer, &visible).await?;
    let mut cards = card::of_posts(tx, viewer, hosts, now).await?;
    let mut texts = Vec::with_capacity(visible.len());
    for post in &visible {
        texts.push(match stories.get(post) {
            Some(story) => story::canvas::to_json(&story.canvas)?,
            None => seen[post].text.clone(),
        });
    }
    let words: Vec<&str> = texts.iter().map(String::as_str).collect();
    let blocked = domains::blocked_in(tx, &words).await?;
    let mut views = Vec::with_capacity(visible.len());
    for (post_id, text) in visible.into_iter().zip(texts) {
        if let Some(post) = seen.remove(&post_id) {
            let object = object(&post, now);
            let parts = Parts {
                audience: audiences.remove(&post_id),
                media: media.remove(&post_id).unwrap_or_default(),
                card: cards.remove(&post_id),
                story: stories.remove(&post_id),
                question: questions.remove(&post_id),
                comment_count: comments.get(&post_id).copied().unwrap_or(0),
                reactions: reactions.remove(&post_id).unwrap_or_default(),
                mentions: mentions.remove(&post_id).unwrap_or_default(),
            };
            let mut view = view(post, viewer, object, parts);
            view.blocked_hosts = domains::in_text(&text, &blocked);
            views.push(view);
        }
    }
    Ok(views)
}

/// Those of `posts` that the viewer may see, in the order given.
///
/// # Errors
/// As every statement.
pub async fn visible(tx: &mut Tx, viewer: AccountId, posts: &[PostId], now: TimeMs) -> Result<Vec<PostId>> {
    let seen = rows::seen(tx, viewer, posts).await?;
    let visible: HashSet<PostId> =
        seen.iter().filter(|post| may_see(viewer, post, now)).map(|post| post.post_id).collect();
    Ok(posts.iter().copied().filter(|post| visible.contains(post)).collect())
}

/// One post.
///
/// # Errors
/// `not_found` unless the viewer may see it.
pub async fn one(tx: &mut Tx, viewer: AccountId, post: PostId, now: TimeMs) -> Result<PostView> {
    Ok(views(tx, viewer, &[post], now).await?.pop().ok_or(ErrorCode::NotFound)?)
}

fn may_see(viewer: AccountId, post: &SeenPost, now: TimeMs) -> bool {
    let viewer = gate::Viewer { account_id: viewer };
    gate::can(viewer, Action::SeePost, &Object::Post(object(post, now)), &facts(post)).is_allowed()
}

fn author(post: &SeenPost) -> AccountRef {
    AccountRef { account_id: post.author_id, handle: post.author_handle.clone(), name: post.author_name.clone() }
}

fn stories_among(posts: &[PostId], seen: &HashMap<PostId, SeenPost>) -> Vec<PostId> {
    posts.iter().copied().filter(|post| seen[post].expires_at.is_some()).collect()
}

/// What is kept beside a post.
struct Parts {
    audience: Option<Audience>,
    media: Vec<MediaView>,
    card: Option<Card>,
    story: Option<StoryView>,
    question: Option<QuestionView>,
    comment_count: u32,
    reactions: ReactionsView,
    mentions: Vec<AccountRef>,
}

fn view(post: SeenPost, viewer: AccountId, object: PostObject, parts: Parts) -> PostView {
    let Parts { audience, media, card, story, question, comment_count, reactions, mentions } = parts;
    let facts = facts(&post);
    let may =
        |action| gate::can(gate::Viewer { account_id: viewer }, action, &Object::Post(object), &facts).is_allowed();
    let in_full = may(Action::SeeAudience);
    let closed = post.comments_closed;
    let comments = CommentsView { count: comment_count, closed, may_comment: may(Action::Comment) };
    let (invite, terms) = card.map(|Card { card, terms }| (card, terms)).unzip();
    let (group, page) = (group(&post), page(&post));
    PostView {
        group,
        page,
        post_id: post.post_id,
        audience_kind: post.audience,
        audience: audience.filter(|_| in_full),
        created_at: post.created_at,
        edited_at: post.edited_at,
        invite,
        terms: terms.filter(|_| in_full),
        author: AccountRef { account_id: post.author_id, handle: post.author_handle, name: post.author_name },
        text: post.text,
        media,
        comments: story.is_none().then_some(comments),
        reactions: ReactionsView { may_react: may(Action::React), ..reactions },
        mentions,
        story,
        question,
        blocked_hosts: Vec::new(),
    }
}

fn group(post: &SeenPost) -> Option<PostGroup> {
    let (Some(group_id), Some(kind), Some(name)) = (post.group_id, post.group_kind, &post.group_name) else {
        return None;
    };
    let &SeenPost { pending, pinned, group_role: role, .. } = post;
    Some(PostGroup { group_id, kind, name: name.clone(), pending, pinned, role })
}

/// Whoever spoke as a page is known to its staff alone; their role to everybody where the page shows that.
fn page(post: &SeenPost) -> Option<PostPage> {
    post.spoken_by?;
    let is_staff = post.page_role.is_some();
    Some(PostPage {
        page_id: post.author_id,
        role: post.page_role,
        spoken_by_role: post.speaker_role.filter(|_| is_staff || post.shows_roles),
        spoken_by: post.spoken_by.filter(|_| is_staff),
    })
}

/// The audiences of the viewer's own posts in full.
async fn audiences(tx: &mut Tx, own: &[PostId], seen: &HashMap<PostId, SeenPost>) -> Result<HashMap<PostId, Audience>> {
    let of_kind = |kind: AudienceKind| -> Vec<PostId> {
        own.iter().copied().filter(|post| seen[post].audience == kind).collect()
    };
    let mut lists: HashMap<PostId, Vec<_>> = HashMap::new();
    for row in rows::audience::lists(tx, &of_kind(AudienceKind::Lists)).await? {
        lists.entry(row.post_id).or_default().push(row.list_id);
    }
    let mut people: HashMap<PostId, Vec<_>> = HashMap::new();
    for row in rows::audience::people(tx, &of_kind(AudienceKind::People)).await? {
        people.entry(row.post_id).or_default().push(row.handle);
    }
    let audience = |post: &PostId| {
        Some(match seen[post].audience {
            AudienceKind::Public => Audience::Public,
            AudienceKind::Connections => Audience::Connections,
            AudienceKind::Lists => Audience::Lists { list_ids: lists.remove(post).unwrap_or_default() },
            AudienceKind::People => Audience::People { handles: people.remove(post).unwrap_or_default() },
            AudienceKind::Group => Audience::Group { group_id: seen[post].group_id? },
            AudienceKind::Page => Audience::Page { page_id: seen[post].author_id },
        })
    };
    let audiences: Vec<Option<Audience>> = own.iter().map(audience).collect();
    Ok(own.iter().copied().zip(audiences).filter_map(|(post, audience)| Some((post, audience?))).collect())
}
