//! Ends of requests that the log cannot take for a while.

use super::*;
use picket_bodies::{Bodies, NewBody};
use picket_db::{Db, Options as DbOptions};
use picket_event::{BodyClass, Event, EventType, Outcome, Workspace};
use picket_keys::{Keyring, RootKey};
use picket_log::{Logs, Options as LogOptions};
use picket_stdx::Clock;
use std::sync::mpsc::Sender;

struct Store {
    log: EventLog,
    db: Db,
    _folder: tempfile::TempDir,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.db.close();
    }
}

type Gate = (Sender<()>, Ticket<(), AppendError>);

impl Store {
    /// A store in whose lanes so many writes may wait.
    fn new(queue: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let migrations = [picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, picket_log::MIGRATIONS];
        let options = DbOptions { queue, ..DbOptions::new(folder.path().join("picket.db")) };
        let db = Db::open(options, &migrations).unwrap();
        let keyring = Keyring::open(&db, RootKey::new([7; 32])).unwrap();
        let options =
            LogOptions { host: "test".to_owned(), state: folder.path().join("state"), clock: Clock::system() };
        Logs::create(&db, &keyring, &options, &Workspace::parse("ws_test").unwrap()).unwrap();
        let logs = Logs::open(&db, &keyring, &Bodies::new(&db, &keyring), &options).unwrap();
        Self { log: logs.workspace(&Workspace::parse("ws_test").unwrap()).unwrap().clone(), db, _folder: folder }
    }

    /// A request whose beginning is durable, and its end.
    fn begun(&self, user: &str) -> (EventId, Record) {
        let mut event = Event::new(EventType::REQUEST, "ws_test", self.log.clock().now());
        event.user = Some(user.to_owned());
        let id = event.event_id;
        let received = self.log.append(Lane::Gateway, self.log.prepare(event.clone(), &[]).received()).wait().unwrap();
        event.outcome = Some(Outcome::Completed);
        let answer = NewBody {
            role: "response",
            class: BodyClass::Content,
            media_type: "text/plain",
            bytes: user.as_bytes(),
            truncated: false,
        };
        (id, self.log.prepare(event, &[answer]).closes(Some(received.position)))
    }

    fn close(&self, unclosed: &Unclosed, record: Record) {
        drop(self.log.append_or_return(Lane::Gateway, record, false, unclosed.take_back()));
    }

    /// Keeps the writer busy until the sender is dropped.
    fn hold_up(&self) -> Gate {
        let (release, held_up) = std::sync::mpsc::channel();
        let (started, begun) = std::sync::mpsc::channel();
        let gate = self.db.write(Lane::Gateway, "gate", move |_tx| {
            started.send(()).unwrap();
            held_up.recv().unwrap_or_default();
            Ok(())
        });
        begun.recv().unwrap();
        (release, gate)
    }

    fn sql(&self, sql: &'static str) {
        let done: Ticket<(), AppendError> =
            self.db.write(Lane::Admin, "sql", move |tx| Ok(tx.connection().execute_batch(sql)?));
        done.wait().unwrap();
    }

    /// The outcome that the log knows of a request; none while it is open.
    fn outcome(&self, event: EventId) -> Option<Outcome> {
        let position = self.log.position_of(event).unwrap()?;
        self.log.events(&[position]).unwrap().remove(0).outcome
    }
}

#[test]
fn ends_that_a_full_queue_refused_are_recorded_when_there_is_room() {
    let store = Store::new(4);
    let unclosed = Unclosed::default();
    let requests: Vec<_> = (0..9).map(|number| store.begun(&format!("user{number}"))).collect();
    let ids: Vec<EventId> = requests.iter().map(|(id, _)| *id).collect();
    let (release, gate) = store.hold_up();
    requests.into_iter().for_each(|(_, record)| store.close(&unclosed, record));
    // Four wait for the writer, the others found no room.
    assert_eq!(unclosed.counts(), UnclosedCounts { waiting: 5, lost: 0 });
    drop(release);
    gate.wait().unwrap();
    while !unclosed.again(&store.log) {}
    assert_eq!(unclosed.counts(), UnclosedCounts::default());
    for id in ids {
        assert_eq!(store.outcome(id), Some(Outcome::Completed));
    }
    assert!(store.log.open_requests().unwrap().is_empty());
    store.log.verify(&mut |_, _| {}).unwrap();
}

#[test]
fn ends_that_the_database_refuses_wait_until_it_takes_them() {
    let store = Store::new(100);
    let unclosed = Unclosed::default();
    let (id, record) = store.begun("ana");
    store.sql("ALTER TABLE event_place RENAME TO aside");
    store.close(&unclosed, record);
    for _ in 0..3 {
        // The first try is over when this one is.
        while unclosed.counts().waiting == 0 {
            std::thread::yield_now();
        }
        assert!(!unclosed.again(&store.log));
        assert_eq!((store.log.open_requests().unwrap().len(), unclosed.counts().waiting), (1, 1));
    }
    store.sql("ALTER TABLE aside RENAME TO event_place");
    assert!(unclosed.again(&store.log));
    assert_eq!((store.outcome(id), unclosed.counts()), (Some(Outcome::Completed), UnclosedCounts::default()));
}

#[test]
fn beyond_the_bounds_the_oldest_goes_and_is_counted() {
    let store = Store::new(1);
    let mut requests: Vec<_> = (0..6).map(|number| store.begun(&format!("user{number}"))).collect();
    // Those of one millisecond are in any order.
    requests.sort_by_key(|(id, _)| *id);
    let ids: Vec<EventId> = requests.iter().map(|(id, _)| *id).collect();
    let records: Vec<_> = requests.into_iter().map(|(_, record)| Arc::new(record)).collect();
    let bytes = records[0].bytes();
    for unclosed in [Unclosed::bounded(2, usize::MAX), Unclosed::bounded(100, 2 * bytes + bytes / 2)] {
        records.iter().rev().for_each(|record| unclosed.keep(Arc::clone(record)));
        // The same again takes no room.
        unclosed.keep(Arc::clone(&records[5]));
        assert_eq!(unclosed.counts(), UnclosedCounts { waiting: 2, lost: 4 });
        let left: Vec<EventId> = unclosed.take(9).iter().map(|record| record.event()).collect();
        assert_eq!(left, ids[4..], "the newest are left, the oldest of them first");
        assert_eq!(unclosed.kept().bytes, 0);
    }
    // One that is larger than all the room is kept as long as nothing newer comes.
    let small = Unclosed::bounded(100, 1);
    small.keep(Arc::clone(&records[0]));
    assert_eq!(small.counts(), UnclosedCounts { waiting: 1, lost: 0 });
    small.keep(Arc::clone(&records[1]));
    assert_eq!(small.counts(), UnclosedCounts { waiting: 1, lost: 1 });
    assert_eq!(store.log.close_unknown("lost", |id| id == ids[0]).unwrap(), 1);
    assert_eq!(store.outcome(ids[0]), Some(Outcome::Unknown));
    // Whoever was closed as unknown meanwhile stays so, and is not tried for ever.
    small.keep(Arc::clone(&records[0]));
    assert!(small.again(&store.log));
    assert_eq!((small.counts().waiting, store.outcome(ids[0])), (0, Some(Outcome::Unknown)));
}

#[test]
fn whoever_waits_for_ends_is_woken_by_the_first() {
    let store = Store::new(1);
    let unclosed = Unclosed::default();
    let (_, record) = store.begun("ana");
    let (kept, record) = (unclosed.clone(), Arc::new(record));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let waiting = std::thread::spawn(move || runtime.block_on(async { kept.any().await }));
    unclosed.keep(record);
    waiting.join().unwrap();
}

#[test]
fn the_last_try_waits_for_what_is_still_queued() {
    let store = Store::new(100);
    let unclosed = Unclosed::default();
    let (id, record) = store.begun("ana");
    let (release, gate) = store.hold_up();
    store.close(&unclosed, record);
    let doom: Ticket<(), AppendError> = store.db.write(Lane::Gateway, "doom", |tx| {
        tx.before_commit(|connection| connection.execute_batch("nonsense"));
        Ok(())
    });
    std::thread::scope(|scope| {
        let last = scope.spawn(|| unclosed.last(&store.log));
        drop(release);
        last.join().unwrap();
    });
    gate.wait().unwrap();
    doom.wait().unwrap_err();
    assert_eq!((store.outcome(id), unclosed.counts()), (Some(Outcome::Completed), UnclosedCounts::default()));
}
