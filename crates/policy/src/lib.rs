//! Pure decisions: who may see a thing, who may come in, what a group's commit may change.
//!
//! No I/O, no clock, no randomness: everything a decision needs comes in as a parameter. Server and
//! clients run the same functions.

pub mod admission;
pub mod gate;
pub mod group;
pub mod membership;
pub mod recovery;
pub mod story;
pub mod terms;

pub use gate::can;
