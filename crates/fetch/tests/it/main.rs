//! The fetcher against hostile addresses, and against a server that answers badly.

mod corpus;
mod pages;
