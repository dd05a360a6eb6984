//! Joining, and a host's queue.

use std::time::Duration;

use doorpost_client::{Command, Event, MessageKind, view::RequestView};
use doorpost_model::{
    ApiError, ChatId, ErrorCode, RequestId,
    invite::{Decided, JoinStatus, RequestState},
    limits,
    people::Page,
};
use futures_util::StreamExt;
use serde_json::json;

use super::{ask, home::Home, parse::Place, rows};

/// How long `admit` stays to bring in those it let in; their own clients do it otherwise.
const ADMIT_PATIENCE: Duration = Duration::from_millis(1_500);

pub async fn join(home: &Home, place: Place, answers: Vec<String>) -> Result<(), ApiError> {
    // Events bring the welcome sooner than asking again and again would.
    home.client.start();
    let result = join_place(home, place, answers).await;
    home.client.stop().await;
    rows::print(&rows::join(&result?));
    Ok(())
}

async fn join_place(home: &Home, place: Place, answers: Vec<String>) -> Result<JoinStatus, ApiError> {
    let (invite_id, secret) = match place {
        Place::Link { invite_id, secret } => (invite_id, secret),
        Place::Post(post_id) => {
            let card = home
                .client
                .post_view(post_id)
                .await?
                .invite
                .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "This post does not lead into a chat."))?;
            (card.invite_id, None)
        }
    };
    let status: JoinStatus = ask(home, Command::Join { invite_id, secret, answers }).await?;
    match status.state {
        RequestState::Joined | RequestState::Requested | RequestState::Admitted => Ok(status),
        RequestState::Declined => {
            Err(ApiError::new(ErrorCode::RequestDeclined, "A host declined your request to join."))
        }
        RequestState::Withdrawn => Err(ApiError::new(ErrorCode::Conflict, "The request was withdrawn.")),
        RequestState::Expired => {
            Err(ApiError::new(ErrorCode::InviteClosed, "The request expired before you were in. Ask again."))
        }
    }
}

pub async fn withdraw(home: &Home, request_id: RequestId) -> Result<(), ApiError> {
    let status: JoinStatus = ask(home, Command::Withdraw { request_id }).await?;
    rows::print(&rows::join(&status));
    Ok(())
}

pub async fn requests(home: &Home, chat_id: ChatId) -> Result<(), ApiError> {
    let mut cursor = None;
    loop {
        let command = Command::Requests { chat_id, cursor, limit: Some(limits::PAGE_MAX as u32) };
        let page: Page<RequestView> = ask(home, command).await?;
        for request in &page.items {
            rows::print(&rows::request(chat_id, request));
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

pub async fn admit(home: &Home, request_ids: Vec<RequestId>) -> Result<(), ApiError> {
    // The host's keys for the chat must be of its present epoch, and the server asks who is there to let people in.
    let mut events = home.client.subscribe();
    home.client.call(Command::Sync).await?;
    home.client.start();
    let result: Result<Vec<Decided>, ApiError> = ask(home, Command::Admit { chat_id: None, request_ids }).await;
    if let Ok(decided) = &result {
        let admitted = decided
            .iter()
            .filter(|decided| decided.refused.is_none() && decided.state == RequestState::Admitted)
            .count();
        let all_in = async {
            let mut came = 0;
            while came < admitted {
                match events.next().await {
                    Some(Event::Messages { messages, .. }) => {
                        let joined = messages.iter().filter(|message| message.kind == MessageKind::Joined);
                        came += joined.map(|message| message.people.len()).sum::<usize>();
                    }
                    Some(_) => {}
                    None => return,
                }
            }
        };
        // Whoever is not in by then comes in with their own client.
        let _ = tokio::time::timeout(ADMIT_PATIENCE, all_in).await;
    }
    home.client.stop().await;
    print_decided(&result?)
}

pub async fn decline(home: &Home, request_ids: Vec<RequestId>) -> Result<(), ApiError> {
    let decided: Vec<Decided> = ask(home, Command::Decline { chat_id: None, request_ids, reason: None }).await?;
    print_decided(&decided)
}

fn print_decided(decided: &[Decided]) -> Result<(), ApiError> {
    if let Some(code) = decided.first().and_then(|first| first.refused)
        && decided.iter().all(|decided| decided.refused.is_some())
    {
        let message = match code {
            ErrorCode::NotFound => "There is no such request.",
            ErrorCode::InviteFull => "All seats are taken.",
            ErrorCode::TicketInvalid => "The request does not fit the chat any more; they can ask again.",
            _ => "The request is not waiting any more.",
        };
        return Err(ApiError::new(code, message));
    }
    for decided in decided {
        rows::print(&json!(decided));
    }
    Ok(())
}
