//! Stored prompts and answers, put together from their parts.

use crate::{EventLog, ReadError};
use base64::Engine as _;
use picket_bodies::manifest::{Manifest, reassemble};
use picket_bodies::{Body, BodyKey, BodyState};
use picket_event::Event;
use serde_json::{Value, json};

/// A body as a reader sees it.
#[derive(Debug, Clone)]
pub struct Content {
    /// `request`, `response` or `evidence`.
    pub role: String,
    /// Whether it can be read.
    pub state: BodyState,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Media type.
    pub media_type: String,
    /// Whether something is missing: only the beginning was kept, or a part was erased.
    pub truncated: bool,
    /// Commitment in the log entry.
    pub commit: String,
}

impl Content {
    /// A text as it is; what is no text as `{"base64": …}`; null where nothing is left.
    pub fn into_json(self) -> Value {
        match (self.state, String::from_utf8(self.bytes)) {
            (BodyState::Erased | BodyState::Expired, _) => Value::Null,
            (BodyState::Present, Ok(text)) => Value::String(text),
            (BodyState::Present, Err(error)) => {
                json!({"base64": base64::engine::general_purpose::STANDARD.encode(error.as_bytes())})
            }
        }
    }
}

/// The bodies of an event, in the order of their roles.
pub fn contents(log: &EventLog, event: &Event) -> Result<Vec<Content>, ReadError> {
    let Some(place) = &event.log else { return Ok(Vec::new()) };
    let positions: Vec<u64> = place.received.into_iter().chain([place.completed]).collect();
    let open = |role: &str| -> Result<Option<(u64, Body)>, ReadError> {
        for position in &positions {
            let found = body(log, *position, role)?;
            if let Some(found) = found {
                return Ok(Some((*position, found)));
            }
        }
        Ok(None)
    };
    let mut contents = Vec::new();
    for role in ["request", "response", "evidence"] {
        let Some((position, mut found)) = open(role)? else { continue };
        if role == "request" && found.state == BodyState::Present {
            let manifest = body(log, position, "manifest")?.filter(|manifest| manifest.state == BodyState::Present);
            if let Some(manifest) =
                manifest.and_then(|manifest| serde_json::from_slice::<Manifest>(&manifest.bytes).ok())
            {
                let other = |position| {
                    Ok::<_, ReadError>(
                        body(log, position, "request")?
                            .filter(|body| body.state == BodyState::Present)
                            .map(|body| body.bytes),
                    )
                };
                let (whole, complete) = reassemble(&manifest, &found.bytes, other)?;
                (found.bytes, found.truncated) = (whole, found.truncated || !complete);
            }
        }
        let Body { state, bytes, media_type, truncated, commit, .. } = found;
        contents.push(Content { role: role.to_owned(), state, bytes, media_type, truncated, commit });
    }
    Ok(contents)
}

fn body(log: &EventLog, position: u64, role: &str) -> Result<Option<Body>, ReadError> {
    let key = BodyKey { log: log.id(), position, role };
    log.bodies().open(&key).map_err(|source| ReadError::Body { position, source })
}
