//! `mapped`: the table of field names that guides for analysts print; values are the event's own.

use crate::json::object;
use crate::subject::Subject;

pub(super) fn render(subject: &Subject<'_>, prefix: &str, out: &mut Vec<u8>) {
    let event = subject.event();
    object(out, |object| {
        object.put(&format!("{prefix}.event.id"), subject.id());
        object.put("@timestamp", event.timestamp);
        object.put("user.name", event.user.as_deref());
        object.put("destination.service.name", event.provider.as_deref());
        object.put("destination.resource.name", event.model.as_deref());
        object.put("event.outcome", event.decision.as_str());
        object.put("observer.id", event.gateway_id.as_deref());
        object.put("event.duration", event.latency_ms);
        object.put("custom.ai.cost", event.cost);
        object.put("rule.name", event.policies_triggered.as_slice());
    });
}
