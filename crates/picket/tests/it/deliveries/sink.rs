//! A receiver that counts what it took, and does as a test wants.

use picket_testkit::receivers::http::{Ask, Reply, Server, locked};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

/// The user of events that it refuses until it is healed.
pub(crate) const POISON: &str = "poison@example.com";

const STRICT: u8 = 0;
const HEALED: u8 = 1;
const DEAD: u8 = 2;
const HELD: u8 = 3;
const REFUSING: u8 = 4;

#[derive(Debug, Default)]
struct Taken {
    mode: AtomicU8,
    times: Mutex<BTreeMap<String, u32>>,
}

/// A receiver of lines of JSON.
#[derive(Debug)]
pub(crate) struct Sink {
    server: Server,
    taken: Arc<Taken>,
}

impl Sink {
    pub(crate) fn start() -> Self {
        let taken: Arc<Taken> = Arc::default();
        let keeping = Arc::clone(&taken);
        Self { server: Server::start(move |ask| keeping.take(ask)).unwrap(), taken }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Events by their ids, with how often each was taken.
    pub(crate) fn taken(&self) -> BTreeMap<String, u32> {
        locked(&self.taken.times).clone()
    }

    /// Takes everything from now on.
    pub(crate) fn heal(&self) {
        self.taken.mode.store(HEALED, Ordering::SeqCst);
    }

    /// Fails at everything.
    pub(crate) fn die(&self) {
        self.taken.mode.store(DEAD, Ordering::SeqCst);
    }

    /// Takes requests, and does not answer until it is healed.
    pub(crate) fn hold(&self) {
        self.taken.mode.store(HELD, Ordering::SeqCst);
    }

    /// Finds fault with every event.
    pub(crate) fn refuse(&self) {
        self.taken.mode.store(REFUSING, Ordering::SeqCst);
    }
}

impl Taken {
    fn take(&self, ask: &Ask) -> Reply {
        let mode = || self.mode.load(Ordering::SeqCst);
        let lines = std::str::from_utf8(&ask.body).unwrap().lines();
        let events: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        let has_poison = events.iter().any(|event| event["user"] == POISON);
        match mode() {
            DEAD => return Reply::html(503, "<html>down</html>"),
            REFUSING => return Reply::json(400, r#"{"error":"none of it"}"#),
            STRICT if has_poison => return Reply::json(400, r#"{"error":"there is poison in it"}"#),
            _ => {}
        }
        // As slow as a receiver may be that is not dead: until it is let go.
        while mode() == HELD {
            std::thread::yield_now();
        }
        let mut times = locked(&self.times);
        for event in events.iter().filter(|event| event["event_type"] != "system.test") {
            *times.entry(event["event_id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        Reply::empty(204)
    }
}
