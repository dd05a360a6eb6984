//! Reading files: downloaded part by part, each chunk checked before it is kept, and again when it is given out.

use std::{pin::pin, rc::Rc};

use doorpost_mls::file::{FileCipher, FileDigest, FileKey};
use doorpost_model::{
    ApiError, Binary, ChatId, ErrorCode, FileId, MessageId,
    content::{Content, ContentBody},
    file::{CHUNK_BYTES, FileRef, SEALED_CHUNK_BYTES, sealed_bytes},
    limits,
};
use futures_util::future::select;

use super::{PAUSES_MS, Progress, unusable};
use crate::{
    FilePlace, Platform,
    api::is_transient,
    compose::no_such_message,
    core::Core,
    event::FileStep,
    store::{
        file::{self, BlobRow},
        message,
    },
    view::{FileChunk, FileView, SearchHit},
};

const PART_BYTES: u64 = limits::FILE_PART_BYTES as u64;

impl<P: Platform> Core<P> {
    /// Brings a file onto this device; with `path` its plaintext is written there.
    pub(crate) async fn open_file(
        self: &Rc<Self>,
        chat_id: ChatId,
        message_id: MessageId,
        file_id: FileId,
        path: Option<String>,
    ) -> Result<FileView, ApiError> {
        let file = self.file_ref(chat_id, message_id, file_id)?;
        self.fetch(chat_id, &file).await?;
        if let Some(path) = path {
            self.save(&file, FilePlace::Named(path)).await?;
        }
        Ok(FileView { file_id, size_bytes: file.size_bytes, about: file.about, here: true })
    }

    /// Whoever brings the file onto this device stops; what has come stays.
    pub(crate) fn stop_file(&self, file_id: FileId) {
        self.transfers.stop(file_id);
    }

    /// A chunk of a file that is on this device.
    pub(crate) async fn file_chunk(
        &self,
        chat_id: ChatId,
        message_id: MessageId,
        file_id: FileId,
        number: u32,
    ) -> Result<FileChunk, ApiError> {
        let file = self.file_ref(chat_id, message_id, file_id)?;
        if !self.is_here(&file).await? {
            return Err(ApiError::new(ErrorCode::NotFound, "This file is not on this device. Open it first."));
        }
        let cipher = cipher(&file)?;
        if number > cipher.last_chunk() {
            return Err(ApiError::invalid("number", "The file has not so many chunks."));
        }
        let bytes = self.read_chunk(&file, &cipher, number).await?;
        Ok(FileChunk { bytes: Binary(bytes), last: number == cipher.last_chunk() })
    }

    /// Messages of a chat that have files, the newest first.
    pub(crate) fn files(
        &self,
        chat_id: ChatId,
        cursor: Option<u64>,
        limit: Option<u32>,
    ) -> Result<Vec<SearchHit>, ApiError> {
        self.chat_row(chat_id)?;
        let limit = limit.unwrap_or(limits::PAGE_DEFAULT as u32).clamp(1, limits::PAGE_MAX as u32);
        Ok(file::messages(self.store.read(), chat_id, cursor, limit)?)
    }

    /// What a message says of one of its files.
    fn file_ref(&self, chat_id: ChatId, message_id: MessageId, file_id: FileId) -> Result<FileRef, ApiError> {
        self.account()?;
        let row = message::by_id(self.store.read(), chat_id, message_id)?.ok_or_else(no_such_message)?;
        let content = row.said.and_then(|said| said.content).and_then(|bytes| Content::from_bytes(&bytes));
        let files = match content.map(|content| content.body) {
            Some(ContentBody::Text(text)) => text.files,
            _ => Vec::new(),
        };
        files
            .into_iter()
            .find(|file| file.file_id == file_id)
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "This message has no such file."))
    }

    /// Downloads what is missing of a file.
    async fn fetch(self: &Rc<Self>, chat_id: ChatId, file: &FileRef) -> Result<(), ApiError> {
        loop {
            self.transfers.idle(file.file_id).await;
            if self.is_here(file).await? {
                file::complete_blob(self.store.read(), file.file_id, self.now())?;
                return Ok(());
            }
            if self.transfers.begin(file.file_id) {
                break;
            }
        }
        let _underway = self.transfers.until_done(file.file_id);
        self.download(chat_id, file).await
    }

    /// Whether all of the file is on this device.
    async fn is_here(&self, file: &FileRef) -> Result<bool, ApiError> {
        let Some(blob) = file::blob(self.store.read(), file.file_id)? else { return Ok(false) };
        if !blob.complete || blob.digest != file.digest.0 {
            return Ok(false);
        }
        let size = self.platform().file_size(&FilePlace::Own(file.file_id)).await.map_err(unusable)?;
        Ok(size == Some(sealed_bytes(file.size_bytes)))
    }

    async fn download(self: &Rc<Self>, chat_id: ChatId, file: &FileRef) -> Result<(), ApiError> {
        let mut failures = 0_usize;
        let mut reached = self.begin_download(file).await?;
        loop {
            let before = reached;
            let error = match self.download_parts(chat_id, file, &mut reached).await {
                Ok(()) => break,
                Err(error) => error,
            };
            if reached > before {
                failures = 0;
            }
            if !is_transient(&error) || failures >= PAUSES_MS.len() {
                return Err(error);
            }
            let pause_ms = error.error.retry_after_ms.unwrap_or(PAUSES_MS[failures]);
            let back_online = self.live.came_online.next();
            select(back_online, pin!(self.platform().sleep(self.spread(pause_ms)))).await;
            failures += 1;
        }
        self.check_digest(file).await?;
        if !file::complete_blob(self.store.read(), file.file_id, self.now())? {
            // Its message was taken away meanwhile.
            self.drop_file(file.file_id).await?;
            return Err(no_such_message());
        }
        self.shrink_cache().await
    }

    /// Where the download goes on: after the parts that are here already.
    async fn begin_download(&self, file: &FileRef) -> Result<u64, ApiError> {
        let place = FilePlace::Own(file.file_id);
        let known = file::blob(self.store.read(), file.file_id)?;
        if known.is_some_and(|blob| !blob.complete && blob.digest == file.digest.0) {
            let size = self.platform().file_size(&place).await.map_err(unusable)?.unwrap_or(0);
            return Ok(size / PART_BYTES * PART_BYTES);
        }
        if file::is_upload(self.store.read(), file.file_id)? {
            // Somebody gave another file the name of one that this device is sending.
            return Err(ApiError::new(ErrorCode::Conflict, "This file cannot be opened before another one is sent."));
        }
        self.platform().remove_file(&place).await.map_err(unusable)?;
        let blob = BlobRow {
            file_id: file.file_id,
            digest: file.digest.0.clone(),
            size_bytes: sealed_bytes(file.size_bytes),
            complete: false,
            used_at: self.now(),
        };
        file::put_blob(self.store.read(), &blob)?;
        Ok(0)
    }

    /// Reads the parts from `reached` on; each is kept when all its chunks are what they should be.
    async fn download_parts(&self, chat_id: ChatId, file: &FileRef, reached: &mut u64) -> Result<(), ApiError> {
        let cipher = cipher(file)?;
        let total_bytes = sealed_bytes(file.size_bytes);
        let progress = Progress { file_id: file.file_id, step: FileStep::Download, total_bytes };
        while *reached < total_bytes {
            if self.transfers.is_stopping(file.file_id) {
                return Err(ApiError::new(ErrorCode::Conflict, "This file was not brought here to its end."));
            }
            let end = (*reached + PART_BYTES).min(total_bytes);
            let part = self.api.file_range(chat_id, file.file_id, *reached, end).await.map_err(gone)?;
            let first = chunk_at(*reached);
            for (number, chunk) in (first..).zip(part.chunks(SEALED_CHUNK_BYTES as usize)) {
                cipher.open(number, chunk).map_err(|_| damaged())?;
            }
            let place = FilePlace::Own(file.file_id);
            self.platform().write_file(&place, *reached, &part).await.map_err(unusable)?;
            *reached = end;
            self.show_progress(&progress, *reached);
        }
        Ok(())
    }

    /// The ciphertext is the one that the message stands for.
    async fn check_digest(&self, file: &FileRef) -> Result<(), ApiError> {
        let total_bytes = sealed_bytes(file.size_bytes);
        let mut digest = FileDigest::default();
        let mut offset = 0;
        while offset < total_bytes {
            let place = FilePlace::Own(file.file_id);
            let part = self.platform().read_file(&place, offset, PART_BYTES as usize).await.map_err(unusable)?;
            if part.is_empty() {
                break;
            }
            digest.update(&part);
            offset += part.len() as u64;
        }
        if digest.finish().as_slice() == file.digest.0 {
            return Ok(());
        }
        self.drop_file(file.file_id).await?;
        Err(damaged())
    }

    async fn read_chunk(&self, file: &FileRef, cipher: &FileCipher, number: u32) -> Result<Vec<u8>, ApiError> {
        let place = FilePlace::Own(file.file_id);
        let offset = u64::from(number) * u64::from(SEALED_CHUNK_BYTES);
        let sealed = self.platform().read_file(&place, offset, SEALED_CHUNK_BYTES as usize).await.map_err(unusable)?;
        match cipher.open(number, &sealed) {
            Ok(plaintext) => Ok(plaintext),
            Err(_) => {
                // Changed on this device's disk: the next try downloads it anew.
                if !file::is_upload(self.store.read(), file.file_id)? {
                    self.drop_file(file.file_id).await?;
                }
                Err(damaged())
            }
        }
    }

    /// Writes the plaintext where there is nothing yet.
    async fn save(&self, file: &FileRef, place: FilePlace) -> Result<(), ApiError> {
        if self.platform().file_size(&place).await.map_err(unusable)?.is_some() {
            return Err(ApiError::new(ErrorCode::Conflict, "There is a file with that name already."));
        }
        let written = self.write_plaintext(file, &place).await;
        if written.is_err() {
            // Half a file is none.
            self.platform().remove_file(&place).await.map_err(unusable)?;
        }
        written
    }

    async fn write_plaintext(&self, file: &FileRef, place: &FilePlace) -> Result<(), ApiError> {
        let cipher = cipher(file)?;
        for number in 0..=cipher.last_chunk() {
            let plaintext = self.read_chunk(file, &cipher, number).await?;
            let offset = u64::from(number) * u64::from(CHUNK_BYTES);
            self.platform().write_file(place, offset, &plaintext).await.map_err(unusable)?;
        }
        Ok(())
    }
}

fn cipher(file: &FileRef) -> Result<FileCipher, ApiError> {
    FileKey::from_slice(&file.key.0)
        .and_then(|key| FileCipher::new(&key, file.file_id, file.size_bytes))
        .ok_or_else(damaged)
}

/// The number of the chunk that begins there.
fn chunk_at(offset: u64) -> u32 {
    u32::try_from(offset / u64::from(SEALED_CHUNK_BYTES)).unwrap_or(u32::MAX)
}

fn damaged() -> ApiError {
    ApiError::new(ErrorCode::ServerMisbehaved, "This file is not the one that was sent. It was not kept.")
}

fn gone(error: ApiError) -> ApiError {
    match error.code() {
        ErrorCode::NotFound => {
            ApiError::new(ErrorCode::NotFound, "The server does not have this file any more. Ask for it again.")
        }
        _ => error,
    }
}
