//! `ocsf`: an event of the Open Cybersecurity Schema Framework, 1.8 with its profile `ai_operation`, or 1.1, which
//! knows no models: there they stand in `unmapped`.
//!
//! | what happened | class |
//! |---|---|
//! | a request or a tool call, whatever was decided about it | API Activity 6003 |
//! | a finding of a rule or a late check, a discovery | Detection Finding 2004 |
//! | an escalation, a decision, an incident | Incident Finding 2005 |
//! | a sign-in | Authentication 3002 |
//! | any other act | Entity Management 3004 |

mod act;
mod activity;
mod finding;

use super::Maker;
use crate::json::{NonEmpty, Object, Said, object};
use crate::subject::Subject;
use picket_event::{Category, Event, Identity, RiskBand, Severity};
use picket_stdx::Timestamp;

/// A version of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OcsfVersion {
    /// 1.1.0, which Amazon Security Lake validates.
    V1_1,
    /// 1.8.0.
    #[default]
    V1_8,
}

impl OcsfVersion {
    /// Its number.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_1 => "1.1.0",
            Self::V1_8 => "1.8.0",
        }
    }
}

/// A class with the activity that an event is.
#[derive(Debug, Clone, Copy)]
struct Class {
    category_uid: u64,
    class_uid: u64,
    class_name: &'static str,
    activity_id: u64,
    activity_name: &'static str,
}

pub(super) fn render(subject: &Subject<'_>, maker: &Maker, version: OcsfVersion, out: &mut Vec<u8>) {
    let family = subject.event().event_type.as_str().split('.').next().unwrap_or_default();
    object(out, |object| match family {
        _ if subject.is_request() => activity::put(subject, maker, version, object),
        "tool_call" => activity::put(subject, maker, version, object),
        "finding" | "verdict" | "discovery" | "judge" => finding::detection(subject, maker, version, object),
        "escalation" | "decision" | "incident" => finding::incident(subject, maker, version, object),
        "auth" => act::authentication(subject, maker, version, object),
        _ => act::management(subject, maker, version, object),
    });
}

/// The members that every class has.
fn base(subject: &Subject<'_>, maker: &Maker, version: OcsfVersion, class: Class, object: &mut Object<'_>) {
    let event = subject.event();
    object.put("class_uid", class.class_uid);
    object.put("class_name", class.class_name);
    object.put("category_uid", class.category_uid);
    object.put("activity_id", class.activity_id);
    object.put("activity_name", class.activity_name);
    object.put("type_uid", class.class_uid * 100 + class.activity_id);
    object.put("time", event.timestamp.as_millis());
    object.put("severity_id", severity_id(event.severity));
    object.put("severity", severity_name(event.severity));
    object.put("message", subject.headline());
    object.put("count", event.count);
    object.object("metadata", |metadata| {
        metadata.put("version", version.as_str());
        metadata.object("product", |product| {
            product.put("vendor_name", &maker.vendor);
            product.put("name", &maker.product);
            product.put("version", &maker.version);
        });
        metadata.put("uid", subject.id());
        metadata.put("tenant_uid", &event.workspace_id);
        metadata.put("event_code", subject.name());
        metadata.put("sequence", event.log.as_ref().map(|place| place.completed));
        metadata.put("logged_time", event.recorded_at.map(Timestamp::as_millis));
        metadata.put("correlation_uid", event.request_id.as_deref());
        if version == OcsfVersion::V1_8 && class.class_uid == activity::CLASS_UID {
            metadata.write("profiles", |out| out.extend_from_slice(activity::profiles(event)));
        }
    });
}

fn severity_id(severity: Severity) -> u64 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "Informational",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

/// A score of 0 to 1 as whole percent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100 before the cast")]
fn percent(score: f64) -> u64 {
    (score * 100.0).round().clamp(0.0, 100.0) as u64
}

/// Who did it: a user, a session or a service, or, where nobody is known, whoever called.
fn actor(event: &Event, object: &mut Object<'_>) {
    object.object("actor", |actor| {
        user(event, "user", actor);
        actor.object("session", |session| session.put("uid", event.session_id.as_deref()));
        let known = event.user.is_some() || event.user_id.is_some() || event.actor.is_some();
        actor.put("invoked_by", event.application.as_deref().or(if known { None } else { Some("unknown") }));
    });
}

fn user(event: &Event, key: &str, object: &mut Object<'_>) {
    object.object(key, |user| {
        user.put("name", event.user.as_deref().or(event.actor.as_deref()));
        user.put("uid", event.user_id.as_deref());
        user.put("credential_uid", event.key_id.as_deref().filter(|_| event.user.is_some() || event.actor.is_some()));
        user.object("org", |org| org.put("name", event.team.as_deref().filter(|_| event.user.is_some())));
    });
}

fn source(event: &Event, object: &mut Object<'_>) {
    let ip = super::ecs::address(event.src_ip.as_deref());
    object.object("src_endpoint", |endpoint| {
        endpoint.put("ip", ip);
        endpoint.put("name", if ip.is_none() { Some("unknown") } else { None });
    });
}

/// What the schema has no place for.
fn unmapped(subject: &Subject<'_>, object: &mut Object<'_>, more: impl FnOnce(&mut Object<'_>)) {
    let event = subject.event();
    object.object("unmapped", |rest| {
        rest.put("decision", event.decision.as_str());
        rest.put("type", subject.found());
        rest.put("category", event.category.map(Category::as_str));
        rest.put("risk_band", subject.risk_band().map(RiskBand::as_str));
        rest.put("risk_tier", event.risk_tier.map(u64::from));
        rest.put("identity", event.identity.map(Identity::as_str));
        rest.put("cost", event.cost);
        rest.put("escalation_id", event.escalation_id);
        rest.put("incident_id", event.incident_id.as_deref());
        rest.put("parent_event_id", event.parent_event_id);
        rest.put("trace_id", event.trace_id.as_deref());
        rest.put("exceptions", NonEmpty(&event.exceptions));
        rest.put("body_contents", Said(subject.bodies()));
        rest.put("bodies_truncated", NonEmpty(&subject.truncated()));
        rest.put("metrics", &event.metrics);
        rest.put("source", event.source.as_deref());
        rest.put("attributes", &event.attributes);
        more(rest);
    });
}
