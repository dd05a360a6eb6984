//! The queue of a chat, for its hosts.

use std::collections::HashSet;

use doorpost_model::{
    AccountId, ChatId,
    invite::{QueuedRequest, RequestState},
    people::{AccountRef, Page},
};
use doorpost_policy::gate::Action;
use doorpost_store::{
    self as store, Tx,
    request::{QueueCursor, QueuedRow},
};

use super::cursor;
use crate::{
    app::App,
    chat::access,
    http::{Error, Result, Viewer},
    lease::stored,
    validate,
};

/// A page of the requests in a state, those that asked first at the top.
///
/// # Errors
/// `not_found` unless the viewer is a member; `not_host`; `invalid_field`.
pub(super) async fn page(
    app: &App,
    viewer: Viewer,
    chat_id: ChatId,
    state: RequestState,
    after: Option<String>,
    limit: Option<usize>,
) -> Result<Page<QueuedRequest>> {
    let limit = validate::page_limit(limit)?;
    let after = after.map_or(Ok(cursor::START), |cursor| cursor::decode(&cursor))?;
    let account = viewer.account_id;
    app.store.read::<_, Error, _>(move |tx| Box::pin(read(tx, account, chat_id, state, after, limit))).await
}

async fn read(
    tx: &mut Tx,
    viewer: AccountId,
    chat_id: ChatId,
    state: RequestState,
    after: QueueCursor,
    limit: usize,
) -> Result<Page<QueuedRequest>> {
    access::member(tx, viewer, chat_id, Action::SeeQueue).await?;
    // One more than asked for says whether there is another page.
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut rows = store::request::queue(tx, chat_id, state, after, wanted).await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let mut accounts: Vec<AccountId> = rows.iter().map(|row| row.account_id).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let connected: HashSet<AccountId> =
        store::connection::connected_among(tx, viewer, &accounts).await?.into_iter().collect();
    let next_cursor = rows
        .last()
        .filter(|_| has_more)
        .map(|row| cursor::encode(QueueCursor { asked_at: row.asked_at, request_id: row.request_id }));
    let items = rows.into_iter().map(|row| view(row, &connected)).collect::<Result<_>>()?;
    Ok(Page { items, next_cursor })
}

fn view(row: QueuedRow, connected: &HashSet<AccountId>) -> Result<QueuedRequest> {
    Ok(QueuedRequest {
        request_id: row.request_id,
        invite_id: row.invite_id,
        is_connection: connected.contains(&row.account_id),
        account: AccountRef { account_id: row.account_id, handle: row.handle, name: row.name },
        questions: texts(&row.questions)?,
        answers: row.answers.as_deref().and_then(stored),
        state: row.state,
        asked_at: row.asked_at,
        key_package: row.key_package,
    })
}

fn texts(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json).map_err(|_| Error::internal("questions or answers are not a JSON array"))
}
