//! Requests to addresses that strangers name.
//!
//! A server that fetches what somebody asks it to can be made to reach what that somebody cannot: its own loopback, the
//! operator's network, a cloud's metadata. So every outgoing request of this kind goes through [`Fetcher`]: a URL is
//! checked ([`target`]), its host is resolved once, every address it has must be public ([`address`]), and the connection
//! goes to the very address that was checked. Each redirect is checked again from the start. Size, time and the number of
//! redirects are bounded; no cookies, credentials or referrers are sent.

pub mod address;
mod connect;
mod fetch;
mod head;
pub mod link;
mod me;
pub mod target;

pub use fetch::{BODY_BYTES_MAX, FetchError, Fetcher, Page, REDIRECTS_MAX, TIMEOUT};
pub use head::{Head, read_head};
pub use me::links_back;
