//! Messages a socket has sent and that are not answered yet.

use std::collections::VecDeque;

use bytes::Bytes;
use doorpost_model::{
    ChatId, ErrorCode,
    chat::{MessageAccepted, SendMessage},
    frame::{SentAt, ServerFrame},
};
use futures_util::FutureExt as _;

use super::connection::encode;
use crate::{
    app::App,
    http::{WithDevice, rate_limit::Action},
    log::{Answer, submit},
};

/// Messages of one socket that may be on their way at once; nothing more is read from it until then.
const IN_FLIGHT_MAX: usize = 256;

/// The messages on their way, in the order they came; answered in that order.
#[derive(Default)]
pub(super) struct Sends {
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    chat_id: ChatId,
    client_seq: u64,
    answer: Result<Answer, ErrorCode>,
}

impl Sends {
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= IN_FLIGHT_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Starts a message on its way, as `POST /api/chats/{chat_id}/messages` does.
    pub(super) fn start(&mut self, app: &App, viewer: WithDevice, chat_id: ChatId, message: SendMessage) {
        let client_seq = message.client_seq;
        let is_suspended = app.suspended.is_suspended(viewer.account_id, app.clock.now());
        let answer = viewer
            .charge(app, Action::Message)
            .and_then(|()| if is_suspended { Err(ErrorCode::AccountSuspended.into()) } else { Ok(()) })
            .and_then(|()| submit(app, viewer, chat_id, message))
            .map_err(|error| error.code());
        self.waiting.push_back(Waiting { chat_id, client_seq, answer });
    }

    /// The frame that answers the oldest message; waits for it. Nothing is lost when the future is dropped.
    ///
    /// Never resolves while nothing is on its way.
    pub(super) async fn next(&mut self) -> Bytes {
        let Some(oldest) = self.waiting.front_mut() else {
            return std::future::pending().await;
        };
        let result = match &mut oldest.answer {
            Ok(answer) => answer.await.unwrap_or(Err(ErrorCode::Internal)),
            Err(code) => Err(*code),
        };
        let (chat_id, client_seq) = (oldest.chat_id, oldest.client_seq);
        self.waiting.pop_front();
        if self.waiting.is_empty() {
            // Most sockets rarely send: they need not keep the room.
            self.waiting = VecDeque::new();
        }
        let result = result.map(|MessageAccepted { seq, at }| SentAt { seq, at });
        encode(&ServerFrame::Sent { chat_id, client_seq, result })
    }

    /// The next answer, if it is there already.
    pub(super) fn ready(&mut self) -> Option<Bytes> {
        self.next().now_or_never()
    }
}
