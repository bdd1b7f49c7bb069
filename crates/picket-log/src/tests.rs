mod bounds;
mod integrity;
mod model;
mod pairing;
mod proofs;
mod recent;
mod restart;
mod retention;
mod returned;
mod tenants;

use super::*;
use picket_bodies::NewBody;
use picket_db::{Lane, Options as DbOptions, Ticket};
use picket_event::{BodyClass, Event, EventType, Outcome, Workspace};
use picket_keys::{Keyring, RootKey};
use picket_stdx::Timestamp;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

struct Store {
    db: Db,
    logs: Logs,
    clock: Clock,
}

const TABLES: &[&[picket_db::Migration]] = &[picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, MIGRATIONS];

fn options(folder: &Path, clock: &Clock) -> Options {
    Options { host: "picket.example".to_owned(), state: folder.join("state"), clock: clock.clone() }
}

fn try_open(folder: &Path) -> Result<Store, OpenError> {
    let clock = Clock::manual(Timestamp::from_millis(1_780_000_000_000));
    let db = Db::open(DbOptions::new(folder.join("picket.db")), TABLES).unwrap();
    let keyring = Keyring::open(&db, RootKey::new([9; 32])).unwrap();
    let bodies = Bodies::new(&db, &keyring);
    let options = options(folder, &clock);
    let is_new = db.read(|c| c.query_row("SELECT count(*) FROM log", [], |row| row.get::<_, u64>(0))).unwrap() == 0;
    if is_new && !folder.join("state").exists() {
        Logs::create(&db, &keyring, &options, &Workspace::parse("ws_1").unwrap())?;
    }
    Ok(Store { logs: Logs::open(&db, &keyring, &bodies, &options)?, db, clock })
}

fn open(folder: &Path) -> Store {
    try_open(folder).unwrap()
}

impl Drop for Store {
    /// The writer lets go of the file before the next store opens it.
    fn drop(&mut self) {
        self.db.close();
    }
}

impl Store {
    fn log(&self) -> &EventLog {
        self.logs.workspace(&Workspace::parse("ws_1").unwrap()).unwrap()
    }

    fn event(&self, user: &str) -> Event {
        let mut event = Event::new(EventType::REQUEST, "ws_1", self.clock.now());
        event.user = Some(user.to_owned());
        event.src_ip = Some("203.0.113.9".to_owned());
        event.model = Some("secret-model-name".to_owned());
        event
    }

    fn append(&self, user: &str) -> Appended {
        let body = NewBody {
            role: "request",
            class: BodyClass::Content,
            media_type: "text/plain",
            bytes: b"the prompt",
            truncated: false,
        };
        let record = self.log().prepare(self.event(user), &[body]).closes(None);
        self.log().append(Lane::Gateway, record).wait().unwrap()
    }

    fn sql(&self, sql: &'static str) {
        let done: Ticket<(), rusqlite::Error> =
            self.db.write(Lane::Admin, "sql", move |tx| tx.connection().execute_batch(sql));
        done.wait().unwrap();
    }
}

#[test]
fn an_event_comes_back_whole_with_what_the_log_adds() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let appended = store.append("alice@example.com");
    let events = store.log().events(&[appended.position]).unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(event.user.as_deref(), Some("alice@example.com"));
    assert!(event.user_id.as_ref().unwrap().starts_with("usr_"));
    assert_eq!(event.recorded_at, Some(store.clock.now()));
    assert_eq!(event.log.as_ref().unwrap().completed, appended.position);
    assert_eq!(event.bodies, ["request"]);
    assert_eq!(store.log().position_of(event.event_id).unwrap(), Some(appended.position));
}

#[test]
fn what_a_record_holds_lives_until_the_log_has_taken_it_or_refused_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let event = store.event("alice@example.com");
    let again = event.clone();
    let (release, held_up) = std::sync::mpsc::channel::<()>();
    let blocked: Ticket<(), rusqlite::Error> = store.db.write(Lane::Gateway, "wait", move |_tx| {
        held_up.recv().unwrap_or_default();
        Ok(())
    });
    let mark = Arc::new(());
    let alive = Arc::downgrade(&mark);
    let ticket = store.log().append(Lane::Gateway, store.log().prepare(event, &[]).closes(None).holding(mark));
    assert!(alive.upgrade().is_some(), "the writer is busy with something else");
    release.send(()).unwrap();
    ticket.wait().unwrap();
    blocked.wait().unwrap();
    assert!(alive.upgrade().is_none());
    let mark = Arc::new(());
    let alive = Arc::downgrade(&mark);
    let twice = store.log().append(Lane::Gateway, store.log().prepare(again, &[]).closes(None).holding(mark));
    twice.wait().unwrap_err();
    assert!(alive.upgrade().is_none());
}

#[test]
fn no_value_of_a_caller_stands_in_any_entry() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.append("alice@example.com");
    for stored in store.log().entries(0, 100).unwrap() {
        let text = String::from_utf8(stored.bytes).unwrap();
        for canary in ["alice", "203.0.113.9", "secret-model-name", "the prompt"] {
            assert!(!text.contains(canary), "{text}");
        }
    }
}

#[test]
fn a_request_is_one_event_and_a_crash_leaves_its_outcome_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let before = store.log().size();
    let event = store.event("bob");
    let received = store.log().prepare(event.clone(), &[]).received();
    let received = store.log().append(Lane::Gateway, received).wait().unwrap();
    let closed = store.log().prepare(event, &[]).closes(Some(received.position));
    store.log().append(Lane::Gateway, closed).wait().unwrap();
    let left_open = store.log().prepare(store.event("carol"), &[]).received();
    store.log().append(Lane::Gateway, left_open).wait().unwrap();
    assert_eq!(store.log().open_requests().unwrap().len(), 1);
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.log().close_open_requests().unwrap(), 1);
    assert_eq!(store.log().close_open_requests().unwrap(), 0);
    let events: Vec<_> =
        store.log().batch(before, 100).unwrap().into_iter().filter_map(|logged| logged.event.clone()).collect();
    assert_eq!(events.iter().map(|event| event.outcome).collect::<Vec<_>>(), [None, Some(Outcome::Unknown)]);
    assert_eq!(events[1].user.as_deref(), Some("carol"));
}

#[test]
fn an_append_that_is_undone_with_its_transaction_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let size = store.log().size();
    let (log, record) = (store.log().clone(), store.log().prepare(store.event("mallory"), &[]));
    let undone: Ticket<(), AppendError> = store.db.write(Lane::Admin, "undone", move |tx| {
        log.append_in(tx, record)?;
        Err(AppendError::Database(rusqlite::Error::InvalidQuery))
    });
    assert!(undone.wait().is_err());
    assert_eq!(store.append("alice").position, size);
    store.log().verify(&mut |_, _| {}).unwrap();
}

#[test]
fn the_order_of_record_survives_a_clock_that_steps_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = store.append("a");
    store.clock.set(store.clock.now().minus(Duration::from_secs(3_600)));
    let second = store.append("b");
    assert!(second.recorded_at >= first.recorded_at);
}

#[test]
fn a_store_that_was_restored_from_an_older_copy_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.append("a");
    Notary::new(&store.logs).tick().unwrap();
    store.db.close();
    drop(store);
    let old = std::fs::read(folder.path().join("picket.db")).unwrap();
    let store = open(folder.path());
    store.append("b");
    Notary::new(&store.logs).tick().unwrap();
    drop(store);
    for name in ["picket.db-wal", "picket.db-shm"] {
        drop(std::fs::remove_file(folder.path().join(name)));
    }
    std::fs::write(folder.path().join("picket.db"), old).unwrap();
    let error = try_open(folder.path()).err().unwrap().to_string();
    assert!(error.contains("LOG_ROLLBACK"), "{error}");
}

#[test]
fn erased_facts_leave_an_event_without_personal_data_and_a_log_that_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let appended = store.append("alice@example.com");
    let subject = store.log().id_of_name(picket_event::entry::NameKind::User, "alice@example.com").unwrap().unwrap();
    store.append("bob@example.com");
    assert_eq!(store.log().erase_user(&subject).unwrap(), 2);
    let event = store.log().events(&[appended.position]).unwrap().remove(0);
    assert_eq!((event.user, event.src_ip), (None, None));
    assert_eq!(event.model.as_deref(), Some("secret-model-name"));
    let report = store.log().verify(&mut |_, _| {}).unwrap();
    assert_eq!(report.bodies_gone, 2);
    let again = store.append("alice@example.com");
    assert_ne!(store.log().entries(again.position, 1).unwrap()[0].entry.user, Some(subject));
}
