//! Events with what was said.

use picket_event::Event;
use picket_log::{EventLog, ReadError, contents};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Events could not be given their contents.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// An event cannot be written as JSON.
    #[error("an event cannot be written as JSON")]
    Encode(#[from] serde_json::Error),
}

/// An event with what was said: `body_contents` by role; null where it was erased or expired.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    event: Event,
    body_contents: Map<String, Value>,
    /// Roles of which only a part is there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bodies_truncated: Vec<String>,
}

/// The events at these positions with their stored prompts and answers, as JSON.
pub fn events_with_contents(log: &EventLog, positions: &[u64]) -> Result<Vec<Box<RawValue>>, ContentsError> {
    let whole = log.events(positions)?.into_iter().map(|event| {
        let (mut body_contents, mut bodies_truncated) = (Map::new(), Vec::new());
        for content in contents(log, &event)? {
            if content.truncated {
                bodies_truncated.push(content.role.clone());
            }
            body_contents.insert(content.role.clone(), content.into_json());
        }
        Ok(serde_json::value::to_raw_value(&Whole { event, body_contents, bodies_truncated })?)
    });
    whole.collect()
}
