//! Highlights: named sets of one's own stories, which stay for their audiences after their time.

use std::collections::{BTreeMap, HashMap, HashSet};

use doorpost_model::{
    AccountId, ErrorCode, HighlightId, PostId, TimeMs,
    limits::{HIGHLIGHT_NAME_CHARS_MAX, HIGHLIGHT_STORIES_MAX, HIGHLIGHTS_MAX},
    post::PostView,
    story::{HighlightCover, HighlightView, PutHighlight},
};
use doorpost_policy::gate::{self, Action, Object};
use doorpost_store::{self as store, Tx};

use crate::{
    app::App,
    http::{Error, Result, Viewer},
    people,
    post::{find, live, view},
    validate,
};

/// The highlights of somebody, each with those of its stories that the viewer may see. Others than the owner do not
/// learn of sets in which there are none for them.
///
/// # Errors
/// `not_found` as for an account.
pub(super) async fn of_person(tx: &mut Tx, viewer: AccountId, handle: &str, now: TimeMs) -> Result<Vec<HighlightView>> {
    let owner = people::find_in_tx(tx, viewer, handle).await?.account_id;
    let in_sets = store::story::highlight::stories_of(tx, owner).await?;
    let mut all: Vec<PostId> = in_sets.iter().map(|story| story.post_id).collect();
    all.sort_unstable();
    all.dedup();
    let shown: HashMap<PostId, PostView> =
        view::views(tx, viewer, &all, now).await?.into_iter().map(|post| (post.post_id, post)).collect();
    let mut of_sets: HashMap<HighlightId, Vec<PostId>> = HashMap::new();
    for story in in_sets.into_iter().filter(|story| shown.contains_key(&story.post_id)) {
        of_sets.entry(story.highlight_id).or_default().push(story.post_id);
    }
    let mut highlights = Vec::new();
    for row in store::story::highlight::of_account(tx, owner).await? {
        let post_ids = of_sets.remove(&row.highlight_id).unwrap_or_default();
        if post_ids.is_empty() && !may_edit(viewer, owner) {
            continue;
        }
        let cover = post_ids.first().and_then(|post| shown.get(post)).and_then(cover);
        highlights.push(HighlightView { highlight_id: row.highlight_id, name: row.name, post_ids, cover });
    }
    Ok(highlights)
}

fn cover(post: &PostView) -> Option<HighlightCover> {
    let background = post.story.as_ref()?.canvas.background;
    Some(HighlightCover { background, photo: post.media.first().cloned() })
}

/// Makes a set or changes it. What it says is all there is in it then.
///
/// # Errors
/// `not_found` for another's set; `invalid_field` for a name, or for stories that are not the viewer's; `limit_reached`.
pub(super) async fn put(app: &App, viewer: Viewer, highlight_id: HighlightId, request: PutHighlight) -> Result<()> {
    let name = validate::line("name", "A highlight's name", &request.name, HIGHLIGHT_NAME_CHARS_MAX)?;
    let stories: HashSet<PostId> = request.post_ids.into_iter().collect();
    if stories.len() > HIGHLIGHT_STORIES_MAX {
        let message = format!("A highlight has at most {HIGHLIGHT_STORIES_MAX} stories.");
        return Err(Error::invalid("post_ids", message));
    }
    let change = Change { owner: viewer.account_id, highlight_id, now: app.clock.now() };
    let stories: Vec<PostId> = stories.into_iter().collect();
    let online = app.hub.online_accounts();
    let told = app.store.write::<_, Error, _>(move |tx| Box::pin(write(tx, change, name, stories, online))).await?;
    tell(app, told);
    Ok(())
}

/// Deletes a set. Its stories stay in the archive.
///
/// # Errors
/// `not_found`.
pub(super) async fn delete(app: &App, viewer: Viewer, highlight_id: HighlightId) -> Result<()> {
    let change = Change { owner: viewer.account_id, highlight_id, now: app.clock.now() };
    let online = app.hub.online_accounts();
    let told = app
        .store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                own(tx, change).await?.ok_or(ErrorCode::NotFound)?;
                let told = change.empty(tx, &[], &online).await?;
                store::story::highlight::delete(tx, highlight_id).await?;
                Ok(told)
            })
        })
        .await?;
    tell(app, told);
    Ok(())
}

/// Who is told to read which story again.
type Told = BTreeMap<PostId, HashSet<AccountId>>;

fn tell(app: &App, told: Told) {
    for (post_id, readers) in told {
        live::changed(app, post_id, readers);
    }
}

#[derive(Clone, Copy)]
struct Change {
    owner: AccountId,
    highlight_id: HighlightId,
    now: TimeMs,
}

impl Change {
    /// Takes everything out of the set; gives who among `online` could see the stories that do not go back into it.
    async fn empty(self, tx: &mut Tx, stay: &[PostId], online: &[AccountId]) -> Result<Told> {
        let mut told = Told::new();
        for story in store::story::highlight::stories_of(tx, self.owner).await? {
            if story.highlight_id == self.highlight_id && !stay.contains(&story.post_id) {
                let post = store::post::get(tx, story.post_id).await?.ok_or(ErrorCode::NotFound)?;
                told.insert(story.post_id, live::readers(tx, &post, online, self.now).await?);
            }
        }
        store::story::highlight::clear(tx, self.highlight_id).await?;
        Ok(told)
    }
}

async fn write(
    tx: &mut Tx,
    change: Change,
    name: String,
    stories: Vec<PostId>,
    online: Vec<AccountId>,
) -> Result<Told> {
    let Change { owner, highlight_id, now } = change;
    store::account::lock(tx, owner).await?;
    own(tx, change).await?;
    for &story in &stories {
        find::check(tx, owner, story, Action::TendStory, now)
            .await
            .map_err(|_| Error::invalid("post_ids", "You have no such story."))?;
    }
    if !store::story::highlight::put(tx, highlight_id, owner, &name, now).await? {
        return Err(ErrorCode::NotFound.into());
    }
    if store::story::highlight::of_account(tx, owner).await?.len() > HIGHLIGHTS_MAX {
        return Err(ErrorCode::LimitReached.into());
    }
    let told = change.empty(tx, &stories, &online).await?;
    store::story::highlight::add_stories(tx, highlight_id, &stories).await?;
    Ok(told)
}

/// The set, if there is one; another's is not found.
async fn own(tx: &mut Tx, change: Change) -> Result<Option<store::story::highlight::HighlightRow>> {
    let found = store::story::highlight::get(tx, change.highlight_id).await?;
    match &found {
        Some(row) if !may_edit(change.owner, row.account_id) => Err(ErrorCode::NotFound.into()),
        _ => Ok(found),
    }
}

fn may_edit(viewer: AccountId, owner: AccountId) -> bool {
    let viewer = gate::Viewer { account_id: viewer };
    gate::can(viewer, Action::EditHighlight, &Object::Highlight { owner }, &Default::default()).is_allowed()
}
