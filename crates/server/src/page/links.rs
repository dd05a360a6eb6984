//! Whether what is behind a page's link says that it is the same hand: it links back with `rel="me"`.

use doorpost_model::{ErrorCode, page::PageDetail};
use doorpost_policy::gate::Action;
use doorpost_store as store;

use super::{
    find::{find, lock},
    view,
};
use crate::{
    app::App,
    http::{Error, Result, Viewer, rate_limit},
    moderation::domains,
};

/// Looks at what is behind the links of a page, but those to where the operator has blocked, and notes which of them link back.
///
/// # Errors
/// `not_found`, `forbidden`, `rate_limited`; `busy`; `conflict` where the operator does not want links to be looked up.
pub(super) async fn verify(app: &App, viewer: Viewer, handle: String) -> Result<PageDetail> {
    let account = viewer.account_id;
    let previews = app.previews.as_ref().ok_or_else(|| {
        Error::new(ErrorCode::Conflict, "This server does not look links up, so they cannot be verified.")
    })?;
    let asked = handle.clone();
    let urls = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let page = find(tx, account, &asked, Action::OwnPage).await?.page_id;
                let links = store::page::link::all(tx, page).await?;
                let urls: Vec<&str> = links.iter().map(|link| link.url.as_str()).collect();
                let blocked = domains::blocked_in(tx, &urls).await?;
                let leads = |url: &String| domains::in_text(url, &blocked).is_empty();
                Ok(links.into_iter().map(|link| link.url).filter(leads).collect::<Vec<_>>())
            })
        })
        .await?;
    let own = format!("{}/people/{handle}", app.origin.as_str());
    let mut known = Vec::with_capacity(urls.len());
    for url in urls {
        viewer.charge(app, rate_limit::Action::Preview)?;
        known.push((previews.links_back(&url, &own).await?, url));
    }
    let now = app.clock.now();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let page = lock(tx, account, &handle, Action::OwnPage).await?.page_id;
                for (links_back, url) in known {
                    store::page::link::set_verified(tx, page, &url, links_back.then_some(now)).await?;
                }
                view::detail(tx, account, &handle).await
            })
        })
        .await
}
