//! Events a second on one core, for each rendering and each wire format around it.
//!
//! `cargo xt bench encoders [MILLISECONDS]`: each line takes so long (500 by default). A thousand different events with
//! some thirty fields each are encoded into one buffer, over and over. CPU is the kernel's account of this thread, so
//! that other programs disturb it little.

use picket_event::{Category, Decision, Event, EventType, Outcome, RiskBand, Severity};
use picket_render::wire::{bulk, digest, hec, ingest, syslog, webhook};
use picket_render::{Batches, Fixed, Format, Limits, Maker, OcsfVersion, Profile, Renderer, Subject};
use picket_stdx::Timestamp;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let time = Duration::from_millis(std::env::args().nth(1).map_or(Ok(500), |text| text.parse())?);
    let events: Vec<Event> = (0..1_000).map(event).collect();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    writeln!(io::stdout(), "1,000 different events, 1 thread, load {}", load.split(' ').next().unwrap_or("?"))?;
    let canonical = Renderer::new(Format::Canonical, Maker::default());
    for (name, format) in [
        ("canonical", Format::Canonical),
        ("ai_security", Format::AiSecurity),
        ("mapped", Format::Mapped),
        ("ecs", Format::Ecs),
        ("ocsf 1.8", Format::Ocsf(OcsfVersion::V1_8)),
        ("ocsf 1.1", Format::Ocsf(OcsfVersion::V1_1)),
        ("otel JSON", Format::Otel),
        ("cef strict", Format::Cef(Profile::Strict)),
        ("cef as-printed", Format::Cef(Profile::AsPrinted)),
        ("leef strict", Format::Leef(Profile::Strict)),
        ("leef as-printed", Format::Leef(Profile::AsPrinted)),
    ] {
        let renderer = Renderer::new(format, Maker::default());
        measure(name, time, &events, |subject, out| renderer.render(subject, out))?;
    }
    measure("otel Protocol Buffers", time, &events, Renderer::otel_record)?;
    measure("hec, canonical", time, &events, |subject, out| enveloped(subject, &canonical, out))?;
    measure("_bulk, canonical", time, &events, |subject, out| {
        let document = |out: &mut Vec<u8>| canonical.render(subject, out);
        bulk::create(out, subject.id(), Some(subject.event().timestamp), document).unwrap_or_default();
    })?;
    measure("Logs Ingestion row", time, &events, |subject, out| {
        ingest::row(out, subject, ingest::Layout::Rendering, &canonical);
    })?;
    let leef = Renderer::new(Format::Leef(Profile::Strict), Maker::default());
    measure("syslog, octet counting, leef", time, &events, |subject, out| framed(subject, &leef, out))?;
    let secret = webhook::Secret::parse(&format!("whsec_{}", "A".repeat(44)))?;
    let secrets = [secret];
    measure("canonical, digest and webhook signature v1", time, &events, |subject, out| {
        let from = out.len();
        canonical.render(subject, out);
        let body = out.get(from..).unwrap_or_default();
        let digest = digest::digest(&subject.event().workspace_id, subject.id(), body);
        let signed = webhook::signature(subject.id(), 1, body, &secrets).unwrap_or_default();
        black_box((digest, signed));
    })?;
    batches(time, &events, &canonical)
}

fn enveloped(subject: &Subject<'_>, renderer: &Renderer, out: &mut Vec<u8>) {
    let sourcetype = renderer.sourcetype(subject);
    let envelope = hec::Envelope {
        time: subject.event().timestamp,
        host: "picket.example",
        source: "Picket",
        sourcetype: &sourcetype,
        index: None,
        fields: &[],
    };
    hec::encode(out, &envelope, |out| renderer.render(subject, out)).unwrap_or_default();
}

fn framed(subject: &Subject<'_>, renderer: &Renderer, out: &mut Vec<u8>) {
    let mut line = Vec::with_capacity(1_024);
    renderer.render(subject, &mut line);
    let message = syslog::Message {
        facility: 13,
        severity: syslog::severity_of(subject.event().severity),
        time: syslog::Time::At(subject.event().timestamp),
        hostname: "picket.example",
        app_name: "picket",
        procid: "",
        msgid: "event",
        data: &[],
        bom: false,
        text: Some(&line),
    };
    syslog::encode(out, &message, syslog::Framing::OctetCounting).unwrap_or_default();
}

/// Packs envelopes into requests of a megabyte.
fn batches(time: Duration, events: &[Event], renderer: &Renderer) -> Result<(), Failure> {
    let limits = Limits { bytes: 1_000_000, events: 1_000_000 };
    let (begin, cpu, mut rounds, mut bytes) = (Instant::now(), cpu(), 0_u64, 0);
    while begin.elapsed() < time {
        let encode = |event: &Event, out: &mut Vec<u8>| enveloped(&Subject::new(event), renderer, out);
        for batch in Batches::new(&Fixed::CONCATENATED, limits, events, encode) {
            bytes += black_box(batch?).bytes.len();
        }
        rounds += 1;
    }
    report("hec in batches of 1 MB", rounds, bytes, cpu)
}

fn measure(
    name: &str,
    time: Duration,
    events: &[Event],
    mut encode: impl FnMut(&Subject<'_>, &mut Vec<u8>),
) -> Result<(), Failure> {
    let (begin, cpu, mut rounds, mut bytes) = (Instant::now(), cpu(), 0_u64, 0);
    let mut out = Vec::with_capacity(4 << 20);
    while begin.elapsed() < time {
        out.clear();
        for event in events {
            encode(&Subject::new(event), &mut out);
        }
        bytes += black_box(&out).len();
        rounds += 1;
    }
    report(name, rounds, bytes, cpu)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark")]
fn report(name: &str, rounds: u64, bytes: usize, since: Duration) -> Result<(), Failure> {
    let seconds = cpu().saturating_sub(since).as_secs_f64();
    let events = rounds as f64 * 1_000.0;
    let per_event = bytes as f64 / events;
    writeln!(io::stdout(), "{name:<44} {:>10.0} events/s {per_event:>7.0} B each", events / seconds)?;
    Ok(())
}

/// CPU that this thread has taken.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0))
}

fn event(number: usize) -> Event {
    let at = Timestamp::from_millis(1_780_308_800_000 + i64::try_from(number).unwrap_or(0) * 137);
    let mut event = Event::new(EventType::REQUEST, "ws_01JZ8X3V6S0M7Q9T2R4W5Y6A7B", at);
    let text = |text: String| Some(text);
    let pick = |of: &[&str]| of.get(number % of.len().max(1)).map(|word| (*word).to_owned());
    if number.is_multiple_of(3) {
        event.severity = Severity::High;
        event.decision = Decision::Blocked;
        event.category = Some(Category::GuardrailBlock);
        event.outcome = Some(Outcome::Refused);
        event.finding_type = pick(&["pii", "secret", "prompt_injection"]);
        event.policies_triggered = vec!["pii-detector".to_owned(), "secret-detector".to_owned()];
        event.policy_violated = pick(&["pii-detector", "secret-detector"]);
        event.reason = text(format!("pii-detector: US_SSN in /messages/{}/content", number % 7));
        event.risk_score = Some(0.93);
        event.risk_band = Some(RiskBand::High);
    } else {
        event.outcome = Some(Outcome::Completed);
        event.tokens_out = u64::try_from(number).ok();
    }
    event.recorded_at = Some(at.plus(Duration::from_millis(4)));
    event.user = text(format!("user{number}@example.com"));
    event.user_id = text(format!("usr_{number:026}"));
    event.team = pick(&["engineering", "sales", "support"]);
    event.application = pick(&["support-bot", "code-assistant"]);
    event.session_id = text(format!("session-{}", number / 5));
    event.key_id = text(format!("key_{:026}", number % 13));
    event.src_ip = text(format!("10.0.{}.{}", number % 200, number % 250));
    event.user_agent = text("openai-python/3.54.0".to_owned());
    event.gateway_id = text("gw-eu-1".to_owned());
    event.endpoint = text("/v1/chat/completions".to_owned());
    event.provider = pick(&["openai", "anthropic"]);
    event.model = pick(&["gpt-4o", "claude-sonnet-4-5-20250929"]);
    event.policy_version = Some(7);
    event.policy_digest = text("9f2c".repeat(16));
    event.tokens_in = Some(450);
    event.cost = Some(0.0021);
    event.latency_ms = Some(812);
    event.request_id = text(format!("req_{number:026}"));
    event.trace_id = text(format!("{:032x}", number + 1));
    event.span_id = text(format!("{:016x}", number + 1));
    event
}
