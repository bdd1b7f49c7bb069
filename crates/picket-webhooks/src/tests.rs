//! Herald and runner on a log of their own, with receivers that answer as they are told and check what they get.

use crate::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use picket_bodies::Bodies;
use picket_db::{Db, Lane, Options as DbOptions, Ticket};
use picket_egress::{Caller, Outside};
use picket_event::{Event, EventType, Severity, Workspace};
use picket_keys::{Keyring, RootKey};
use picket_log::{AppendError, Logs, Options};
use picket_pipeline::{Bell, Consumer as _, Outbox as _, UnderWay};
use picket_stdx::{Clock, Timestamp};
use picket_store::sealed::{Entered, Vault};
use picket_store::webhooks::{self, Attempt, Webhook, WebhookState};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

fn workspace() -> Workspace {
    Workspace::parse("ws_test").unwrap()
}

/// A request as a receiver gets it.
#[derive(Debug, Clone)]
struct Got {
    head: BTreeMap<String, String>,
    body: Vec<u8>,
}

struct Place {
    _folder: tempfile::TempDir,
    clock: Clock,
    hooks: Hooks,
    herald: Herald,
    next: u64,
    runtime: tokio::runtime::Runtime,
}

fn open() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(Timestamp::from_millis(1_780_000_000_000));
    let tables = [
        picket_keys::MIGRATIONS,
        picket_bodies::MIGRATIONS,
        picket_log::MIGRATIONS,
        picket_store::MIGRATIONS,
        picket_store::sealed::MIGRATIONS,
        webhooks::MIGRATIONS,
    ];
    let db = Db::open(DbOptions::new(folder.path().join("picket.db")), &tables).unwrap();
    let keyring = Keyring::open(&db, RootKey::new([7; 32])).unwrap();
    let bodies = Bodies::new(&db, &keyring);
    let options = Options { host: "test.example".to_owned(), state: folder.path().join("state"), clock: clock.clone() };
    Logs::create(&db, &keyring, &options, &workspace()).unwrap();
    let log = Logs::open(&db, &keyring, &bodies, &options).unwrap().workspace(&workspace()).unwrap().clone();
    let caller = Caller::new(Outside { allowed: vec!["127.0.0.1/32".parse().unwrap()], ca: None });
    let vault = Vault::of(&keyring).unwrap();
    let hooks = Hooks { db, log, workspace: workspace(), vault, caller, bell: Bell::default() };
    let mut herald = Herald::new(&hooks);
    let next = herald.cursor().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    Place { _folder: folder, clock, hooks, herald, next, runtime }
}

impl Place {
    fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut picket_db::Tx<'_>) -> Result<T, AppendError> + Send + 'static,
    ) -> T {
        let done: Ticket<T, AppendError> = self.hooks.db.write(Lane::Admin, "test", job);
        done.wait().unwrap()
    }

    fn webhook(&self, name: &str, url: &str, key: &str, events: &[&str], filter: Option<&str>) -> Webhook {
        let (shown, host) = shown_url(url).unwrap();
        let webhook = Webhook {
            id: format!("whk_{name}"),
            name: name.to_owned(),
            shown,
            host,
            events: events.iter().map(|word| (*word).to_owned()).collect(),
            filter: filter.map(str::to_owned),
            scheme: "v1".to_owned(),
            public: public_of(key),
            timeout: Duration::from_secs(10),
            state: WebhookState::Active,
            reason: None,
            created_by: "ann".to_owned(),
            created_at: self.clock.now(),
            version: 1,
            failures: 0,
            error: None,
            failed_at: None,
            succeeded_at: None,
        };
        let made = webhook.clone();
        self.write(move |tx| Ok(webhooks::create_webhook(tx, &workspace(), &made)?));
        self.seal(&webhook, url, key, None);
        webhook
    }

    fn seal(&self, webhook: &Webhook, url: &str, key: &str, keep_until: Option<Timestamp>) {
        let (vault, secrets, at) = (self.hooks.vault.clone(), Hooks::secrets(url, key), self.clock.now());
        let (id, host) = (webhook.id.clone(), webhook.host.clone());
        self.write(move |tx| {
            let entered = Entered { by: "ann".to_owned(), at, keep_until };
            Ok(vault.put(tx, &workspace(), (&id, &host), &secrets, &entered)?)
        });
    }

    fn happens(&self, kind: &'static str, severity: Severity) {
        let mut event = Event::new(EventType::of(kind), "ws_test", self.clock.now());
        event.severity = severity;
        let log = &self.hooks.log;
        log.append(Lane::Admin, log.prepare(event, &[])).wait().unwrap();
    }

    fn settle(&mut self) {
        loop {
            let batch = self.hooks.log.batch(self.next, 100).unwrap();
            if batch.is_empty() {
                return;
            }
            self.next = self.herald.apply(&batch).unwrap();
        }
    }

    /// Sends what is due, once; how much that was.
    fn step(&self) -> usize {
        let runner = Runner(self.hooks.clone());
        let due = runner.due(&UnderWay { per_lane: 99, ..UnderWay::default() }, 100).unwrap();
        let count = due.len();
        due.into_iter().for_each(|one| self.runtime.block_on(runner.carry_out(one.row)));
        count
    }

    fn attempts(&self, webhook: &Webhook) -> Vec<Attempt> {
        self.hooks.db.read(|connection| webhooks::attempts(connection, &workspace(), &webhook.id, 100)).unwrap()
    }

    fn state(&self, webhook: &Webhook) -> Webhook {
        let found = self.hooks.db.read(|connection| webhooks::get_webhook(connection, &workspace(), &webhook.id));
        found.unwrap().unwrap()
    }

    /// A receiver that answers with these heads in turn, and then 204.
    fn receiver(&self, answers: &'static [&'static str]) -> (String, Arc<Mutex<Vec<Got>>>) {
        let got = Arc::<Mutex<Vec<Got>>>::default();
        let kept = Arc::clone(&got);
        let listener = self.runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/hook?token={}", listener.local_addr().unwrap(), "secret-part");
        self.runtime.spawn(async move {
            let mut answers = answers.iter();
            while let Ok((mut stream, _)) = listener.accept().await {
                let got = whole(&mut stream).await;
                kept.lock().unwrap().push(got);
                let answer = answers.next().unwrap_or(&"204 No Content\r\n");
                let head = format!("HTTP/1.1 {answer}content-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap_or_default();
            }
        });
        (url, got)
    }
}

/// The next request of a connection.
async fn whole(stream: &mut TcpStream) -> Got {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 8_192]);
    loop {
        let count = stream.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..count]);
        if let Some(got) = request(&bytes) {
            return got;
        }
    }
}

fn request(bytes: &[u8]) -> Option<Got> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let head: BTreeMap<String, String> = lines.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let body = bytes[end + 4..].to_vec();
    (body.len() == head["content-length"].parse::<usize>().unwrap()).then_some(Got { head, body })
}

/// Whether a message verifies under a key, by arithmetic that is none of ours.
fn verifies(got: &Got, key: &str) -> bool {
    let signed =
        [got.head["webhook-id"].as_bytes(), b".", got.head["webhook-timestamp"].as_bytes(), b".", &got.body].concat();
    got.head["webhook-signature"].split(' ').any(|one| match one.split_once(',').unwrap() {
        ("v1", text) => key.strip_prefix("whsec_").is_some_and(|key| {
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&STANDARD.decode(key).unwrap()).unwrap();
            mac.update(&signed);
            mac.verify_slice(&STANDARD.decode(text).unwrap()).is_ok()
        }),
        ("v1a", text) => key.strip_prefix("whpk_").is_some_and(|key| {
            let key: [u8; 32] = STANDARD.decode(key).unwrap().try_into().unwrap();
            let signature = Signature::from_slice(&STANDARD.decode(text).unwrap()).unwrap();
            VerifyingKey::from_bytes(&key).unwrap().verify(&signed, &signature).is_ok()
        }),
        other => panic!("{other:?}"),
    })
}

#[test]
fn whoever_subscribed_is_told_once_of_what_he_wants_and_can_verify_it() {
    let mut place = open();
    let (url, got) = place.receiver(&[]);
    let (key, other) = (new_key(Scheme::V1), new_key(Scheme::V1));
    let webhook = place.webhook("a", &url, &key, &["finding.created", "incident.*"], Some("severity:>=high"));
    assert!(webhook.shown.ends_with("/…") && !webhook.shown.contains("secret-part"));
    for (kind, severity) in [
        ("finding.created", Severity::High),
        ("finding.created", Severity::Low),
        ("finding.closed", Severity::High),
        ("incident.opened", Severity::Critical),
        ("policy.deployed", Severity::Critical),
    ] {
        place.happens(kind, severity);
    }
    place.settle();
    assert_eq!((place.step(), place.step()), (2, 0));
    let got = got.lock().unwrap().clone();
    let types: Vec<serde_json::Value> = got.iter().map(|one| serde_json::from_slice(&one.body).unwrap()).collect();
    assert_eq!((&types[0]["type"], &types[1]["type"]), (&"finding.created".into(), &"incident.opened".into()));
    assert_eq!(types[0]["data"]["severity"], "high");
    for one in &got {
        assert!(verifies(one, &key) && !verifies(one, &other));
        assert!(one.head["webhook-id"].starts_with("msg_") && !one.head["webhook-id"].contains('.'));
        assert!(one.head["content-digest"].starts_with("sha-256=:"));
        assert_eq!(one.head["content-type"], "application/json");
    }
    assert_ne!(got[0].head["webhook-id"], got[1].head["webhook-id"]);
    assert!(place.attempts(&webhook).iter().all(|one| one.outcome == "delivered" && one.status == Some(204)));
}

#[test]
fn a_message_keeps_its_id_and_bytes_over_the_whole_schedule_and_its_time_is_of_the_try() {
    let mut place = open();
    let (url, got) = place.receiver(&["500 X\r\n"; 10]);
    let key = new_key(Scheme::V1);
    let webhook = place.webhook("a", &url, &key, &["finding.created"], None);
    place.happens("finding.created", Severity::High);
    place.settle();
    for (tried, wait) in SCHEDULE.iter().enumerate().skip(1) {
        assert_eq!(place.step(), 1, "{tried}");
        if *wait > Duration::from_secs(5) {
            place.clock.advance(*wait * 9 / 10);
            assert_eq!(place.step(), 0, "{tried}: too early");
        }
        place.clock.advance(*wait + *wait / 5);
    }
    assert_eq!((place.step(), place.step()), (1, 0));
    let got = got.lock().unwrap().clone();
    assert_eq!(got.len(), SCHEDULE.len());
    assert!(got.iter().all(|one| one.head["webhook-id"] == got[0].head["webhook-id"] && one.body == got[0].body));
    let times: std::collections::BTreeSet<&String> = got.iter().map(|one| &one.head["webhook-timestamp"]).collect();
    assert_eq!(times.len(), got.len());
    assert!(got.iter().all(|one| verifies(one, &key)));
    let outcomes: Vec<String> = place.attempts(&webhook).into_iter().map(|one| one.outcome).collect();
    assert_eq!((outcomes[0].as_str(), outcomes.len()), ("failed", 10));
    let state = place.state(&webhook);
    assert_eq!(state.state, WebhookState::Disabled, "nothing was taken for three days");
    let whole: Duration = SCHEDULE.iter().sum();
    assert!(whole > Duration::from_secs(75 * 3_600));
}

#[test]
fn two_signatures_stand_beside_each_other_while_a_key_is_rotated() {
    let mut place = open();
    let (url, got) = place.receiver(&[]);
    let (old, new) = (new_key(Scheme::V1), new_key(Scheme::V1a));
    let webhook = place.webhook("a", &url, &old, &["finding.created"], None);
    place.seal(&webhook, &url, &new, Some(place.clock.now().plus(Duration::from_secs(3_600))));
    place.happens("finding.created", Severity::High);
    place.settle();
    place.step();
    place.clock.advance(Duration::from_secs(3_601));
    place.happens("finding.created", Severity::High);
    place.settle();
    place.step();
    let (got, public) = (got.lock().unwrap().clone(), public_of(&new).unwrap());
    assert!(verifies(&got[0], &old) && verifies(&got[0], &public));
    assert!(!verifies(&got[1], &old) && verifies(&got[1], &public));
}

#[test]
fn answers_mean_what_they_mean() {
    let mut place = open();
    let (moved, _) = place.receiver(&["302 Found\r\nlocation: http://127.0.0.1:1/\r\n"]);
    let (gone, _) = place.receiver(&["410 Gone\r\n"]);
    let (busy, heard) = place.receiver(&["429 X\r\nretry-after: 99999999\r\n"]);
    let key = new_key(Scheme::V1);
    let [moved, gone, busy] = [("moved", moved), ("gone", gone), ("busy", busy)]
        .map(|(name, url)| place.webhook(name, &url, &key, &["finding.created"], None));
    place.happens("finding.created", Severity::High);
    place.happens("finding.created", Severity::High);
    place.settle();
    place.step();
    assert_eq!(
        place.attempts(&moved).last().map(|one| (one.status, one.outcome.clone())),
        Some((Some(302), "retried".to_owned()))
    );
    assert_eq!(place.state(&gone).state, WebhookState::Disabled);
    assert!(place.state(&gone).reason.unwrap().contains("410"));
    // Its second message was under way too; nothing else comes before the hour that it asked for, at most, is over.
    let before = heard.lock().unwrap().len();
    place.happens("finding.created", Severity::High);
    place.settle();
    place.clock.advance(Duration::from_secs(3_000));
    place.step();
    assert_eq!(heard.lock().unwrap().len(), before, "it is left alone with all messages");
    place.clock.advance(Duration::from_secs(700));
    place.step();
    assert!(heard.lock().unwrap().len() > before, "for an hour at most");
    assert_eq!(place.state(&busy).failures, 0);
    let log = place.hooks.log.batch(0, 1_000).unwrap();
    let told =
        log.iter().filter_map(|one| one.event.as_deref()).find(|one| one.event_type.as_str() == "webhook.disabled");
    assert_eq!(told.and_then(|event| event.target.clone()), Some(format!("webhook:{}", gone.id)));
}

#[test]
fn who_is_not_allowed_is_not_reached_and_nothing_shows_the_url() {
    let mut place = open();
    place.hooks.caller = Caller::new(Outside::default());
    place.herald = Herald::new(&place.hooks);
    let (url, got) = place.receiver(&[]);
    let webhook = place.webhook("a", &url, &new_key(Scheme::V1), &["finding.created"], None);
    place.happens("finding.created", Severity::High);
    place.next = place.herald.cursor().unwrap();
    place.settle();
    assert_eq!(place.step(), 1);
    let attempts = place.attempts(&webhook);
    assert!(attempts[0].error.as_deref().unwrap().contains("integrations: { allow"), "{attempts:?}");
    assert!(got.lock().unwrap().is_empty());
    let opened = place.hooks.db.read(|connection| Ok::<_, rusqlite::Error>(place.hooks.open(connection, &webhook)));
    let shown = format!("{attempts:?} {:?} {:?}", place.state(&webhook), opened.unwrap().unwrap());
    assert!(!shown.contains("secret-part") && !shown.contains("whsec_"), "{shown}");
}

#[test]
fn a_url_is_shown_without_what_may_be_a_secret() {
    for (url, shown) in [
        ("https://example.com/hook", "https://example.com/…"),
        ("https://example.com/", "https://example.com"),
        ("https://example.com/services/T01ABCDEF/B01ABCDEF/aBcDeFgH", "https://example.com/…"),
        ("https://example.com", "https://example.com"),
        ("https://example.com/hook?token=x", "https://example.com/…"),
        ("https://example.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX9", "https://example.com/…"),
        ("HTTPS://Example.com:8443", "https://example.com:8443"),
    ] {
        assert_eq!(shown_url(url).map(|(shown, _)| shown), Ok(shown.to_owned()), "{url}");
    }
    for url in ["", "example.com", "ftp://example.com", "https://user@example.com/", "https://example.com/#x"] {
        assert!(shown_url(url).is_err(), "{url}");
    }
}
