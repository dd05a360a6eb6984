//! Domains that links may not lead to: the operator's list, and what it is asked about.

use std::collections::HashSet;

use doorpost_fetch::link;
use doorpost_model::{
    ErrorCode, LogEntryId, TimeMs,
    limits::{BLOCKED_DOMAINS_MAX, CASE_NOTE_CHARS_MAX, DOMAIN_CHARS_MAX, LINKS_PER_TEXT_MAX},
    moderation::{BlockDomain, BlockedDomain, LogAction},
    people::Page,
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    Tx,
    moderation::{
        domain as rows,
        log::{self, NewLogEntry},
    },
};

use super::access;
use crate::{
    app::App,
    http::{Error, Result, Viewer},
    validate,
};

/// A page of the list, in the order of the names.
///
/// # Errors
/// `forbidden`, `invalid_field`.
pub(super) async fn page(
    app: &App,
    viewer: Viewer,
    cursor: Option<String>,
    limit: usize,
) -> Result<Page<BlockedDomain>> {
    let after = cursor.unwrap_or_default();
    validate::no_nul("cursor", &after)?;
    if after.len() > DOMAIN_CHARS_MAX {
        return Err(validate::bad_cursor());
    }
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut items = app
        .store
        .read::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::server(tx, viewer.account_id, Action::ModerateServer).await?;
                Ok(rows::domains(tx, &after, wanted).await?)
            })
        })
        .await?;
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| has_more).map(|last| last.domain.clone());
    Ok(Page { items, next_cursor })
}

/// Blocks a domain and all below it; gives its name as it is kept.
///
/// # Errors
/// `forbidden`, `invalid_field`, `limit_reached`.
pub(super) async fn block(app: &App, viewer: Viewer, request: BlockDomain) -> Result<BlockedDomain> {
    let note = validate::text("note", "A note", &request.note, CASE_NOTE_CHARS_MAX)?;
    let domain = named(&request.domain)?;
    let blocked = BlockedDomain { domain, note, added_at: app.clock.now() };
    let entry = entry(app, viewer, LogAction::DomainBlocked, &blocked.domain);
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::server(tx, viewer.account_id, Action::OperateServer).await?;
                if rows::block_domain(tx, &blocked.domain, &blocked.note, blocked.added_at).await? {
                    if rows::count_domains(tx).await? as usize > BLOCKED_DOMAINS_MAX {
                        return Err(ErrorCode::LimitReached.into());
                    }
                    log::append(tx, &entry).await?;
                }
                Ok(blocked)
            })
        })
        .await
}

/// Blocks a domain no more.
///
/// # Errors
/// `forbidden`, `not_found`.
pub(super) async fn unblock(app: &App, viewer: Viewer, domain: &str) -> Result<()> {
    let domain = named(domain).map_err(|_| ErrorCode::NotFound);
    let now_named = domain.clone().unwrap_or_default();
    let entry = entry(app, viewer, LogAction::DomainUnblocked, &now_named);
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                access::server(tx, viewer.account_id, Action::OperateServer).await?;
                if !rows::unblock_domain(tx, &domain?).await? {
                    return Err(ErrorCode::NotFound.into());
                }
                Ok(log::append(tx, &entry).await?)
            })
        })
        .await
}

/// Blocks a domain, or no more, for the command line.
///
/// # Errors
/// `invalid_field`, `not_found`.
pub(super) async fn set_in_tx(tx: &mut Tx, domain: &str, on: bool, id: LogEntryId, now: TimeMs) -> Result<()> {
    let domain = named(domain)?;
    let is_changed = match on {
        true => rows::block_domain(tx, &domain, "", now).await?,
        false => rows::unblock_domain(tx, &domain).await?,
    };
    if !is_changed {
        return if on { Ok(()) } else { Err(ErrorCode::NotFound.into()) };
    }
    let entry = NewLogEntry {
        entry_id: id,
        at: now,
        actor_id: None,
        action: if on { LogAction::DomainBlocked } else { LogAction::DomainUnblocked },
        target: None,
        target_id: None,
        subject_id: None,
        rule: None,
        note: domain,
        until: None,
    };
    Ok(log::append(tx, &entry).await?)
}

fn named(text: &str) -> Result<String> {
    let domain = link::domain_of(text).filter(|domain| domain.len() <= DOMAIN_CHARS_MAX);
    domain.ok_or_else(|| Error::invalid("domain", "That is no domain. Write it like example.org."))
}

fn entry(app: &App, viewer: Viewer, action: LogAction, domain: &str) -> NewLogEntry {
    NewLogEntry {
        entry_id: LogEntryId(app.entropy.uuid_v4()),
        at: app.clock.now(),
        actor_id: Some(viewer.account_id),
        action,
        target: None,
        target_id: None,
        subject_id: None,
        rule: None,
        note: domain.to_owned(),
        until: None,
    }
}

/// Checks that none of these texts (each with its field) links to a domain of the list.
///
/// # Errors
/// `invalid_field`, which names the field and the domain.
pub(crate) async fn check(tx: &mut Tx, texts: &[(&str, &str)]) -> Result<()> {
    for (field, text) in texts {
        if let Some(domain) = blocked_in(tx, &[text]).await?.into_iter().next() {
            let message = format!("Links to {domain} are not taken on this server. Take the link out.");
            return Err(Error::invalid(field, message));
        }
    }
    Ok(())
}

/// Those of `blocked` that the links of a text go to.
pub(crate) fn in_text(text: &str, blocked: &[String]) -> Vec<String> {
    if blocked.is_empty() {
        return Vec::new();
    }
    link::hosts_in(text, LINKS_PER_TEXT_MAX).into_iter().filter(|host| blocked.contains(host)).collect()
}

/// The hosts in the links of these texts that are on the list or below a domain of it, in order.
///
/// # Errors
/// As every statement.
pub(crate) async fn blocked_in(tx: &mut Tx, texts: &[&str]) -> Result<Vec<String>> {
    let mut hosts: Vec<String> = texts.iter().flat_map(|text| link::hosts_in(text, LINKS_PER_TEXT_MAX)).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let mut asked: Vec<&str> = hosts.iter().flat_map(|host| link::with_parents(host)).collect();
    asked.sort_unstable();
    asked.dedup();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let listed: HashSet<String> = rows::blocked_among(tx, &asked).await?.into_iter().collect();
    let is_blocked = |host: &String| link::with_parents(host).any(|domain| listed.contains(domain));
    let blocked: Vec<String> = hosts.iter().filter(|host| is_blocked(host)).cloned().collect();
    Ok(blocked)
}
