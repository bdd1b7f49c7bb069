//! `debug encode`: raw fields in, wire bytes out, so that others can check the encoders with parsers of their own.

use super::PARTIAL;
use super::render::{Given, open};
use crate::args::{DebugCommand, WireFormat};
use crate::failure::Failure;
use picket_render::{Format, Maker, OcsfVersion, Renderer, raw};
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{BufRead as _, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// The longest line that is read.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a line becomes, or why not.
type Wire = Result<Vec<u8>, String>;

pub(super) fn run(command: DebugCommand) -> Result<ExitCode, Failure> {
    let DebugCommand::Encode { format, file } = command;
    let refused = encode(format, &file)?;
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(PARTIAL) })
}

/// Encodes every line, and counts those that were refused.
fn encode(format: WireFormat, file: &Path) -> Result<u64, Failure> {
    let mut input = open(file)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut line, mut number, mut refused) = (Vec::new(), 0_u64, 0);
    loop {
        line.clear();
        number += 1;
        if input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(refused);
        }
        if u64::try_from(line.len()).is_ok_and(|length| length == LINE_BYTES_MAX) {
            return Err(Failure::usage(format!("line {number} is longer than {LINE_BYTES_MAX} bytes")));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let result = match wire(format, &with_whole_characters(&line)) {
            Ok(bytes) => json!({ "wire": String::from_utf8_lossy(&bytes) }),
            Err(cause) => {
                refused += 1;
                json!({ "error": format!("line {number}: {cause}") })
            }
        };
        out.write_all(in_ascii(&result.to_string()).as_bytes())?;
        out.write_all(b"\n")?;
        // Somebody may wait for this answer before sending the next line.
        out.flush()?;
    }
}

/// JSON with escapes in place of all that is not ASCII: readers differ in what they take for the end of a line.
fn in_ascii(json: &str) -> Cow<'_, str> {
    if json.is_ascii() {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() * 2);
    for character in json.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(text, "\\u{unit:04x}").unwrap_or_default();
            }
        }
    }
    Cow::Owned(text)
}

fn wire(format: WireFormat, line: &[u8]) -> Wire {
    match format {
        WireFormat::Cef => raw::cef(line),
        WireFormat::Leef => raw::leef(line),
        WireFormat::Digest => raw::digest(line),
        WireFormat::Sharedkey => raw::shared_key(line),
        WireFormat::Syslog => raw::syslog(line),
        WireFormat::Hec => raw::hec(line),
        WireFormat::Bulk => raw::bulk(line),
        WireFormat::Webhook => raw::webhook(line),
        WireFormat::Otlp => raw::otlp(line),
        WireFormat::Ocsf => of_ocsf(line),
    }
}

/// An event in the language of OCSF, or one that stands beside a version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ocsf {
    event: Value,
    #[serde(default)]
    version: Option<String>,
}

fn of_ocsf(line: &[u8]) -> Wire {
    let value: Value = raw::read(line)?;
    let fields = if value.get("event").is_some_and(Value::is_object) {
        serde_json::from_value(value).map_err(|error| error.to_string())?
    } else {
        Ocsf { event: value, version: None }
    };
    let version = match fields.version.as_deref() {
        None | Some("1.8" | "1.8.0") => OcsfVersion::V1_8,
        Some("1.1" | "1.1.0") => OcsfVersion::V1_1,
        Some(_) => return Err("`version` is 1.8 or 1.1".to_owned()),
    };
    let given = Given::read(fields.event).map_err(|error| format!("no event: {error}"))?;
    let mut out = Vec::new();
    Renderer::new(Format::Ocsf(version), Maker::default()).render(&given.subject(), &mut out);
    Ok(out)
}

/// A line whose every character is one: bytes that are no UTF-8, and escapes of halves of characters, which JSON can
/// spell and UTF-8 cannot, become the replacement character.
fn with_whole_characters(line: &[u8]) -> Cow<'_, [u8]> {
    let text = String::from_utf8_lossy(line);
    if !text.contains("\\u") {
        return match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        };
    }
    let mut whole = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                whole.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            // A backslash and the character that it escapes.
            _ => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (kept, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        whole.push_str(kept);
        rest = after;
    }
    whole.push_str(rest);
    Cow::Owned(whole.into_bytes())
}

/// The UTF-16 unit of an escape at the beginning of a text.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) { u16::from_str_radix(digits, 16).ok() } else { None }
}

#[cfg(test)]
mod tests;
