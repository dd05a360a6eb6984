//! Finding people by parts of their names.

use doorpost_model::{
    AccountId,
    limits::{PEOPLE_SEARCH_CHARS_MAX, PEOPLE_SEARCH_RESULTS_MAX},
    people::{PersonView, Relation},
};
use doorpost_policy::gate::{self, Action, Facts, Object};
use doorpost_store::{self as store, search::FoundRow};

use super::words;
use crate::{
    app::App,
    http::{Error, Result, Viewer, rate_limit},
};

/// People whose names have words that begin as those of `query`: the viewer's connections, and others who let themselves be
/// found. Nobody for a query that says too little.
///
/// # Errors
/// `invalid_field`, `rate_limited`.
pub async fn find(app: &App, viewer: Viewer, query: &str) -> Result<Vec<PersonView>> {
    viewer.charge(app, rate_limit::Action::Search)?;
    if query.chars().count() > PEOPLE_SEARCH_CHARS_MAX {
        return Err(Error::invalid("q", format!("A search has at most {PEOPLE_SEARCH_CHARS_MAX} characters.")));
    }
    let Some(words) = words::of_search(query) else { return Ok(Vec::new()) };
    let viewer = viewer.account_id;
    let limit = i64::try_from(PEOPLE_SEARCH_RESULTS_MAX).unwrap_or(i64::MAX);
    let handle = query.trim().trim_start_matches('@').to_lowercase();
    let mut found = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let words = [words[0].as_str(), &words[1], &words[2]];
                Ok(store::search::find(tx, viewer, words, limit).await?)
            })
        })
        .await?;
    found.retain(|row| may_come_upon(viewer, row));
    // Whoever was named, then connections; the rest is in the handles' order.
    found.sort_by_key(|row| (row.account.handle != handle, row.relation != Relation::Connected));
    found.truncate(PEOPLE_SEARCH_RESULTS_MAX);
    let view = |row: FoundRow| PersonView {
        account: row.account,
        relation: row.relation,
        about: row.about,
        kind: row.kind,
        muted: false,
        watched: false,
    };
    Ok(found.into_iter().map(view).collect())
}

/// Whether the gate lets the viewer come upon somebody.
pub(super) fn may_come_upon(viewer: AccountId, row: &FoundRow) -> bool {
    let facts = Facts {
        connected: row.relation == Relation::Connected,
        blocked: row.blocked,
        findable: row.findable,
        ..Facts::default()
    };
    let object = Object::Account { account_id: row.account.account_id };
    gate::can(gate::Viewer { account_id: viewer }, Action::FindAccount, &object, &facts).is_allowed()
}
