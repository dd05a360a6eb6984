//! Appending a message, over HTTP and over the socket.

use doorpost_mls::delivery;
use doorpost_model::{
    ChatId, ErrorCode,
    chat::{MessageAccepted, SendMessage},
    limits::{MESSAGE_BYTES_MAX, SLOW_MODE_REFILL_MS},
};
use tokio::sync::oneshot;

use super::lanes::{self, Message};
use crate::{
    app::App,
    http::{Error, Result, WithDevice},
};

/// Resolves to what became of a message; an error only if the server stops.
pub type Answer = oneshot::Receiver<Result<MessageAccepted, ErrorCode>>;

/// Checks a message's envelope and puts it on its way. Messages of one device to one chat are
/// appended in the order of these calls.
///
/// # Errors
/// `too_large`, `message_invalid`, `busy`. By the answer: `not_found` unless the device is in the chat,
/// `stale_epoch`, `busy`; between two `request_pending` and `direct_closed`; for who is no host `only_hosts_write` and `slow_mode`.
pub fn submit(app: &App, viewer: WithDevice, chat_id: ChatId, message: SendMessage) -> Result<Answer> {
    if message.payload.0.len() > MESSAGE_BYTES_MAX {
        return Err(ErrorCode::TooLarge.into());
    }
    let header = delivery::inspect_message(&message.payload.0).map_err(|_| Error::from(ErrorCode::MessageInvalid))?;
    if header.chat_id != chat_id {
        return Err(ErrorCode::MessageInvalid.into());
    }
    let out_of_range = |_| Error::invalid("client_seq", "The number of the message is too large.");
    let message = Message {
        account_id: viewer.account_id,
        device_id: viewer.device_id,
        client_seq: i64::try_from(message.client_seq).map_err(out_of_range)?,
        epoch: i64::try_from(header.epoch).map_err(|_| Error::from(ErrorCode::MessageInvalid))?,
        payload: message.payload,
    };
    Ok(lanes::enter(app, chat_id, message)?)
}

/// Appends a message to a chat's log; the same number of the same device twice gives the same answer.
///
/// # Errors
/// As [`submit`]; `slow_mode` with the time until it is taken.
pub async fn append(app: &App, viewer: WithDevice, chat_id: ChatId, message: SendMessage) -> Result<MessageAccepted> {
    let answer = submit(app, viewer, chat_id, message)?;
    answer.await.map_err(|_| Error::from(ErrorCode::Internal))?.map_err(|code| match code {
        ErrorCode::SlowMode => Error::retry_after(code, SLOW_MODE_REFILL_MS),
        code => code.into(),
    })
}
