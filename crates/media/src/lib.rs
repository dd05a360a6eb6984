//! Makes strangers' pictures anew: decodes them within hard limits and encodes what is seen of them, nothing else.
//!
//! [`picture::remake`] does it; [`worker::run`] does it in a process that has given up whatever it does not need for
//! that, so that a weakness of a decoder gets nobody anywhere. The server runs one such process a picture.

mod jpeg;
pub mod picture;
pub mod worker;
