//! IBM's Log Event Extended Format 2.0: one line, a header between pipes that declares the delimiter of the attributes
//! behind it.
//!
//! The format has no escape. So what would end a value is replaced: the delimiter, line breaks and tabs by a space each;
//! in the header line breaks and tabs likewise, and `|` by `/`. A reader takes the first of several attributes of one
//! key; so only that is written.

use super::WireError;

/// What separates attributes, and how the header declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiter {
    byte: u8,
    declared: Declared,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declared {
    /// As `x` and two hexadecimal digits.
    Hex,
    /// As `0x` and two hexadecimal digits.
    LongHex,
    /// As itself.
    Plain,
    /// As another one.
    Other(u8),
}

impl Delimiter {
    /// A tab, declared as `x09`: what QRadar reads without doubt.
    pub const TAB: Self = Self { byte: b'\t', declared: Declared::Hex };

    /// A tab although the header names `^`: what some published examples print, and no reader of the standard splits.
    pub const TAB_BEHIND_CARET: Self = Self { byte: b'\t', declared: Declared::Other(b'^') };

    /// From its declaration: one character, or `x` or `0x` and one to four hexadecimal digits; none is a tab.
    pub fn parse(text: &str) -> Result<Self, WireError> {
        const REMEDY: &str =
            "give one ASCII character that is no letter, digit, space or `=`, or its code as x09 or 0x09";
        let refused = WireError::Value { what: "delimiter of LEEF", remedy: REMEDY };
        let (byte, declared) = match text.as_bytes() {
            [] | [b'\t'] => return Ok(Self::TAB),
            [byte] => (*byte, Declared::Plain),
            _ => {
                let long = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
                let digits = long.or_else(|| text.strip_prefix(['x', 'X'])).unwrap_or_default();
                if !(1..=4).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return Err(refused);
                }
                let declared = if long.is_some() { Declared::LongHex } else { Declared::Hex };
                (u8::from_str_radix(digits, 16).map_err(|_wide| refused.clone())?, declared)
            }
        };
        let usable = byte == b'\t' || (byte.is_ascii_punctuation() && byte != b'=') || (1..0x20).contains(&byte);
        if usable && !matches!(byte, b'\n' | b'\r') { Ok(Self { byte, declared }) } else { Err(refused) }
    }

    fn declare(self, out: &mut Vec<u8>) {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or(b'0');
        let prefix: &[u8] = match self.declared {
            Declared::Plain => return out.push(self.byte),
            Declared::Other(byte) => return out.push(byte),
            Declared::Hex => b"x",
            Declared::LongHex => b"0x",
        };
        out.extend_from_slice(prefix);
        out.extend([digit(self.byte >> 4), digit(self.byte & 15)]);
    }
}

/// The header of a line.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    /// Vendor.
    pub vendor: &'a str,
    /// Product.
    pub product: &'a str,
    /// Its version.
    pub version: &'a str,
    /// What the receiver knows the kind of event by; with `cat` it selects its QID.
    pub event_id: &'a str,
}

/// A line that is being written.
#[derive(Debug)]
pub struct Line<'a> {
    out: &'a mut Vec<u8>,
    delimiter: Delimiter,
    begin: usize,
    is_empty: bool,
}

impl<'a> Line<'a> {
    /// Writes the header.
    pub fn begin(out: &'a mut Vec<u8>, header: &Header<'_>, delimiter: Delimiter) -> Self {
        out.extend_from_slice(b"LEEF:2.0|");
        for field in [header.vendor, header.product, header.version, header.event_id] {
            out.extend(field.bytes().map(|byte| match byte {
                b'|' => b'/',
                b'\r' | b'\n' | b'\t' => b' ',
                other => other,
            }));
            out.push(b'|');
        }
        delimiter.declare(out);
        out.push(b'|');
        let begin = out.len();
        Self { out, delimiter, begin, is_empty: true }
    }

    /// Bytes of the attributes so far.
    pub fn size(&self) -> usize {
        self.out.len() - self.begin
    }

    /// Writes an attribute, unless its key was written before.
    pub fn attribute(&mut self, key: &str, value: &str) -> Result<(), WireError> {
        let delimiter = self.delimiter.byte;
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'=' && byte != delimiter) {
            let remedy = "keys are printable ASCII without space, `=` and the delimiter";
            return Err(WireError::name(key, "key of LEEF", remedy));
        }
        if self.has(key) {
            return Ok(());
        }
        if !self.is_empty {
            self.out.push(delimiter);
        }
        self.is_empty = false;
        self.out.extend_from_slice(key.as_bytes());
        self.out.push(b'=');
        self.out.extend(value.bytes().map(|byte| match byte {
            b'\r' | b'\n' | b'\t' => b' ',
            other if other == delimiter => b' ',
            other => other,
        }));
        Ok(())
    }

    /// Whether an attribute of this key stands there. The line itself is asked, so that no list of keys is kept.
    fn has(&self, key: &str) -> bool {
        let written = self.out.get(self.begin..).unwrap_or_default();
        let finder = memchr::memmem::Finder::new(key);
        finder.find_iter(written).any(|at| {
            let begins = at == 0 || written.get(at - 1) == Some(&self.delimiter.byte);
            begins && written.get(at + key.len()) == Some(&b'=')
        })
    }
}
