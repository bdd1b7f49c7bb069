//! Receivers of the kinds that are tried, each as strict as the real one.

use picket_stdx::encode::random_base62;
use picket_testkit::receivers::http::{Ask, Reply, Server, locked};
use picket_testkit::receivers::{bulk, hec, otlp, syslog};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The user of events that receivers find fault with.
pub(crate) const POISON: &str = "poison@example.com";
/// Requests at a time, and events of one where a kind lets that be said.
pub(crate) const REQUESTS: usize = 4;
pub(crate) const BATCH: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Splunk,
    Elastic,
    Otlp,
    Generic,
    Syslog,
}

pub(crate) const KINDS: &[Kind] = &[Kind::Splunk, Kind::Elastic, Kind::Otlp, Kind::Generic, Kind::Syslog];

enum Receiver {
    Splunk(hec::Collector),
    Elastic(bulk::Store),
    Otlp(otlp::Collector),
    Generic(Hook),
    Syslog(syslog::Drain),
}

/// A receiver, and its destination.
pub(crate) struct Target {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    receiver: Receiver,
    token: String,
}

impl Target {
    pub(crate) fn start(kind: Kind) -> Self {
        let token = random_base62(24);
        let receiver = match kind {
            Kind::Splunk => {
                let setup = hec::Setup { acknowledges: true, ..hec::Setup::new(&token) };
                Receiver::Splunk(hec::Collector::start(setup).unwrap())
            }
            Kind::Elastic => Receiver::Elastic(bulk::Store::start(&format!("ApiKey {token}")).unwrap()),
            Kind::Otlp => Receiver::Otlp(otlp::Collector::start().unwrap()),
            Kind::Generic => Receiver::Generic(Hook::start(&token)),
            Kind::Syslog => Receiver::Syslog(syslog::Drain::start().unwrap()),
        };
        Self { kind, id: String::new(), receiver, token }
    }

    pub(crate) fn server(&self) -> Option<&Server> {
        match &self.receiver {
            Receiver::Splunk(splunk) => Some(splunk.server()),
            Receiver::Elastic(store) => Some(store.server()),
            Receiver::Otlp(otlp) => Some(otlp.server()),
            Receiver::Generic(hook) => Some(&hook.server),
            Receiver::Syslog(_) => None,
        }
    }

    pub(crate) fn drain(&self) -> Option<&syslog::Drain> {
        if let Receiver::Syslog(drain) = &self.receiver { Some(drain) } else { None }
    }

    /// A type of which nobody else is sent anything.
    pub(crate) fn event_type(&self) -> &'static str {
        match self.kind {
            Kind::Splunk => "external.login",
            Kind::Elastic => "external.badge",
            Kind::Otlp => "external.judge",
            Kind::Generic => "external.metric",
            Kind::Syslog => "external.ticket",
        }
    }

    pub(crate) fn settings(&self) -> Value {
        let url = self.server().map(Server::url).unwrap_or_default();
        let rendering = json!({"extra": ["user"]});
        let to = match &self.receiver {
            Receiver::Splunk(_) => json!({
                "kind": "splunk_hec", "url": url, "acknowledge": true, "acknowledge_within_s": 3,
                "request_bytes": 65_536, "rendering": rendering,
            }),
            Receiver::Elastic(_) => json!({
                "kind": "elastic_http", "url": url, "index": "logs-picket", "request_bytes": 65_536,
                "rendering": rendering,
            }),
            Receiver::Otlp(_) => json!({"kind": "otlp", "url": url, "request_bytes": 65_536}),
            Receiver::Generic(_) => json!({
                "kind": "generic_https", "url": format!("{url}/intake"), "batch": {"events": BATCH},
                "rendering": rendering,
            }),
            Receiver::Syslog(drain) => json!({"kind": "syslog", "address": drain.address(), "transport": "tcp"}),
        };
        json!({"to": to, "wanted": {"events": [self.event_type()]}, "resume": "auto", "requests": REQUESTS})
    }

    pub(crate) fn secrets(&self) -> Value {
        match self.kind {
            Kind::Splunk => json!({"token": self.token}),
            Kind::Elastic => json!({"api_key": self.token}),
            Kind::Generic => json!({"auth": self.token}),
            Kind::Otlp | Kind::Syslog => json!({}),
        }
    }

    /// The credential ends; the new one is what [`Target::secrets`] tells.
    pub(crate) fn rotate(&mut self) {
        self.token = random_base62(24);
        match &self.receiver {
            Receiver::Splunk(splunk) => splunk.change(|setup| setup.token.clone_from(&self.token)),
            Receiver::Elastic(store) => store.rotate(&format!("ApiKey {}", self.token)),
            Receiver::Generic(hook) => hook.token.lock().unwrap().clone_from(&self.token),
            Receiver::Otlp(_) | Receiver::Syslog(_) => {}
        }
    }

    /// Finds fault with poison from now on, in answers that say so of single events where the protocol can.
    pub(crate) fn be_strict(&self) {
        match &self.receiver {
            Receiver::Splunk(splunk) => splunk.change(|setup| setup.poison = Some((POISON.to_owned(), 15))),
            Receiver::Elastic(store) => {
                store.doom(POISON, bulk::Fate::error(429, "es_rejected_execution_exception", "queue full").times(2));
                store.doom(POISON, bulk::Fate::error(400, "document_parsing_exception", "failed to parse"));
            }
            Receiver::Otlp(otlp) => {
                let partial = otlp::partial(2, "two records are refused");
                let headers = vec![("content-type".to_owned(), "application/x-protobuf".to_owned())];
                otlp.answer_with(Reply::Answer(200, headers, partial));
            }
            Receiver::Generic(hook) => *hook.is_strict.lock().unwrap() = true,
            Receiver::Syslog(_) => {}
        }
    }

    /// Whether the indexer reports what it has.
    pub(crate) fn acknowledge(&self, does: bool) {
        if let Receiver::Splunk(splunk) = &self.receiver {
            splunk.index(does);
        }
    }

    /// Nothing is wrong with it any more.
    pub(crate) fn heal(&self) {
        if let Some(server) = self.server() {
            server.heal();
        }
        self.acknowledge(true);
        match &self.receiver {
            Receiver::Splunk(splunk) => splunk.change(|setup| setup.poison = None),
            Receiver::Elastic(store) => store.spare(),
            Receiver::Otlp(otlp) => otlp.answer_with(None),
            Receiver::Generic(hook) => *hook.is_strict.lock().unwrap() = false,
            Receiver::Syslog(drain) => drain.end_after(0),
        }
    }

    /// Events by their ids, with how often each is there.
    pub(crate) fn arrived(&self) -> BTreeMap<String, u32> {
        let mut times = BTreeMap::new();
        for id in self.ids() {
            *times.entry(id).or_default() += 1;
        }
        times
    }

    /// Requests with events, so far.
    pub(crate) fn requests(&self) -> usize {
        let asked = self.server().map(Server::asked).unwrap_or_default();
        asked.iter().filter(|ask| !ask.path.ends_with("/ack")).count()
    }

    /// Ids of events, in the order in which they came where the receiver keeps one.
    pub(crate) fn ids(&self) -> Vec<String> {
        match &self.receiver {
            Receiver::Splunk(splunk) => {
                let events = splunk.events();
                events.iter().map(|event| event["fields"]["event_id"].as_str().unwrap().to_owned()).collect()
            }
            Receiver::Elastic(store) => store.documents().into_keys().collect(),
            Receiver::Otlp(otlp) => otlp.records().iter().filter_map(|record| id_in(record)).collect(),
            Receiver::Generic(hook) => hook.ids.lock().unwrap().clone(),
            Receiver::Syslog(drain) => {
                drain.messages().iter().filter_map(|message| id_in(message.as_bytes())).collect()
            }
        }
    }
}

/// The first id of an event in a record.
fn id_in(record: &[u8]) -> Option<String> {
    let at = record.windows(4).position(|window| window == b"evt_")?;
    String::from_utf8(record.get(at..at + 30)?.to_vec()).ok()
}

/// A receiver of lines of JSON.
struct Hook {
    server: Server,
    token: Arc<Mutex<String>>,
    is_strict: Arc<Mutex<bool>>,
    ids: Arc<Mutex<Vec<String>>>,
}

impl Hook {
    fn start(token: &str) -> Self {
        let (token, is_strict) = (Arc::new(Mutex::new(token.to_owned())), Arc::new(Mutex::new(false)));
        let ids: Arc<Mutex<Vec<String>>> = Arc::default();
        let (expected, strict, taken) = (Arc::clone(&token), Arc::clone(&is_strict), Arc::clone(&ids));
        let server = Server::start(move |ask| take(ask, &locked(&expected), *locked(&strict), &taken)).unwrap();
        Self { server, token, is_strict, ids }
    }
}

fn take(ask: &Ask, token: &str, is_strict: bool, taken: &Mutex<Vec<String>>) -> Reply {
    if ask.header("authorization") != Some(token) {
        return Reply::json(401, r#"{"error":"token expired"}"#);
    }
    let Ok(text) = std::str::from_utf8(&ask.body) else { return Reply::empty(400) };
    let events: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
    let Ok(events) = events else { return Reply::json(400, r#"{"error":"a line is no JSON"}"#) };
    if is_strict && events.iter().any(|event| event["user"] == POISON) {
        return Reply::json(400, r#"{"error":"there is poison in it"}"#);
    }
    locked(taken).extend(events.iter().map(|event| event["event_id"].as_str().unwrap().to_owned()));
    Reply::empty(204)
}
