//! What webhooks tell of, and how: types of product events, and the message about one.

use picket_event::Event;
use picket_stdx::Timestamp;
use serde_json::{Value, json};

/// What a webhook can be told of. `incident.*` is all that begins so.
pub const TYPES: &[&str] = &[
    "event.created",
    "finding.created",
    "escalation.created",
    "escalation.resolved",
    "incident.*",
    "incident.opened",
    "incident.amended",
    "incident.acknowledged",
    "incident.closed",
    "export.completed",
    "destination.paused",
    "policy.deployed",
    "gateway.health_changed",
];
/// Bytes of a message; what is longer tells only which event it is about.
const BYTES_MAX: usize = 20_000;

/// As what an event is told, if it is told at all: a request, once it has ended, is `event.created`.
pub fn told_as(event: &Event) -> Option<&str> {
    match event.event_type.as_str() {
        "request" => Some("event.created"),
        kind => TYPES.iter().find(|known| **known == kind).copied(),
    }
}

/// Whether somebody who wants to be told of `wanted` wants to be told of a type.
pub fn covers(wanted: &str, kind: &str) -> bool {
    let is_family = || wanted.strip_suffix('*').is_some_and(|family| kind.starts_with(family));
    wanted == kind || is_family()
}

/// The message about an event: the same bytes each time it is made.
pub fn message(kind: &str, event: &Event) -> Vec<u8> {
    let at = event.recorded_at.unwrap_or(event.timestamp);
    let whole = serde_json::to_value(event).unwrap_or_default();
    let bytes = written(kind, at, whole);
    if bytes.len() <= BYTES_MAX {
        return bytes;
    }
    let thin = json!({
        "event_id": event.event_id,
        "event_type": event.event_type,
        "timestamp": event.timestamp,
        "workspace_id": event.workspace_id,
        "severity": event.severity,
        "decision": event.decision,
        "truncated": true,
    });
    written(kind, at, thin)
}

/// A message that says that nothing has happened.
pub fn test_message(workspace: &str, at: Timestamp) -> Vec<u8> {
    written(
        "webhook.test",
        at,
        json!({"workspace_id": workspace, "note": "nothing has happened; somebody tries the way"}),
    )
}

fn written(kind: &str, at: Timestamp, data: Value) -> Vec<u8> {
    json!({"type": kind, "timestamp": at, "data": data}).to_string().into_bytes()
}

#[cfg(test)]
mod tests;
