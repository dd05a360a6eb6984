//! Files of chats: ciphertext, part by part.

use doorpost_model::{
    ApiError, ChatId, FileId,
    file::{FileUpload, NewFile},
};

use super::{Api, Body, error_in, not_doorpost, read};
use crate::platform::{Method, Platform};

impl<P: Platform> Api<P> {
    /// Begins an upload, or asks how far it has come.
    pub(crate) async fn begin_upload(&self, chat_id: ChatId, new: &NewFile) -> Result<FileUpload, ApiError> {
        self.post(format!("/api/chats/{chat_id}/files"), new).await
    }

    pub(crate) async fn upload_part(
        &self,
        chat_id: ChatId,
        file_id: FileId,
        offset: u64,
        part: Vec<u8>,
    ) -> Result<FileUpload, ApiError> {
        let path = format!("/api/chats/{chat_id}/files/{file_id}/parts/{offset}");
        read(&self.send_request(Method::Put, path, None, Body::Bytes(part)).await?)
    }

    /// The bytes from `start` to just before `end`.
    pub(crate) async fn file_range(
        &self,
        chat_id: ChatId,
        file_id: FileId,
        start: u64,
        end: u64,
    ) -> Result<Vec<u8>, ApiError> {
        let path = format!("/api/chats/{chat_id}/files/{file_id}");
        let range = ("range", format!("bytes={start}-{}", end - 1));
        let response = self.send_request(Method::Get, path, Some(range), Body::None).await?;
        match response.status {
            206 if response.body.len() as u64 == end - start => Ok(response.body),
            200..300 => Err(not_doorpost(response.status)),
            _ => Err(error_in(&response)),
        }
    }
}
