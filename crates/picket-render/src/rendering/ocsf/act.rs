//! Authentication and Entity Management: what people and services did to the product itself.

use super::{Class, OcsfVersion, base, source, unmapped, user};
use crate::json::Object;
use crate::rendering::Maker;
use crate::subject::Subject;
use picket_event::Event;

pub(super) fn authentication(subject: &Subject<'_>, maker: &Maker, version: OcsfVersion, object: &mut Object<'_>) {
    let event = subject.event();
    let what = event.event_type.as_str();
    let (activity_id, activity_name) = match what {
        "auth.logout" | "auth.session_ended" => (2, "Logoff"),
        _ => (1, "Logon"),
    };
    let class = Class { category_uid: 3, class_uid: 3_002, class_name: "Authentication", activity_id, activity_name };
    base(subject, maker, version, class, object);
    let failed = what == "auth.failed";
    object.put("status_id", if failed { 2_u64 } else { 1 });
    object.put("status", if failed { "Failure" } else { "Success" });
    object.put("status_detail", event.reason.as_deref());
    if is_known(event) {
        user(event, "user", object)
    } else {
        object.object("user", |user| user.put("name", "unknown"))
    }
    source(event, object);
    object.object("service", |service| service.put("name", &maker.product));
    unmapped(subject, object, |rest| rest.put("target", event.target.as_deref()));
}

fn is_known(event: &Event) -> bool {
    event.user.is_some() || event.user_id.is_some() || event.actor.is_some()
}

pub(super) fn management(subject: &Subject<'_>, maker: &Maker, version: OcsfVersion, object: &mut Object<'_>) {
    let event = subject.event();
    let (activity_id, activity_name) = activity(event.event_type.as_str());
    let class =
        Class { category_uid: 3, class_uid: 3_004, class_name: "Entity Management", activity_id, activity_name };
    base(subject, maker, version, class, object);
    object.put("status_detail", event.reason.as_deref());
    object.object("entity", |entity| {
        let (kind, id) = event.target.as_deref().and_then(|target| target.split_once(':')).unzip();
        entity.put("type", kind.or(event.event_type.as_str().split('.').next()));
        entity.put("uid", id.or(event.target.as_deref()));
        entity.put("name", if event.target.is_none() { Some(event.event_type.as_str()) } else { None });
    });
    if version == OcsfVersion::V1_8 {
        object.object("actor", |actor| user(event, "user", actor));
    }
    unmapped(subject, object, |rest| rest.put("actor", event.actor.as_deref()));
}

/// What the last word of a type does to a thing.
fn activity(event_type: &str) -> (u64, &'static str) {
    match event_type.rsplit('.').next().unwrap_or_default() {
        "created" | "member_added" | "totp_begun" | "deployed" => (1, "Create"),
        "body_viewed" | "downloaded" => (2, "Read"),
        "deleted" | "revoked" | "member_removed" | "totp_ended" | "entries_dropped" | "content_expired" => {
            (4, "Delete")
        }
        _ => (3, "Update"),
    }
}
