//! The server: use cases, HTTP and realtime.
//!
//! Each noun is a module with its routes, handlers and use cases. A handler parses, calls one use
//! case and maps the result; a use case opens one transaction, asks `policy`, and calls the store.

pub mod account;
pub mod ambient;
pub mod app;
pub mod backup;
pub mod block;
pub mod chat;
mod comment;
pub mod commit;
pub mod config;
pub mod connection;
pub mod data_lock;
pub mod device;
mod direct;
pub mod email;
pub mod feed;
pub mod file;
pub mod franking;
mod group;
mod hidden_words;
mod hosts_key;
pub mod http;
pub mod invite;
pub mod jobs;
pub mod lease;
pub mod list;
pub mod log;
mod media;
mod mention;
pub mod moderation;
mod mute;
mod notification;
pub mod page;
pub mod passkey;
pub mod people;
mod picture;
pub mod post;
pub mod preview;
pub mod push;
mod question;
mod reaction;
pub mod realtime;
pub mod report;
pub mod request;
mod search;
pub mod session;
pub mod start;
pub mod storage;
mod story;
mod upload;
pub mod validate;
pub mod vault;

use app::App;
pub use config::{Config, Settings};
pub use http::openapi::openapi_json;
pub use start::{Running, StartError, start};
use utoipa_axum::router::OpenApiRouter;

/// Every route under `/api`, by noun.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(account::routes())
        .merge(backup::routes())
        .merge(block::routes())
        .merge(chat::routes())
        .merge(comment::routes())
        .merge(commit::routes())
        .merge(connection::routes())
        .merge(device::routes())
        .merge(direct::routes())
        .merge(email::routes())
        .merge(feed::routes())
        .merge(file::routes())
        .merge(group::routes())
        .merge(hidden_words::routes())
        .merge(page::routes())
        .merge(picture::routes())
        .merge(hosts_key::routes())
        .merge(invite::routes())
        .merge(lease::routes())
        .merge(list::routes())
        .merge(log::routes())
        .merge(media::routes())
        .merge(moderation::routes())
        .merge(mute::routes())
        .merge(notification::routes())
        .merge(passkey::routes())
        .merge(people::routes())
        .merge(search::routes())
        .merge(post::routes())
        .merge(preview::routes())
        .merge(push::routes())
        .merge(question::routes())
        .merge(reaction::routes())
        .merge(realtime::routes())
        .merge(report::routes())
        .merge(request::routes())
        .merge(session::routes())
        .merge(story::routes())
        .merge(vault::routes())
}
