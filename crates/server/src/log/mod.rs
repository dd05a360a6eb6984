//! A chat's log: appending messages, and reading.
//!
//! Messages are appended chat by chat: while one transaction of a chat is being committed, what
//! comes for the same chat gathers for the next ([`lanes`]). So the order in which a device sends is the
//! order in the log, on both databases, and a busy chat shares the cost of its commits.

mod append;
mod lanes;
mod order;
mod pace;
mod page;
mod routes;

pub use append::{Answer, append, submit};
pub use lanes::Lanes;
pub(crate) use order::{ChatLocks, ChatTurn};
pub use pace::Paces;
pub use routes::routes;

use doorpost_model::chat::LogEntry;
use doorpost_store::log::EntryRow;

use crate::franking::FrankingKey;

/// A stored sequence, epoch or number of a device: never negative.
pub(crate) const fn unsigned(number: i64) -> u64 {
    number.unsigned_abs()
}

/// The entry as clients get it, with the server's mark if it is a message.
pub(crate) fn marked(key: &FrankingKey, row: EntryRow) -> LogEntry {
    let mark = key.mark(&row);
    LogEntry { mark, ..entry_of(row) }
}

/// The entry as clients get it, unmarked.
pub(crate) fn entry_of(row: EntryRow) -> LogEntry {
    LogEntry {
        mark: None,
        chat_id: row.chat_id,
        seq: unsigned(row.seq),
        kind: row.kind,
        epoch: unsigned(row.epoch),
        sender_account: row.sender_account,
        sender_device: row.sender_device,
        client_seq: unsigned(row.client_seq),
        at: row.at,
        payload: row.payload,
    }
}
