//! A store with one log that takes requests.

use picket_bodies::{Bodies, NewBody};
use picket_db::{Db, Lane, Options as DbOptions, Ticket};
use picket_event::{BodyClass, Event, EventType, Workspace};
use picket_keys::{Keyring, RootKey};
use picket_log::{AppendError, Appended, EventLog, Logs, Options};
use picket_stdx::Clock;
use std::path::Path;

pub(crate) struct Store {
    db: Db,
    pub(crate) logs: Logs,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.db.close();
    }
}

impl Store {
    pub(crate) fn create(folder: &Path) -> Self {
        {
            // All that holds the database goes, before it is opened again.
            let (db, keyring, options) = parts(folder);
            Logs::create(&db, &keyring, &options, &Workspace::parse("ws_1").unwrap()).unwrap();
            db.close();
        }
        Self::open(folder)
    }

    pub(crate) fn open(folder: &Path) -> Self {
        let (db, keyring, options) = parts(folder);
        let bodies = Bodies::new(&db, &keyring);
        Self { logs: Logs::open(&db, &keyring, &bodies, &options).unwrap(), db }
    }

    pub(crate) fn log(&self) -> &EventLog {
        self.logs.workspace(&Workspace::parse("ws_1").unwrap()).unwrap()
    }

    /// Queues so many requests, each with a body.
    pub(crate) fn append(&self, count: usize) -> Vec<Ticket<Appended, AppendError>> {
        let body = NewBody {
            role: "request",
            class: BodyClass::Content,
            media_type: "text/plain",
            bytes: b"the prompt",
            truncated: false,
        };
        let each = (0..count).map(|number| {
            let mut event = Event::new(EventType::REQUEST, "ws_1", self.log().clock().now());
            event.user = Some(format!("user{number}@example.com"));
            let record = self.log().prepare(event, std::slice::from_ref(&body)).closes(None);
            self.log().append(Lane::Gateway, record)
        });
        each.collect()
    }
}

fn parts(folder: &Path) -> (Db, Keyring, Options) {
    let tables = &[picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, picket_log::MIGRATIONS];
    let db = Db::open(DbOptions::new(folder.join("picket.db")), tables).unwrap();
    let keyring = Keyring::open(&db, RootKey::new([9; 32])).unwrap();
    let options = Options { host: "picket.example".to_owned(), state: folder.join("state"), clock: Clock::system() };
    (db, keyring, options)
}
