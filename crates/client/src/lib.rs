//! The client core: one account on one device, with its chats, against one server.
//!
//! Single-threaded (`Rc`, futures that are not `Send`); everything ambient comes in by [`Platform`].
//! What is shown comes from the local store ([`LocalStore`], SQLite), which the sync engine keeps in step
//! with the server's logs. MLS state, messages and cursors are committed in one transaction, and only
//! then anything leaves over the network.
//!
//! ```text
//! call(Command) ─► use case ─► Api (HTTP) ──────────────► server
//!                     │  ▲                                  │
//!                     ▼  │                                  ▼
//!                 LocalStore ◄── sync / outbox / lease ◄── socket
//!                     └──────────► Event ──► subscribe()
//! ```

mod api;
mod backup;
mod chat;
mod client;
mod command;
mod comment;
mod commit;
mod community;
mod compose;
mod content;
mod core;
mod device;
mod direct;
mod dispute;
mod door;
mod enter;
mod event;
mod expiry;
mod file;
mod fork;
mod group;
mod history;
mod hosting;
mod hosts_key;
mod invite_secret;
mod join;
mod link;
mod live;
mod outbox;
mod page;
mod picture;
mod platform;
mod post;
mod queue;
mod receipts;
mod report;
mod safety;
mod sign_in;
mod signal;
mod store;
mod sync;
mod timeline;
pub mod view;

#[cfg(not(target_family = "wasm"))]
pub mod native;

pub use client::{Client, ClientConfig, EventStream};
pub use command::{Command, PostChat, QueueRule, ReportTo, Verdict};
pub use event::{Event, FileStep};
pub use platform::{
    FileAccessError, FilePlace, HttpRequest, HttpResponse, Incoming, LocalFuture, Method, NetworkError, Platform,
    REQUEST_TIMEOUT_MS, RESPONSE_BYTES_MAX, SessionMode, Socket,
};
pub use store::{LocalStore, StoreError, StoreFiles};
pub use view::{ChatState, ChatSummary, MessageKind, MessageState, MessageView, Opened, SettingsChange, SignInState};
