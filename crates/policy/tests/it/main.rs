//! The policy's integration tests.

mod gate;
mod slow_model;
mod worlds;
