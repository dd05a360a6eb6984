//! The binary, run as its users run it.

mod canary;
mod kill;
mod serve;
