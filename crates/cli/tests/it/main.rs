//! The binary, run as its users run it.

mod canary;
mod client;
mod kill;
mod operator;
mod photo;
mod serve;
mod video;
