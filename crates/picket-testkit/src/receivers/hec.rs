//! Splunk's HTTP Event Collector: the event endpoint with its codes, and acknowledgement by the indexer.

use crate::receivers::http::{Ask, Reply, Server, locked};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex};

/// Every code with its status and text.
pub const CODES: &[(u16, u16, &str)] = &[
    (0, 200, "Success"),
    (1, 403, "Token disabled"),
    (2, 401, "Token is required"),
    (3, 401, "Invalid authorization"),
    (4, 403, "Invalid token"),
    (5, 400, "No data"),
    (6, 400, "Invalid data format"),
    (7, 400, "Incorrect index"),
    (8, 500, "Internal server error"),
    (9, 503, "Server is busy"),
    (10, 400, "Data channel is missing"),
    (11, 400, "Invalid data channel"),
    (12, 400, "Event field is required"),
    (13, 400, "Event field cannot be blank"),
    (14, 400, "ACK is disabled"),
    (15, 400, "Error in handling indexed fields"),
    (16, 400, "Query string authorization is not enabled"),
    (17, 200, "HEC is healthy"),
    (18, 503, "HEC is unhealthy, queues are full"),
    (19, 503, "HEC is unhealthy, ack service unavailable"),
    (20, 503, "HEC is unhealthy, queues are full, ack service unavailable"),
    (21, 400, "Invalid token"),
    (22, 400, "Token disabled"),
    (23, 503, "Server is shutting down"),
    (24, 200, "HEC queue is approaching capacity"),
    (25, 200, "HEC ack channel is approaching capacity"),
    (26, 429, "HEC queue at capacity"),
    (27, 429, "HEC ack channel at capacity"),
];

/// How the collector is set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The token that it takes.
    pub token: String,
    /// The indexes that exist; empty: any.
    pub indexes: Vec<String>,
    /// Whether the token acknowledges.
    pub acknowledges: bool,
    /// Longest request, unpacked.
    pub bytes_max: usize,
    /// Events that hold this text are refused with the code.
    pub poison: Option<(String, u16)>,
}

impl Setup {
    /// Takes this token, and everything that is right.
    pub fn new(token: &str) -> Self {
        Self { token: token.to_owned(), indexes: Vec::new(), acknowledges: false, bytes_max: 1_000_000, poison: None }
    }
}

/// A collector.
#[derive(Debug)]
pub struct Collector {
    server: Server,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    setup: Mutex<Setup>,
    events: Mutex<Vec<Value>>,
    channels: Mutex<BTreeMap<String, Channel>>,
    /// Whether what is queued counts as indexed at once.
    indexing: std::sync::atomic::AtomicBool,
}

#[derive(Debug, Default)]
struct Channel {
    next: u64,
    queued: BTreeSet<u64>,
    indexed: BTreeSet<u64>,
}

impl Collector {
    /// Starts one.
    pub fn start(setup: Setup) -> io::Result<Self> {
        let state = Arc::new(State {
            setup: Mutex::new(setup),
            events: Mutex::default(),
            channels: Mutex::default(),
            indexing: std::sync::atomic::AtomicBool::new(true),
        });
        let answering = Arc::clone(&state);
        Ok(Self { server: Server::start(move |ask| answering.answer(ask))?, state })
    }

    /// The server under it.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Every event that was taken, with its envelope, as often as it came.
    pub fn events(&self) -> Vec<Value> {
        locked(&self.state.events).clone()
    }

    /// Changes how it is set up.
    pub fn change(&self, change: impl FnOnce(&mut Setup)) {
        change(&mut locked(&self.state.setup));
    }

    /// Whether what is queued becomes indexed, and so acknowledged.
    pub fn index(&self, does: bool) {
        self.state.indexing.store(does, std::sync::atomic::Ordering::SeqCst);
    }
}

/// The answer of a code.
pub fn reply(code: u16, event: Option<usize>) -> Reply {
    let (_, status, text) = CODES.iter().find(|(known, _, _)| *known == code).copied().unwrap_or((8, 500, "?"));
    let body = match event {
        None => json!({"text": text, "code": code}),
        // The one code that counts from one.
        Some(event) if code == 7 => json!({"text": text, "code": code, "invalid-event-number": event + 1}),
        Some(event) => json!({"text": text, "code": code, "invalid-event-number": event}),
    };
    Reply::json(status, &body.to_string())
}

impl State {
    fn answer(&self, ask: &Ask) -> Reply {
        let setup = locked(&self.setup).clone();
        if ask.path == "/services/collector/health" || ask.path == "/services/collector/health/1.0" {
            return reply(17, None);
        }
        if ask.query.contains("token=") {
            return reply(16, None);
        }
        // The token is looked at before the channel.
        match ask.header("authorization") {
            None => return reply(2, None),
            Some(value) if !value.starts_with("Splunk ") => return reply(3, None),
            Some(value) if value != format!("Splunk {}", setup.token) => return reply(4, None),
            Some(_) => {}
        }
        match ask.path.as_str() {
            "/services/collector" | "/services/collector/event" | "/services/collector/event/1.0" => {
                self.take(ask, &setup)
            }
            "/services/collector/ack" => self.acknowledge(ask, &setup),
            _ => Reply::html(404, "<html><h1>Not Found</h1></html>"),
        }
    }

    fn take(&self, ask: &Ask, setup: &Setup) -> Reply {
        if ask.body.len() > setup.bytes_max {
            return Reply::html(
                413,
                "<!doctype html><html><head><title>413 Content-Length too large</title></head></html>",
            );
        }
        let channel = ask.header("x-splunk-request-channel");
        if setup.acknowledges && channel.is_none() {
            return reply(10, None);
        }
        if channel.is_some_and(|channel| !is_guid(channel)) {
            return reply(11, None);
        }
        let mut events = Vec::new();
        for (at, envelope) in serde_json::Deserializer::from_slice(&ask.body).into_iter::<Value>().enumerate() {
            let Ok(envelope) = envelope else { return reply(6, Some(at)) };
            if let Some(code) = wrong(&envelope, setup) {
                return reply(code, Some(at));
            }
            events.push(envelope);
        }
        if events.is_empty() {
            return reply(5, None);
        }
        locked(&self.events).extend(events);
        let Some(channel) = channel.filter(|_guid| setup.acknowledges) else { return reply(0, None) };
        let mut channels = locked(&self.channels);
        let channel = channels.entry(channel.to_owned()).or_default();
        let id = channel.next;
        channel.next += 1;
        channel.queued.insert(id);
        Reply::json(200, &json!({"text": "Success", "code": 0, "ackId": id}).to_string())
    }

    fn acknowledge(&self, ask: &Ask, setup: &Setup) -> Reply {
        if !setup.acknowledges {
            return reply(14, None);
        }
        let from_query = ask.query.split('&').find_map(|pair| pair.strip_prefix("channel="));
        let Some(guid) = from_query.or(ask.header("x-splunk-request-channel")) else { return reply(10, None) };
        if !is_guid(guid) {
            return reply(11, None);
        }
        let Ok(asked) = serde_json::from_slice::<Value>(&ask.body) else { return reply(6, None) };
        let Some(ids) = asked.get("acks").and_then(Value::as_array) else { return reply(6, None) };
        let mut channels = locked(&self.channels);
        let channel = channels.entry(guid.to_owned()).or_default();
        if self.indexing.load(std::sync::atomic::Ordering::SeqCst) {
            channel.indexed.append(&mut channel.queued);
        }
        // What was reported once is forgotten.
        let acks = ids.iter().filter_map(Value::as_u64).map(|id| (id.to_string(), channel.indexed.remove(&id).into()));
        Reply::json(200, &json!({"acks": acks.collect::<serde_json::Map<_, _>>()}).to_string())
    }
}

/// The code of an envelope that is refused.
fn wrong(envelope: &Value, setup: &Setup) -> Option<u16> {
    let Some(members) = envelope.as_object() else { return Some(6) };
    let event = members.get("event");
    match event {
        None => return Some(12),
        Some(Value::Null) => return Some(12),
        Some(Value::String(text)) if text.trim().is_empty() => return Some(13),
        Some(Value::Array(_) | Value::Bool(_)) => return Some(6),
        Some(Value::Object(object)) if object.is_empty() => return Some(13),
        Some(_) => {}
    }
    let numeric = |time: &Value| match time {
        Value::Number(number) => number.as_f64().is_some_and(|time| time >= 0.0),
        Value::String(text) => text.parse::<f64>().is_ok_and(|time| time >= 0.0),
        _ => false,
    };
    if members.get("time").is_some_and(|time| !numeric(time)) {
        return Some(15);
    }
    let scalar = |value: &Value| !value.is_object() && !value.is_array() && !value.is_null();
    let flat = |value: &Value| value.as_array().map_or_else(|| scalar(value), |list| list.iter().all(scalar));
    if members.get("fields").is_some_and(|fields| !fields.as_object().is_some_and(|fields| fields.values().all(flat))) {
        return Some(15);
    }
    let index = members.get("index").and_then(Value::as_str);
    if index.is_some_and(|index| !setup.indexes.is_empty() && !setup.indexes.iter().any(|known| known == index)) {
        return Some(7);
    }
    let known = ["time", "host", "source", "sourcetype", "index", "event", "fields"];
    if members.keys().any(|key| !known.contains(&key.as_str())) {
        return Some(6);
    }
    let (text, code) = setup.poison.as_ref()?;
    event.is_some_and(|event| event.to_string().contains(text)).then_some(*code)
}

fn is_guid(text: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(shape)
}
