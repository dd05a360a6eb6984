//! Sending a file: encrypted first, then written as a message that waits for the upload.

use std::rc::Rc;

use doorpost_mls::file::{FileCipher, FileDigest, FileKey};
use doorpost_model::{
    AccountId, ApiError, Binary, ChatId, ErrorCode, FileId, MessageId,
    content::{ContentBody, ContentFault, Text},
    file::{self as model, FileAbout, FileRef},
};

use super::{PART_PLAINTEXT_BYTES, Progress, unusable};
use crate::{
    FilePlace, MessageView, Platform,
    api::is_transient,
    compose::check_local_id,
    core::Core,
    direct,
    event::FileStep,
    store::{
        file::{self, BlobRow, UploadRow},
        message, outbox, setting,
    },
};

/// A file to be sent, with the words that go with it.
pub(crate) struct Outgoing {
    /// Where it is on this machine.
    pub(crate) path: String,
    pub(crate) about: FileAbout,
    pub(crate) text: String,
    pub(crate) reply_to: Option<MessageId>,
    pub(crate) mentions: Vec<AccountId>,
}

impl<P: Platform> Core<P> {
    /// Encrypts a file and writes its message; it is uploaded and sent beside the caller. The same `local_id` twice is
    /// one message.
    pub(crate) async fn send_file(
        self: &Rc<Self>,
        chat_id: ChatId,
        local_id: &str,
        outgoing: Outgoing,
    ) -> Result<MessageView, ApiError> {
        let view = self.write_file_message(chat_id, local_id, outgoing).await?;
        self.resume_uploads_soon();
        Ok(view)
    }

    async fn write_file_message(
        self: &Rc<Self>,
        chat_id: ChatId,
        local_id: &str,
        outgoing: Outgoing,
    ) -> Result<MessageView, ApiError> {
        direct::check_may_send_files(&self.writable(chat_id)?)?;
        check_local_id(local_id)?;
        if let Some(view) = message::get(self.store.read(), chat_id, local_id)? {
            return Ok(view);
        }
        outgoing.about.check().map_err(|ContentFault { field, message }| ApiError::invalid(field, message))?;
        let source = FilePlace::Named(outgoing.path);
        let size_bytes = self
            .platform()
            .file_size(&source)
            .await
            .map_err(unusable)?
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "There is no such file."))?;
        self.check_size(size_bytes).await?;
        let file_id = FileId(self.new_uuid());
        // Nobody tidies it away meanwhile.
        self.transfers.begin(file_id);
        let _underway = self.transfers.until_done(file_id);
        let written = async {
            let file = self.encrypt(&source, file_id, size_bytes, outgoing.about).await?;
            let upload = UploadRow {
                file_id,
                chat_id,
                local_id: local_id.to_owned(),
                size_bytes: model::sealed_bytes(size_bytes),
            };
            let blob = BlobRow {
                file_id,
                digest: file.digest.0.clone(),
                size_bytes: upload.size_bytes,
                complete: true,
                used_at: self.now(),
            };
            let text = Text {
                text: outgoing.text,
                reply_to: outgoing.reply_to,
                mentions: outgoing.mentions,
                preview: None,
                files: vec![file],
            };
            self.write_message(chat_id, ContentBody::Text(text), local_id, |tx| {
                outbox::hold(tx, chat_id, local_id)?;
                file::insert_upload(tx, &upload)?;
                Ok(file::put_blob(tx, &blob)?)
            })
        }
        .await;
        if written.is_err() {
            let result = self.drop_file(file_id).await;
            self.background(result);
        }
        written
    }

    /// Whether the server will take a file of this size, as far as is known.
    async fn check_size(&self, size_bytes: u64) -> Result<(), ApiError> {
        if size_bytes == 0 {
            return Err(ApiError::invalid("files", "This file is empty. Choose another."));
        }
        let server = match self.server_info().await {
            Ok(server) => Some(server),
            Err(error) if is_transient(&error) => setting::server(self.store.read())?,
            Err(error) => return Err(error),
        };
        match server {
            Some(server) if size_bytes > server.file_bytes_max => {
                let mib = server.file_bytes_max / (1024 * 1024);
                let message = format!("This file is too large: this server takes files up to {mib} MiB.");
                Err(ApiError::new(ErrorCode::TooLarge, message))
            }
            _ => Ok(()),
        }
    }

    /// Encrypts a file into one of the core's own.
    async fn encrypt(
        &self,
        source: &FilePlace,
        file_id: FileId,
        size_bytes: u64,
        about: FileAbout,
    ) -> Result<FileRef, ApiError> {
        let key = FileKey::generate(&self.entropy());
        let cipher = FileCipher::new(&key, file_id, size_bytes)
            .ok_or_else(|| ApiError::invalid("files", "This file is too large."))?;
        let progress = Progress { file_id, step: FileStep::Encrypt, total_bytes: size_bytes };
        let mut digest = FileDigest::default();
        let (mut read_bytes, mut written_bytes, mut number) = (0_u64, 0_u64, 0_u32);
        while read_bytes < size_bytes {
            let wanted = usize::try_from(size_bytes - read_bytes).unwrap_or(usize::MAX).min(PART_PLAINTEXT_BYTES);
            let part = self.platform().read_file(source, read_bytes, wanted).await.map_err(unusable)?;
            if part.len() != wanted {
                return Err(changed());
            }
            let mut sealed = Vec::with_capacity(wanted + 64);
            for chunk in part.chunks(model::CHUNK_BYTES as usize) {
                sealed.extend(cipher.seal(number, chunk).map_err(|_| changed())?);
                number += 1;
            }
            digest.update(&sealed);
            self.platform().write_file(&FilePlace::Own(file_id), written_bytes, &sealed).await.map_err(unusable)?;
            read_bytes += part.len() as u64;
            written_bytes += sealed.len() as u64;
            self.show_progress(&progress, read_bytes);
            // Others have their turn.
            self.platform().sleep(0).await;
        }
        if self.platform().file_size(source).await.map_err(unusable)? != Some(size_bytes) {
            return Err(changed());
        }
        Ok(FileRef {
            file_id,
            key: Binary(key.as_bytes().to_vec()),
            size_bytes,
            chunk_bytes: model::CHUNK_BYTES,
            digest: Binary(digest.finish().to_vec()),
            about,
        })
    }
}

fn changed() -> ApiError {
    ApiError::new(ErrorCode::Conflict, "The file changed while it was read. Send it again.")
}
