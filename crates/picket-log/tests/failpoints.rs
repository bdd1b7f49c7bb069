//! Stops the log between any two steps, and looks at what is left. Run with `--features failpoints`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use fail::FailScenario;
use picket_bodies::{Bodies, NewBody};
use picket_db::{Db, Lane, Options as DbOptions, Ticket, WriteError};
use picket_event::{BodyClass, Event, EventType, Workspace};
use picket_keys::{Keyring, RootKey};
use picket_log::{AppendError, EventLog, Logs, Notary, Options, verify_checkpoint};
use picket_stdx::{Clock, Timestamp};
use std::path::Path;

struct Store {
    db: Db,
    logs: Logs,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.db.close();
    }
}

impl Store {
    fn open(folder: &Path) -> Self {
        let tables = &[picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, picket_log::MIGRATIONS];
        let db = Db::open(DbOptions::new(folder.join("picket.db")), tables).unwrap();
        let keyring = Keyring::open(&db, RootKey::new([9; 32])).unwrap();
        let bodies = Bodies::new(&db, &keyring);
        let clock = Clock::manual(Timestamp::from_millis(1_780_000_000_000));
        let options = Options { host: "picket.example".to_owned(), state: folder.join("state"), clock };
        if !folder.join("state").exists() {
            Logs::create(&db, &keyring, &options, &Workspace::parse("ws_1").unwrap()).unwrap();
        }
        Self { logs: Logs::open(&db, &keyring, &bodies, &options).unwrap(), db }
    }

    fn log(&self) -> &EventLog {
        self.logs.workspace(&Workspace::parse("ws_1").unwrap()).unwrap()
    }

    fn append(&self) -> Result<u64, String> {
        let mut event = Event::new(EventType::REQUEST, "ws_1", self.log().clock().now());
        event.user = Some("alice@example.com".to_owned());
        let body = NewBody {
            role: "request",
            class: BodyClass::Content,
            media_type: "text/plain",
            bytes: b"the prompt",
            truncated: false,
        };
        let appended = self.log().append(Lane::Gateway, self.log().prepare(event, &[body]).closes(None)).wait();
        appended.map(|appended| appended.position).map_err(|error| match error {
            WriteError::Job(_) => "refused".to_owned(),
            other => other.to_string(),
        })
    }
}

/// Steps of writing what a batch took: after each, the batch can fail.
const STEPS: &[&str] = &[
    "db::after_begin",
    "log::after_tiles",
    "log::after_entries",
    "log::after_bodies",
    "log::after_all",
    "db::before_commit",
];

#[test]
fn an_append_that_stops_anywhere_leaves_no_trace_and_the_next_takes_its_place() {
    let scenario = FailScenario::setup();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    // Around the borders of tiles and chunks, and in between.
    for target in [1, 63, 64, 128, 254, 255, 256, 257, 319, 320, 383, 384] {
        while store.log().size() < target {
            store.append().unwrap();
        }
        let refused = [("log::after_entry", "1*return", "refused"), ("log::after_entry", "1*panic", "failed inside")];
        let failed = STEPS.iter().map(|step| (*step, "1*return", "cannot make writes durable"));
        let panicked = STEPS.iter().filter(|step| step.starts_with("log::"));
        let panicked = panicked.map(|step| (*step, "1*panic", "cannot make writes durable"));
        for (step, action, outcome) in refused.into_iter().chain(failed).chain(panicked) {
            fail::cfg(step, action).unwrap();
            let error = store.append().unwrap_err();
            assert!(error.contains(outcome), "{step} {action}: {error}");
            assert_eq!(store.log().size(), target, "{step} {action}");
        }
        assert_eq!(store.append(), Ok(target));
        store.log().verify(&mut |_, _| {}).unwrap();
    }
    drop(store);
    Store::open(folder.path()).log().verify(&mut |_, _| {}).unwrap();
    scenario.teardown();
}

#[test]
fn one_job_that_stops_takes_nothing_of_its_neighbours_with_it() {
    let scenario = FailScenario::setup();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    store.append().unwrap();
    let record = |kind| store.log().prepare(Event::new(EventType::of(kind), "ws_1", store.log().clock().now()), &[]);
    for stopped in 1..20 {
        // All wait behind one job, so that they are one batch; the nth of their records stops.
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let gate: Ticket<(), AppendError> = store
            .db
            .write(Lane::Gateway, "gate", move |_tx| wait.recv().map_err(|_gone| rusqlite::Error::InvalidQuery.into()));
        let jobs: Vec<Ticket<(), AppendError>> = (0..10)
            .map(|_| {
                let (log, both) = (store.log().clone(), [record("key.created"), record("key.revoked")]);
                store.db.write(Lane::Gateway, "two records", move |tx| {
                    both.into_iter().try_for_each(|record| log.append_in(tx, record).map(drop))
                })
            })
            .collect();
        let size = store.log().size();
        fail::cfg("log::after_entry", &format!("{stopped}*off->1*return->off")).unwrap();
        release.send(()).unwrap();
        gate.wait().unwrap();
        let written: u64 = jobs.into_iter().map(|job| if job.wait().is_ok() { 2 } else { 0 }).sum();
        assert_eq!((written, store.log().size()), (18, size + 18), "{stopped}");
        store.log().verify(&mut |_, _| {}).unwrap();
    }
    scenario.teardown();
}

#[test]
fn a_caller_that_goes_on_after_a_refused_record_commits_its_own_effect_only() {
    let scenario = FailScenario::setup();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let size = store.log().size();
    let log = store.log().clone();
    let record = log.prepare(Event::new(EventType::of("admin.body_viewed"), "ws_1", log.clock().now()), &[]);
    fail::cfg("log::after_entry", "1*return").unwrap();
    let careless: Ticket<bool, AppendError> =
        store.db.write(Lane::Admin, "careless", move |tx| Ok(log.append_in(tx, record).is_err()));
    assert!(careless.wait().unwrap());
    assert_eq!(store.append(), Ok(size));
    store.log().verify(&mut |_, _| {}).unwrap();
    scenario.teardown();
}

#[test]
fn a_notary_that_stops_anywhere_is_made_up_for() {
    let scenario = FailScenario::setup();
    for step in ["log::before_mark", "log::after_mark"] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        for _ in 0..10 {
            store.append().unwrap();
        }
        fail::cfg(step, "1*return").unwrap();
        assert!(Notary::new(&store.logs).tick().is_err());
        assert!(store.log().checkpoint().unwrap().is_none(), "nothing is visible before its mark is durable");
        drop(store);
        let store = Store::open(folder.path());
        store.log().verify(&mut |_, _| {}).unwrap();
        assert_eq!(Notary::new(&store.logs).tick().unwrap(), 2);
        let note = store.log().checkpoint().unwrap().unwrap();
        assert_eq!(verify_checkpoint(&note, &store.log().info().vkey).unwrap().size, store.log().size());
    }
    scenario.teardown();
}

#[test]
fn a_tail_that_was_published_is_never_taken_back() {
    let scenario = FailScenario::setup();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path());
    let tail = store.log().tail();
    let mut newest = *tail.borrow();
    for round in 0..40 {
        if round % 3 == 0 {
            fail::cfg(STEPS[round % STEPS.len()], "1*return").unwrap();
        }
        drop(store.append());
        let now = *tail.borrow();
        assert!(now >= newest);
        assert_eq!(u64::try_from(store.log().entries(0, 1_000).unwrap().len()).unwrap(), now);
        newest = now;
    }
    scenario.teardown();
}
