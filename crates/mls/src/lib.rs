//! The group engine of Doorpost on OpenMLS (RFC 9420): a member's side and the delivery service's.
//!
//! Nothing here does I/O or reads a clock. The member's side reads its keys through
//! [`storage::KeyValue`] and returns what it changed as a [`storage::WriteSet`], which the caller
//! commits together with its own rows before anything leaves the device.

pub mod answers;
pub mod backup;
pub mod delivery;
pub mod door;
pub mod entropy;
pub mod file;
mod group;
pub mod history;
mod hpke;
pub mod identity;
#[cfg(feature = "interop")]
pub mod interop;
pub mod link;
pub mod member;
mod provider;
pub mod recovery;
pub mod report;
pub mod safety;
pub mod sealed;
pub mod storage;
pub mod ticket;

pub use doorpost_policy::membership::{Leaf, MembershipChange, Refusal, hosts_descend_from};
pub use entropy::Entropy;
