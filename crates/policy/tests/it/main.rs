//! The policy's integration tests.

mod admission;
mod gate;
mod recovery;
mod slow_model;
mod worlds;
