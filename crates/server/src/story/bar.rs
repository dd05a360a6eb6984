//! The bar above the feed: whose stories the viewer may see now.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use doorpost_model::{
    AccountId, PostId, TimeMs,
    limits::{STORIES_BAR_WINDOW, STORY_TTL_MS},
    people::AccountRef,
    story::{StoriesBar, StoryPerson},
};
use doorpost_policy::gate::{self, Action, Object};
use doorpost_store::{self as store, Tx, post::SeenPost};

use crate::{
    http::Result,
    post::audience::{facts, object},
};

/// Everybody whose live stories the viewer may see, as far as the newest of each way into an audience go.
///
/// # Errors
/// As every statement.
pub(super) async fn bar(tx: &mut Tx, viewer: AccountId, now: TimeMs) -> Result<StoriesBar> {
    let since = now.plus(-STORY_TTL_MS);
    let keys = store::story::bar::live_for(tx, viewer, now, since, STORIES_BAR_WINDOW).await?;
    let mut stories = store::post::seen(tx, viewer, &keys).await?;
    stories.retain(|story| may_see(viewer, story, now));
    let ids: Vec<PostId> = stories.iter().map(|story| story.post_id).collect();
    let authors: Vec<AccountId> = stories.iter().map(|story| story.author_id).collect();
    let muted: HashSet<AccountId> = store::mute::among(tx, viewer, &authors).await?.into_iter().collect();
    let hidden: HashSet<PostId> = store::hidden::posts_among(tx, viewer, &ids).await?.into_iter().collect();
    stories.retain(|story| !muted.contains(&story.author_id) && !hidden.contains(&story.post_id));
    let viewed: HashSet<PostId> = store::story::viewed_among(tx, viewer, &ids).await?.into_iter().collect();
    let mut people: HashMap<AccountId, StoryPerson> = HashMap::new();
    for story in stories {
        let is_unseen = story.author_id != viewer && !viewed.contains(&story.post_id);
        note(&mut people, story, is_unseen);
    }
    let mut people: Vec<StoryPerson> = people.into_values().collect();
    people.sort_by_key(|person| {
        let id = person.author.account_id;
        (id != viewer, person.unseen_count == 0, Reverse(person.newest_at), id)
    });
    Ok(StoriesBar { people })
}

fn may_see(viewer: AccountId, story: &SeenPost, now: TimeMs) -> bool {
    let viewer = gate::Viewer { account_id: viewer };
    gate::can(viewer, Action::SeePost, &Object::Post(object(story, now)), &facts(story)).is_allowed()
}

fn note(people: &mut HashMap<AccountId, StoryPerson>, story: SeenPost, is_unseen: bool) {
    let expires_at = story.expires_at.unwrap_or(story.created_at);
    let author = AccountRef { account_id: story.author_id, handle: story.author_handle, name: story.author_name };
    let person = people.entry(story.author_id).or_insert(StoryPerson {
        author,
        story_count: 0,
        unseen_count: 0,
        newest_at: story.created_at,
        expires_at,
    });
    person.story_count += 1;
    person.unseen_count += u32::from(is_unseen);
    person.newest_at = person.newest_at.max(story.created_at);
    person.expires_at = person.expires_at.min(expires_at);
}
