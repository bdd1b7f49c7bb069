//! A log with an index, and events for it.

use crate::{Index, Indexer, Request};
use picket_bodies::Bodies;
use picket_db::{Db, Lane, Options as DbOptions};
use picket_event::entry::{NameKind, Place};
use picket_event::{
    Category, Decision, Entry, EscalationId, Event, EventId, EventType, Identity, Outcome, RiskBand, Severity,
    Workspace,
};
use picket_keys::{Keyring, RootKey};
use picket_log::{EventLog, LoggedEvent, Logs, Options};
use picket_pipeline::Consumer as _;
use picket_query::Query;
use picket_stdx::{Clock, Timestamp};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

const TABLES: &[&[picket_db::Migration]] =
    &[picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, picket_log::MIGRATIONS];

/// A store in a folder of its own.
pub(super) struct Store {
    pub(super) folder: TempDir,
    pub(super) logs: Logs,
    pub(super) keyring: Keyring,
    pub(super) clock: Clock,
}

impl Store {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(start());
        let db = Db::open(DbOptions::new(folder.path().join("picket.db")), TABLES).unwrap();
        let keyring = Keyring::open(&db, RootKey::new([9; 32])).unwrap();
        let options =
            Options { host: "picket.example".to_owned(), state: folder.path().join("state"), clock: clock.clone() };
        Logs::create(&db, &keyring, &options, &Workspace::parse("ws_1").unwrap()).unwrap();
        let logs = Logs::open(&db, &keyring, &Bodies::new(&db, &keyring), &options).unwrap();
        Self { folder, logs, keyring, clock }
    }

    pub(super) fn log(&self) -> &EventLog {
        self.logs.workspace(&Workspace::parse("ws_1").unwrap()).unwrap()
    }

    pub(super) fn place(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    pub(super) fn index(&self) -> Index {
        Index::open(&self.place(), self.log(), &self.keyring).unwrap()
    }

    /// Appends an event: a request as two entries or one, anything else as one.
    pub(super) fn append(&self, event: &Event) -> u64 {
        self.clock.advance(Duration::from_millis(10));
        let log = self.log();
        let record = log.prepare(event.clone(), &[]);
        if event.event_type != EventType::REQUEST {
            return log.append(Lane::Gateway, record).wait().unwrap().position;
        }
        let mut received = None;
        if event.stream == Some(true) {
            let record = log.prepare(event.clone(), &[]).received();
            received = Some(log.append(Lane::Gateway, record).wait().unwrap().position);
        }
        log.append(Lane::Gateway, record.closes(received)).wait().unwrap().position
    }

    /// Every event of the log with its position.
    pub(super) fn events(&self) -> Vec<(u64, Event)> {
        let batch = self.log().batch(0, 100_000).unwrap();
        batch.into_iter().filter_map(|logged| Some((logged.position, *logged.event.clone()?))).collect()
    }
}

/// Reads the log to its end, commits, and waits for merges.
pub(super) fn drain(indexer: &mut Indexer, log: &EventLog) {
    let mut next = indexer.cursor().unwrap();
    loop {
        let batch = log.batch(next, 64).unwrap();
        if batch.is_empty() {
            break;
        }
        next = indexer.apply(&batch).unwrap();
    }
    indexer.settle().unwrap();
}

pub(super) fn start() -> Timestamp {
    "2026-03-05T23:00:00Z".parse().unwrap()
}

/// A request for every event type.
pub(super) fn everything(filter: &str) -> Request {
    Request { filter: Query::parse(filter).unwrap(), event_types: Vec::new(), ..Request::default() }
}

/// The positions of the events that a filter keeps, one by one.
pub(super) fn kept(filter: &str, events: &[(u64, Event)]) -> Vec<u64> {
    let query = Query::parse(filter).unwrap();
    events.iter().filter(|(_, event)| query.matches(event)).map(|(position, _)| *position).collect()
}

/// Random numbers that are the same in each run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn decimal(&mut self, sides: u32) -> f64 {
        f64::from(u32::try_from(self.below(sides.into())).unwrap()) / f64::from(sides)
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        let at = self.below(all.len() as u64);
        all[usize::try_from(at).unwrap()].clone()
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        (self.below(4) > 0).then_some(value)
    }
}

/// An event of a small world, so that filters of the same world match some.
pub(super) fn random_event(dice: &mut Dice, at: Timestamp) -> Event {
    let kinds =
        [EventType::REQUEST, EventType::REQUEST, EventType::REQUEST, EventType::AUTH_FAILED, EventType::BODY_VIEWED];
    let mut event = Event::new(dice.pick(&kinds), "ws_1", at);
    event.event_id = EventId::from_bits(u128::from(dice.below(u64::MAX)) << 64 | u128::from(dice.below(u64::MAX)));
    event.severity = dice.pick(Severity::ALL);
    event.decision = dice.pick(Decision::ALL);
    let found = dice.pick(&["prompt_injection", "pii", "secret"]).to_owned();
    event.finding_type = dice.maybe(found);
    let category = dice.pick(Category::ALL);
    event.category = dice.maybe(category);
    let policies = ["prompt-injection", "pii-detector", "PII"];
    event.policies_triggered =
        policies.iter().filter(|_| dice.below(3) == 0).map(|policy| (*policy).to_owned()).collect();
    let user = format!("user{}@example.com", dice.below(9));
    event.user = dice.maybe(user);
    event.team = Some(dice.pick(&["sales", "engineering", "Sales"]).to_owned());
    let application = dice.pick(&["chat bot", "rag", "a..b"]).to_owned();
    event.application = dice.maybe(application);
    event.model = Some(dice.pick(&["gpt-5", "gpt-5-mini", "claude"]).to_owned());
    event.tools = (0..dice.below(3)).map(|tool| format!("tool_{tool}")).collect();
    event.tool = (dice.below(9) == 0).then(|| "lone_tool".to_owned());
    event.session_id = Some(format!("session-{}", dice.below(5)));
    event.request_id = Some(format!("req-{}", dice.below(1_000)));
    event.key_id = Some(format!("key_{}", dice.below(3)));
    let addresses = ["10.1.2.3", "10.200.0.1", "192.168.7.9", "2001:db8::5", "::ffff:10.1.2.3", "unknown"];
    let address = dice.pick(&addresses).to_owned();
    event.src_ip = dice.maybe(address);
    let provider = dice.pick(&["openai", "Azure-EU"]).to_owned();
    event.provider = dice.maybe(provider);
    let identity = dice.pick(Identity::ALL);
    event.identity = dice.maybe(identity);
    let outcome = dice.pick(Outcome::ALL);
    event.outcome = dice.maybe(outcome);
    event.risk_score = Some(dice.decimal(100));
    event.risk_band = event.risk_score.map(RiskBand::of);
    event.stream = Some(dice.below(2) == 0);
    event.held = (dice.below(5) == 0).then_some(true);
    event.status_code = Some(dice.pick(&[200, 403, 502]));
    event.tokens_in = Some(dice.below(500));
    let tokens_out = dice.below(500);
    event.tokens_out = dice.maybe(tokens_out);
    let cost = dice.decimal(1_000) / 10.0;
    event.cost = dice.maybe(cost);
    event.latency_ms = Some(dice.below(3_000));
    event.escalation_id = (dice.below(8) == 0).then(|| EscalationId::from_bits(u128::from(dice.below(3))));
    event
}

/// Filters of the same small world, by every kind of field and test.
pub(super) const FILTERS: &[&str] = &[
    "",
    "action:blocked",
    "-action:blocked,allow",
    "severity:>=high",
    "severity:<medium OR risk_band:high",
    "pii",
    "pii-detector OR \"prompt attack\"",
    "prompt_injection -policy:pii",
    "policy:p*",
    "type:*",
    "-type:*",
    "user:user1@example.com",
    "user:user1@example.com,user2@example.com,nobody",
    "user:user*",
    "user:*",
    "-user:user1*",
    "user:nobody",
    "team:sales",
    "team:S*",
    "application:\"chat bot\",\"a..b\"",
    "model:gpt-5*",
    "model:gpt-5 team:engineering action:blocked severity:critical,high",
    "tool:tool_1",
    "tool:lone_tool",
    "tools:*",
    "session:session-1",
    "session:session-1 request:req-1,req-2,req-3",
    "-request:*",
    "key:key_1",
    "key:key*",
    "src_ip:10.1.2.3",
    "src_ip:10.0.0.0/8",
    "src_ip:10.1.0.0/13 OR src_ip:2001:db8::/37",
    "src_ip:0.0.0.0/1",
    "src_ip:192.168.7.8/31",
    "src_ip:*",
    "provider:azure_eu",
    "provider:a*",
    "identity:key,jwt outcome:completed",
    "held:true",
    "held:* stream:no",
    "status:403",
    "status:400.. tokens_in:<100",
    "tokens_out:*",
    "-tokens_out:0..250",
    "risk_score:>=0.5 -risk_score:>0.9",
    "cost:>0.05",
    "cost:0..0.01",
    "latency:1000..2000,5",
    "timestamp:2026-03-06",
    "timestamp:<2026-03-06T00:00:00Z",
    "escalation:esc_00000000000000000000000001",
    "escalation:*",
    "event_type:auth*",
    "event_type:request -(team:sales OR team:engineering)",
    "(user:user1* OR user:user2*) (action:blocked OR severity:high) -(model:claude stream:true)",
    "workspace:ws_1 -workspace:x",
];

/// Documents of events that no log holds, with the names that the log's dictionary has.
pub(super) struct Synthetic {
    ids: BTreeMap<(NameKind, String), String>,
    log: String,
    pub(super) next: u64,
}

impl Synthetic {
    /// Puts the names of some events into the dictionary.
    pub(super) fn new(store: &Store, events: &[Event]) -> Self {
        let mut ids = BTreeMap::new();
        for event in events {
            for (kind, name) in names(event) {
                ids.entry((kind, name)).or_default();
            }
        }
        for ((kind, name), id) in &mut ids {
            let mut event = Event::new(EventType::REQUEST, "ws_1", start());
            match kind {
                NameKind::User => event.user = Some(name.clone()),
                NameKind::Team => event.team = Some(name.clone()),
                NameKind::Application => event.application = Some(name.clone()),
                NameKind::Model => event.model = Some(name.clone()),
                NameKind::Tool => event.tools = vec![name.clone()],
            }
            store.append(&event);
            *id = store.log().id_of_name(*kind, name).unwrap().unwrap();
        }
        Self { ids, log: store.log().id().to_owned(), next: store.log().size() }
    }

    pub(super) fn logged(&mut self, event: Event) -> LoggedEvent {
        let place = Place { log: &self.log, position: self.next, at: event.timestamp, received: None };
        let ids = &self.ids;
        let id_of = |kind, name: &str| Ok::<_, ()>(ids[&(kind, name.to_owned())].clone());
        let entry = Entry::of(&event, &place, Vec::new(), id_of).unwrap();
        self.next += 1;
        LoggedEvent { position: place.position, entry, event: Some(Box::new(event)) }
    }
}

fn names(event: &Event) -> Vec<(NameKind, String)> {
    let one = |kind, name: &Option<String>| name.clone().map(|name| (kind, name));
    let mut names = vec![
        one(NameKind::User, &event.user),
        one(NameKind::Team, &event.team),
        one(NameKind::Application, &event.application),
        one(NameKind::Model, &event.model),
    ];
    names.extend(event.tools.iter().map(|tool| Some((NameKind::Tool, tool.clone()))));
    names.into_iter().flatten().collect()
}
