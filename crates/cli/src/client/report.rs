//! Reports.

use doorpost_client::{
    Command,
    view::{ChatReportView, ReportView},
};
use doorpost_model::{ApiError, ChatId, ErrorCode, ReportId, people::Page, report::ReportOutcome};
use serde_json::json;

use super::{args::ReportArgs, ask, home::Home, rows};

pub async fn report(home: &Home, args: ReportArgs) -> Result<(), ApiError> {
    let ReportArgs { to, reason, comment, chat_id, message_ids } = args;
    home.client.call(Command::Report { chat_id, message_ids, to, reason, comment }).await.map(drop)
}

pub async fn to_hosts(home: &Home, chat_id: ChatId) -> Result<(), ApiError> {
    home.client.call(Command::Sync).await?;
    let mut cursor = None;
    loop {
        let page: Page<ChatReportView> = ask(home, Command::ChatReports { chat_id, cursor }).await?;
        page.items.iter().for_each(|report| rows::print(&json!(report)));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

pub async fn to_operator(home: &Home, closed: bool) -> Result<(), ApiError> {
    let mut cursor = None;
    loop {
        let page: Page<ReportView> = ask(home, Command::OperatorReports { closed, cursor }).await?;
        page.items.iter().for_each(|report| rows::print(&json!(report)));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

pub async fn close(
    home: &Home,
    report_id: ReportId,
    outcome: Option<ReportOutcome>,
    chat: Option<ChatId>,
) -> Result<(), ApiError> {
    let command = match (chat, outcome) {
        (Some(chat_id), _) => Command::ForgetChatReport { chat_id, report_id },
        (None, Some(outcome)) => Command::CloseReport { report_id, outcome },
        (None, None) => return Err(ApiError::new(ErrorCode::Usage, "Say what became of the report: --outcome.")),
    };
    home.client.call(command).await.map(drop)
}
