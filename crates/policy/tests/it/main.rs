//! The policy's integration tests.

mod admission;
mod gate;
mod slow_model;
mod worlds;
