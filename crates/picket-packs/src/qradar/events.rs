//! Which events there are, and what each is in QRadar's words.

use super::csv;
use picket_event::Category;
use serde_json::json;
use std::fmt::Write as _;

/// Low-level categories of QRadar: id, name, and what is of it.
pub(super) const CATEGORIES: &[(u32, &str, &str)] = &[
    (ACCESS_PERMITTED, "Access Permitted", "requests that were let through"),
    (ACCESS_DENIED, "Access Denied", "requests that were refused without a category"),
    (
        APPLICATION_POLICY,
        "Application Policy Violation",
        "guardrail_block, agent_boundary_violation; what waits for a person",
    ),
    (COMPLIANCE_POLICY, "Compliance Policy Violation", "judge_flag"),
    (SUSPICIOUS_PATTERN, "Suspicious Pattern Detected", "prompt_attack"),
    (SUSPICIOUS_ACTIVITY, "Suspicious Activity", "anomaly, model_drift; findings without a category"),
    (INFORMATION_LEAK, "Information Leak", "data_exfiltration"),
    (LOGIN_SUCCEEDED, "Misc Login Succeeded", "sign-ins"),
    (LOGIN_FAILED, "Misc Login Failed", "credentials that were refused"),
    (READ, "Read Activity Succeeded", "exports, prompts and answers that somebody read"),
    (CHANGE, "Update Activity Succeeded", "acts of people: keys, users, policies, cases, containments"),
    (AUDIT, "General Audit Event", "everything else"),
];

const LOGIN_SUCCEEDED: u32 = 3004;
const LOGIN_FAILED: u32 = 3005;
const ACCESS_PERMITTED: u32 = 4014;
const ACCESS_DENIED: u32 = 4015;
const SUSPICIOUS_PATTERN: u32 = 7002;
const SUSPICIOUS_ACTIVITY: u32 = 7006;
const INFORMATION_LEAK: u32 = 7024;
const APPLICATION_POLICY: u32 = 9007;
const COMPLIANCE_POLICY: u32 = 9013;
const AUDIT: u32 = 19001;
const READ: u32 = 19015;
const CHANGE: u32 = 19018;

/// What the lines have as `cat` where nothing was found.
const NONE: &str = "none";

/// Events of a family: its name, the category of those without one of their own, their severity, whether they can have one
/// of their own, and what stands behind the family's dot; nothing is the family itself.
struct Family {
    name: &'static str,
    category: u32,
    severity: u8,
    has_category: bool,
    acts: &'static [&'static str],
}

const fn family(
    name: &'static str,
    category: u32,
    severity: u8,
    has_category: bool,
    acts: &'static [&'static str],
) -> Family {
    Family { name, category, severity, has_category, acts }
}

const FAMILIES: &[Family] = &[
    family("request", ACCESS_PERMITTED, 1, true, &[""]),
    family("decision", ACCESS_PERMITTED, 1, true, &["auto_approved"]),
    family("decision", ACCESS_DENIED, 4, true, &["rejected"]),
    family("decision", APPLICATION_POLICY, 3, true, &["created"]),
    family("decision", CHANGE, 2, true, &["approved", "executed"]),
    family("tool_call", ACCESS_PERMITTED, 1, true, &[""]),
    family("verdict", SUSPICIOUS_ACTIVITY, 4, true, &["late"]),
    family("judge", AUDIT, 2, true, &["evaluated"]),
    family("finding", SUSPICIOUS_ACTIVITY, 6, true, &["created", "amended"]),
    family("finding", CHANGE, 2, true, &["acknowledged", "commented", "closed"]),
    family("escalation", APPLICATION_POLICY, 4, true, &["created"]),
    family(
        "escalation",
        CHANGE,
        2,
        true,
        &[
            "claimed",
            "assigned",
            "released",
            "in_review",
            "snoozed",
            "woken",
            "handed_on",
            "commented",
            "approved_by_first",
            "resolved",
            "expired",
            "test",
        ],
    ),
    family("incident", SUSPICIOUS_ACTIVITY, 7, true, &["opened", "amended"]),
    family("incident", CHANGE, 2, true, &["acknowledged", "closed"]),
    family("containment", CHANGE, 5, true, &["proposed", "applied", "refused", "undone", "expired"]),
    family("auth", LOGIN_FAILED, 5, true, &["failed"]),
    family("auth", LOGIN_SUCCEEDED, 1, false, &["login"]),
    family("auth", AUDIT, 1, false, &["logout", "confirmed", "session_ended"]),
    family("admin", READ, 3, false, &["body_viewed"]),
    family("admin", CHANGE, 3, false, &["config_changed", "setup"]),
    family(
        "export",
        READ,
        3,
        false,
        &[
            "created",
            "restarted",
            "completed",
            "failed",
            "cancelled",
            "downloaded",
            "expired",
            "schedule_created",
            "schedule_paused",
            "schedule_resumed",
            "schedule_deleted",
        ],
    ),
    family(
        "policy",
        CHANGE,
        4,
        false,
        &[
            "deployed",
            "proposed",
            "approved",
            "rejected",
            "break_glass",
            "exception_created",
            "exception_revoked",
            "exception_expired",
        ],
    ),
    family("key", CHANGE, 3, false, &["created", "revoked", "rotated"]),
    family(
        "user",
        CHANGE,
        3,
        false,
        &[
            "created",
            "changed",
            "suspended",
            "resumed",
            "deleted",
            "password_changed",
            "password_reset",
            "totp_begun",
            "totp_enabled",
            "totp_ended",
            "totp_reset",
        ],
    ),
    family("team", CHANGE, 3, false, &["created", "changed", "deleted", "member_added", "member_removed"]),
    family("suppression", CHANGE, 3, false, &["created", "ended"]),
    family("detection", CHANGE, 3, false, &["rule_enabled", "rule_shadowed", "rule_disabled"]),
    family(
        "destination",
        CHANGE,
        3,
        false,
        &[
            "created",
            "updated",
            "rotated",
            "tested",
            "paused",
            "resumed",
            "deleted",
            "bodies_included",
            "bodies_excluded",
        ],
    ),
    family(
        "webhook",
        CHANGE,
        3,
        false,
        &["created", "changed", "removed", "rotated", "tested", "replayed", "disabled"],
    ),
    family(
        "ticket",
        CHANGE,
        2,
        false,
        &[
            "opened",
            "acknowledged",
            "resolved",
            "failed",
            "replayed",
            "place_created",
            "place_changed",
            "place_removed",
            "place_tested",
            "runbook_changed",
        ],
    ),
    family("delivery", AUDIT, 2, false, &["completed", "dead_lettered", "expired", "replayed", "discarded"]),
    family("gateway", AUDIT, 5, false, &["health_changed"]),
    family("retention", AUDIT, 5, false, &["content_expired", "entries_dropped"]),
    family("privacy", CHANGE, 4, false, &["erasure_requested", "erasure_started", "erasure_done", "subject_erased"]),
    family("system", AUDIT, 1, true, &["log_created", "metrics", "clock_stepped_back", "clock_stepped_ahead", "test"]),
    family(
        "external",
        AUDIT,
        2,
        true,
        &["login", "threat_intel", "credential", "badge", "ticket", "judge", "metric", "custom"],
    ),
];

/// The category and severity of events that have one of their own.
fn of_category(category: Category) -> (u32, u8) {
    match category {
        Category::GuardrailBlock => (APPLICATION_POLICY, 4),
        Category::JudgeFlag => (COMPLIANCE_POLICY, 6),
        Category::Anomaly => (SUSPICIOUS_ACTIVITY, 5),
        Category::PromptAttack => (SUSPICIOUS_PATTERN, 8),
        Category::DataExfiltration => (INFORMATION_LEAK, 8),
        Category::AgentBoundaryViolation => (APPLICATION_POLICY, 8),
        Category::ModelDrift => (SUSPICIOUS_ACTIVITY, 5),
    }
}

/// A pair of event id and category, with what it is.
pub(super) struct Row {
    pub(super) event: String,
    pub(super) cat: &'static str,
    pub(super) name: String,
    pub(super) category: u32,
    pub(super) severity: u8,
}

/// Every pair.
pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for family in FAMILIES {
        for act in family.acts {
            let event = if act.is_empty() { family.name.to_owned() } else { format!("{}.{act}", family.name) };
            let plain = Row {
                name: format!("Picket {}", event.replace(['.', '_'], " ")),
                event: event.clone(),
                cat: NONE,
                category: family.category,
                severity: family.severity,
            };
            rows.push(plain);
            for category in Category::ALL.iter().filter(|_| family.has_category) {
                let (llc, severity) = of_category(*category);
                // Steps that people take stay what they are.
                let (llc, severity) =
                    if family.category == CHANGE { (CHANGE, family.severity) } else { (llc, severity) };
                rows.push(Row {
                    name: format!("Picket {}: {}", event.replace(['.', '_'], " "), category.as_str().replace('_', " ")),
                    event: event.clone(),
                    cat: category.as_str(),
                    category: llc,
                    severity,
                });
            }
        }
    }
    rows
}

/// The records, each once.
pub(super) fn records() -> String {
    let mut text = "name,description,severity,low_level_category_id\n".to_owned();
    for row in rows() {
        let about = format!("{} of category {}", row.event, row.cat);
        writeln!(text, "{},{},{},{}", csv(&row.name), csv(&about), row.severity, row.category).unwrap_or_default();
    }
    text
}

/// The same as bodies for the REST API.
pub(super) fn record_bodies() -> String {
    let mut text = String::new();
    for row in rows() {
        let body = json!({
            "name": row.name,
            "description": format!("{} of category {}", row.event, row.cat),
            "severity": row.severity,
            "low_level_category_id": row.category,
        });
        writeln!(text, "{body}").unwrap_or_default();
    }
    text
}

/// Which pair is which record.
pub(super) fn mappings() -> String {
    let mut text = "log_source_event_id,log_source_event_category,name\n".to_owned();
    for row in rows() {
        writeln!(text, "{},{},{}", row.event, row.cat, csv(&row.name)).unwrap_or_default();
    }
    text
}
