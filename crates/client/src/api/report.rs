//! Reports.

use doorpost_model::{
    ApiError, ChatId, ReportId,
    hosts_key::HostsKey,
    moderation::NewPublicReport,
    people::Page,
    report::{ChatReport, CheckMarks, CheckedMarks, CloseReport, NewReport, Report, SealedReport},
};
use serde::de::IgnoredAny;

use super::{Api, escape, query};
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn report(&self, report: &NewReport) -> Result<(), ApiError> {
        self.post::<IgnoredAny>("/api/reports".to_owned(), report).await.map(drop)
    }

    pub(crate) async fn report_public(&self, report: &NewPublicReport) -> Result<(), ApiError> {
        self.post::<IgnoredAny>("/api/reports/public".to_owned(), report).await.map(drop)
    }

    pub(crate) async fn name_moderator(&self, handle: &str) -> Result<(), ApiError> {
        self.put::<IgnoredAny>(format!("/api/moderation/moderators/{}", escape(handle)), &serde_json::json!({}))
            .await
            .map(drop)
    }

    pub(crate) async fn operator_reports(
        &self,
        closed: bool,
        cursor: Option<String>,
    ) -> Result<Page<Report>, ApiError> {
        let query = query(&[("closed", closed.then(|| "true".to_owned())), ("cursor", cursor)]);
        self.get(format!("/api/operator/reports{query}")).await
    }

    pub(crate) async fn close_report(&self, report_id: ReportId, close: &CloseReport) -> Result<(), ApiError> {
        self.post::<IgnoredAny>(format!("/api/operator/reports/{report_id}/close"), close).await.map(drop)
    }

    pub(crate) async fn reports_key(&self, chat_id: ChatId) -> Result<Option<HostsKey>, ApiError> {
        self.get(format!("/api/chats/{chat_id}/reports/key")).await
    }

    pub(crate) async fn report_to_hosts(&self, chat_id: ChatId, report: &SealedReport) -> Result<(), ApiError> {
        self.post::<IgnoredAny>(format!("/api/chats/{chat_id}/reports"), report).await.map(drop)
    }

    pub(crate) async fn chat_reports(
        &self,
        chat_id: ChatId,
        cursor: Option<String>,
    ) -> Result<Page<ChatReport>, ApiError> {
        let query = query(&[("cursor", cursor)]);
        self.get(format!("/api/chats/{chat_id}/reports{query}")).await
    }

    pub(crate) async fn delete_chat_report(&self, chat_id: ChatId, report_id: ReportId) -> Result<(), ApiError> {
        self.delete::<IgnoredAny>(format!("/api/chats/{chat_id}/reports/{report_id}")).await.map(drop)
    }

    pub(crate) async fn check_marks(&self, chat_id: ChatId, ask: &CheckMarks) -> Result<CheckedMarks, ApiError> {
        self.post(format!("/api/chats/{chat_id}/franking"), ask).await
    }
}
