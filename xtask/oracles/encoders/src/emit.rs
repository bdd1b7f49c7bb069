//! Prints cases as JSON lines: what went in, and what came out. Bytes that are no text are base64.

use crate::cases::Draws;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_event::vocabulary::{Category, Decision, Identity, Outcome, Severity};
use picket_event::{Event, EventId, EventType};
use picket_render::wire::otlp::{Any, JsonRequest, LogRecord, Origin, ProtobufRequest, record_json, record_protobuf};
use picket_render::wire::{bulk, cef, digest, hec, leef, sharedkey, webhook};
use picket_render::{Format, Framing as _, Maker, OcsfVersion, Profile, Renderer, Subject};
use picket_stdx::Timestamp;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::ExitCode;

type Made = Result<(Value, Vec<u8>), String>;

const TYPES: &[&str] = &[
    "request", "tool_call", "auth.failed", "auth.login", "auth.logout", "finding", "verdict.late", "judge.evaluated",
    "escalation.created", "escalation.resolved", "escalation.snoozed", "escalation.expired", "decision.approved",
    "incident.opened", "incident.closed", "key.created", "key.revoked", "user.deleted", "policy.deployed", "export.downloaded",
    "admin.body_viewed", "system.log_created", "retention.entries_dropped", "discovery.tool_growing", "team.member_added", "decision.auto_approved", "containment.started", "exception.created",
    "system.metrics",
];

pub(crate) fn run(cases: u64, seed: u64, only: Option<&str>) -> ExitCode {
    let kinds: [(&str, fn(&mut Draws) -> Made, u64); 14] = [
        ("cef", of_cef, 1),
        ("leef", of_leef, 1),
        ("hec", of_hec, 1),
        ("bulk", of_bulk, 1),
        ("otlp_json", |draws| of_otlp(draws, false), 2),
        ("otlp_protobuf", |draws| of_otlp(draws, true), 2),
        ("webhook", of_webhook, 4),
        ("digest", of_digest, 4),
        ("sharedkey", of_sharedkey, 4),
        ("ocsf", of_ocsf, 10),
        ("cef_strict", of_cef_strict, 4),
        ("otel", of_otel, 4),
        ("ecs", of_ecs, 4),
        ("documents", of_documents, 1),
    ];
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    // Documents are for a server that has to run, so they are asked for by name.
    let wanted = |name: &str| only.map_or(name != "documents", |only| only.split(',').any(|word| word == name));
    for (name, make, share) in kinds.into_iter().filter(|(name, ..)| wanted(name)) {
        for case in 0..cases.div_ceil(share) {
            let mut draws = Draws(seed.wrapping_mul(0x1000_0000).wrapping_add(case));
            let line = match make(&mut draws) {
                Ok((input, wire)) => json!({"format": name, "case": case, "in": input, "wire": STANDARD.encode(wire)}),
                Err(cause) => json!({"format": name, "case": case, "error": cause}),
            };
            if writeln!(out, "{line}").is_err() {
                return ExitCode::FAILURE;
            }
        }
    }
    if out.flush().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn of_cef(draws: &mut Draws) -> Made {
    let header: Vec<String> = (0..6).map(|_| draws.text()).collect();
    let pairs: Vec<(String, String)> = (0..draws.below(8)).map(|at| (format!("k{at}"), draws.text())).collect();
    let [vendor, product, version, class_id, name, severity] = header.as_slice() else { return Err(String::new()) };
    let mut out = Vec::new();
    let mut line = cef::Line::begin(&mut out, &cef::Header { vendor, product, version, class_id, name, severity });
    for (key, value) in &pairs {
        line.pair(key, value).map_err(|error| error.to_string())?;
    }
    Ok((json!({"header": header, "pairs": pairs}), out))
}

fn of_leef(draws: &mut Draws) -> Made {
    let declared = ["^", "x09", "0x5E", "|", "x7c", "~", "", "x01", "#", ";"][draws.below(10)];
    let header: Vec<String> = (0..4).map(|_| draws.text()).collect();
    let pairs: Vec<(String, String)> =
        (0..draws.below(8)).map(|_| (format!("k{}", draws.below(6)), draws.text())).collect();
    let [vendor, product, version, event_id] = header.as_slice() else { return Err(String::new()) };
    let delimiter = leef::Delimiter::parse(declared).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    let mut line = leef::Line::begin(&mut out, &leef::Header { vendor, product, version, event_id }, delimiter);
    for (key, value) in &pairs {
        line.attribute(key, value).map_err(|error| error.to_string())?;
    }
    Ok((json!({"header": header, "pairs": pairs, "declared": declared}), out))
}

fn of_hec(draws: &mut Draws) -> Made {
    let mut out = Vec::new();
    let mut all = Vec::new();
    for _ in 0..=draws.below(3) {
        let time = Timestamp::from_micros(i64::try_from(draws.next() % 4_000_000_000_000_000).map_err(|error| error.to_string())?);
        let [host, source, sourcetype, value] = [(); 4].map(|()| draws.text());
        let index = draws.maybe();
        let fields = [("event_id", value.as_str())];
        let envelope = hec::Envelope {
            time, host: &host, source: &source, sourcetype: &sourcetype, index: index.as_deref(), fields: &fields,
        };
        let event = json!({"a": value, "b": [1, value]});
        hec::encode_json(&mut out, &envelope, &event).map_err(|error| error.to_string())?;
        all.push(json!({"millis": time.as_millis(), "host": host, "source": source, "sourcetype": sourcetype, "index": index, "event": event}));
    }
    Ok((json!(all), out))
}

fn of_bulk(draws: &mut Draws) -> Made {
    let mut out = Vec::new();
    let mut all = Vec::new();
    for _ in 0..=draws.below(3) {
        let mut id = draws.text();
        id.truncate(id.floor_char_boundary(512));
        id.push('i');
        id.truncate(id.floor_char_boundary(512));
        let document = json!({"a": draws.text(), draws.text(): draws.text()});
        let text = document.to_string();
        bulk::create(&mut out, &id, None, |out| out.extend_from_slice(text.as_bytes())).map_err(|error| error.to_string())?;
        all.push(json!({"id": id, "document": document}));
    }
    Ok((json!(all), out))
}

fn of_otlp(draws: &mut Draws, protobuf: bool) -> Made {
    let [text, name, key, body] = [(); 4].map(|()| draws.text());
    let list = [draws.text(), draws.text()];
    let int = draws.next().cast_signed();
    let attributes: Vec<(String, Any<'_>)> = vec![
        (key.clone(), Any::Text(&text)),
        ("i".to_owned(), Any::Int(int)),
        ("d".to_owned(), Any::Double(0.1)),
        ("b".to_owned(), Any::Bool(true)),
        ("l".to_owned(), Any::Texts(&list)),
    ];
    let borrowed: Vec<(&str, Any<'_>)> = attributes.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    let (trace, span) = (u128::from(draws.next()).to_be_bytes(), (draws.next() | 1).to_be_bytes());
    let nanos = draws.next();
    let record = LogRecord {
        time_unix_nano: nanos,
        observed_time_unix_nano: 1,
        severity_number: 9,
        severity_text: &text,
        event_name: &name,
        body: Some(Any::Text(&body)),
        attributes: &borrowed,
        trace_id: Some(trace),
        span_id: Some(span),
    };
    let origin = Origin { resource: &borrowed, scope_name: &name, scope_version: &text, schema_url: &body };
    let records = draws.below(3) + 1;
    let (mut inner, mut out) = (Vec::new(), Vec::new());
    for at in 0..records {
        if protobuf {
            record_protobuf(&mut inner, &record);
        } else {
            if at > 0 {
                inner.push(b',');
            }
            record_json(&mut inner, &record);
        }
    }
    if protobuf {
        ProtobufRequest::new(&origin).wrap(&inner, &mut out);
    } else {
        JsonRequest::new(&origin).wrap(&inner, &mut out);
    }
    let input = json!({
        "text": text, "name": name, "key": key, "body": body, "list": list, "int": int.to_string(), "nanos": nanos.to_string(),
        "trace": picket_stdx::encode::hex(&trace), "span": picket_stdx::encode::hex(&span), "records": records,
    });
    Ok((input, out))
}

fn of_webhook(draws: &mut Draws) -> Made {
    let bytes: Vec<u8> = (0..4).flat_map(|_| draws.next().to_be_bytes()).collect();
    let seed: Vec<u8> = (0..4).flat_map(|_| draws.next().to_be_bytes()).collect();
    let symmetric = format!("whsec_{}", STANDARD.encode(&bytes));
    let asymmetric = format!("whsk_{}", STANDARD.encode(&seed));
    let secrets = [symmetric.as_str(), asymmetric.as_str()].map(webhook::Secret::parse);
    let [Ok(first), Ok(second)] = secrets else { return Err("no secret".to_owned()) };
    let public = second.public();
    let id = EventId::from_bits(u128::from(draws.next())).to_string();
    // The libraries refuse old messages: so the time is that of the check.
    let timestamp = std::env::var("ORACLE_TIME").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let body = draws.text();
    let wire = webhook::signature(&id, timestamp, body.as_bytes(), &[first, second]).map_err(|error| error.to_string())?;
    let input = json!({"id": id, "timestamp": timestamp, "body": body, "secret": symmetric, "public": public});
    Ok((input, wire.into_bytes()))
}

fn of_digest(draws: &mut Draws) -> Made {
    let [workspace, event, body] = [(); 3].map(|()| draws.text());
    let wire = digest::digest(&workspace, &event, body.as_bytes());
    Ok((json!({"workspace": workspace, "event": event, "body": body}), wire.into_bytes()))
}

fn of_sharedkey(draws: &mut Draws) -> Made {
    let key = STANDARD.encode(draws.next().to_be_bytes().repeat(8));
    let length = draws.next() % 30_000_000;
    let date = sharedkey::http_date(Timestamp::from_millis(i64::try_from(draws.next() % 4_000_000_000_000).unwrap_or(0)));
    let wire = sharedkey::authorization("ws-1", &key, &date, length).map_err(|error| error.to_string())?;
    Ok((json!({"key": key, "length": length, "date": date}), wire.into_bytes()))
}

fn of_ocsf(draws: &mut Draws) -> Made {
    let event = event(draws);
    let id = draws.text();
    let version = if draws.one_in(2) { OcsfVersion::V1_8 } else { OcsfVersion::V1_1 };
    let subject = if draws.one_in(2) { Subject::new(&event) } else { Subject::with_id(&event, &id) };
    let mut out = Vec::new();
    Renderer::new(Format::Ocsf(version), Maker::default()).render(&subject, &mut out);
    Ok((json!({"version": version.as_str(), "event_type": event.event_type.as_str()}), out))
}

fn of_cef_strict(draws: &mut Draws) -> Made {
    let (event, id) = (event(draws), draws.text());
    let mut out = Vec::new();
    let renderer = Renderer::new(Format::Cef(Profile::Strict), Maker::default());
    renderer.render(&Subject::with_id(&event, &id), &mut out);
    Ok((json!({}), out))
}

fn of_ecs(draws: &mut Draws) -> Made {
    let (event, id) = (event(draws), draws.text());
    let mut out = Vec::new();
    Renderer::new(Format::Ecs, Maker::default()).render(&Subject::with_id(&event, &id), &mut out);
    Ok((json!({}), out))
}

/// Lines of `_bulk` for a data stream of each rendering that is a document.
fn of_documents(draws: &mut Draws) -> Made {
    let (stream, format) = [
        ("canonical", Format::Canonical),
        ("aisecurity", Format::AiSecurity),
        ("mapped", Format::Mapped),
        ("ecs", Format::Ecs),
        ("ocsf", Format::Ocsf(OcsfVersion::V1_8)),
        ("ocsfold", Format::Ocsf(OcsfVersion::V1_1)),
    ][draws.below(6)];
    let mut event = event(draws);
    // The log holds no larger numbers.
    for number in [&mut event.tokens_in, &mut event.tokens_out, &mut event.latency_ms] {
        *number = number.map(|number| number & picket_event::entry::INTEGER_MAX);
    }
    event.event_id = EventId::from_bits(u128::from(draws.next()));
    let subject = Subject::new(&event);
    let at = (!matches!(format, Format::Mapped | Format::Ecs)).then_some(event.timestamp);
    let renderer = Renderer::new(format, Maker::default());
    let mut out = Vec::new();
    bulk::create(&mut out, subject.id(), at, |out| renderer.render(&subject, out)).map_err(|error| error.to_string())?;
    Ok((json!({"stream": stream}), out))
}

/// An event in both encodings, which must say the same.
fn of_otel(draws: &mut Draws) -> Made {
    let (event, id) = (event(draws), draws.text());
    let subject = Subject::with_id(&event, &id);
    let (mut json, mut record, mut request) = (Vec::new(), Vec::new(), Vec::new());
    let renderer = Renderer::new(Format::Otel, Maker::default());
    renderer.render(&subject, &mut json);
    Renderer::otel_record(&subject, &mut record);
    renderer.otel_request().wrap(&record, &mut request);
    Ok((json!({"protobuf": STANDARD.encode(request)}), json))
}

fn one<T: Copy>(draws: &mut Draws, of: &[T]) -> T {
    of[draws.below(of.len())]
}

/// An event of any type with hostile values in any of its fields.
fn event(draws: &mut Draws) -> Event {
    let at = Timestamp::from_millis(i64::try_from(draws.next() % 4_000_000_000_000).unwrap_or(0));
    let mut event = Event::new(EventType::parse(one(draws, TYPES)).unwrap_or(EventType::REQUEST), &draws.text(), at);
    event.severity = one(draws, Severity::ALL);
    event.decision = one(draws, Decision::ALL);
    event.category = draws.one_in(2).then(|| one(draws, Category::ALL));
    event.outcome = draws.one_in(2).then(|| one(draws, Outcome::ALL));
    event.identity = draws.one_in(2).then(|| one(draws, Identity::ALL));
    event.held = draws.one_in(2).then_some(true);
    event.status_code = draws.one_in(2).then_some(403);
    event.risk_score = draws.one_in(2).then(|| f64::from(u32::try_from(draws.below(1_000)).unwrap_or(0)) / 999.0);
    event.risk_tier = draws.one_in(2).then_some(2);
    event.policy_version = draws.one_in(2).then_some(7);
    event.judge_score = draws.one_in(2).then_some(0.82);
    event.tokens_in = draws.one_in(2).then(|| draws.next() >> draws.below(64));
    event.tokens_out = draws.one_in(2).then(|| draws.next() >> draws.below(64));
    event.cost = draws.one_in(2).then_some(0.25);
    event.latency_ms = draws.one_in(2).then(|| draws.next() >> draws.below(64));
    event.count = draws.one_in(4).then_some(3);
    event.recorded_at = draws.one_in(2).then_some(at);
    event.parent_event_id = draws.one_in(2).then(|| EventId::from_bits(7));
    event.exceptions = (0..draws.below(2)).map(|_| draws.text()).collect();
    event.metrics = (0..draws.below(2)).map(|_| ("cpu_ratio".to_owned(), 0.5)).collect();
    event.policies_triggered = (0..draws.below(3)).map(|_| draws.text()).collect();
    event.src_ip = [None, Some("10.0.0.7".to_owned()), Some("2001:db8::1".to_owned()), Some(draws.text())][draws.below(4)].clone();
    for field in [
        &mut event.finding_type, &mut event.reason, &mut event.user, &mut event.user_id, &mut event.team, &mut event.application,
        &mut event.session_id, &mut event.key_id, &mut event.user_agent, &mut event.gateway_id, &mut event.endpoint,
        &mut event.provider, &mut event.model, &mut event.policy_digest, &mut event.policy_violated, &mut event.judge_verdict,
        &mut event.tool, &mut event.mcp_server, &mut event.request_id, &mut event.client_request_id, &mut event.trace_id,
        &mut event.incident_id, &mut event.rule_id, &mut event.actor, &mut event.target,
    ] {
        *field = draws.maybe();
    }
    event
}
