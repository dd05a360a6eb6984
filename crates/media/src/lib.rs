//! Makes strangers' pictures and videos anew: decodes them within hard limits and encodes what is seen and heard of them,
//! nothing else.
//!
//! [`picture::remake`] does it to a picture; [`worker::run`] does it in a process that has given up whatever it does not need for
//! that, so that a weakness of a decoder gets nobody anywhere. The server runs one such process a picture.
//!
//! Videos are made by programs of the system: [`video::Task`] says what they are told, and [`filmer::run`] is the process
//! that becomes one of them after it has given up the same, and every file but those of the one video.

mod confine;
pub mod filmer;
mod jpeg;
pub mod picture;
pub mod programs;
pub mod video;
pub mod worker;
