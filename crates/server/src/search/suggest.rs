//! People somebody may know.

use doorpost_model::{
    limits::{SUGGESTING_CONNECTIONS_MAX, SUGGESTION_MUTUAL_MIN, SUGGESTIONS_MAX},
    people::Suggestion,
};
use doorpost_store as store;

use super::find::may_come_upon;
use crate::{
    app::App,
    http::{Error, Result, Viewer, rate_limit},
};

/// People who have several connections in common with the viewer, and let themselves be found.
///
/// # Errors
/// `rate_limited`.
pub async fn suggest(app: &App, viewer: Viewer) -> Result<Vec<Suggestion>> {
    viewer.charge(app, rate_limit::Action::Search)?;
    let viewer = viewer.account_id;
    let count = |limit: usize| i64::try_from(limit).unwrap_or(i64::MAX);
    let (connections, limit) = (count(SUGGESTING_CONNECTIONS_MAX), count(SUGGESTIONS_MAX));
    let rows = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                Ok(store::search::suggest(tx, viewer, connections, SUGGESTION_MUTUAL_MIN.into(), limit).await?)
            })
        })
        .await?;
    let shown = rows.into_iter().filter(|row| may_come_upon(viewer, &row.found));
    Ok(shown.map(|row| Suggestion { account: row.found.account, mutual: row.mutual }).collect())
}
