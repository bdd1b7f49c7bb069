//! Records of Kafka: the key keeps a workspace's events in order on one partition, headers tell what the value is
//! without reading it.

use crate::subject::Subject;

/// A record, borrowed from what it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The workspace.
    pub key: &'a [u8],
    /// Names and values.
    pub headers: [(&'static str, &'a [u8]); 4],
    /// The rendering.
    pub value: &'a [u8],
}

impl<'a> Record<'a> {
    /// The record of an event, whose rendering is `value`, in the form that `schema` names (`canonical`, `ocsf-1.8.0`, …).
    pub fn new(subject: &'a Subject<'a>, schema: &'a str, value: &'a [u8]) -> Self {
        let headers = [
            ("event_id", subject.id().as_bytes()),
            ("event_type", subject.name().as_bytes()),
            ("schema", schema.as_bytes()),
            ("workspace_id", subject.event().workspace_id.as_bytes()),
        ];
        Self { key: subject.event().workspace_id.as_bytes(), headers, value }
    }

    /// Bytes that it adds to a request, at most: value, key, headers, and the record's own numbers.
    pub fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len() + 20).sum();
        self.key.len() + self.value.len() + headers + 70
    }
}
