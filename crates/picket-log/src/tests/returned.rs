//! Records that must not be lost come back when they cannot be written, and only then.

use super::*;
use picket_bodies::BodyKey;
use picket_db::WriteError;
use std::sync::Mutex;

type Gate = (std::sync::mpsc::Sender<()>, Ticket<(), rusqlite::Error>);

/// What came back.
#[derive(Clone, Default)]
struct Returned(Arc<Mutex<Vec<Arc<Record>>>>);

impl Returned {
    fn take_back(&self) -> TakeBack {
        let list = Arc::clone(&self.0);
        Arc::new(move |record| list.lock().unwrap().push(record))
    }

    fn take(&self) -> Vec<Arc<Record>> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Store {
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

    fn send(&self, record: impl Into<Arc<Record>>, returned: &Returned) -> Ticket<Appended, AppendError> {
        self.log().append_or_return(Lane::Gateway, record, true, returned.take_back())
    }

    fn closing(&self, user: &str) -> Record {
        let body = NewBody {
            role: "response",
            class: BodyClass::Content,
            media_type: "text/plain",
            bytes: b"the answer",
            truncated: false,
        };
        self.log().prepare(self.event(user), &[body]).closes(None)
    }

    /// Sends what came back again; it is the same event with the same contents.
    fn assert_whole(&self, returned: &Returned, user: &str) {
        let [record] = returned.take().try_into().unwrap_or_else(|all| panic!("one comes back, once: {all:?}"));
        let appended = self.send(record, returned).wait().unwrap();
        assert!(returned.take().is_empty());
        let event = self.log().events(&[appended.position]).unwrap().remove(0);
        assert_eq!((event.user.as_deref(), event.event_id), (Some(user), appended.event_id));
        let key = BodyKey { log: self.log().id(), position: appended.position, role: "response" };
        let body = self.log().bodies().open(&key).unwrap().unwrap();
        assert_eq!(body.bytes, b"the answer");
        let logged = self.log().batch(appended.position, 1).unwrap();
        assert_eq!(logged[0].event.as_ref().map(|event| event.event_id), Some(appended.event_id));
    }
}

/// A job that dooms its batch when the batch is about to be made durable.
fn doom(store: &Store) -> Ticket<(), rusqlite::Error> {
    store.db.write(Lane::Gateway, "doom", |tx| {
        tx.before_commit(|_connection| Err(rusqlite::Error::InvalidQuery));
        Ok(())
    })
}

/// A job that breaks its batch at once, so that what stands behind it does not run.
fn broken(store: &Store) -> Ticket<(), rusqlite::Error> {
    store.db.write(Lane::Gateway, "broken", |tx| tx.connection().execute_batch("ROLLBACK"))
}

#[test]
fn a_record_of_a_batch_that_fails_comes_back_whole_wherever_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let returned = Returned::default();
    for (number, break_it) in [doom, broken, doom, broken].into_iter().enumerate() {
        let (size, user) = (store.log().size(), format!("user{number}"));
        let (release, gate) = store.hold_up();
        // Before what breaks the batch, or behind it.
        let first = (number > 1).then(|| break_it(&store));
        let ticket = store.send(store.closing(&user), &returned);
        let broken = first.unwrap_or_else(|| break_it(&store));
        drop(release);
        assert!(matches!(ticket.wait(), Err(WriteError::Failed(_))));
        broken.wait().unwrap_err();
        gate.wait().unwrap();
        assert_eq!(store.log().size(), size);
        store.assert_whole(&returned, &user);
    }
    store.log().verify(&mut |_, _| {}).unwrap();
}

#[test]
fn a_record_comes_back_from_a_full_queue_from_a_failing_table_and_from_a_log_that_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let returned = Returned::default();
    let (release, gate) = store.hold_up();
    let fill = || store.db.write(Lane::Gateway, "fill", |_tx| Ok::<_, rusqlite::Error>(()));
    let filled = std::iter::repeat_with(fill).take(8_192).collect::<Vec<_>>();
    assert!(matches!(store.send(store.closing("busy"), &returned).wait(), Err(WriteError::Busy)));
    drop(release);
    filled.into_iter().for_each(|ticket| ticket.wait().unwrap());
    gate.wait().unwrap();
    store.assert_whole(&returned, "busy");

    store.sql("ALTER TABLE event_place RENAME TO aside");
    let refused = store.send(store.closing("table"), &returned).wait();
    assert!(matches!(refused, Err(WriteError::Job(AppendError::Database(_)))), "{refused:?}");
    store.sql("ALTER TABLE aside RENAME TO event_place");
    store.assert_whole(&returned, "table");

    store.db.close();
    assert!(matches!(store.send(store.closing("late"), &returned).wait(), Err(WriteError::Closed)));
    assert_eq!(returned.take().len(), 1);
}

#[test]
fn a_record_that_can_never_be_written_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let returned = Returned::default();
    let event = store.event("twice");
    let record = || store.log().prepare(event.clone(), &[]).closes(None);
    store.send(record(), &returned).wait().unwrap();
    assert!(matches!(store.send(record(), &returned).wait(), Err(WriteError::Job(AppendError::Recorded(_)))));
    let elsewhere = store.log().prepare(store.event("elsewhere"), &[]).closes(Some(0));
    assert!(matches!(store.send(elsewhere, &returned).wait(), Err(WriteError::Job(AppendError::NotOpen(_)))));
    assert!(returned.take().is_empty());
}
