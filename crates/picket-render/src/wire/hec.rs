//! Envelopes of Splunk's HTTP Event Collector. A request is envelopes one after another, never an array.

use super::WireError;
use crate::json::{Json, Raw, object, serialized};
use picket_stdx::Timestamp;

/// What stands around an event, on every one: what a batch inherits is not documented.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// When it happened.
    pub time: Timestamp,
    /// Host that the event is of.
    pub host: &'a str,
    /// Source.
    pub source: &'a str,
    /// Type of the source.
    pub sourcetype: &'a str,
    /// Index, unless the token's default is meant.
    pub index: Option<&'a str>,
    /// Indexed fields: flat, and not part of the event.
    pub fields: &'a [(&'a str, &'a str)],
}

/// Seconds with milliseconds as decimal text, from an integer: a double has only microseconds left at this size.
struct Seconds(Timestamp);

impl Json for Seconds {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.as_secs().write(out);
        let millis = self.0.as_millis().rem_euclid(1_000);
        if millis > 0 {
            let digit = |value: i64| b'0' + u8::try_from(value % 10).unwrap_or(0);
            out.extend([b'.', digit(millis / 100), digit(millis / 10), digit(millis)]);
        }
    }
}

/// Writes an envelope around what `event` writes.
pub fn encode(out: &mut Vec<u8>, envelope: &Envelope<'_>, event: impl FnOnce(&mut Vec<u8>)) -> Result<(), WireError> {
    if envelope.time < Timestamp::default() {
        return Err(WireError::Value { what: "time", remedy: "Splunk refuses times before 1970" });
    }
    let begin = out.len();
    let mut written = 0..0;
    object(out, |object| {
        object.put("time", Seconds(envelope.time));
        object.put("host", envelope.host);
        object.put("source", envelope.source);
        object.put("sourcetype", envelope.sourcetype);
        object.put("index", envelope.index);
        object.write("event", |out| {
            let from = out.len();
            event(out);
            written = from..out.len();
        });
        object.object("fields", |fields| envelope.fields.iter().for_each(|(key, value)| fields.put(key, value)));
    });
    let event = out.get(written).unwrap_or_default();
    if matches!(event.trim_ascii(), b"" | b"null" | b"\"\"") || is_blank(event) {
        out.truncate(begin);
        return Err(WireError::Value { what: "event", remedy: "Splunk refuses events that are blank" });
    }
    Ok(())
}

/// Whether JSON is a text of white space.
fn is_blank(event: &[u8]) -> bool {
    event.first() == Some(&b'"') && serde_json::from_slice::<String>(event).is_ok_and(|text| text.trim().is_empty())
}

/// Writes an envelope around an event that is JSON already.
pub fn encode_json(out: &mut Vec<u8>, envelope: &Envelope<'_>, event: &serde_json::Value) -> Result<(), WireError> {
    let mut text = Vec::new();
    serialized(&mut text, event);
    encode(out, envelope, |out| Raw(&text).write(out))
}
