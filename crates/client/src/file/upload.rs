//! Uploading ciphertext, part by part, until the server has all of it.

use std::{pin::pin, rc::Rc};

use doorpost_model::{ApiError, ChatId, ErrorCode, file::NewFile, limits};
use futures_util::future::select;

use super::{PAUSES_MS, Progress, unusable};
use crate::{
    FilePlace, MessageState, Platform,
    api::is_transient,
    content::Touched,
    core::Core,
    event::FileStep,
    store::{
        file::{self, UploadRow},
        message,
        outbox::{self, OutboxState},
    },
};

/// How often one try may ask anew where it stands.
const ASK_AGAIN_MAX: u32 = 5;

impl<P: Platform> Core<P> {
    /// Goes on with every upload whose message waits for it, beside the caller.
    pub(crate) fn resume_uploads_soon(self: &Rc<Self>) {
        let uploads = match file::uploads(self.store.read()) {
            Ok(uploads) => uploads,
            Err(error) => return self.background(Err(error.into())),
        };
        for upload in uploads {
            if !self.transfers.begin(upload.file_id) {
                continue;
            }
            let stop = self.live.stop.next();
            self.spawn(async move |core| {
                let _underway = core.transfers.until_done(upload.file_id);
                select(stop, pin!(core.upload(&upload))).await;
            });
        }
    }

    /// Until nothing of a message is being uploaded.
    pub(crate) async fn uploads_idle(&self, chat_id: ChatId, local_id: &str) -> Result<(), ApiError> {
        let uploads = file::uploads(self.store.read())?;
        for upload in uploads.iter().filter(|upload| upload.chat_id == chat_id && upload.local_id == local_id) {
            self.transfers.idle(upload.file_id).await;
        }
        Ok(())
    }

    async fn upload(self: &Rc<Self>, row: &UploadRow) {
        let mut failures = 0_usize;
        let mut reached = 0;
        loop {
            let mut came_to = reached;
            let error = match self.upload_parts(row, &mut came_to).await {
                Ok(()) => {
                    let result = self.uploaded(row);
                    return self.background(result);
                }
                Err(error) => error,
            };
            if file::is_upload(self.store.read(), row.file_id).is_ok_and(|is_wanted| !is_wanted) {
                // Discarded meanwhile.
                return;
            }
            if came_to > reached {
                failures = 0;
                reached = came_to;
            }
            if is_transient(&error) && failures < PAUSES_MS.len() {
                let pause_ms = error.error.retry_after_ms.unwrap_or(PAUSES_MS[failures]);
                let back_online = self.live.came_online.next();
                select(back_online, pin!(self.platform().sleep(self.spread(pause_ms)))).await;
                failures += 1;
                continue;
            }
            let goes_on_later = is_transient(&error)
                || matches!(error.code(), ErrorCode::Unauthenticated | ErrorCode::SignedOut | ErrorCode::StoreCorrupt);
            let result = if goes_on_later { Err(error) } else { self.upload_failed(row, error) };
            return self.background(result);
        }
    }

    /// Sends what the server does not have. `reached`: the bytes it has now.
    async fn upload_parts(&self, row: &UploadRow, reached: &mut u64) -> Result<(), ApiError> {
        let &UploadRow { file_id, chat_id, size_bytes, .. } = row;
        let progress = Progress { file_id, step: FileStep::Upload, total_bytes: size_bytes };
        let mut asked_again = 0;
        'ask: loop {
            let mut upload = self.api.begin_upload(chat_id, &NewFile { file_id, size_bytes, ttl_ms: None }).await?;
            loop {
                if !file::is_upload(self.store.read(), file_id)? {
                    // Discarded meanwhile.
                    return Ok(());
                }
                *reached = upload.received_bytes;
                self.show_progress(&progress, upload.received_bytes);
                if upload.complete {
                    return Ok(());
                }
                let part = self.read_part(row, upload.received_bytes).await?;
                let next = match self.api.upload_part(chat_id, file_id, upload.received_bytes, part).await {
                    // The server has another part, or has forgotten what it had.
                    Err(error) if matches!(error.code(), ErrorCode::Conflict | ErrorCode::NotFound) => {
                        asked_again += 1;
                        if asked_again > ASK_AGAIN_MAX {
                            return Err(error);
                        }
                        continue 'ask;
                    }
                    next => next?,
                };
                if next.received_bytes <= upload.received_bytes {
                    return Err(ApiError::new(ErrorCode::ServerMisbehaved, "The server takes a part and has it not."));
                }
                upload = next;
            }
        }
    }

    async fn read_part(&self, row: &UploadRow, offset: u64) -> Result<Vec<u8>, ApiError> {
        let wanted = row.size_bytes.saturating_sub(offset).min(u64::from(limits::FILE_PART_BYTES));
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let part = self.platform().read_file(&FilePlace::Own(row.file_id), offset, wanted).await.map_err(unusable)?;
        if wanted == 0 || part.len() != wanted {
            return Err(ApiError::new(ErrorCode::Conflict, "The file to be sent is not on this device any more."));
        }
        Ok(part)
    }

    /// The server has all of it: the message may go.
    fn uploaded(self: &Rc<Self>, row: &UploadRow) -> Result<(), ApiError> {
        self.store.write(|tx| {
            file::delete_upload(tx, row.file_id)?;
            outbox::release(tx, row.chat_id, &row.local_id)
        })?;
        self.flush_soon(row.chat_id);
        Ok(())
    }

    /// The server does not take it: the message waits for its writer's decision.
    fn upload_failed(&self, row: &UploadRow, error: ApiError) -> Result<(), ApiError> {
        self.store.write::<_, ApiError>(|tx| {
            outbox::set_message_state(tx, row.chat_id, &row.local_id, OutboxState::Failed)?;
            Ok(message::set_state(tx, row.chat_id, &row.local_id, MessageState::Failed)?)
        })?;
        self.warn(Some(row.chat_id), error.code(), error.error.message);
        self.show_rows(row.chat_id, &Touched::from([row.local_id.clone()]))
    }
}
