//! HTTP: everything between a connection and a noun's handler.

pub mod client_address;
mod described;
pub mod docs;
pub mod error;
pub mod extract;
pub mod fallback;
pub mod headers;
pub mod health;
pub mod listener;
pub mod observe;
pub mod openapi;
pub mod origin;
mod page;
pub(crate) mod place;
pub mod rate_limit;
pub mod router;
pub mod session;
pub mod web_app;

pub use client_address::ClientAddress;
pub use error::{Error, Result};
pub use extract::{Json, Path, Query};
pub(crate) use page::{PageQuery, SearchQuery};
pub use session::{MaybeViewer, Viewer, WithDevice};
