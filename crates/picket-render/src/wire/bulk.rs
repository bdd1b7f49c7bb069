//! Lines of the `_bulk` API of Elasticsearch and OpenSearch: an action, then a document, each ended by a line break.
//! The action is `create`, the only one that data streams take; its id makes a repetition a conflict instead of a copy.

use super::WireError;
use crate::json::{Json as _, object};
use picket_stdx::Timestamp;

/// Writes the action and the document that `document` writes. With `at`, `@timestamp` is put before its members: data
/// streams demand it, and not every rendering has it.
pub fn create(
    out: &mut Vec<u8>,
    id: &str,
    at: Option<Timestamp>,
    document: impl FnOnce(&mut Vec<u8>),
) -> Result<(), WireError> {
    if id.is_empty() || id.len() > 512 {
        return Err(WireError::Value { what: "_id", remedy: "ids have 1 to 512 bytes" });
    }
    let begin = out.len();
    object(out, |line| line.object("create", |create| create.put("_id", id)));
    out.push(b'\n');
    if let Err(error) = self::document(out, at, document) {
        out.truncate(begin);
        return Err(error);
    }
    out.push(b'\n');
    Ok(())
}

/// Writes a document alone, without a line break.
pub fn document(
    out: &mut Vec<u8>,
    at: Option<Timestamp>,
    document: impl FnOnce(&mut Vec<u8>),
) -> Result<(), WireError> {
    let from = out.len();
    document(out);
    let written = out.get(from..).unwrap_or_default();
    // Compact JSON has no line break outside its strings, and none inside, where they are escaped.
    if !written.starts_with(b"{") || memchr::memchr2(b'\n', b'\r', written).is_some() {
        out.truncate(from);
        return Err(WireError::Value { what: "document", remedy: "give one object, written on one line" });
    }
    if let Some(at) = at {
        let is_empty = written == b"{}";
        let mut member = b"\"@timestamp\":".to_vec();
        at.write(&mut member);
        if !is_empty {
            member.push(b',');
        }
        out.splice(from + 1..=from, member);
    }
    Ok(())
}
