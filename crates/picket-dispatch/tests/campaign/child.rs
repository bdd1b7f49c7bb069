//! The process that holds the store and sends. It does what lines on its standard input say, answers each with one on its
//! standard output, and is killed.

use picket_bodies::Bodies;
use picket_db::{Db, Lane, Options as DbOptions};
use picket_dispatch::{Change, Dispatch, Network, New, Options, Settings, Start, Timing, Waits};
use picket_event::{Event, EventType, Workspace};
use picket_keys::{Keyring, RootKey};
use picket_log::{EventLog, Logs};
use picket_pipeline::{Stage, Trigger};
use picket_stdx::Clock;
use picket_store::destinations::Which;
use picket_store::sealed::{Secrets, Vault};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Where the store is.
pub(crate) const FOLDER: &str = "PICKET_CAMPAIGN_FOLDER";
/// In front of each answer: the harness of tests writes lines of its own.
pub(crate) const MARK: &str = "@ ";
/// So long a request may take: a machine that is busy with other things is no fault.
const PATIENCE: Duration = Duration::from_secs(3);
const WORKSPACE: &str = "ws_test";
const BY: &str = "usr_ann";

#[test]
#[ignore = "the campaign runs it as a process of its own"]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let mut place = Place::open(Path::new(&folder));
    say(&json!({"ready": true}));
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let told: Value = serde_json::from_str(&line).unwrap();
        say(&place.does(&told));
    }
    place.stop();
}

fn say(what: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{MARK}{what}").unwrap();
    out.flush().unwrap();
}

struct Place {
    folder: PathBuf,
    db: Db,
    log: EventLog,
    clock: Clock,
    dispatch: Dispatch,
    trigger: Trigger,
    serving: Option<JoinHandle<()>>,
}

impl Place {
    fn open(folder: &Path) -> Self {
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
        let clock = ticking();
        let workspace = Workspace::parse(WORKSPACE).unwrap();
        let options =
            picket_log::Options { host: "test.example".to_owned(), state: folder.join("state"), clock: clock.clone() };
        if !Logs::exist(&db).unwrap() {
            Logs::create(&db, &keyring, &options, &workspace).unwrap();
        }
        let log = Logs::open(&db, &keyring, &bodies, &options).unwrap().workspace(&workspace).unwrap().clone();
        let allowed = Arc::from(["127.0.0.0/8".parse().unwrap()]);
        let network = Network { allowed, timeout: PATIENCE, clock: clock.clone(), ..Network::default() };
        let waits = Waits { least: Duration::from_millis(1), most: Duration::from_millis(10) };
        let timing = Timing { probe: Duration::from_millis(20), waits };
        let vault = Vault::of(&keyring).unwrap();
        let options = Options { db: db.clone(), log: log.clone(), workspace, vault, network, timing, bodies: false };
        let dispatch = Dispatch::new(options);
        let (trigger, shutdown) = Trigger::new();
        let serving = dispatch.clone();
        let serving = std::thread::spawn(move || serving.serve(&shutdown).unwrap());
        Self { folder: folder.to_owned(), db, log, clock, dispatch, trigger, serving: Some(serving) }
    }

    fn stop(&mut self) {
        self.trigger.advance(Stage::Draining);
        self.serving.take().unwrap().join().unwrap();
        self.db.close();
    }

    fn does(&self, told: &Value) -> Value {
        let text = |name: &str| told[name].as_str().unwrap_or_default();
        match text("do") {
            "create" => self.create(told),
            "append" => self.append(told),
            "state" => self.state(text("id")),
            "events" => self.events(text("type")),
            "letters" => {
                let letters = self.dispatch.dead_letters(text("id"), None, 100_000).unwrap();
                letters.into_iter().map(|letter| (letter.event_id, json!(letter.reason))).collect()
            }
            "replay" => json!(self.dispatch.replay(text("id"), Which::All, BY).unwrap().count),
            "rotate" => {
                let change = Change { secrets: Some(secrets(&told["secrets"])), ..Change::default() };
                json!(self.dispatch.update(text("id"), change, BY).is_ok())
            }
            "fail" => {
                fail::cfg(text("step"), text("action")).unwrap();
                json!(true)
            }
            "tear" => self.tear(told["seed"].as_u64().unwrap(), told["is_cut"] == true),
            "step" => {
                let (before, by) = (self.clock.now(), told["seconds"].as_i64().unwrap());
                let by_micros = Duration::from_secs(by.unsigned_abs());
                self.clock.set(if by < 0 { before.minus(by_micros) } else { before.plus(by_micros) });
                let moved = self.clock.now().as_secs() - before.as_secs();
                json!((moved - by).abs() < 60)
            }
            "pass" => {
                self.clock.advance(Duration::from_secs(told["seconds"].as_u64().unwrap()));
                json!(true)
            }
            other => panic!("{other}?"),
        }
    }

    fn create(&self, told: &Value) -> Value {
        let settings: Settings = serde_json::from_value(told["settings"].clone()).unwrap();
        let name = told["name"].as_str().unwrap().to_owned();
        let start = if told["start"] == "beginning" { Start::Beginning } else { Start::Now };
        let new = New { name, settings, secrets: secrets(&told["secrets"]), start, reads_bodies: false };
        json!(self.dispatch.create(new, BY).unwrap().row.id)
    }

    /// Appends events; the ids of those that the log has, and why it refused others.
    fn append(&self, told: &Value) -> Value {
        let event_type = EventType::parse(told["type"].as_str().unwrap()).unwrap();
        let number = |name: &str| told[name].as_u64().unwrap_or(0);
        let mut tickets = Vec::new();
        for at in 0..number("count") {
            let mut event = Event::new(event_type.clone(), WORKSPACE, self.clock.now());
            event.user = Some(if at < number("bad") { "poison@example.com" } else { "ana@example.com" }.to_owned());
            event.reason = Some("x".repeat(usize::try_from(at * 37 % 400).unwrap()));
            let record = self.log.prepare(event, &[]);
            tickets.push((record.event().to_string(), self.log.append(Lane::Gateway, record)));
        }
        let (mut acked, mut refused) = (Vec::new(), String::new());
        for (id, ticket) in tickets {
            match ticket.wait() {
                Ok(_) => acked.push(id),
                Err(error) => refused = error.to_string(),
            }
        }
        json!({"acked": acked, "refused": refused})
    }

    fn state(&self, id: &str) -> Value {
        let view = self.dispatch.get(id).unwrap();
        let counts = view.health.counts;
        json!({
            "accepted": counts.accepted, "delivered": counts.delivered, "dead_lettered": counts.dead_lettered,
            "expired": counts.expired, "pending": view.health.pending, "even": view.health.balances(),
            "letters": view.letters, "state": view.row.state.to_string(), "answers": view.health.answers,
            "reason": view.row.reason, "failure": view.health.failure.map(|failure| failure.said),
            "blocked": self.db.health().blocked,
        })
    }

    /// Counts the log again: the ids of its events of a type.
    fn events(&self, wanted: &str) -> Value {
        let (mut ids, mut from) = (Vec::new(), 0);
        while from < self.log.size() {
            let batch = self.log.batch(from, 512).unwrap();
            let Some(last) = batch.last() else { break };
            from = last.position + 1;
            let events = batch.iter().filter_map(|logged| logged.event.as_deref());
            ids.extend(
                events.filter(|event| event.event_type.as_str() == wanted).map(|event| event.event_id.to_string()),
            );
        }
        json!(ids)
    }

    /// The next commit is torn: its last bytes are cut off, or are others, and the process is gone before anybody heard of
    /// it.
    fn tear(&self, seed: u64, is_cut: bool) -> Value {
        let wal = self.folder.join("picket.db-wal");
        let (path, before) = (wal.clone(), Arc::new(AtomicU64::new(u64::MAX)));
        let begun = Arc::clone(&before);
        let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        fail::cfg_callback("db::after_begin", move || begun.store(length(&path), Ordering::SeqCst)).unwrap();
        fail::cfg_callback("db::before_ack", move || {
            let (from, to) = (before.load(Ordering::SeqCst), length(&wal));
            // What was written over an older part of the file is not told apart from it: the next one will do.
            if from < to {
                tear_at(&wal, from + seed % (to - from), is_cut);
                std::process::abort();
            }
        })
        .unwrap();
        json!(true)
    }
}

fn tear_at(path: &Path, at: u64, is_cut: bool) {
    let mut file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    if is_cut {
        file.set_len(at).unwrap();
        return;
    }
    let mut rest = Vec::new();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_to_end(&mut rest).unwrap();
    rest.iter_mut().for_each(|byte| *byte ^= 0x5a);
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&rest).unwrap();
}

/// A clock that goes as the system's does, and can be set.
fn ticking() -> Clock {
    let clock = Clock::manual(Clock::system().now());
    let (ticks, mut last) = (clock.clone(), Instant::now());
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(1));
            let now = Instant::now();
            ticks.advance(now - last);
            last = now;
        }
    });
    clock
}

fn secrets(of: &Value) -> Secrets {
    let mut secrets = Secrets::default();
    for (field, value) in of.as_object().into_iter().flatten() {
        secrets.set(field, zeroize::Zeroizing::new(value.as_str().unwrap().as_bytes().to_vec()));
    }
    secrets
}
