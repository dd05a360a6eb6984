//! The formats are promises: what is stored, signed or sent has a snapshot here.

mod formats;
mod frames;
mod json;
