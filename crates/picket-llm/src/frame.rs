//! One server-sent event.

use bytes::Bytes;
use std::borrow::Cow;

/// An event as it came, with its blank line.
#[derive(Debug, Clone)]
pub struct Frame {
    raw: Bytes,
}

impl Frame {
    pub(crate) fn new(raw: Bytes) -> Self {
        Self { raw }
    }

    /// The bytes as they came.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The data of the event: its `data:` lines, joined.
    pub fn data(&self) -> Option<Bytes> {
        let mut lines = self.lines().filter_map(|line| field(line, b"data"));
        let first = lines.next()?;
        match lines.next() {
            None => Some(self.raw.slice_ref(first)),
            Some(second) => {
                let mut joined = [first, b"\n", second].concat();
                for line in lines {
                    joined.push(b'\n');
                    joined.extend_from_slice(line);
                }
                Some(joined.into())
            }
        }
    }

    /// The same event with other data, on one line.
    pub fn with_data(&self, data: &[u8]) -> Bytes {
        let mut output = Vec::with_capacity(self.raw.len() + 16);
        for line in self.lines().filter(|line| !line.is_empty() && field(line, b"data").is_none()) {
            output.extend_from_slice(line);
            output.push(b'\n');
        }
        output.extend_from_slice(b"data: ");
        output.extend_from_slice(&one_line(data));
        output.extend_from_slice(b"\n\n");
        output.into()
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = self.raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.raw);
        bytes.split(|byte| matches!(byte, b'\n' | b'\r'))
    }
}

/// JSON may be spread over lines; between its tokens a space is as good.
fn one_line(data: &[u8]) -> Cow<'_, [u8]> {
    if data.contains(&b'\n') {
        Cow::Owned(data.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect())
    } else {
        Cow::Borrowed(data)
    }
}

fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(name)?;
    match rest.strip_prefix(b":") {
        Some(value) => Some(value.strip_prefix(b" ").unwrap_or(value)),
        None => rest.is_empty().then_some(rest),
    }
}
