//! Changing a post. All of a change is in force together, the commit that goes with it included.

use std::{collections::HashSet, sync::Arc};

use doorpost_mls::door::InviteSecret;
use doorpost_model::{
    AccountId, Binary, ErrorCode, PostId, TimeMs,
    admission::PublicKey,
    invite::InviteTermsChange,
    post::{Audience, AudienceKind, PostChange, PostKind, PostView},
};
use doorpost_policy::{gate::Action, group::waits, terms as rules};
use doorpost_store::{self as store, Tx, post::PostRow, request::MovedRequest};

use super::{
    audience,
    create::{check_questions, check_says_something, check_text, with_device},
    find, live, view,
};
use crate::{
    app::App,
    commit::{self, AcceptedCommit, CommitRecord, to_the_end},
    group,
    http::{Error, Result, Viewer},
    invite::{terms, who_may_join},
    mention,
    moderation::domains,
    request,
};

/// Changes a post.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid_field`, `invite_closed` for new terms of a closed invite, and
/// with a commit what [`commit::stage`] says.
pub async fn edit(app: &App, viewer: Viewer, post_id: PostId, change: PostChange) -> Result<PostView> {
    let app = app.clone();
    to_the_end(async move { edit_now(&app, viewer, post_id, change).await }).await
}

async fn edit_now(app: &App, viewer: Viewer, post_id: PostId, change: PostChange) -> Result<PostView> {
    let PostChange { text, audience, terms, commit, secret } = change;
    text.as_deref().map_or(Ok(()), check_text)?;
    if let Some(questions) = terms.as_ref().and_then(|terms| terms.questions.as_ref()) {
        check_questions(questions)?;
    }
    let staged = match commit {
        None => None,
        Some(upload) => {
            let invite = invite_of(app, viewer, post_id).await?;
            Some(commit::stage(app, with_device(viewer)?, invite.chat_id, upload).await?)
        }
    };
    let edit = Edit {
        viewer: viewer.account_id,
        post_id,
        text,
        audience,
        terms,
        secret,
        commit: staged.as_ref().map(|staged| staged.record()),
        now: app.clock.now(),
        online: app.hub.online_accounts(),
    };
    let done = app.store.write::<_, Error, _>(move |tx| Box::pin(write(tx, edit))).await?;
    if let (Some(staged), Some(accepted)) = (staged, done.accepted) {
        commit::finish(app, staged, accepted);
    }
    request::moved(app, &done.voided);
    live::changed(app, post_id, done.readers);
    group::post_waits(app, &done.view).await;
    Ok(done.view)
}

struct Edit {
    viewer: AccountId,
    post_id: PostId,
    text: Option<String>,
    audience: Option<Audience>,
    terms: Option<InviteTermsChange>,
    /// The invite's, for an audience that becomes public.
    secret: Option<Binary>,
    commit: Option<Arc<CommitRecord>>,
    now: TimeMs,
    /// Who is there to be told.
    online: Vec<AccountId>,
}

struct Edited {
    view: PostView,
    accepted: Option<AcceptedCommit>,
    voided: Vec<MovedRequest>,
    /// Those online who could see the post before, or can now.
    readers: HashSet<AccountId>,
}

async fn write(tx: &mut Tx, edit: Edit) -> Result<Edited> {
    let post = find::lock(tx, edit.viewer, edit.post_id, Action::EditPost, edit.now).await?;
    let mut readers = live::readers(tx, &post, &edit.online, edit.now).await?;
    if let Some(text) = &edit.text
        && *text != post.text
    {
        if post.kind == PostKind::Story {
            return Err(Error::invalid("text", "A story has no text beside what it shows."));
        }
        let media = store::media::of_posts(tx, &[post.post_id]).await?;
        check_says_something(text, !media.is_empty())?;
        domains::check(tx, &[("text", text)]).await?;
        store::post::set_text(tx, post.post_id, text, edit.now).await?;
        wait_again(tx, &post, edit.viewer).await?;
        mention::put_in_post(tx, post.post_id, text).await?;
    }
    let accepted = match &edit.commit {
        Some(record) => Some(commit::accept_in_tx(tx, record).await?),
        None => None,
    };
    if edit.terms.is_some() || edit.commit.is_some() {
        change_terms(tx, &post, &edit).await?;
    }
    let mut voided = Vec::new();
    if let Some(audience) = &edit.audience {
        let post = change_audience(tx, post, audience).await?;
        if post.audience == AudienceKind::Public {
            publish_secret(tx, &post, edit.secret.as_ref()).await?;
        }
        voided = void_fallen_out(tx, &post, edit.now).await?;
        readers.extend(live::readers(tx, &post, &edit.online, edit.now).await?);
    }
    let view = view::one(tx, edit.viewer, edit.post_id, edit.now).await?;
    Ok(Edited { view, accepted, voided, readers })
}

/// Where members' posts wait for a moderator, so does what they make of them later.
async fn wait_again(tx: &mut Tx, post: &PostRow, author: AccountId) -> Result<()> {
    let Some(placed) = store::group::post::of_post(tx, post.post_id).await? else { return Ok(()) };
    let group = group::find(tx, author, placed.group_id, Action::PostInGroup).await?.row;
    if group.role.is_some_and(|role| waits(group.posts_wait, role)) {
        store::group::post::set_pending(tx, post.post_id, true).await?;
    }
    Ok(())
}

async fn change_audience(tx: &mut Tx, post: PostRow, audience: &Audience) -> Result<PostRow> {
    if matches!(post.audience, AudienceKind::Group | AudienceKind::Page)
        || matches!(audience, Audience::Group { .. } | Audience::Page { .. })
    {
        return Err(Error::invalid(
            "audience",
            "A post stays in its group, and one from elsewhere does not come into it.",
        ));
    }
    let resolved = audience::resolve(tx, post.author_id, audience).await?;
    store::post::set_audience(tx, post.post_id, resolved.kind).await?;
    audience::put(tx, &post, &resolved).await?;
    Ok(PostRow { audience: resolved.kind, ..post })
}

/// Takes the secret of an invite that everybody may come in by from now on.
async fn publish_secret(tx: &mut Tx, post: &PostRow, secret: Option<&Binary>) -> Result<()> {
    let invite = store::invite::of_post(tx, post.post_id).await?;
    let Some(invite) = invite.filter(|invite| invite.secret.is_empty()) else { return Ok(()) };
    let fits = |secret: &InviteSecret| secret.join_key()[..] == invite.join_key[..];
    let secret = secret.and_then(|secret| InviteSecret::from_slice(&secret.0)).filter(fits);
    let secret = secret.ok_or_else(|| Error::invalid("secret", "A public invite needs its secret."))?;
    Ok(store::invite::set_secret(tx, invite.invite_id, secret.as_bytes()).await?)
}

/// Expires the requests under way of people who are no longer in the audience.
async fn void_fallen_out(tx: &mut Tx, post: &PostRow, now: TimeMs) -> Result<Vec<MovedRequest>> {
    let Some(invite) = store::invite::of_post(tx, post.post_id).await? else { return Ok(Vec::new()) };
    let pending = store::request::pending_of_invite(tx, invite.invite_id).await?;
    if pending.is_empty() {
        return Ok(Vec::new());
    }
    let asking: Vec<AccountId> = pending.iter().map(|request| request.account_id).collect();
    let may_join = who_may_join(tx, &invite, &asking, now).await?;
    let fallen_out: Vec<AccountId> = asking.into_iter().filter(|account| !may_join.contains(account)).collect();
    Ok(request::void(tx, invite.invite_id, &fallen_out, now).await?)
}

async fn change_terms(tx: &mut Tx, post: &PostRow, edit: &Edit) -> Result<()> {
    let Some(invite) = store::invite::of_post(tx, post.post_id).await? else {
        return Err(Error::invalid("terms", "This post has no invite."));
    };
    if invite.closed_at.is_some() {
        return Err(ErrorCode::InviteClosed.into());
    }
    let old = terms::of_invite(&invite)?;
    let change = edit.terms.clone().unwrap_or_default();
    let new = rules::changed(&old, &change, edit.now).map_err(terms::invalid)?;
    match &edit.commit {
        Some(record) => {
            let join_key: PublicKey = invite
                .join_key
                .as_slice()
                .try_into()
                .map_err(|_| Error::internal("a stored join key does not have 32 bytes"))?;
            terms::check_in_policy(&record.policy, invite.invite_id, join_key, &new, false)?;
        }
        None if terms::stand_in_policy_differently(&old, &new) => {
            return Err(Error::invalid("commit", "These terms need a commit that changes the chat's policy."));
        }
        None => {}
    }
    store::invite::set_terms(tx, invite.invite_id, &terms::to_row(&new)).await?;
    Ok(())
}

/// The invite of a post that the viewer may change.
async fn invite_of(app: &App, viewer: Viewer, post_id: PostId) -> Result<store::invite::InviteRow> {
    let now = app.clock.now();
    app.store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                find::check(tx, viewer.account_id, post_id, Action::EditPost, now).await?;
                let invite = store::invite::of_post(tx, post_id).await?;
                invite.ok_or_else(|| Error::invalid("commit", "This post has no invite."))
            })
        })
        .await
}
