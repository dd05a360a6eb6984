//! What server and clients say to each other: ids, limits, wire types, error codes.
//!
//! Nothing here does I/O, reads a clock or draws a random number. JSON types are the HTTP API's
//! (described by OpenAPI); the types in [`frame`] travel over the socket in postcard; the types in
//! [`admission`] are signed or carried inside MLS and are encoded in postcard too.

pub mod account;
pub mod admission;
pub mod backup;
pub mod binary;
pub mod chat;
pub mod comment;
pub mod content;
pub mod device;
pub mod direct;
pub mod email;
pub mod error;
pub mod file;
pub mod frame;
pub mod franking;
pub mod group;
pub mod history;
pub mod hosts_key;
pub mod id;
pub mod invite;
pub mod limits;
pub mod list;
pub mod media;
pub mod moderation;
pub mod notification;
pub mod page;
pub mod people;
pub mod picture;
pub mod post;
pub mod push;
pub mod question;
pub mod reaction;
pub mod report;
pub mod settings;
pub mod story;
pub mod time;

pub use binary::Binary;
pub use error::{ApiError, ErrorCode};
pub use id::*;
pub use time::TimeMs;
