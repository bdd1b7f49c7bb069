//! One signal: a flat object whose members are those of events, and `attributes` for what events have no word for.

use crate::kind::SignalType;
use picket_event::{Attribute, Event, EventId, Identity, Severity, Workspace};
use picket_stdx::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// Signals of one request.
pub const SIGNALS_MAX: usize = 1_000;
/// Attributes of one signal, and metrics.
pub const ATTRIBUTES_MAX: usize = 64;
/// Bytes of the name of an attribute or metric.
const NAME_BYTES_MAX: usize = 64;
/// Bytes of a text.
const TEXT_BYTES_MAX: usize = 1_024;
/// Bytes of the sender's id, and of a source.
const ID_BYTES_MAX: usize = 256;
/// How far the sender's clock may be ahead.
const AHEAD_MAX: Duration = Duration::from_secs(300);
/// Nothing that matters here is older.
const OLDEST: &str = "2000-01-01T00:00:00Z";

/// Members, in the order of the reference.
pub(crate) const MEMBERS: &[&str] = &[
    "type",
    "id",
    "source",
    "timestamp",
    "severity",
    "category",
    "user",
    "team",
    "application",
    "feature",
    "agent_id",
    "session_id",
    "key_id",
    "src_ip",
    "user_agent",
    "provider",
    "model",
    "region",
    "tool",
    "mcp_server",
    "judge_model",
    "judge_score",
    "judge_verdict",
    "judge_id",
    "request_id",
    "trace_id",
    "count",
    "metrics",
    "attributes",
];

/// What is wrong with a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The member; empty for the whole.
    pub member: String,
    /// Why, and what would be right.
    pub cause: String,
}

impl Misfit {
    pub(crate) fn new(member: &str, cause: impl Into<String>) -> Self {
        Self { member: member.chars().take(NAME_BYTES_MAX).collect(), cause: cause.into() }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.member.is_empty() { f.write_str(&self.cause) } else { write!(f, "`{}`: {}", self.member, self.cause) }
    }
}

impl std::error::Error for Misfit {}

/// A signal that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    kind: SignalType,
    event: Event,
    key: [u8; 32],
}

impl Signal {
    /// Reads one that came `now`. Without an `id` it is known again by all that it says.
    ///
    /// # Errors
    /// The first member that is wrong.
    pub fn read(value: &Value, workspace: &Workspace, now: Timestamp) -> Result<Self, Misfit> {
        let Value::Object(members) = value else {
            return Err(Misfit::new("", "a signal is an object, such as {\"type\": \"login\", …}"));
        };
        if let Some(name) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            let cause =
                format!("no signal has this member; those are {}; say others in `attributes`", MEMBERS.join(", "));
            return Err(Misfit::new(name, cause));
        }
        let words = || SignalType::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        let kind = text(members, "type")?.and_then(|word| SignalType::of(&word));
        let kind = kind.ok_or_else(|| Misfit::new("type", format!("expected one of {}", words())))?;
        let source = bounded(members, "source", ID_BYTES_MAX)?;
        let source = source.ok_or_else(|| Misfit::new("source", "which system says so, such as \"okta\""))?;
        let at = moment(members, now)?;
        let mut event = Event::new(kind.event_type(), workspace.as_str(), at);
        fill(&mut event, members)?;
        event.identity = event.user.is_some().then_some(Identity::Asserted);
        let id = bounded(members, "id", ID_BYTES_MAX)?;
        let key = key(&source, id.as_deref(), value);
        event.source = Some(source);
        // Its own moment says when it happened; the id, when it came.
        event.event_id = EventId::new(now);
        let signal = Self { kind, event, key };
        kind.check(&signal)?;
        Ok(signal)
    }

    /// Its type.
    pub const fn kind(&self) -> SignalType {
        self.kind
    }

    /// The event that it becomes.
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// By what it is known again.
    pub const fn key(&self) -> &[u8; 32] {
        &self.key
    }

    pub(crate) fn into_event(self) -> Event {
        self.event
    }
}

/// The source and its id, or all that it says.
fn key(source: &str, id: Option<&str>, value: &Value) -> [u8; 32] {
    let whole = || value.to_string();
    let (mark, said) = id.map_or_else(|| (1, whole()), |id| (0, id.to_owned()));
    let length = u64::try_from(source.len()).unwrap_or(u64::MAX).to_be_bytes();
    Sha256::new().chain_update([mark]).chain_update(length).chain_update(source).chain_update(said).finalize().into()
}

fn fill(event: &mut Event, members: &Map<String, Value>) -> Result<(), Misfit> {
    let text = |name| text(members, name);
    (event.user, event.team, event.application) = (text("user")?, text("team")?, text("application")?);
    (event.feature, event.agent_id, event.session_id) = (text("feature")?, text("agent_id")?, text("session_id")?);
    (event.key_id, event.user_agent, event.provider) = (text("key_id")?, text("user_agent")?, text("provider")?);
    (event.model, event.region, event.tool) = (text("model")?, text("region")?, text("tool")?);
    (event.mcp_server, event.judge_model, event.judge_verdict) =
        (text("mcp_server")?, text("judge_model")?, text("judge_verdict")?);
    (event.judge_id, event.request_id, event.trace_id) = (text("judge_id")?, text("request_id")?, text("trace_id")?);
    if let Some(address) = text("src_ip")? {
        let parsed: Result<IpAddr, _> = address.parse();
        let wrong = |_| Misfit::new("src_ip", "expected an address, such as 192.0.2.7");
        event.src_ip = Some(parsed.map_err(wrong)?.to_canonical().to_string());
    }
    let word = |member: &'static str| {
        move |error: picket_event::vocabulary::UnknownWordError| {
            Misfit::new(member, format!("expected one of {}", error.valid))
        }
    };
    event.severity = text("severity")?.map_or(Ok(Severity::Info), |text| text.parse()).map_err(word("severity"))?;
    event.category = text("category")?.map(|text| text.parse()).transpose().map_err(word("category"))?;
    let score = number(members, "judge_score")?;
    if score.is_some_and(|score| !(0.0..=1.0).contains(&score)) {
        return Err(Misfit::new("judge_score", "expected a number from 0 to 1"));
    }
    event.judge_score = score;
    event.count = members.get("count").filter(|value| !value.is_null()).map(whole).transpose()?;
    event.metrics = named(members, "metrics", |member, value| {
        value.as_f64().filter(|number| number.is_finite()).ok_or_else(|| Misfit::new(member, "expected a number"))
    })?;
    event.attributes = named(members, "attributes", attribute)?;
    Ok(())
}

fn attribute(member: &str, value: &Value) -> Result<Attribute, Misfit> {
    match value {
        Value::Bool(flag) => Ok(Attribute::Flag(*flag)),
        Value::Number(number) => {
            let finite = number.as_f64().filter(|number| number.is_finite());
            finite.map(Attribute::Number).ok_or_else(|| Misfit::new(member, "the number is too large"))
        }
        Value::String(text) => checked(member, text, TEXT_BYTES_MAX).map(Attribute::Text),
        _ => Err(Misfit::new(member, "attributes are flat: a text, a number, true or false")),
    }
}

/// A map of names; null is absent.
fn named<T>(
    members: &Map<String, Value>,
    name: &'static str,
    read: impl Fn(&str, &Value) -> Result<T, Misfit>,
) -> Result<BTreeMap<String, T>, Misfit> {
    let Some(value) = members.get(name).filter(|value| !value.is_null()) else { return Ok(BTreeMap::new()) };
    let Value::Object(map) = value else { return Err(Misfit::new(name, "expected an object of names and values")) };
    if map.len() > ATTRIBUTES_MAX {
        return Err(Misfit::new(name, format!("a signal has at most {ATTRIBUTES_MAX} of them, not {}", map.len())));
    }
    let full = map.iter().filter(|(_, value)| !value.is_null());
    let one = |(key, value): (&String, &Value)| {
        let member = format!("{name}.{key}");
        if !is_name(key) {
            let cause = "a name is of a-z, 0-9, `_`, `.` and `-`, begins with a letter and has at most 64 bytes";
            return Err(Misfit::new(&member, cause));
        }
        Ok((key.clone(), read(&member, value)?))
    };
    full.map(one).collect()
}

fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(&byte);
    text.len() <= NAME_BYTES_MAX && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(fits)
}

fn whole(value: &Value) -> Result<u64, Misfit> {
    let number = value.as_u64().filter(|number| *number <= picket_event::entry::INTEGER_MAX);
    number.ok_or_else(|| Misfit::new("count", "expected a whole number from 0 to 2^53"))
}

fn number(members: &Map<String, Value>, name: &'static str) -> Result<Option<f64>, Misfit> {
    let value = members.get(name).filter(|value| !value.is_null());
    value.map(|value| value.as_f64().ok_or_else(|| Misfit::new(name, "expected a number"))).transpose()
}

fn text(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Misfit> {
    bounded(members, name, TEXT_BYTES_MAX)
}

fn bounded(members: &Map<String, Value>, name: &'static str, most: usize) -> Result<Option<String>, Misfit> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Err(Misfit::new(name, "it is empty; leave it out")),
        Some(Value::String(text)) => checked(name, text, most).map(Some),
        Some(_) => Err(Misfit::new(name, "expected a text")),
    }
}

fn checked(member: &str, text: &str, most: usize) -> Result<String, Misfit> {
    if text.len() > most {
        return Err(Misfit::new(member, format!("it has at most {most} bytes, not {}", text.len())));
    }
    if text.contains('\0') {
        return Err(Misfit::new(member, "it has a NUL character"));
    }
    Ok(text.to_owned())
}

/// When it happened: what it says, or now.
fn moment(members: &Map<String, Value>, now: Timestamp) -> Result<Timestamp, Misfit> {
    let Some(said) = text(members, "timestamp")? else { return Ok(now) };
    let form = |_| Misfit::new("timestamp", "expected a time such as 2026-06-01T10:13:20Z");
    let at: Timestamp = said.parse().map_err(form)?;
    if at > now.plus(AHEAD_MAX) {
        return Err(Misfit::new(
            "timestamp",
            format!("it lies in the future: here it is {now}; look at the sender's clock"),
        ));
    }
    if OLDEST.parse().is_ok_and(|oldest: Timestamp| at < oldest) {
        return Err(Misfit::new("timestamp", format!("it is older than {OLDEST}")));
    }
    Ok(at)
}
