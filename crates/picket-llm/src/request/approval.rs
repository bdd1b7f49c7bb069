//! What an approval is bound to.

use super::Request;
use crate::document::Document;
use crate::escape::quote;
use crate::tape::{Kind, NodeId};

/// Members that change how an answer is carried, kept or billed, and not what is asked.
const CARRIAGE: &[&str] =
    &["metadata", "prompt_cache_key", "safety_identifier", "service_tier", "store", "stream", "stream_options", "user"];

impl Request {
    /// The bytes that an approval is bound to: everything that was asked, in one spelling, whatever its order, its white
    /// space and its escapes.
    pub fn approval_bytes(&self) -> Vec<u8> {
        let mut output = String::with_capacity(self.document.bytes.len());
        write(&self.document, 0, true, &mut output);
        output.into_bytes()
    }
}

fn write(document: &Document, node: NodeId, is_root: bool, output: &mut String) {
    match document.tape.kind(node) {
        Some(Kind::Object) => {
            let named = document.tape.members(node);
            let named =
                named.map(|(name, value)| (document.tape.text(&document.bytes, name).unwrap_or_default(), value));
            let mut members: Vec<_> =
                named.filter(|(name, _)| !(is_root && CARRIAGE.contains(&name.as_ref()))).collect();
            members.sort();
            output.push('{');
            for (name, value) in members {
                output.push_str(&quote(&name));
                output.push(':');
                write(document, value, false, output);
                output.push(',');
            }
            output.push('}');
        }
        Some(Kind::Array) => {
            output.push('[');
            for element in document.tape.elements(node) {
                write(document, element, false, output);
                output.push(',');
            }
            output.push(']');
        }
        Some(Kind::String) => output.push_str(&quote(&document.tape.text(&document.bytes, node).unwrap_or_default())),
        _ => output.push_str(document.tape.raw_text(&document.bytes, node).unwrap_or_default()),
    }
}
