//! The backup.

use doorpost_model::{
    ApiError, DeviceId,
    backup::{BackupView, PutSegment, SegmentPage},
};
use serde::de::IgnoredAny;

use super::{Api, query};
use crate::platform::Platform;

impl<P: Platform> Api<P> {
    pub(crate) async fn backup(&self) -> Result<BackupView, ApiError> {
        self.get("/api/backup".to_owned()).await
    }

    pub(crate) async fn begin_backup(&self) -> Result<BackupView, ApiError> {
        self.put("/api/backup".to_owned(), &serde_json::json!({})).await
    }

    pub(crate) async fn delete_backup(&self) -> Result<(), ApiError> {
        self.delete::<IgnoredAny>("/api/backup".to_owned()).await.map(drop)
    }

    pub(crate) async fn put_segment(&self, number: u32, segment: &PutSegment) -> Result<(), ApiError> {
        self.put::<IgnoredAny>(format!("/api/backup/segments/{number}"), segment).await.map(drop)
    }

    pub(crate) async fn segments(&self, after: Option<(DeviceId, u32)>) -> Result<SegmentPage, ApiError> {
        let after_device = after.map(|(device_id, _)| device_id.to_string());
        let after_number = after.map(|(_, number)| number.to_string());
        let query = query(&[("after_device", after_device), ("after_number", after_number)]);
        self.get(format!("/api/backup/segments{query}")).await
    }
}
