//! Detection Finding and Incident Finding: what rules, late checks and people make of requests.

use super::{Class, OcsfVersion, base, percent, unmapped};
use crate::json::{Json as _, NonEmpty, Object, object};
use crate::rendering::Maker;
use crate::subject::Subject;

pub(super) fn detection(subject: &Subject<'_>, maker: &Maker, version: OcsfVersion, out: &mut Object<'_>) {
    let event = subject.event();
    let class = Class {
        category_uid: 2,
        class_uid: 2_004,
        class_name: "Detection Finding",
        activity_id: 1,
        activity_name: "Create",
    };
    base(subject, maker, version, class, out);
    out.put("status_id", 1_u64);
    out.put("status", "New");
    out.put("status_detail", event.reason.as_deref());
    out.object("finding_info", |info| finding_info(subject, info));
    out.put("risk_score", event.risk_score.filter(|score| score.is_finite()).map(percent));
    if let Some(model) = event.model.as_deref() {
        out.list_of_one("resources", |resource| {
            resource.put("type", "ai_model");
            resource.put("name", model);
        });
    }
    unmapped(subject, out, |rest| {
        rest.put("user", event.user.as_deref());
        rest.put("model", event.model.as_deref());
        rest.put("provider", event.provider.as_deref());
        rest.put("policies_triggered", NonEmpty(&event.policies_triggered));
    });
}

pub(super) fn incident(subject: &Subject<'_>, maker: &Maker, version: OcsfVersion, out: &mut Object<'_>) {
    let event = subject.event();
    let (activity_id, activity_name, status_id, status) = stage(event.event_type.as_str());
    let class = Class { category_uid: 2, class_uid: 2_005, class_name: "Incident Finding", activity_id, activity_name };
    base(subject, maker, version, class, out);
    out.put("status_id", status_id);
    out.put("status", status);
    out.put("status_detail", event.reason.as_deref());
    // The schema wants somebody whose case it is.
    match event.actor.as_deref() {
        Some(actor) => out.object("assignee", |assignee| assignee.put("name", actor)),
        None => out.object("assignee_group", |group| group.put("name", "unassigned")),
    }
    out.write("finding_info_list", |out| {
        out.push(b'[');
        object(out, |info| finding_info(subject, info));
        out.push(b']');
    });
    unmapped(subject, out, |rest| {
        rest.put("user", event.user.as_deref());
        rest.put("actor", event.actor.as_deref());
        rest.put("model", event.model.as_deref());
    });
}

/// What the last word of a type means for a case.
fn stage(event_type: &str) -> (u64, &'static str, u64, &'static str) {
    match event_type.rsplit('.').next().unwrap_or_default() {
        "created" | "opened" => (1, "Create", 1, "New"),
        "resolved" | "approved" | "rejected" | "executed" | "auto_approved" => (3, "Close", 4, "Resolved"),
        "expired" | "closed" => (3, "Close", 5, "Closed"),
        "snoozed" => (2, "Update", 3, "On Hold"),
        _ => (2, "Update", 2, "In Progress"),
    }
}

/// A finding has the id of the case that it belongs to, so that all that happens to one is joined.
fn finding_info(subject: &Subject<'_>, info: &mut Object<'_>) {
    let event = subject.event();
    info.put("title", subject.headline());
    info.write("uid", |out| match (event.escalation_id, event.incident_id.as_deref(), event.parent_event_id) {
        (Some(id), ..) => id.write(out),
        (None, Some(id), _) => id.write(out),
        (None, None, Some(id)) => id.write(out),
        (None, None, None) => subject.id().write(out),
    });
    if let Some(found) = subject.found() {
        info.put("types", [found]);
    }
    info.put("created_time", event.timestamp.as_millis());
    info.object("analytic", |analytic| {
        analytic.put("name", event.policy_violated.as_deref());
        analytic.put("uid", event.rule_id.as_deref());
        let known = event.policy_violated.is_some() || event.rule_id.is_some();
        analytic.put("type_id", if known { Some(1_u64) } else { None });
    });
}
