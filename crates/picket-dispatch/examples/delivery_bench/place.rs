//! A store with a log, and destinations of it.

use crate::receivers::Receiver;
use picket_bodies::Bodies;
use picket_db::{Db, Lane, Options as DbOptions, Ticket};
use picket_dispatch::{Dispatch, Kind, Network, New, Options, Resume, Settings, Start, Timing, Waits, Wanted};
use picket_event::{Decision, Event, EventType, Identity, Severity, Workspace};
use picket_keys::{Keyring, RootKey};
use picket_log::{AppendError, EventLog, Logs};
use picket_pipeline::{Stage, Trigger};
use picket_stdx::{Clock, random};
use picket_store::sealed::{Secrets, Vault};
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const WORKSPACE: &str = "ws_bench";
const LIMIT: Duration = Duration::from_secs(60);
/// Events of one transaction, and transactions on their way.
const TOGETHER: u64 = 500;
const OUTSTANDING: usize = 4;
/// Events of one transaction of live traffic: twenty milliseconds of it.
const TICKS: u64 = 50;

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Place(Arc<Inner>);

struct Inner {
    folder: tempfile::TempDir,
    dispatch: Dispatch,
    log: EventLog,
    trigger: Trigger,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Place {
    pub(crate) fn new() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let tables = [
            picket_keys::MIGRATIONS,
            picket_bodies::MIGRATIONS,
            picket_log::MIGRATIONS,
            picket_store::MIGRATIONS,
            picket_store::sealed::MIGRATIONS,
            picket_store::destinations::MIGRATIONS,
        ];
        let db = Db::open(DbOptions::new(folder.path().join("picket.db")), &tables)?;
        let keyring = Keyring::open(&db, RootKey::new(random::bytes()))?;
        let bodies = Bodies::new(&db, &keyring);
        let (clock, workspace) = (Clock::system(), Workspace::parse(WORKSPACE)?);
        let options = picket_log::Options {
            host: "bench.example".to_owned(),
            state: folder.path().join("state"),
            clock: clock.clone(),
        };
        Logs::create(&db, &keyring, &options, &workspace)?;
        let log = Logs::open(&db, &keyring, &bodies, &options)?.workspace(&workspace)?.clone();
        let network = Network {
            allowed: ["127.0.0.0/8".parse()?].into(),
            folder: Some(folder.path().to_owned()),
            clock,
            ..Network::default()
        };
        let timing = Timing { waits: Waits::default(), ..Timing::default() };
        let vault = Vault::of(&keyring)?;
        let dispatch =
            Dispatch::new(Options { db, log: log.clone(), workspace, vault, network, timing, bodies: false });
        let (trigger, shutdown) = Trigger::new();
        let serving = dispatch.clone();
        let thread = std::thread::spawn(move || {
            if let Err(error) = serving.serve(&shutdown) {
                say(&format!("the dispatcher ended: {error}"));
            }
        });
        Ok(Self(Arc::new(Inner { folder, dispatch, log, trigger, thread: Mutex::new(Some(thread)) })))
    }

    /// Ends the dispatcher.
    pub(crate) fn close(&self) {
        self.0.trigger.advance(Stage::Stopped);
        if let Some(thread) = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            drop(thread.join());
        }
        self.0.log.db().close();
    }

    /// Makes a destination of everything that is and will be in the log.
    pub(crate) fn destination(&self, receiver: &Receiver, requests: u32) -> Outcome<String> {
        if let Some(ca) = receiver.authority() {
            std::fs::write(self.0.folder.path().join("ca.pem"), ca)?;
        }
        self.create(receiver.name(), receiver.settings(), receiver.secret(), requests)
    }

    pub(crate) fn create(
        &self,
        name: &str,
        kind: Value,
        secret: Option<(&str, &str)>,
        requests: u32,
    ) -> Outcome<String> {
        let to: Kind = serde_json::from_value(kind)?;
        let wanted = Wanted { events: vec!["request".to_owned()], ..Wanted::default() };
        let mut settings = Settings { to, wanted, resume: Resume::Manual, ordered: false, requests };
        settings.requests = requests;
        let mut secrets = Secrets::default();
        if let Some((field, text)) = secret {
            secrets.set(field, Zeroizing::new(text.as_bytes().to_vec()));
        }
        let name = format!("{} {}", name.replace(',', ""), random::number());
        let new = New { name, settings, secrets, start: Start::Beginning, reads_bodies: false };
        let done = self.0.dispatch.create(new, "usr_bench").map_err(|error| error.to_string())?;
        Ok(done.row.id)
    }

    pub(crate) fn remove(&self, id: &str) -> Outcome<()> {
        self.0.dispatch.delete(id, "usr_bench").map(drop).map_err(|error| error.to_string().into())
    }

    pub(crate) fn resume(&self, id: &str) -> Outcome<()> {
        self.0.dispatch.resume(id, "usr_bench").map(drop).map_err(|error| error.to_string().into())
    }

    pub(crate) fn until_delivered(&self, id: &str, count: u64) -> Outcome<()> {
        let begun = Instant::now();
        loop {
            let balance = self.0.dispatch.balance(id).map_err(|error| error.to_string())?;
            if balance.counts.dead_lettered > 0 {
                return Err(format!("events were given up: {balance:?}").into());
            }
            if balance.counts.delivered >= count {
                return Ok(());
            }
            if begun.elapsed() > LIMIT {
                return Err(format!("not delivered: {balance:?}").into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Appends as fast as the log takes it.
    pub(crate) fn append(&self, events: u64) -> Outcome<()> {
        let mut waiting: VecDeque<Ticket<(), AppendError>> = VecDeque::new();
        for begin in (0..events).step_by(usize::try_from(TOGETHER)?) {
            waiting.push_back(self.write(begin, events.min(begin + TOGETHER)));
            if waiting.len() >= OUTSTANDING
                && let Some(oldest) = waiting.pop_front()
            {
                oldest.wait()?;
            }
        }
        waiting.into_iter().try_for_each(|ticket| Ok(ticket.wait()?))
    }

    /// Appends at a rate for a while; how many there were.
    pub(crate) fn traffic(&self, rate: u64, time: Duration) -> Outcome<u64> {
        let (begun, mut number) = (Instant::now(), 0);
        let mut waiting: VecDeque<Ticket<(), AppendError>> = VecDeque::new();
        let ticks = TICKS.max(rate / 50);
        while begun.elapsed() < time {
            waiting.push_back(self.write(number, number + ticks));
            number += ticks;
            if waiting.len() >= OUTSTANDING
                && let Some(oldest) = waiting.pop_front()
            {
                oldest.wait()?;
            }
            std::thread::sleep(Duration::from_micros(number * 1_000_000 / rate).saturating_sub(begun.elapsed()));
        }
        waiting.into_iter().try_for_each(|ticket| Ok::<_, Box<dyn std::error::Error>>(ticket.wait()?))?;
        Ok(number)
    }

    fn write(&self, from: u64, to: u64) -> Ticket<(), AppendError> {
        let log = self.0.log.clone();
        let records: Vec<_> = (from..to).map(|number| log.prepare(event(&log, number), &[]).closes(None)).collect();
        let own = log.clone();
        log.db().write(Lane::Gateway, "bench.append", move |tx| {
            records.into_iter().try_for_each(|record| own.append_in(tx, record).map(drop))
        })
    }
}

fn event(log: &EventLog, number: u64) -> Event {
    let mut event = Event::new(EventType::REQUEST, WORKSPACE, log.clock().now());
    event.user = Some(format!("user{}@example.com", number.wrapping_mul(7_919) % 10_000));
    event.key_id = Some(format!("key_{}", number % 512));
    event.identity = Some(Identity::Key);
    event.team = Some(format!("team{}", number % 20));
    event.application = Some("support-chat".to_owned());
    event.model = Some("gpt-4o".to_owned());
    event.src_ip = Some(format!("10.{}.{}.7", number % 200, number % 250));
    (event.tokens_in, event.tokens_out, event.latency_ms) = (Some(450), Some(1_200), Some(800));
    if number.is_multiple_of(50) {
        (event.decision, event.severity) = (Decision::Blocked, Severity::High);
        event.finding_type = Some("pii".to_owned());
        event.policies_triggered = vec!["pii-detector".to_owned()];
    }
    event
}

pub(crate) fn say(text: &str) {
    let mut out = io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // Nobody reads it.
    }
}
