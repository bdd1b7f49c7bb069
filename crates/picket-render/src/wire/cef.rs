//! ArcSight's Common Event Format, version 0: one line, a header between pipes, then `key=value` pairs between spaces.
//!
//! In the header `\` and `|` are escaped, and line breaks, which it cannot hold, are spaces. In values `\`, `=` and line
//! breaks are escaped (`\n`, `\r`; both together are one `\n`), and `|` is not. Spaces at the end of a value are left out:
//! readers take them for the separator.

use super::WireError;

/// The header of a line.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    /// Vendor of the device.
    pub vendor: &'a str,
    /// Product.
    pub product: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Class of the event.
    pub class_id: &'a str,
    /// Its name for people.
    pub name: &'a str,
    /// 0 to 10, or `Unknown`, `Low`, `Medium`, `High`, `Very-High`.
    pub severity: &'a str,
}

/// A line that is being written.
#[derive(Debug)]
pub struct Line<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Line<'a> {
    /// Writes the header.
    pub fn begin(out: &'a mut Vec<u8>, header: &Header<'_>) -> Self {
        out.extend_from_slice(b"CEF:0|");
        let fields = [header.vendor, header.product, header.version, header.class_id, header.name, header.severity];
        for field in fields {
            escape_header(out, field);
            out.push(b'|');
        }
        Self { out, is_empty: true }
    }

    /// Writes a pair.
    pub fn pair(&mut self, key: &str, value: &str) -> Result<(), WireError> {
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(WireError::name(key, "key of CEF", "keys are letters, digits and `_`"));
        }
        if !self.is_empty {
            self.out.push(b' ');
        }
        self.is_empty = false;
        self.out.extend_from_slice(key.as_bytes());
        self.out.push(b'=');
        escape_value(self.out, value.trim_end_matches(' '));
        Ok(())
    }
}

fn escape_header(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for at in memchr::memchr2_iter(b'\\', b'|', bytes) {
        without_breaks(out, bytes.get(from..at).unwrap_or_default());
        out.push(b'\\');
        from = at;
    }
    without_breaks(out, bytes.get(from..).unwrap_or_default());
}

/// Line breaks as spaces, `\r\n` as one.
fn without_breaks(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut from = 0;
    for at in memchr::memchr2_iter(b'\r', b'\n', bytes) {
        out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        let is_pair = bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
        if !is_pair {
            out.push(b' ');
        }
        from = at + 1;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
}

fn escape_value(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'\\' => b"\\\\",
            b'=' => b"\\=",
            b'\n' => b"\\n",
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => b"",
            b'\r' => b"\\r",
            _ => continue,
        };
        out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        out.extend_from_slice(escape);
        from = at + 1;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
}
