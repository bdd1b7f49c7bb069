//! Lines of input that somebody else wrote, whose length nobody promises.

use std::io::{self, BufRead};

/// Leaves out what is left of a line, and its end, however long it is.
pub fn skip_line(read: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = read.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let (length, is_over) = (end.map_or(buffer.len(), |end| end + 1), end.is_some() || buffer.is_empty());
        read.consume(length);
        if is_over {
            return Ok(());
        }
    }
}
