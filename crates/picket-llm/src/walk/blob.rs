//! What is in a document and is no text: pictures, sounds, files, what a provider sealed, and what stays with it.

use super::{LISTED_MAX, Scope, Walker};
use crate::document::PartKind;
use crate::tape::{Kind, NodeId};
use crate::words;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_event::Role;
use std::borrow::Cow;

/// A shorter string is scanned as the text that it may be.
const BLOB_BYTES_MIN: usize = 64;
/// The longest text file, in base64, that is opened.
const FILE_BYTES_MAX: usize = 1024 * 1024 * 4 / 3 + 4;

impl Walker<'_> {
    pub(super) fn note_unscanned(&mut self, what: &str) {
        if self.unscanned.len() < LISTED_MAX {
            let place = self.path.place();
            self.unscanned.push(format!("{what}:{}", self.path.places.pointer(self.tape, self.bytes, place)));
        }
    }

    /// What an object is when it is no text.
    pub(super) fn opaque(&self, node: NodeId, at: &str, kind: Option<&str>) -> Option<&'static str> {
        let has = |name: &str| self.tape.get(self.bytes, node, name).is_some();
        kind.and_then(words::opaque_type).or_else(|| {
            words::opaque_member(at).filter(|_| has("data") || has("url") || has("file_data") || has("file_id"))
        })
    }

    /// Whether an object that may hold a file holds plain text in its place.
    pub(super) fn holds_text(&self, node: NodeId) -> bool {
        let kind = self.tape.get(self.bytes, node, "source").and_then(|source| self.word(source, "type"));
        matches!(kind.as_deref(), Some("text" | "content"))
    }

    /// Whether a string is no text. A file that is text inside is opened on the way.
    pub(super) fn blob(&mut self, node: NodeId, name: &str, text: &str, scope: Scope) -> bool {
        if self.is_sealed(name, scope) && is_base64(text) {
            if name != "signature" {
                self.note_unscanned("sealed");
            }
            return true;
        }
        if name == "embedding" && is_base64(text) {
            return true;
        }
        let is_sound = name == "delta" && self.kind.ends_with("audio.delta");
        if scope.opaque.is_none() {
            let is_picture = matches!(name, "partial_image_b64" | "b64_json" | "image_url");
            let is_blob = (is_sound && is_base64(text))
                || (is_picture && (is_base64(text) || split_data_url(text).is_some_and(|(_, data)| is_base64(data))));
            // The words before a picture are text where they are more than its media type.
            let is_hidden = is_picture && text.starts_with("data:") && text.contains(";base64,");
            if is_blob || is_hidden {
                self.note_unscanned(if is_sound { "audio" } else { "image" });
            }
            return is_blob;
        }
        if !words::holds_bytes(name) {
            return false;
        }
        let (media, data) = split_data_url(text).map_or((None, text), |(media, data)| (Some(media), data));
        if !is_base64(data) {
            return false;
        }
        if let Some(decoded) = self.open(media, name, data) {
            self.opened = true;
            self.push_text(node, PartKind::File, Cow::Owned(decoded), scope);
        }
        true
    }

    /// Whether a member holds what only its provider can read.
    fn is_sealed(&self, name: &str, scope: Scope) -> bool {
        match name {
            "signature" => scope.role == Role::Reasoning || self.kind == "content_block_delta",
            "encrypted_content" | "encrypted_index" | "encrypted_stdout" => true,
            "data" => scope.role == Role::Reasoning && scope.opaque.is_none(),
            _ => false,
        }
    }

    /// The text of a file, when its media type or its name says that it is one, and it is.
    fn open(&self, media: Option<&str>, name: &str, data: &str) -> Option<String> {
        let beside = |name: &str| self.word(self.holder, name);
        let said = media.map(Cow::Borrowed).or_else(|| beside("media_type")).or_else(|| beside("mime_type"));
        let named = beside("filename").and_then(|name| words::media_of_name(&name)).map(Cow::Borrowed);
        let is_text = said.or(named).is_some_and(|media| words::is_text_media(&media));
        if !is_text || data.len() > FILE_BYTES_MAX || !matches!(name, "data" | "file_data") {
            return None;
        }
        String::from_utf8(STANDARD.decode(data).ok()?).ok()
    }

    /// Takes note of a tool of a request that runs at the provider: what it tells the model is not seen here.
    pub(super) fn note_hosted(&mut self, at: &str, kind: Option<&str>) {
        let is_tool = at == "tools" && self.path.is_at_depth(2) && kind.is_some_and(words::is_hosted);
        let is_option = at == "web_search_options" && self.path.is_at_depth(1);
        if self.shape.list.is_some() && (is_tool || is_option) {
            self.note_unscanned("hosted_tool");
        }
    }

    /// Takes note of content that is at the provider, and was not seen here.
    pub(super) fn note_references(&mut self, node: NodeId, at: &str, kind: Option<&str>) {
        if self.references.len() >= LISTED_MAX {
            return;
        }
        let is_root = self.path.is_at_depth(0);
        let is_item = matches!(kind, Some("item_reference" | "mcp"));
        let is_sound = at == "audio" && !is_root && self.tape.get(self.bytes, node, "data").is_none();
        for (name_node, value) in self.tape.members(node) {
            let name = self.tape.text(self.bytes, name_node).unwrap_or_default();
            let is_reference = match (name.as_ref(), self.tape.kind(value)) {
                ("previous_response_id" | "conversation", Some(Kind::String))
                | ("conversation" | "container" | "prompt", Some(Kind::Object)) => is_root,
                ("mcp_servers" | "file_ids" | "vector_store_ids", Some(Kind::Array)) => {
                    self.tape.elements(value).next().is_some()
                }
                ("file_id" | "server_url" | "connector_id" | "container", Some(Kind::String)) => true,
                ("type", _) => is_item,
                ("id", Some(Kind::String)) => is_sound,
                _ => false,
            };
            if is_reference && self.references.len() < LISTED_MAX {
                self.path.enter(crate::place::Step::Member(name_node));
                let place = self.path.place();
                let pointer = self.path.places.pointer(self.tape, self.bytes, place);
                self.references.push(format!("{name}:{pointer}"));
                self.path.leave();
            }
        }
    }
}

/// The media type and the data of a `data:` URL in base64. What is no plain media type may be any text, so that the URL
/// is scanned as one.
pub(crate) fn split_data_url(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("data:")?.split_once(";base64,").filter(|(media, _)| is_media(media))
}

/// Whether a text is a media type and cannot be anything else: lower-case words, too few digits for a number that names
/// somebody, and no parameter but the character set.
fn is_media(text: &str) -> bool {
    const MEDIA_BYTES_MAX: usize = 100;
    const DIGITS_MAX: usize = 5;
    let (media, charset) = text.split_once(';').unwrap_or((text, "charset=utf-8"));
    let kinds = ["application", "audio", "font", "image", "message", "model", "text", "video"];
    let of_kind = media.split_once('/').is_some_and(|(kind, rest)| kinds.contains(&kind) && !rest.is_empty());
    let plain = media.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/.+-".contains(&b));
    let digits = media.bytes().filter(u8::is_ascii_digit).count();
    let known = ["charset=utf-8", "charset=us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known));
    (text.is_empty() || (of_kind && plain && known)) && media.len() <= MEDIA_BYTES_MAX && digits <= DIGITS_MAX
}

/// Whether a string can be base64, and is too long for a word.
fn is_base64(text: &str) -> bool {
    text.len() >= BLOB_BYTES_MIN
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_' | b'\r' | b'\n'))
}
