//! The binary, run as its users run it.

mod canary;
mod client;
mod kill;
mod photo;
mod serve;
