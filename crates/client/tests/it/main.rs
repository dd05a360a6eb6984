//! The core against the real server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod audience;
mod backup;
mod damage;
mod device;
mod direct;
mod direct_liar;
mod door;
mod exactly_once;
mod file;
mod flow;
mod group;
mod history;
mod hosting;
mod liar;
mod link;
mod live;
mod lost;
mod lying_crypto;
mod lying_member;
mod message;
mod poisoned;
mod race;
mod report;
mod reset;
mod restart;
mod rogue;
mod safety;
mod signal;
mod story;
