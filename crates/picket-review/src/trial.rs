//! A marked escalation that goes the whole way of a real one, so that people know that the way is free.

use crate::Queue;
use picket_db::{Lane, WriteError};
use picket_event::{Category, Decision, EscalationId, Event, EventType, Severity};
use picket_log::AppendError;

/// The event behind one. Nothing counts it as traffic.
pub(crate) const TRIAL: EventType = EventType::of("escalation.test");
/// What was found, as far as lists and metrics are concerned.
pub const TEST: &str = "test";

impl Queue {
    /// Writes the event; the consumer of the log puts its escalation into the queue, as it does with others. The id of the
    /// escalation.
    pub fn trial(&self, severity: Severity, name: &str) -> Result<EscalationId, WriteError<AppendError>> {
        let now = self.log.clock().now();
        let id = EscalationId::new(now);
        let mut event = Event::new(TRIAL, self.workspace.as_str(), now);
        event.severity = severity;
        event.decision = Decision::Escalated;
        event.finding_type = Some(TEST.to_owned());
        event.category = Some(Category::GuardrailBlock);
        event.escalation_id = Some(id);
        event.actor = Some(name.to_owned());
        event.reason = Some("a test of the queue: nobody asked for anything".to_owned());
        self.log.append(Lane::Admin, self.log.prepare(event, &[])).wait()?;
        Ok(id)
    }
}
