//! Keeps `docs/reference/renderings.md` true: its tables say where each member comes from, found by marking every field
//! of an event and looking for the marks; its examples are renderings of one event. `UPDATE_EXPECT=1` writes them anew.

use super::{full, parsers};
use crate::wire::{bulk, hec, ingest, syslog};
use crate::{Format, Maker, OcsfVersion, Profile, Renderer, Subject};
use picket_event::{
    Category, Decision, EscalationId, Event, EventId, EventType, GuardrailResult, Identity, Outcome, RiskBand, Scanned,
    Severity,
};
use picket_stdx::Timestamp;
use serde_json::Value;
use std::fmt::Write as _;

const FORMATS: [(&str, Format); 11] = [
    ("canonical", Format::Canonical),
    ("ai_security", Format::AiSecurity),
    ("mapped", Format::Mapped),
    ("ecs", Format::Ecs),
    ("ocsf", Format::Ocsf(OcsfVersion::V1_8)),
    ("ocsf-1.1", Format::Ocsf(OcsfVersion::V1_1)),
    ("otel", Format::Otel),
    ("cef", Format::Cef(Profile::Strict)),
    ("cef as-printed", Format::Cef(Profile::AsPrinted)),
    ("leef", Format::Leef(Profile::Strict)),
    ("leef as-printed", Format::Leef(Profile::AsPrinted)),
];

fn maker() -> Maker {
    Maker { version: "1.0".to_owned(), ..Maker::default() }
}

/// Names that no field of the marked event has.
fn marked_maker() -> Maker {
    Maker { vendor: "vendor".to_owned(), product: "product".to_owned(), version: "version".to_owned() }
}

/// An event in which no two fields have the same value.
#[expect(clippy::too_many_lines, reason = "one line for each member")]
fn marked() -> Event {
    let text = |name: &str| Some(format!("the {name}"));
    let id = |number| EventId::from_bits(number);
    Event {
        event_id: id(1),
        event_type: EventType::REQUEST,
        timestamp: Timestamp::from_millis(1_780_308_800_125),
        recorded_at: Some(Timestamp::from_millis(1_780_308_900_250)),
        workspace_id: "the workspace_id".to_owned(),
        severity: Severity::Critical,
        decision: Decision::Blocked,
        policies_triggered: vec!["the policies_triggered".to_owned()],
        finding_type: text("type"),
        category: Some(Category::PromptAttack),
        held: Some(true),
        outcome: Some(Outcome::Refused),
        status_code: Some(418),
        reason: text("reason"),
        risk_score: Some(0.613),
        risk_band: Some(RiskBand::Medium),
        risk_tier: Some(3),
        user: text("user"),
        user_id: text("user_id"),
        team: text("team"),
        application: text("application"),
        feature: text("feature"),
        agent_id: text("agent_id"),
        session_id: text("session_id"),
        key_id: text("key_id"),
        src_ip: Some("192.0.2.77".to_owned()),
        user_agent: text("user_agent"),
        identity: Some(Identity::Jwt),
        gateway_id: text("gateway_id"),
        endpoint: Some("/the/endpoint".to_owned()),
        provider: text("provider"),
        model: text("model"),
        region: text("region"),
        policy_version: Some(77),
        policy_digest: text("policy_digest"),
        policy_violated: text("policy_violated"),
        guardrail_result: Some(GuardrailResult::Flag),
        scanned: Some(Scanned::Partial),
        prompt_simhash: text("prompt_simhash"),
        judge_model: text("judge_model"),
        judge_score: Some(0.377),
        judge_verdict: text("judge_verdict"),
        judge_id: text("judge_id"),
        tools: vec!["the tools".to_owned()],
        mcp_server: text("mcp_server"),
        tokens_in: Some(1_111),
        tokens_out: Some(2_222),
        cost: Some(1.255),
        latency_ms: Some(4_321),
        ttft_ms: Some(123),
        request_bytes: Some(5_555),
        response_bytes: Some(6_666),
        request_id: text("request_id"),
        trace_id: Some("11112222333344445555666677778888".to_owned()),
        span_id: Some("1111222233334444".to_owned()),
        provider_request_id: text("provider_request_id"),
        client_request_id: text("client_request_id"),
        parent_event_id: Some(id(2)),
        escalation_id: Some(EscalationId::from_bits(3)),
        incident_id: text("incident_id"),
        rule_id: text("rule_id"),
        actor: text("actor"),
        target: text("target"),
        count: Some(99),
        exceptions: vec!["the exceptions".to_owned()],
        metrics: [("cpu_ratio".to_owned(), 0.8642)].into(),
        source: text("source"),
        attributes: [("result".to_owned(), "the attributes".into())].into(),
        ..full()
    }
}

/// What a value of the marked event comes from.
fn origin(value: &str, event: &Event) -> Option<String> {
    let subject = Subject::new(event);
    let at = |at: Timestamp| [at.to_string(), at.as_millis().to_string(), format!("{}000000", at.as_millis())];
    let forms: [(&str, Vec<String>); 12] = [
        ("timestamp", at(event.timestamp).into_iter().chain(["1780308800.125".to_owned()]).collect()),
        ("recorded_at", at(event.recorded_at.unwrap()).to_vec()),
        ("timestamp + latency_ms", vec!["2026-06-01T10:13:24.446Z".to_owned()]),
        ("latency_ms, in nanoseconds", vec!["4321000000".to_owned()]),
        ("severity", ["critical", "10", "Critical", "21", "5"].map(str::to_owned).to_vec()),
        ("decision", vec!["blocked".to_owned()]),
        ("decision, as a verb", vec![subject.enforcement().to_owned()]),
        ("event_type and decision", vec![subject.name().to_owned(), subject.title()]),
        ("event_type, decision, type and severity", vec![subject.headline()]),
        ("risk_score, in percent", vec!["61".to_owned(), "61.3".to_owned()]),
        ("tokens_in + tokens_out", vec!["3333".to_owned()]),
        ("event_type", vec!["request".to_owned()]),
    ];
    if let Some((name, _)) = forms.iter().find(|(_, forms)| forms.iter().any(|form| form == value)) {
        return Some((*name).to_owned());
    }
    for field in crate::Field::all() {
        let mut out = Vec::new();
        field.write(&subject, &mut out);
        let written: Value = serde_json::from_slice(&out).unwrap_or(Value::Null);
        let is_it = |written: &Value| !written.is_null() && plain(written) == value;
        let inner = written.as_object().is_some_and(|members| members.values().any(is_it));
        if is_it(&written) || inner || written.as_array().is_some_and(|items| items.iter().any(is_it)) {
            return Some(field.name().to_owned());
        }
    }
    ["vendor", "product", "version"].contains(&value).then(|| format!("{value} (setting)"))
}

/// The members of a rendering, with their values as text.
fn members(format: Format, line: &str) -> Vec<(String, String)> {
    match format {
        Format::Cef(_) => {
            let pairs = parsers::cef(line).unwrap().1;
            let label =
                |key: &str| pairs.iter().find(|(name, _)| *name == format!("{key}Label")).map(|(_, label)| label);
            let named = |(key, value): &(String, String)| match label(key) {
                Some(label) => (format!("{key} ({label})"), value.clone()),
                None => (key.clone(), value.clone()),
            };
            pairs.iter().filter(|(key, _)| !key.ends_with("Label")).map(named).collect()
        }
        Format::Leef(Profile::Strict) => parsers::leef(line).unwrap().1,
        Format::Leef(Profile::AsPrinted) => {
            let attributes = line.rsplit_once('|').unwrap().1.split('\t');
            attributes
                .map(|pair| pair.split_once('=').unwrap())
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect()
        }
        _ => {
            let mut found = Vec::new();
            walk(&serde_json::from_str(line).unwrap(), String::new(), &mut found);
            found
        }
    }
}

fn walk(value: &Value, path: String, found: &mut Vec<(String, String)>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(object) => {
            // A pair of OTLP is a member of its list.
            if let (Some(Value::String(key)), Some(Value::Object(inner)), 2) =
                (object.get("key"), object.get("value"), object.len())
            {
                let leaf = inner.values().next().unwrap();
                let leaf = leaf.pointer("/values/0/stringValue").unwrap_or(leaf);
                found.push((format!("{path}[{key}]"), plain(leaf)));
                return;
            }
            object.iter().for_each(|(key, value)| walk(value, below(key), found));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, path.clone(), found)),
        other => found.push((path, plain(other))),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn table(format: Format) -> String {
    let event = marked();
    let mut line = Vec::new();
    Renderer::new(format, marked_maker()).render(&Subject::new(&event), &mut line);
    let mut text = "| member | comes from |\n|---|---|\n".to_owned();
    for (member, value) in members(format, std::str::from_utf8(&line).unwrap()) {
        let member = member.replace("resourceLogs.scopeLogs.logRecords.", "").replace("resourceLogs.", "");
        let from = origin(&value, &event).unwrap_or_else(|| format!("the format: `{value}`"));
        writeln!(text, "| `{member}` | {from} |").unwrap();
    }
    text
}

fn example(format: Format) -> String {
    let event = full();
    let mut line = Vec::new();
    Renderer::new(format, maker()).render(&Subject::new(&event), &mut line);
    format!("```text\n{}\n```\n", String::from_utf8(line).unwrap())
}

/// What carries the canonical rendering.
fn carried(name: &str) -> String {
    let event = full();
    let subject = Subject::new(&event);
    let renderer = Renderer::new(Format::Canonical, maker());
    let mut out = Vec::new();
    match name {
        "hec" => {
            let sourcetype = renderer.sourcetype(&subject);
            let envelope = hec::Envelope {
                time: event.timestamp,
                host: "picket.example",
                source: "Picket",
                sourcetype: &sourcetype,
                index: None,
                fields: &[],
            };
            hec::encode(&mut out, &envelope, |out| renderer.render(&subject, out)).unwrap();
        }
        "bulk" => {
            bulk::create(&mut out, subject.id(), Some(event.timestamp), |out| renderer.render(&subject, out)).unwrap();
        }
        "AISecurity_CL" => ingest::row(&mut out, &subject, ingest::Layout::AiSecurity, &renderer),
        _ => {
            let mut line = Vec::new();
            Renderer::new(Format::Cef(Profile::Strict), maker()).render(&subject, &mut line);
            let message = syslog::Message {
                facility: 13,
                severity: syslog::severity_of(event.severity),
                time: syslog::Time::At(event.timestamp),
                hostname: "picket.example",
                app_name: "picket",
                procid: "",
                msgid: subject.name(),
                data: &[],
                bom: false,
                text: Some(&line),
            };
            syslog::encode(&mut out, &message, syslog::Framing::OctetCounting).unwrap();
        }
    }
    format!("```text\n{}\n```\n", String::from_utf8(out).unwrap().trim_end())
}

#[test]
fn the_reference_shows_where_every_member_comes_from() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/renderings.md");
    let page = std::fs::read_to_string(path).unwrap();
    let mut generated = Vec::new();
    for (name, format) in FORMATS {
        generated.push((format!("members of {name}"), table(format)));
        generated.push((format!("example of {name}"), example(format)));
    }
    for name in ["hec", "bulk", "AISecurity_CL", "syslog"] {
        generated.push((format!("example of {name}"), carried(name)));
    }
    let mut wanted = page.clone();
    for (name, text) in &generated {
        let (begin, end) = (format!("<!-- {name} -->\n"), "<!-- end -->\n");
        let (before, rest) = wanted.split_once(&begin).unwrap_or_else(|| panic!("no `{}` in the page", begin.trim()));
        let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("no end of `{name}`"));
        wanted = format!("{before}{begin}{text}{end}{after}");
    }
    assert_eq!(page.matches("<!-- end -->").count(), generated.len(), "a part that nothing generates");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, wanted).unwrap();
    } else {
        assert!(
            page == wanted,
            "docs/reference/renderings.md is not what the code does; run this test with UPDATE_EXPECT=1"
        );
    }
}
