//! A WebSocket client that costs next to nothing: it counts frames in the read buffer and copies nothing,
//! so that one core can stand for a hundred devices. RFC 6455, as far as the server's frames need it.

use std::io;

use data_encoding::BASE64;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

const READ_BUFFER_BYTES: usize = 256 * 1024;
/// For sockets of which there are a thousand; grows with the largest frame.
const SMALL_READ_BUFFER_BYTES: usize = 4 * 1024;
const FRAME_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Opcodes of RFC 6455 section 5.2.
const OP_BINARY: u8 = 2;
const OP_CLOSE: u8 = 8;

/// The receiving half.
pub struct Receiver {
    stream: OwnedReadHalf,
    buffer: Vec<u8>,
    filled: usize,
}

/// The sending half. Frames are gathered by [`Sender::queue`] and leave in one write.
pub struct Sender {
    stream: OwnedWriteHalf,
    buffer: Vec<u8>,
}

/// Opens the socket of a session.
///
/// # Errors
/// Any error of the connection; `InvalidData` unless the server switches protocols.
pub async fn connect(address: &str, token: &str, key: [u8; 16]) -> io::Result<(Sender, Receiver)> {
    open(address, token, key, READ_BUFFER_BYTES).await
}

/// As [`connect`], with little memory.
///
/// # Errors
/// As [`connect`].
pub async fn connect_small(address: &str, token: &str, key: [u8; 16]) -> io::Result<(Sender, Receiver)> {
    open(address, token, key, SMALL_READ_BUFFER_BYTES).await
}

async fn open(address: &str, token: &str, key: [u8; 16], buffer_bytes: usize) -> io::Result<(Sender, Receiver)> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET /api/socket?v=1 HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\nAuthorization: Bearer {token}\r\n\r\n",
        BASE64.encode(&key)
    );
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = vec![0; buffer_bytes];
    let mut filled = 0;
    let head_end = loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled += read;
        if let Some(at) = buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
    };
    if !buffer.starts_with(b"HTTP/1.1 101") {
        let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
        return Err(io::Error::new(io::ErrorKind::InvalidData, head));
    }
    buffer.copy_within(head_end..filled, 0);
    let (reader, writer) = stream.into_split();
    Ok((Sender { stream: writer, buffer: Vec::new() }, Receiver { stream: reader, buffer, filled: filled - head_end }))
}

impl Receiver {
    /// Waits until at least one frame is complete and gives each binary one to `on_frame`. `false` when the
    /// socket is closed.
    ///
    /// # Errors
    /// Any error of the connection; `InvalidData` for a frame over 4 MiB.
    pub async fn read(&mut self, mut on_frame: impl FnMut(&[u8])) -> io::Result<bool> {
        loop {
            let (mut position, mut open) = (0, true);
            while let Some((opcode, start, end)) = frame_at(&self.buffer[position..self.filled]) {
                match opcode {
                    OP_BINARY => on_frame(&self.buffer[position + start..position + end]),
                    OP_CLOSE => open = false,
                    _ => {}
                }
                position += end;
            }
            self.buffer.copy_within(position..self.filled, 0);
            self.filled -= position;
            if !open || position > 0 {
                return Ok(open);
            }
            if self.filled == self.buffer.len() {
                if self.filled >= FRAME_BYTES_MAX {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                self.buffer.resize(self.filled * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
            if read == 0 {
                return Ok(false);
            }
            self.filled += read;
        }
    }
}

impl Sender {
    /// Adds one binary frame to what leaves next. The mask is zero: it guards proxies against scripts
    /// (RFC 6455 section 10.3), and there is neither here.
    pub fn queue(&mut self, payload: &[u8]) {
        self.buffer.push(0x80 | OP_BINARY);
        if payload.len() < 126 {
            self.buffer.push(0x80 | payload.len() as u8);
        } else if let Ok(length) = u16::try_from(payload.len()) {
            self.buffer.push(0x80 | 126);
            self.buffer.extend_from_slice(&length.to_be_bytes());
        } else {
            self.buffer.push(0x80 | 127);
            self.buffer.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
        self.buffer.extend_from_slice(&[0; 4]);
        self.buffer.extend_from_slice(payload);
    }

    /// Sends what was queued, in one write where the kernel takes it.
    ///
    /// # Errors
    /// Any error of the connection.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.buffer).await?;
        self.buffer.clear();
        Ok(())
    }
}

/// Opcode, start and end of the payload of the frame at the beginning of `bytes`, if it is complete.
fn frame_at(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (start, length) = match second & 0x7F {
        126 => (4, u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?) as usize),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        short => (2, short as usize),
    };
    (bytes.len() >= start + length).then_some((first & 0x0F, start, start + length))
}

/// What a load generator needs of a server frame, read in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glimpse {
    Entry { sender_device: [u8; 16], client_seq: u64, seq: u64 },
    Sent { client_seq: u64, accepted: bool },
    Hint,
    Other,
}

/// Looks at a [`doorpost_model::frame::ServerFrame`] without copying it; `None` if it is cut short.
#[must_use]
pub fn glimpse(frame: &[u8]) -> Option<Glimpse> {
    let mut cursor = Cursor(frame);
    match cursor.varint()? {
        1 => {
            cursor.id()?;
            let seq = cursor.varint()?;
            cursor.varint()?;
            cursor.varint()?;
            cursor.id()?;
            let sender_device = cursor.id()?;
            Some(Glimpse::Entry { sender_device, client_seq: cursor.varint()?, seq })
        }
        2 => {
            cursor.id()?;
            Some(Glimpse::Sent { client_seq: cursor.varint()?, accepted: cursor.varint()? == 0 })
        }
        6 => Some(Glimpse::Hint),
        _ => Some(Glimpse::Other),
    }
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// LEB128, as postcard writes unsigned numbers and enum variants.
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for (index, &byte) in self.0.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7F) << (7 * index);
            if byte & 0x80 == 0 {
                self.0 = &self.0[index + 1..];
                return Some(value);
            }
        }
        None
    }

    /// An id: its length (16), then its bytes.
    fn id(&mut self) -> Option<[u8; 16]> {
        if self.varint()? != 16 {
            return None;
        }
        let (id, rest) = self.0.split_at_checked(16)?;
        self.0 = rest;
        id.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use doorpost_model::{
        AccountId, Binary, ChatId, DeviceId, ErrorCode, TimeMs,
        chat::{EntryKind, LogEntry},
        frame::{Hint, ServerFrame},
    };

    use super::*;

    #[test]
    fn a_glimpse_agrees_with_the_real_decoder() {
        let chat_id = ChatId::from_bytes([1; 16]);
        let entry = ServerFrame::Entry(LogEntry {
            chat_id,
            seq: 70_000,
            kind: EntryKind::Message,
            epoch: 300,
            sender_account: AccountId::from_bytes([2; 16]),
            sender_device: DeviceId::from_bytes([3; 16]),
            client_seq: 129,
            at: TimeMs(1),
            payload: Binary(vec![0; 300]),
            mark: None,
        });
        assert_eq!(
            glimpse(&entry.to_bytes()),
            Some(Glimpse::Entry { sender_device: [3; 16], client_seq: 129, seq: 70_000 })
        );
        let refused = ServerFrame::Sent { chat_id, client_seq: 5, result: Err(ErrorCode::StaleEpoch) };
        assert_eq!(glimpse(&refused.to_bytes()), Some(Glimpse::Sent { client_seq: 5, accepted: false }));
        assert_eq!(glimpse(&ServerFrame::Hint(Hint::ChatsChanged).to_bytes()), Some(Glimpse::Hint));
        assert_eq!(glimpse(&ServerFrame::Pong.to_bytes()), Some(Glimpse::Other));
        assert_eq!(glimpse(&entry.to_bytes()[..20]), None);
    }

    #[test]
    fn frames_are_found_in_a_stream() {
        let mut stream = vec![0x82, 3, 1, 2, 3, 0x82, 126, 0, 200];
        stream.extend_from_slice(&[7; 200]);
        assert_eq!(frame_at(&stream), Some((OP_BINARY, 2, 5)));
        assert_eq!(frame_at(&stream[5..]), Some((OP_BINARY, 4, 204)));
        assert_eq!(frame_at(&stream[5..100]), None);
    }
}
