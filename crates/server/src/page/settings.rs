//! Making a page, and changing what its admins settle.

use doorpost_model::{
    AccountId, ErrorCode, GroupId,
    group::GroupDetail,
    limits::{PAGE_LINK_BYTES_MAX, PAGE_LINKS_MAX, PAGES_PER_ACCOUNT_MAX},
    page::{NewPage, PageChange, PageDetail, PageRole},
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    account::NewAccount,
    page::{SeenPage, link::LinkRow},
};

use super::{
    find::{find, lock},
    view,
};
use crate::{
    account::leave,
    app::App,
    group,
    http::{Error, Result, Viewer, rate_limit},
    moderation::domains,
    search, validate,
};

/// Makes a page with the viewer as its admin, who follows it.
///
/// # Errors
/// `invalid_field`, `handle_taken`, `limit_reached`.
pub(super) async fn make(app: &App, viewer: Viewer, new: NewPage) -> Result<PageDetail> {
    viewer.charge(app, rate_limit::Action::Group)?;
    validate::handle("handle", &new.handle)?;
    let now = app.clock.now();
    let account = NewAccount {
        account_id: AccountId(app.entropy.uuid_v4()),
        handle: new.handle,
        name: validate::account_name("name", &new.name)?,
        is_operator: false,
        password_hash: None,
        created_at: now,
    };
    let about = validate::about("about", &new.about)?;
    let links = links(&new.links)?;
    let admin = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                must_have_room(tx, admin).await?;
                check_links(tx, Some(&account.name), Some(&about), &links).await?;
                let is_held = leave::is_held(tx, &account.handle).await?;
                if is_held || !store::account::insert(tx, &account).await? {
                    return Err(ErrorCode::HandleTaken.into());
                }
                let page_id = account.account_id;
                store::leaving::part_from_leaving(tx, page_id).await?;
                store::account::set_about(tx, page_id, &about).await?;
                store::page::insert(tx, page_id, new.shows_roles, now).await?;
                search::index_in_tx(tx, page_id, &account.handle, &account.name).await?;
                store::page::link::set(tx, page_id, &links).await?;
                store::page::staff::put(tx, page_id, admin, PageRole::Admin, now).await?;
                store::page::follow(tx, page_id, admin, now).await?;
                view::detail(tx, admin, &account.handle).await
            })
        })
        .await
}

/// Changes a page.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid_field`.
pub(super) async fn change(app: &App, viewer: Viewer, handle: String, change: PageChange) -> Result<PageDetail> {
    let name = change.name.as_deref().map(|name| validate::account_name("name", name)).transpose()?;
    let about = change.about.as_deref().map(|about| validate::about("about", about)).transpose()?;
    let wanted = change.links.as_deref().map(links).transpose()?;
    let viewer = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                let SeenPage { page_id, .. } = lock(tx, viewer, &handle, Action::OwnPage).await?;
                check_links(tx, name.as_deref(), about.as_deref(), wanted.as_deref().unwrap_or_default()).await?;
                if let Some(name) = name {
                    store::account::set_name(tx, page_id, &name).await?;
                    search::index_in_tx(tx, page_id, &handle, &name).await?;
                }
                if let Some(about) = about {
                    store::account::set_about(tx, page_id, &about).await?;
                }
                if let Some(links) = wanted {
                    let links = keeping_verified(tx, page_id, links).await?;
                    store::page::link::set(tx, page_id, &links).await?;
                }
                if let Some(shows_roles) = change.shows_roles {
                    store::page::set_shows_roles(tx, page_id, shows_roles).await?;
                }
                view::detail(tx, viewer, &handle).await
            })
        })
        .await
}

/// Gives a group of the viewer's to a page of which they are admin, or takes it back.
///
/// # Errors
/// As for a group's owners; `not_found` and `forbidden` as for a page's admins.
pub(super) async fn give_group(
    app: &App,
    viewer: Viewer,
    group_id: GroupId,
    handle: Option<String>,
) -> Result<GroupDetail> {
    let viewer = viewer.account_id;
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                group::lock(tx, viewer, group_id, Action::OwnGroup).await?;
                let page = match handle {
                    None => None,
                    Some(handle) => Some(find(tx, viewer, &handle, Action::OwnPage).await?.page_id),
                };
                store::page::set_of_group(tx, group_id, page).await?;
                group::detail(tx, viewer, group_id).await
            })
        })
        .await
}

/// Checks that an account may be on the staff of one more page; it is held until the end of the transaction.
///
/// # Errors
/// `limit_reached`.
pub(super) async fn must_have_room(tx: &mut Tx, account: AccountId) -> Result<()> {
    store::account::lock(tx, account).await?;
    let count = store::page::staff::count_of_account(tx, account).await?;
    if count as usize >= PAGES_PER_ACCOUNT_MAX { Err(ErrorCode::LimitReached.into()) } else { Ok(()) }
}

/// # Errors
/// `invalid_field` for too many links, the same one twice, or what is no `https` address.
fn links(urls: &[String]) -> Result<Vec<LinkRow>> {
    if urls.len() > PAGE_LINKS_MAX {
        return Err(Error::invalid("links", format!("A page has at most {PAGE_LINKS_MAX} links.")));
    }
    let mut links: Vec<LinkRow> = Vec::with_capacity(urls.len());
    for url in urls {
        let url = url.trim();
        let is_fine = url.starts_with("https://")
            && url.len() <= PAGE_LINK_BYTES_MAX
            && doorpost_fetch::target::Target::parse(url).is_ok();
        if !is_fine || links.iter().any(|link| link.url == url) {
            return Err(Error::invalid("links", "A link is the address of a public page and begins with https://."));
        }
        links.push(LinkRow { url: url.to_owned(), verified_at: None });
    }
    Ok(links)
}

/// Checks that what a page is to say does not lead to a blocked domain.
///
/// # Errors
/// `invalid_field`.
async fn check_links(tx: &mut Tx, name: Option<&str>, about: Option<&str>, links: &[LinkRow]) -> Result<()> {
    let texts = [("name", name), ("about", about)].into_iter().filter_map(|(field, text)| Some((field, text?)));
    let urls = links.iter().map(|link| ("links", link.url.as_str()));
    domains::check(tx, &texts.chain(urls).collect::<Vec<_>>()).await
}

/// Links that stay keep what is known of them.
async fn keeping_verified(tx: &mut Tx, page_id: AccountId, mut links: Vec<LinkRow>) -> Result<Vec<LinkRow>> {
    let before = store::page::link::all(tx, page_id).await?;
    for link in &mut links {
        link.verified_at = before.iter().find(|known| known.url == link.url).and_then(|known| known.verified_at);
    }
    Ok(links)
}
