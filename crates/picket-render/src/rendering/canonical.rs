//! `canonical`: twelve members in a fixed order, and more fields of the event, and what was said, only
//! where the destination asks for them.

use super::Maker;
use crate::field::Field;
use crate::json::{NonEmpty, Said, object};
use crate::subject::Subject;
use picket_event::RiskBand;

/// The members, in order.
const MEMBERS: [&str; 12] = [
    "event_id",
    "event_type",
    "workspace_id",
    "timestamp",
    "severity",
    "name",
    "vendor",
    "product",
    "version",
    "enforcement",
    "category",
    "risk_band",
];

pub(super) fn render(subject: &Subject<'_>, maker: &Maker, extra: &[Field], out: &mut Vec<u8>) {
    let event = subject.event();
    let mut value = Vec::new();
    object(out, |object| {
        object.put("event_id", subject.id());
        object.put("event_type", subject.name());
        object.put("workspace_id", &event.workspace_id);
        object.put("timestamp", event.timestamp);
        object.put("severity", u64::from(event.severity.number()));
        object.put("name", subject.headline());
        object.put("vendor", &maker.vendor);
        object.put("product", &maker.product);
        object.put("version", &maker.version);
        object.put("enforcement", subject.enforcement());
        object.put("category", subject.found());
        object.put("risk_band", subject.risk_band().map(RiskBand::as_str));
        for field in extra.iter().filter(|field| !MEMBERS.contains(&field.name())) {
            value.clear();
            if field.write(subject, &mut value) {
                object.write(field.name(), |out| out.extend_from_slice(&value));
            }
        }
        object.put("body_contents", Said(subject.bodies()));
        object.put("bodies_truncated", NonEmpty(&subject.truncated()));
    });
}
