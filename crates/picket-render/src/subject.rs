//! What every rendering says about an event in words of its own: its name, its title, what was enforced.

use picket_event::{Decision, Event, EventType, RiskBand};
use std::borrow::Cow;

/// What was said in an event, for a receiver that may have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// `request` or `response`.
    pub role: String,
    /// A text; what is no text as `{"base64": …}`; null where it was erased or is no longer kept.
    pub content: serde_json::Value,
    /// Whether only a part of it is here.
    pub is_truncated: bool,
}

impl Body {
    /// It as a text, where something is left.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        match &self.content {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(Cow::Borrowed(text)),
            other => Some(Cow::Owned(other.to_string())),
        }
    }
}

/// An event that is rendered.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    event: &'a Event,
    id: Cow<'a, str>,
    bodies: &'a [Body],
}

impl<'a> Subject<'a> {
    /// An event under its own id.
    pub fn new(event: &'a Event) -> Self {
        Self { event, id: Cow::Owned(event.event_id.to_string()), bodies: &[] }
    }

    /// An event of another system, under the id that it has there.
    pub fn with_id(event: &'a Event, id: &'a str) -> Self {
        Self { event, id: Cow::Borrowed(id), bodies: &[] }
    }

    /// The same, with what was said. Formats that have no place for it leave it out ([`crate::Format::has_bodies`]).
    #[must_use]
    pub fn with_bodies(self, bodies: &'a [Body]) -> Self {
        Self { bodies, ..self }
    }

    /// What was said, where the receiver may have it.
    pub fn bodies(&self) -> &'a [Body] {
        self.bodies
    }

    /// What was said by one side, as a text.
    pub(crate) fn said(&self, role: &str) -> Option<Cow<'a, str>> {
        self.bodies.iter().find(|body| body.role == role).and_then(Body::text)
    }

    /// Roles of which only a part is there.
    pub(crate) fn truncated(&self) -> Vec<&'a str> {
        self.bodies.iter().filter(|body| body.is_truncated).map(|body| body.role.as_str()).collect()
    }

    /// The event.
    pub fn event(&self) -> &'a Event {
        self.event
    }

    /// Its id, as receivers see it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its type, as receivers see it. A request has the name of what was decided about it; where no name fits, for one
    /// that was let through although something was found, it stays `request`.
    pub fn name(&self) -> &'a str {
        let event = self.event;
        if !event.event_type.is_request() {
            return event.event_type.as_str();
        }
        match event.decision {
            Decision::Blocked => "decision.rejected",
            _ if event.held == Some(true) => "decision.created",
            Decision::Escalated => "decision.created",
            _ if event.is_auto_approved() => "decision.auto_approved",
            Decision::Allowed | Decision::Redacted | Decision::Error => event.event_type.as_str(),
        }
    }

    /// What happened, under the name that it has in the log.
    pub(crate) fn kind(&self) -> &'a str {
        if self.is_request() { "request" } else { self.event.event_type.as_str() }
    }

    /// Whether it is about a request, under whatever name.
    pub(crate) fn is_request(&self) -> bool {
        self.event.event_type.is_request() || self.event.event_type == EventType::AUTO_APPROVED
    }

    /// The verb of what was enforced.
    pub fn enforcement(&self) -> &'static str {
        match self.event.decision {
            Decision::Allowed => "allow",
            Decision::Blocked => "block",
            Decision::Redacted => "redact",
            Decision::Escalated => "escalate",
            Decision::Error => "error",
        }
    }

    /// The band of its risk: its own, or that of its score.
    pub fn risk_band(&self) -> Option<RiskBand> {
        self.event.risk_band.or_else(|| self.event.risk_score.map(RiskBand::of))
    }

    /// What was found, if anything was.
    pub fn found(&self) -> Option<&'a str> {
        self.event.finding_type.as_deref()
    }

    /// Whether somebody should look at it: something was found, or it was not simply let through.
    pub fn is_alert(&self) -> bool {
        let event = self.event;
        event.finding_type.is_some() || event.category.is_some() || event.decision != Decision::Allowed
    }

    /// Its name as words: `Decision rejected`.
    pub fn title(&self) -> String {
        capitalised(self.name())
    }

    /// Its title with what was found and how bad it is: `Decision rejected: PII high-severity`.
    pub fn headline(&self) -> String {
        let mut text = self.title();
        if let Some(found) = self.found() {
            text.push_str(": ");
            text.push_str(&label(found));
            text.push(' ');
            text.push_str(self.event.severity.as_str());
            text.push_str("-severity");
        }
        text
    }
}

/// A word of the detectors as people write it.
fn label(found: &str) -> String {
    match found {
        "pii" => "PII".to_owned(),
        other => capitalised(other),
    }
}

fn capitalised(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 32);
    for (at, character) in name.chars().enumerate() {
        match character {
            '.' | '_' => text.push(' '),
            other if at == 0 => text.push(other.to_ascii_uppercase()),
            other => text.push(other),
        }
    }
    text
}
