mod bodies;
mod recount;

use super::*;
use picket_bodies::Bodies;
use picket_db::{Lane, Options as DbOptions};
use picket_event::{Event, EventType};
use picket_keys::{Keyring, RootKey};
use picket_log::Logs;
use picket_pipeline::{Stage, Trigger};
use picket_stdx::Clock;
use picket_store::destinations::State;
use picket_store::sealed::Secrets;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Instant;

static WS: std::sync::LazyLock<Workspace> = std::sync::LazyLock::new(|| Workspace::parse("ws_test").unwrap());

/// A store with a log, and destinations that are files.
struct Place {
    folder: Arc<tempfile::TempDir>,
    dispatch: Dispatch,
    log: EventLog,
    trigger: Trigger,
    thread: Option<JoinHandle<()>>,
}

fn open(folder: &Path) -> (Dispatch, EventLog) {
    let tables = [
        picket_keys::MIGRATIONS,
        picket_bodies::MIGRATIONS,
        picket_log::MIGRATIONS,
        picket_store::MIGRATIONS,
        picket_store::sealed::MIGRATIONS,
        picket_store::destinations::MIGRATIONS,
    ];
    let db = Db::open(DbOptions::new(folder.join("picket.db")), &tables).unwrap();
    let keyring = Keyring::open(&db, RootKey::new([1; 32])).unwrap();
    let bodies = Bodies::new(&db, &keyring);
    let clock = Clock::system();
    let options =
        picket_log::Options { host: "test.example".to_owned(), state: folder.join("state"), clock: clock.clone() };
    if !Logs::exist(&db).unwrap() {
        Logs::create(&db, &keyring, &options, &WS).unwrap();
    }
    let log = Logs::open(&db, &keyring, &bodies, &options).unwrap().workspace(&WS).unwrap().clone();
    let network = Network {
        allowed: Arc::from(["127.0.0.0/8".parse().unwrap()]),
        timeout: picket_receivers::TIMEOUT_MAX,
        folder: Some(folder.to_owned()),
        clock,
        ..Network::default()
    };
    let vault = Vault::of(&keyring).unwrap();
    let waits = Waits { least: Duration::from_millis(1), most: Duration::from_millis(10) };
    let timing = Timing { probe: Duration::from_millis(20), waits };
    let dispatch =
        Dispatch::new(Options { db, log: log.clone(), workspace: WS.clone(), vault, network, timing, bodies: true });
    (dispatch, log)
}

impl Place {
    fn new() -> Self {
        Self::of(Arc::new(tempfile::tempdir().unwrap()))
    }

    fn of(folder: Arc<tempfile::TempDir>) -> Self {
        let (dispatch, log) = open(folder.path());
        let (trigger, shutdown) = Trigger::new();
        let serving = dispatch.clone();
        let thread = std::thread::spawn(move || serving.serve(&shutdown).unwrap());
        Self { folder, dispatch, log, trigger, thread: Some(thread) }
    }

    /// Stops as the program does, and starts again.
    fn restart(self) -> Self {
        Self::of(self.stop())
    }

    /// Stops as the program does; what stays.
    fn stop(mut self) -> Arc<tempfile::TempDir> {
        self.trigger.advance(Stage::Draining);
        self.thread.take().unwrap().join().unwrap();
        self.log.db().close();
        Arc::clone(&self.folder)
    }

    fn append(&self, count: usize) {
        let tickets: Vec<_> = (0..count)
            .map(|_| {
                let event = Event::new(EventType::REQUEST, WS.as_str(), self.log.clock().now());
                self.log.append(Lane::Gateway, self.log.prepare(event, &[]))
            })
            .collect();
        for ticket in tickets {
            ticket.wait().unwrap();
        }
    }

    /// Makes a destination that is a file, of requests only.
    fn file(&self, name: &str, change: impl FnOnce(&mut Settings)) -> String {
        let to: Kind = serde_json::from_value(serde_json::json!({ "kind": "file", "name": name })).unwrap();
        let wanted = Wanted { events: vec!["request".to_owned()], ..Wanted::default() };
        let mut settings = Settings { to, wanted, resume: Resume::Manual, ordered: false, requests: 4 };
        change(&mut settings);
        let new = New {
            name: name.to_owned(),
            settings,
            secrets: Secrets::default(),
            start: Start::Beginning,
            reads_bodies: true,
        };
        self.dispatch.create(new, "usr_ann").unwrap().row.id
    }

    /// Events of a file, each with how often it is there.
    fn arrived(&self, name: &str) -> BTreeMap<String, u32> {
        let text = std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        let mut all = BTreeMap::new();
        for line in text.lines() {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            if event["event_type"] != "system.test" {
                *all.entry(event["event_id"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
        all
    }

    fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{what}: {:?}", self.dispatch.list());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn delivered(&self, id: &str) -> u64 {
        let balance = self.dispatch.balance(id).unwrap();
        assert!(balance.is_even, "{balance:?}");
        balance.counts.delivered
    }

    fn event_types(&self) -> Vec<String> {
        let all = self.log.batch(0, 10_000).unwrap();
        all.iter().map(|logged| logged.entry.event_type.to_string()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.trigger.advance(Stage::Stopped);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

#[test]
fn every_event_arrives_once_in_each_file_across_restarts() {
    let place = Place::new();
    place.append(700);
    let (one, other) = (place.file("one.ndjson", |_| {}), place.file("other.ndjson", |s| s.ordered = true));
    place.until("the first events", || place.delivered(&one) == 700 && place.delivered(&other) == 700);
    place.append(50);
    let place = place.restart();
    place.append(350);
    place.until("all events", || place.delivered(&one) == 1_100 && place.delivered(&other) == 1_100);
    for name in ["one.ndjson", "other.ndjson"] {
        let arrived = place.arrived(name);
        assert_eq!(arrived.len(), 1_100, "{name}");
        assert!(arrived.values().all(|times| *times == 1), "a stop in order repeats nothing");
    }
    let balance = place.dispatch.balance("one.ndjson").unwrap();
    assert_eq!((balance.counts.accepted, balance.pending, balance.letters), (1_100, 0, 0));
}

#[test]
fn a_paused_destination_gets_nothing_until_it_is_resumed_and_then_all() {
    let place = Place::new();
    let id = place.file("a.ndjson", |_| {});
    place.append(10);
    place.until("the first", || place.delivered(&id) == 10);
    let paused = place.dispatch.pause(&id, Some("maintenance".to_owned()), "usr_ann").unwrap();
    assert_eq!((paused.row.state, paused.row.reason.as_deref()), (State::Paused, Some("maintenance")));
    assert!(place.dispatch.pause(&id, None, "usr_ann").unwrap_err().to_string().contains("paused already"));
    place.append(20);
    let other = place.file("b.ndjson", |_| {});
    place.until("the other", || place.delivered(&other) == 30);
    assert_eq!((place.arrived("a.ndjson").len(), place.delivered(&id)), (10, 10));
    place.dispatch.resume(&id, "usr_ann").unwrap();
    place.until("the rest", || place.delivered(&id) == 30);
    assert_eq!(place.arrived("a.ndjson").len(), 30);
    let types = place.event_types();
    for wanted in ["destination.created", "destination.paused", "destination.resumed"] {
        assert!(types.iter().any(|found| found == wanted), "{wanted}: {types:?}");
    }
}

#[test]
fn a_destination_that_fails_is_paused_by_itself_and_a_probe_that_passes_resumes_it() {
    let place = Place::new();
    // A folder stands where the file should be.
    let (path, manual) = (place.folder.path().join("a.ndjson"), place.folder.path().join("m.ndjson"));
    std::fs::create_dir(&path).unwrap();
    std::fs::create_dir(&manual).unwrap();
    place.append(5);
    let id = place.file("a.ndjson", |settings| settings.resume = Resume::Auto);
    let by_hand = place.file("m.ndjson", |_| {});
    let other = place.file("b.ndjson", |_| {});
    let state = |id: &str| place.dispatch.get(id).unwrap().row;
    place.until("both are paused", || [&id, &by_hand].iter().all(|id| state(id).state == State::Paused));
    assert!(state(&id).reason.unwrap().starts_with("ten faults in a row"), "{:?}", state(&id));
    place.until("the others go on", || place.delivered(&other) == 5);
    place.until("probes", || place.dispatch.get(&by_hand).unwrap().health.probe.is_some_and(|probe| !probe.is_good));
    std::fs::remove_dir(&path).unwrap();
    std::fs::remove_dir(&manual).unwrap();
    place.until("it is resumed", || state(&id).state == State::Active && place.delivered(&id) == 5);
    assert_eq!(place.arrived("a.ndjson").len(), 5);
    place.until("a good probe", || {
        place.dispatch.get(&by_hand).unwrap().health.probe.is_some_and(|probe| probe.is_good)
    });
    assert_eq!(state(&by_hand).state, State::Paused, "only a person resumes it");
    assert_eq!(place.arrived("m.ndjson").len(), 0, "probes carry no event of the log");
    let types = place.event_types();
    assert_eq!(types.iter().filter(|found| *found == "destination.paused").count(), 2);
}

#[test]
fn a_receiver_that_never_answers_holds_a_window_of_events_and_is_sent_them_again_after_a_restart() {
    let place = Place::new();
    place.append(WINDOW + 700);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let id = place.file("unused", |settings| {
        settings.to = serde_json::from_value(serde_json::json!({ "kind": "otlp", "url": url })).unwrap();
    });
    let pending = |place: &Place| place.dispatch.balance(&id).unwrap().pending;
    let window = u64::try_from(WINDOW).unwrap();
    place.until("a window of events", || pending(&place) >= window);
    let folder = place.stop();
    listener.set_nonblocking(true).unwrap();
    while listener.accept().is_ok() {}
    let place = Place::of(folder);
    place.until("it is asked again", || listener.accept().is_ok());
    assert_eq!((pending(&place), place.dispatch.get(&id).unwrap().row.state), (window, State::Active));
}

#[test]
fn who_changes_what_the_program_paused_does_not_end_its_probes() {
    let place = Place::new();
    let path = place.folder.path().join("a.ndjson");
    std::fs::create_dir(&path).unwrap();
    place.append(5);
    let id = place.file("a.ndjson", |settings| settings.resume = Resume::Auto);
    place.until("it is paused", || place.dispatch.get(&id).unwrap().row.state == State::Paused);
    let change = Change { name: Some("renamed".to_owned()), ..Change::default() };
    let changed = place.dispatch.update(&id, change, "usr_ann").unwrap().row;
    assert_eq!((changed.state, changed.changed_by.as_str()), (State::Paused, "system"));
    std::fs::remove_dir(&path).unwrap();
    place.until("it is resumed", || place.delivered(&id) == 5);
}

#[test]
fn reports_of_deliveries_go_to_who_asks_and_never_make_more_of_themselves() {
    let place = Place::new();
    place.append(3);
    let id = place.file("a.ndjson", |settings| settings.wanted.events = vec!["*".to_owned(), "delivery.*".to_owned()]);
    place.until("it stands still", || {
        let view = place.dispatch.get(&id).unwrap();
        view.unread == 0 && view.health.pending == 0 && view.health.counts.delivered > 3
    });
    let size = place.log.size();
    place.append(1);
    place.until("one more", || place.dispatch.get(&id).unwrap().unread == 0 && place.log.size() > size);
    assert_eq!(place.log.size(), size + 1);
}

#[test]
fn what_is_changed_holds_from_then_on_and_is_told() {
    let place = Place::new();
    let id = place.file("a.ndjson", |_| {});
    place.append(2);
    place.until("the first", || place.delivered(&id) == 2);
    let view = place.dispatch.get(&id).unwrap();
    let mut settings = view.settings.unwrap();
    settings.wanted = Wanted { filter: Some("action:blocked".to_owned()), ..Wanted::default() };
    let stale = Change { settings: Some(settings.clone()), version: Some(9), ..Change::default() };
    assert!(place.dispatch.update(&id, stale, "usr_ann").unwrap_err().to_string().contains("version 1 is there"));
    let change =
        Change { settings: Some(settings), name: Some("renamed".to_owned()), version: Some(1), ..Change::default() };
    assert_eq!(place.dispatch.update(&id, change, "usr_ann").unwrap().row.version, 2);
    place.append(2);
    place.until("they were looked at", || place.dispatch.get("renamed").unwrap().unread == 0);
    assert_eq!(place.delivered(&id), 2);
    place.dispatch.delete(&id, "usr_ann").unwrap();
    assert!(matches!(place.dispatch.balance(&id), Err(picket_db::WriteError::Job(DispatchError::Unknown))));
    let types = place.event_types();
    for wanted in ["destination.updated", "destination.deleted"] {
        assert!(types.iter().any(|found| found == wanted), "{wanted}: {types:?}");
    }
}

#[test]
fn a_destination_that_was_made_with_a_type_that_there_is_not_goes_on_until_its_settings_are_changed() {
    let place = Place::new();
    let id = place.file("a.ndjson", |settings| settings.wanted.events.push("finding".to_owned()));
    let older: picket_db::Ticket<usize, rusqlite::Error> = place.log.db().write(Lane::Admin, "older", |tx| {
        tx.connection().execute(r#"UPDATE destination SET settings = replace(settings, '"finding"', '"findign"')"#, [])
    });
    assert_eq!(older.wait().unwrap(), 1);
    let rename = Change { name: Some("b".to_owned()), ..Change::default() };
    let settings = place.dispatch.update(&id, rename, "usr_ann").unwrap().settings.unwrap();
    assert_eq!(settings.wanted.events, ["request", "findign"]);
    place.append(3);
    place.until("what there is", || place.delivered(&id) == 3);
    let same = Change { settings: Some(settings), ..Change::default() };
    let refused = place.dispatch.update(&id, same, "usr_ann").unwrap_err().to_string();
    assert!(refused.contains("did you mean `finding.*`?"), "{refused}");
}

#[test]
fn names_are_single_and_settings_are_checked_before_anything_is_made() {
    let place = Place::new();
    place.file("a.ndjson", |_| {});
    let to = |name: &str| serde_json::from_value::<Kind>(serde_json::json!({ "kind": "file", "name": name })).unwrap();
    let settings = |name| Settings {
        to: to(name),
        wanted: Wanted::default(),
        resume: Resume::Manual,
        ordered: false,
        requests: 1,
    };
    let new = |name: &str, settings| New {
        name: name.to_owned(),
        settings,
        secrets: Secrets::default(),
        start: Start::Now,
        reads_bodies: true,
    };
    let shared = place.dispatch.create(new("again", settings("a.ndjson")), "usr_ann").unwrap_err().to_string();
    assert!(shared.contains("`a.ndjson` writes into this file already"), "{shared}");
    let mut secret = new("c", settings("c"));
    secret.secrets.set("token", zeroize::Zeroizing::new(b"x".to_vec()));
    for (new, said) in [
        (new("a.ndjson", settings("b")), "already"),
        (new("", settings("b")), "a name has"),
        (new("dst_01JZ8X3V6S0M7Q9T2R4W5Y6A7B", settings("b")), "a name has"),
        (new("b", settings("../b")), "`name`"),
        (new("b", Settings { requests: 0, ..settings("b") }), "`requests`"),
        (secret, "takes no such credential"),
    ] {
        let error = place.dispatch.create(new, "usr_ann").unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert_eq!(place.dispatch.list().unwrap().len(), 1);
}
