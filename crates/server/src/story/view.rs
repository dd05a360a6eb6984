//! Stories as one viewer sees them, a whole page at a time.

use std::collections::HashMap;

use doorpost_model::{
    AccountId, PostId,
    story::{Canvas, PollState, StoryView},
};
use doorpost_store::{
    self as store, Tx,
    story::{StoryRow, VotesRow},
};

use super::canvas;
use crate::http::Result;

/// What there is to stories that the viewer may see.
///
/// # Errors
/// As every statement.
pub(crate) async fn of_posts(tx: &mut Tx, viewer: AccountId, stories: &[PostId]) -> Result<HashMap<PostId, StoryView>> {
    let mut found = Vec::with_capacity(stories.len());
    for row in store::story::of_posts(tx, viewer, stories).await? {
        found.push((canvas::from_json(&row.canvas)?, row));
    }
    let counted: Vec<PostId> =
        found.iter().filter(|(canvas, row)| shows_counts(canvas, row)).map(|(_, row)| row.post_id).collect();
    let votes = store::story::votes(tx, &counted).await?;
    Ok(found.into_iter().map(|(canvas, row)| (row.post_id, view(canvas, row, &votes))).collect())
}

/// Counts are for the author, whose views are counted, and for those who voted.
fn shows_counts(canvas: &Canvas, row: &StoryRow) -> bool {
    canvas::poll_options(canvas).is_some() && (row.view_count.is_some() || row.choice.is_some())
}

fn view(canvas: Canvas, row: StoryRow, votes: &[VotesRow]) -> StoryView {
    let has_counts = shows_counts(&canvas, &row);
    let poll = canvas::poll_options(&canvas).map(|options| PollState {
        choice: row.choice,
        counts: has_counts.then(|| counts(row.post_id, options.len(), votes)),
    });
    StoryView {
        expires_at: row.expires_at,
        seen: row.seen || row.view_count.is_some(),
        answered: row.answered,
        poll,
        view_count: row.view_count,
        canvas,
    }
}

fn counts(post_id: PostId, options: usize, votes: &[VotesRow]) -> Vec<u32> {
    let mut counts = vec![0; options];
    for vote in votes.iter().filter(|vote| vote.post_id == post_id) {
        if let Some(count) = usize::try_from(vote.choice).ok().and_then(|choice| counts.get_mut(choice)) {
            *count = vote.count;
        }
    }
    counts
}
