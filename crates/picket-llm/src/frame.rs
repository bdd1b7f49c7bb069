//! One server-sent event.

use bytes::Bytes;
use std::borrow::Cow;
use std::ops::Range;

/// The longest name or id of an event that is passed on.
const NAME_BYTES_MAX: usize = 128;

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
        let mut lines = self.lines().filter_map(|line| self.field(&line, b"data"));
        let first = lines.next()?;
        match lines.next() {
            None => Some(self.raw.slice(first)),
            Some(second) => {
                let mut joined = self.part(&first).to_vec();
                for line in std::iter::once(second).chain(lines) {
                    joined.push(b'\n');
                    joined.extend_from_slice(self.part(&line));
                }
                Some(joined.into())
            }
        }
    }

    /// The name of the event.
    pub(crate) fn event(&self) -> Option<&str> {
        let name = self.lines().find_map(|line| self.field(&line, b"event"))?;
        std::str::from_utf8(self.part(&name)).ok().filter(|name| is_plain(name.as_bytes()))
    }

    /// The event as it came, without what could carry text past a reader of its data: the words of comments, and
    /// fields that are none.
    pub(crate) fn passed(&self) -> Bytes {
        if self.lines().all(|line| line.is_empty() || self.is_safe(&line)) { self.raw.clone() } else { self.with(None) }
    }

    /// The same event with other data.
    pub(crate) fn with_data(&self, data: &[u8]) -> Bytes {
        self.with(Some(data))
    }

    fn with(&self, data: Option<&[u8]>) -> Bytes {
        let mut output = Vec::with_capacity(self.raw.len() + 16);
        let (mut done, mut data) = (0, data.map(|data| (data, false)));
        for line in self.lines() {
            match (&mut data, self.field(&line, b"data")) {
                (Some((data, written @ false)), Some(value)) => {
                    let bare = value.start == line.start + b"data".len();
                    output.extend_from_slice(self.part(&(done..value.start)));
                    output.extend_from_slice(if bare { b": " } else { b"" });
                    output.extend_from_slice(&one_line(data));
                    (*written, done) = (true, line.end);
                }
                // All data stands on the first line now.
                (Some(_), Some(_)) => {
                    output.extend_from_slice(self.part(&(done..line.start)).trim_ascii_end());
                    done = line.end;
                }
                (_, None) if !line.is_empty() && !self.is_safe(&line) => {
                    output.extend_from_slice(self.part(&(done..line.start)));
                    output.push(b':');
                    done = line.end;
                }
                _ => {}
            }
        }
        output.extend_from_slice(self.part(&(done..self.raw.len())));
        output.into()
    }

    /// Whether a line carries nothing but what its reader reads.
    fn is_safe(&self, line: &Range<usize>) -> bool {
        let plain = |name: &[u8]| self.field(line, name).is_some_and(|value| is_plain(self.part(&value)));
        self.part(line) == b":"
            || self.field(line, b"data").is_some()
            || plain(b"event")
            || plain(b"id")
            || plain(b"retry")
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.raw.get(range.clone()).unwrap_or_default()
    }

    /// The lines, without their breaks.
    fn lines(&self) -> impl Iterator<Item = Range<usize>> {
        let mut at = if self.raw.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        std::iter::from_fn(move || {
            let rest = self.raw.get(at..).filter(|rest| !rest.is_empty())?;
            let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            let line = at..at + length;
            at = line.end + 1;
            Some(line)
        })
    }

    /// The bytes of a field's value, when the line is that field.
    fn field(&self, line: &Range<usize>, name: &[u8]) -> Option<Range<usize>> {
        let rest = self.part(line).strip_prefix(name)?;
        let skip = match rest {
            [] => 0,
            [b':', b' ', ..] => 2,
            [b':', ..] => 1,
            _ => return None,
        };
        Some(line.start + name.len() + skip..line.end)
    }
}

/// Whether a value is a word, an id or a number.
pub(crate) fn is_plain(value: &[u8]) -> bool {
    value.len() <= NAME_BYTES_MAX && value.iter().all(|b| b.is_ascii_alphanumeric() || b"._-:/".contains(b))
}

/// JSON may be spread over lines; between its tokens a space is as good.
fn one_line(data: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'\n', b'\r', data).is_some() {
        Cow::Owned(data.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect())
    } else {
        Cow::Borrowed(data)
    }
}
