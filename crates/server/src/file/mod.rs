//! Files in chats: their ciphertext is taken part by part, kept beside the database, and given to members.
//!
//! The server knows of a file who uploads it, to which chat, and how large its ciphertext is.

mod begin;
mod part;
pub(crate) mod range;
mod read;
mod routes;
mod sweep;

pub use routes::routes;
pub(crate) use sweep::run;

use doorpost_model::{ChatId, FileId, file::FileUpload};
use doorpost_store::file::FileRow;

use crate::log::unsigned;

/// Names a file: its id alone says nothing outside its chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileKey {
    pub(crate) chat_id: ChatId,
    pub(crate) file_id: FileId,
}

impl From<&FileRow> for FileKey {
    fn from(row: &FileRow) -> Self {
        Self { chat_id: row.chat_id, file_id: row.file_id }
    }
}

fn upload_of(row: &FileRow) -> FileUpload {
    FileUpload {
        file_id: row.file_id,
        size_bytes: unsigned(row.size_bytes),
        received_bytes: unsigned(row.received_bytes),
        complete: row.completed_at.is_some(),
    }
}
