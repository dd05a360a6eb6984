//! The process a picture is decoded in.
//!
//! It reads one file from its standard input, writes one [`Answer`] to its standard output, and ends. Before it reads a
//! byte it gives up opening files and sockets, writing files, and using more memory and processor time than a
//! picture needs.

use std::io::{self, Read, Write};

use doorpost_model::limits::{PICTURE_BYTES_MAX, PICTURE_SIZES_BYTES_MAX};
use rustix::{io::Errno, process::Resource};

use crate::{
    confine::{die_with_the_server, limit},
    picture::{Refusal, Remade, remake},
};

/// What the process says of a file (postcard).
pub type Answer = Result<Remade, Refusal>;

/// Largest answer in bytes: the sizes, and what is said of them.
pub const ANSWER_BYTES_MAX: u64 = PICTURE_SIZES_BYTES_MAX as u64 + 4_096;
/// Address space of the process in bytes. The largest picture needs two thirds.
const ADDRESS_SPACE_BYTES: u64 = 1024 * 1024 * 1024;
/// Processor time in seconds.
const CPU_S: u64 = 20;

/// Reads a file, says what has become of it.
///
/// # Errors
/// Standard input or output cannot be used, or the process could not be confined: then nothing is read.
pub fn run() -> io::Result<()> {
    confine()?;
    let mut file = Vec::new();
    io::stdin().lock().take(PICTURE_BYTES_MAX + 1).read_to_end(&mut file)?;
    let answer = if file.len() as u64 > PICTURE_BYTES_MAX { Err(Refusal::TooCostly) } else { remake(&file) };
    let bytes = postcard::to_stdvec(&answer).map_err(io::Error::other)?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(&bytes)?;
    stdout.flush()
}

/// Gives up whatever decoding does not need, for good.
fn confine() -> Result<(), Errno> {
    die_with_the_server()?;
    limit(Resource::As, ADDRESS_SPACE_BYTES)?;
    limit(Resource::Cpu, CPU_S)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    // Neither a file nor a socket can be opened from here on; what is open stays usable.
    limit(Resource::Nofile, 0)
}

/// Reads what the process said.
///
/// # Errors
/// [`postcard::Error`]
pub fn read_answer(bytes: &[u8]) -> Result<Answer, postcard::Error> {
    postcard::from_bytes(bytes)
}
