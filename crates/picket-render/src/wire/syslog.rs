//! Syslog messages of RFC 5424, framed for TCP and TLS by RFC 6587 and RFC 5425.
//!
//! Header fields hold printable ASCII: other characters are `?`, and what is too long is cut. Values of structured data
//! are escaped. Octet counting carries every byte; the framing by line breaks is for receivers that know nothing else,
//! and there line breaks and NUL are written as `\n`, `\r` and `\0`.

use super::WireError;
use picket_event::Severity;
use picket_stdx::Timestamp;
use std::io::Write as _;

const HOST_BYTES_MAX: usize = 255;
const APP_BYTES_MAX: usize = 48;
const PROC_BYTES_MAX: usize = 128;
const MSGID_BYTES_MAX: usize = 32;
const NAME_BYTES_MAX: usize = 32;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// How messages are told apart on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// The message alone: a datagram.
    None,
    /// Its length in bytes, a space, the message.
    #[default]
    OctetCounting,
    /// The message, then a line break.
    NonTransparent,
}

/// The severity of a message about an event.
pub const fn severity_of(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 6,
        Severity::Low => 5,
        Severity::Medium => 4,
        Severity::High => 3,
        Severity::Critical => 2,
    }
}

/// When a message was made.
#[derive(Debug, Clone, Copy)]
pub enum Time<'a> {
    /// A moment, written in UTC with milliseconds.
    At(Timestamp),
    /// Text of RFC 3339 with at most six digits of seconds, kept with its offset.
    Text(&'a str),
    /// Unknown.
    Nil,
}

/// A group of parameters: its id, and names with values.
pub type Element<'a> = (&'a str, &'a [(&'a str, &'a str)]);

/// A message. Empty header fields are the nil value.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// 0 to 23.
    pub facility: u8,
    /// 0 (worst) to 7.
    pub severity: u8,
    /// When it was made.
    pub time: Time<'a>,
    /// Host.
    pub hostname: &'a str,
    /// Program.
    pub app_name: &'a str,
    /// Process.
    pub procid: &'a str,
    /// Kind of message.
    pub msgid: &'a str,
    /// Structured data.
    pub data: &'a [Element<'a>],
    /// Whether the text is announced as UTF-8. Parsers differ in whether they take the mark off.
    pub bom: bool,
    /// Text.
    pub text: Option<&'a [u8]>,
}

/// Writes a frame with a message.
pub fn encode(out: &mut Vec<u8>, message: &Message<'_>, framing: Framing) -> Result<(), WireError> {
    let begin = out.len();
    if let Err(error) = unframed(out, message, framing == Framing::NonTransparent) {
        out.truncate(begin);
        return Err(error);
    }
    match framing {
        Framing::None => {}
        Framing::NonTransparent => out.push(b'\n'),
        Framing::OctetCounting => {
            let mut digits = itoa::Buffer::new();
            let length = digits.format(out.len() - begin);
            out.splice(begin..begin, length.bytes().chain([b' ']));
        }
    }
    Ok(())
}

fn unframed(out: &mut Vec<u8>, message: &Message<'_>, one_line: bool) -> Result<(), WireError> {
    if message.facility > 23 || message.severity > 7 {
        let remedy = "facilities are 0 to 23, severities 0 to 7";
        return Err(WireError::Value { what: "facility or severity", remedy });
    }
    write!(out, "<{}>1 ", u16::from(message.facility) * 8 + u16::from(message.severity)).unwrap_or_default();
    match message.time {
        Time::At(at) => write!(out, "{at}").unwrap_or_default(),
        Time::Text(text) if is_rfc3339(text) => out.extend_from_slice(text.as_bytes()),
        Time::Text(_) => {
            let remedy = "give RFC 3339 with `T`, an offset or `Z`, and at most six digits of seconds";
            return Err(WireError::Value { what: "timestamp", remedy });
        }
        Time::Nil => out.push(b'-'),
    }
    header(out, message.hostname, HOST_BYTES_MAX);
    header(out, message.app_name, APP_BYTES_MAX);
    header(out, message.procid, PROC_BYTES_MAX);
    header(out, message.msgid, MSGID_BYTES_MAX);
    out.push(b' ');
    structured(out, message.data, one_line)?;
    if let Some(text) = message.text {
        out.push(b' ');
        if message.bom {
            out.extend_from_slice(BOM);
        }
        if one_line { on_one_line(out, text) } else { out.extend_from_slice(text) }
    }
    Ok(())
}

fn header(out: &mut Vec<u8>, text: &str, bytes_max: usize) {
    out.push(b' ');
    if text.is_empty() {
        out.push(b'-');
    }
    let plain = |character: char| if character.is_ascii_graphic() { character as u8 } else { b'?' };
    out.extend(text.chars().take(bytes_max).map(plain));
}

fn structured(out: &mut Vec<u8>, data: &[Element<'_>], one_line: bool) -> Result<(), WireError> {
    if data.is_empty() {
        out.push(b'-');
    }
    for (at, (id, parameters)) in data.iter().enumerate() {
        name(id)?;
        if data.iter().take(at).any(|(earlier, _)| earlier == id) {
            return Err(WireError::name(id, "id of its own", "an id occurs once in a message"));
        }
        out.push(b'[');
        out.extend_from_slice(id.as_bytes());
        for (key, value) in *parameters {
            name(key)?;
            out.push(b' ');
            out.extend_from_slice(key.as_bytes());
            out.extend_from_slice(b"=\"");
            for byte in value.bytes() {
                match byte {
                    b'"' | b'\\' | b']' => out.extend([b'\\', byte]),
                    // A backslash is escaped in a value, so a break is two of them and a letter.
                    b'\n' if one_line => out.extend_from_slice(b"\\\\n"),
                    b'\r' if one_line => out.extend_from_slice(b"\\\\r"),
                    0 if one_line => out.extend_from_slice(b"\\\\0"),
                    other => out.push(other),
                }
            }
            out.push(b'"');
        }
        out.push(b']');
    }
    Ok(())
}

fn name(text: &str) -> Result<(), WireError> {
    let valid = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'=' | b']' | b'"');
    if (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(valid) {
        return Ok(());
    }
    let remedy = "names are 1 to 32 printable ASCII characters without space, `=`, `]` and `\"`";
    Err(WireError::name(text, "name of structured data", remedy))
}

fn on_one_line(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0 => out.extend_from_slice(b"\\0"),
            other => out.push(*other),
        }
    }
}

/// `2026-01-31T08:00:00[.ffffff](Z|±hh:mm)`.
fn is_rfc3339(text: &str) -> bool {
    let shape = |text: &str, shape: &str| {
        let fits = |(byte, wanted): (u8, u8)| if wanted == b'0' { byte.is_ascii_digit() } else { byte == wanted };
        text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
    };
    let Some((moment, rest)) = text.split_at_checked(19) else { return false };
    let offset = rest.trim_start_matches(|character: char| character == '.' || character.is_ascii_digit());
    let fraction = rest.strip_suffix(offset).unwrap_or_default();
    let digits = fraction.strip_prefix('.').map(str::as_bytes);
    let fraction_fits = fraction.is_empty()
        || digits.is_some_and(|digits| (1..=6).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit));
    let offset_fits = offset == "Z" || shape(offset, "+00:00") || shape(offset, "-00:00");
    shape(moment, "0000-00-00T00:00:00") && fraction_fits && offset_fits && text.parse::<Timestamp>().is_ok()
}
