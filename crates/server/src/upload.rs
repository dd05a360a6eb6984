//! The one way bytes come in: part by part, each at the place that comes next (`docs/adr/0010-files.md`).

use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use bytes::Bytes;
use doorpost_model::{AccountId, ErrorCode, limits::FILE_PART_BYTES};
use doorpost_store::{self as store, Tx};

use crate::{
    http::{Error, Result},
    log::unsigned,
};

/// How far an upload has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    size_bytes: u64,
    received_bytes: u64,
}

/// What to do with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is there already.
    Done,
    /// It comes next.
    Keep,
}

impl Progress {
    pub(crate) fn of(size_bytes: i64, received_bytes: i64) -> Self {
        Self { size_bytes: unsigned(size_bytes), received_bytes: unsigned(received_bytes) }
    }

    pub(crate) const fn is_complete(self) -> bool {
        self.received_bytes >= self.size_bytes
    }

    /// What to do with the part that begins at `offset`.
    ///
    /// # Errors
    /// `conflict` when other bytes come next; `invalid_field` when the part is not as long as it must be.
    pub(crate) fn next(self, offset: u64, part: &Bytes) -> Result<Step> {
        if self.is_complete() || offset < self.received_bytes {
            return Ok(Step::Done);
        }
        if offset > self.received_bytes {
            return Err(self.goes_on());
        }
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        if length != (self.size_bytes - offset).min(u64::from(FILE_PART_BYTES)) {
            let message = format!("A part has {FILE_PART_BYTES} bytes, the last one what is left.");
            return Err(Error::invalid("body", message));
        }
        Ok(Step::Keep)
    }

    /// The answer to whoever takes the upload to be further than it is.
    pub(crate) fn goes_on(self) -> Error {
        Error::new(ErrorCode::Conflict, format!("The upload goes on at byte {}.", self.received_bytes))
    }
}

/// A part's bytes, as the handler of a part takes them.
///
/// # Errors
/// `too_large`, `malformed_request`.
pub(crate) fn part(body: Result<Bytes, BytesRejection>) -> Result<Bytes> {
    body.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => ErrorCode::TooLarge.into(),
        _ => Error::new(ErrorCode::MalformedRequest, "The part could not be read."),
    })
}

/// Whether an account has room for so many bytes more, among its files and photos.
///
/// # Errors
/// `limit_reached`.
pub(crate) async fn check_room(tx: &mut Tx, account: AccountId, more_bytes: u64, quota_bytes: u64) -> Result<()> {
    let files = store::file::used_bytes(tx, account).await?.unsigned_abs();
    let photos = store::media::used_bytes(tx, account).await?.unsigned_abs();
    if files.saturating_add(photos).saturating_add(more_bytes) > quota_bytes {
        let message = "Your files and photos take all the room you have here. Files in chats make room as they expire.";
        return Err(Error::new(ErrorCode::LimitReached, message));
    }
    Ok(())
}
