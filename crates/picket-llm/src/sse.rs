//! Server-sent events from arbitrary pieces of bytes.

use crate::frame::Frame;
use bytes::{Bytes, BytesMut};

/// The longest event that is accepted.
const FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Cuts a stream into events. Accepts LF, CRLF and CR as line ends. The events, put together, are the stream.
#[derive(Debug, Default)]
pub struct SseDecoder {
    buffer: BytesMut,
    searched: usize,
}

/// A stream cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// One event is too long.
    #[error("an event of the stream is longer than {FRAME_BYTES_MAX} bytes")]
    TooLong,
    /// The stream ended inside an event.
    #[error("the stream ended inside an event")]
    Cut,
}

impl SseDecoder {
    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), SseError> {
        if self.buffer.len() + bytes.len() > FRAME_BYTES_MAX {
            return Err(SseError::TooLong);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// The next whole event.
    pub fn next_frame(&mut self) -> Option<Frame> {
        let end = self.frame_end()?;
        self.searched = 0;
        Some(Frame::new(self.buffer.split_to(end).freeze()))
    }

    /// Ends the stream. A last event comes out when only the end could tell that it was whole, which is so when a
    /// return ended it; anything else that remains is an event that was cut.
    pub fn finish(&mut self) -> Result<Option<Frame>, SseError> {
        let rest: Bytes = self.buffer.split().freeze();
        self.searched = 0;
        if rest.iter().all(u8::is_ascii_whitespace) {
            Ok(None)
        } else if rest.ends_with(b"\r\r") || rest.ends_with(b"\n\r") {
            Ok(Some(Frame::new(rest)))
        } else {
            Err(SseError::Cut)
        }
    }

    /// One past the blank line that ends the first event.
    fn frame_end(&mut self) -> Option<usize> {
        let bytes = &self.buffer;
        let mut at = self.searched;
        loop {
            let rest = bytes.get(at..)?;
            let Some(length) = memchr::memchr2(b'\n', b'\r', rest) else {
                self.searched = bytes.len();
                return None;
            };
            let line_end = at + length;
            let Some(next) = line_break(bytes, line_end) else {
                self.searched = line_end;
                return None;
            };
            match bytes.get(next) {
                Some(b'\n' | b'\r') => {
                    let end = line_break(bytes, next);
                    if end.is_none() {
                        self.searched = line_end;
                    }
                    return end;
                }
                Some(_) => at = next,
                None => {
                    self.searched = line_end;
                    return None;
                }
            }
        }
    }
}

/// One past a line break; `None` when a return may still be followed by its line feed.
fn line_break(bytes: &[u8], at: usize) -> Option<usize> {
    match (bytes.get(at)?, bytes.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(at + 2),
        (b'\r', None) => None,
        _ => Some(at + 1),
    }
}
