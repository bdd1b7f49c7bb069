//! The lane with a log behind it and checks that do as they are told.

use super::*;
use crate::{Audit, Auth, Capture, JwtSubject, Patience, People, Settings, Standing};
use arc_swap::ArcSwap;
use picket_bodies::Bodies;
use picket_content::{Check, Context, Hit, Report};
use picket_db::{Db, Options as DbOptions};
use picket_event::Workspace;
use picket_keys::{Keyring, RootKey, RootSource};
use picket_llm::{Endpoint, Request};
use picket_log::{EventLog, Logs, Options as LogOptions};
use picket_policy::{SlowCheck, Subject, Toolbox, compile};
use picket_stdx::{Clock, Timestamp};
use picket_store::Credentials;
use picket_store::containments::{Containments, Never};
use serde_json::json;
use std::future::{pending, ready};

const POLICY: &str =
    "policies: { chain: [deep] }\npolicy: { deep: { kind: prompt-injection, lane: late, action: block } }";

/// Finds what is odd, and breaks on what it cannot read.
#[derive(Debug)]
struct Model;

impl SlowCheck for Model {
    fn name(&self) -> &'static str {
        "prompt-injection"
    }

    fn examine(&self, text: &str, _: &[&'static str], _: &Context, _: Option<Instant>) -> Option<Report> {
        assert!(!text.contains("unreadable"), "the model breaks");
        let hit = Hit {
            check: Check::PromptInjection,
            kind: "model",
            start: 0,
            end: text.len(),
            score: 0.9,
            detector: "model",
        };
        let is_odd = text.contains("odd");
        let hits = if is_odd { vec![hit] } else { Vec::new() };
        Some(Report { score: 0.9, kind: is_odd.then_some("jailbreak"), hits })
    }
}

struct Fixture {
    gateway: Gateway,
    log: EventLog,
    db: Db,
    _folder: tempfile::TempDir,
}

impl Fixture {
    fn new(waiting_max: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let migrations =
            [picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, picket_log::MIGRATIONS, picket_store::MIGRATIONS];
        let db = Db::open(DbOptions::new(data.join("picket.db")), &migrations).unwrap();
        let root = RootKey::load(&RootSource::File(folder.path().join("root.key")), &data, true).unwrap();
        let keyring = Keyring::open(&db, root).unwrap();
        let options =
            LogOptions { host: "test".to_owned(), state: folder.path().join("state"), clock: Clock::system() };
        let workspace = Workspace::parse("ws_test").unwrap();
        Logs::create(&db, &keyring, &options, &workspace).unwrap();
        let bodies = Bodies::new(&db, &keyring);
        let logs = Logs::open(&db, &keyring, &bodies, &options).unwrap();
        let log = logs.workspace(&workspace).unwrap().clone();
        let credentials = Credentials::open(&db, keyring.pepper()).unwrap();
        let containments = Containments::open(&db, &workspace, Never::default()).unwrap();
        let gateway = Gateway::new(Settings {
            containments,
            log: log.clone(),
            db: db.clone(),
            keyring,
            credentials,
            people: Arc::new(Nobody),
            workspace,
            snapshot: Arc::new(ArcSwap::from_pointee(snapshot())),
            slow: vec![Arc::new(Model)],
            late_waiting_max: waiting_max,
        });
        Self { gateway, log, db, _folder: folder }
    }

    /// What is to be examined of a text.
    fn later(&self, text: &str) -> Vec<Inquiry> {
        let shared = self.gateway.shared();
        let snapshot = shared.snapshot.load_full();
        let body = json!({"model": "m", "messages": [{"role": "user", "content": text}]});
        let request = Request::parse(Endpoint::ChatCompletions, body.to_string().into()).unwrap();
        let (subject, tools) = (Subject::default(), Toolbox::default());
        snapshot.policy.judge_request(&request, &subject, &tools, Timestamp::default(), |_, _| [0; 16]).later
    }

    /// Queues a text as a request would; whether there was room, and the request that brought it.
    fn send(&self, text: &str) -> (bool, Event, Answering) {
        self.send_all(self.later(text))
    }

    fn send_all(&self, later: Vec<Inquiry>) -> (bool, Event, Answering) {
        let shared = self.gateway.shared();
        let snapshot = shared.snapshot.load_full();
        let mut event = Event::new(EventType::REQUEST, "ws_test", shared.log.clock().now());
        event.user = Some("ana@example.com".to_owned());
        let answering = shared.lane.answering();
        let refused = shared.lane.send(later, &snapshot, &event, &answering);
        (refused.is_empty(), event, answering)
    }

    /// Verdicts in the log.
    fn verdicts(&self) -> Vec<Event> {
        let positions: Vec<u64> = (0..self.log.size()).collect();
        let events = self.log.events(&positions).unwrap();
        events.into_iter().filter(|event| event.event_type == EventType::VERDICT_LATE).collect()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.db.close();
    }
}

/// Knows no people.
#[derive(Debug)]
struct Nobody;

impl People for Nobody {
    fn standing(&self, _who: &JwtSubject, _name: &str) -> Standing {
        Standing::Barred
    }

    fn id_of(&self, _who: &JwtSubject, _name: &str) -> Result<String, &'static str> {
        Err("nobody")
    }
}

fn snapshot() -> Snapshot {
    Snapshot {
        config_version: "c".to_owned(),
        gateway_id: "gw_test".to_owned(),
        auth: Auth::Keys,
        jwt: None,
        audit: Audit::Strict,
        patience: Patience::default(),
        capture: Capture::All,
        providers: Vec::new(),
        routes: Vec::new(),
        prices: Vec::new(),
        trusted_proxies: Vec::new(),
        policy: Arc::new(compile(POLICY, "test").unwrap()),
        policy_version: 1,
        remotes: Vec::new(),
        exceptions: Arc::default(),
    }
}

#[test]
fn a_check_that_panics_is_counted_and_the_thread_goes_on() {
    let fixture = Fixture::new(100);
    let sent = ["unreadable", "odd", "ordinary", "unreadable", "odd"].map(|text| fixture.send(text));
    assert!(sent.iter().all(|(fits, ..)| *fits));
    let asked: Vec<String> = sent.iter().map(|(_, event, _)| event.event_id.to_string()).collect();
    // The last answer is out already; the first ones still run.
    let [first, second, third, fourth, (_, _, last)] = sent;
    drop(last);
    std::thread::scope(|scope| {
        scope.spawn(|| examine(&fixture.gateway, ready(()), pending()).unwrap());
        // It ends only when no request is left that could bring more.
        while fixture.gateway.lane().clean == 0 {
            std::thread::yield_now();
        }
        drop((first, second, third, fourth));
    });
    let counts = fixture.gateway.lane();
    assert_eq!((counts.queued, counts.found, counts.failed, counts.clean), (5, 2, 2, 1));
    assert_eq!((counts.waiting, counts.waiting_bytes, counts.unrecorded), (0, 0, 0));
    let mut told: Vec<_> = fixture
        .verdicts()
        .into_iter()
        .map(|event| {
            let parent = event.parent_event_id.unwrap().to_string();
            assert_eq!(event.user.as_deref(), Some("ana@example.com"));
            (asked.iter().position(|id| *id == parent).unwrap(), event.finding_type.unwrap(), event.decision)
        })
        .collect();
    told.sort();
    let (failed, found) = ("check_failed".to_owned(), "jailbreak".to_owned());
    let expected = [
        (0, failed.clone(), Decision::Allowed),
        (1, found.clone(), Decision::Blocked),
        (3, failed, Decision::Allowed),
        (4, found, Decision::Allowed),
    ];
    assert_eq!(told, expected);
    assert_eq!(counts.ended, 1);
}

#[test]
fn a_flood_stays_within_the_bounds_and_a_stop_waits_for_nobody() {
    let fixture = Fixture::new(50);
    let sent: Vec<_> = (0..500).map(|_| fixture.send("odd")).collect();
    assert_eq!(sent.iter().filter(|(fits, ..)| *fits).count(), 50);
    let counts = fixture.gateway.lane();
    assert_eq!((counts.waiting, counts.queued, counts.dropped), (50, 50, 450));
    examine(&fixture.gateway, pending(), ready(())).unwrap();
    assert!(fixture.gateway.lane().waiting + fixture.gateway.lane().found <= 50);
    // Texts that are long are bounded by what they take up.
    let fixture = Fixture::new(usize::MAX);
    let text = "x".repeat(8 * 1_000_000);
    let later = fixture.later(&text);
    let fitting = (0..9).filter(|_| fixture.send_all(later.clone()).0).count();
    assert_eq!(fitting, WAITING_BYTES_MAX / text.len());
    assert!(fixture.gateway.lane().waiting_bytes <= u64::try_from(WAITING_BYTES_MAX).unwrap());
}

#[test]
fn several_threads_share_the_work_and_all_of_it_is_done_before_they_end() {
    let fixture = Fixture::new(1_000);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3).map(|_| scope.spawn(|| examine(&fixture.gateway, ready(()), pending()))).collect();
        // They may have ended by now, since nothing ran; what is sent then is left for the next.
        workers.into_iter().for_each(|worker| worker.join().unwrap().unwrap());
    });
    let sent: Vec<_> = (0..300).map(|number| fixture.send(if number % 10 == 0 { "odd" } else { "ordinary" })).collect();
    drop(sent);
    std::thread::scope(|scope| {
        (0..3).for_each(|_| drop(scope.spawn(|| examine(&fixture.gateway, ready(()), pending()).unwrap())));
    });
    let counts = fixture.gateway.lane();
    assert_eq!((counts.found, counts.clean, counts.waiting), (30, 270, 0));
    assert_eq!(fixture.verdicts().len(), 30);
}
