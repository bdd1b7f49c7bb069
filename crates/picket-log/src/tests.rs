use super::*;
use picket_bodies::NewBody;
use picket_db::{Lane, Options as DbOptions, Ticket};
use picket_event::{BodyClass, Event, EventType, Outcome};
use picket_keys::{Keyring, RootKey};
use picket_stdx::Timestamp;
use proptest::prelude::*;
use std::collections::HashMap;
use std::path::Path;
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
        Logs::create(&db, &keyring, &options, "ws_1")?;
    }
    Ok(Store { logs: Logs::open(&db, &keyring, &bodies, &options)?, db, clock })
}

fn open(folder: &Path) -> Store {
    try_open(folder).unwrap()
}

impl Store {
    fn log(&self) -> &EventLog {
        self.logs.workspace("ws_1").unwrap()
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
        store.log().batch(before, 100).unwrap().into_iter().filter_map(|logged| logged.event).collect();
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
    let log = store.log().clone();
    let erased: Ticket<(), rusqlite::Error> = store.db.write(Lane::Admin, "erase", move |tx| {
        Bodies::erase_subject(tx, log.id(), &subject)?;
        log.forget(tx, &subject).map(drop)
    });
    erased.wait().unwrap();
    let event = store.log().events(&[appended.position]).unwrap().remove(0);
    assert_eq!((event.user, event.src_ip), (None, None));
    assert_eq!(event.model.as_deref(), Some("secret-model-name"));
    let report = store.log().verify(&mut |_, _| {}).unwrap();
    assert_eq!(report.bodies_gone, 2);
}

#[test]
fn every_change_of_a_stored_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..200 {
        store.append(&format!("user{number}"));
    }
    Notary::new(&store.logs).tick().unwrap();
    store.log().verify(&mut |_, _| {}).unwrap();
    store.sql("CREATE TABLE saved AS SELECT * FROM entry; CREATE TABLE kept AS SELECT position, role, commitment FROM body WHERE log IN (SELECT id FROM log WHERE kind = 'workspace')");
    for (change, place) in [
        (
            "UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'allowed', 'blocked') AS BLOB) WHERE position = 150",
            "checkpoint",
        ),
        ("DELETE FROM entry WHERE position = 150", "entry 150"),
        ("UPDATE body SET commitment = 'sha256s:0' WHERE position = 3 AND role = 'request'", "entry 3, body request"),
        ("UPDATE checkpoint SET root = zeroblob(32) WHERE size > 1", "checkpoint"),
    ] {
        store.sql(change);
        let error = store.log().verify(&mut |_, _| {}).unwrap_err().to_string();
        assert!(error.contains(place), "{change}: {error}");
        store.sql("DELETE FROM entry; INSERT INTO entry SELECT * FROM saved; UPDATE body SET commitment = (SELECT kept.commitment FROM kept WHERE kept.position = body.position AND kept.role = body.role)");
    }
}

#[test]
fn proofs_and_tiles_lead_to_the_signed_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..300 {
        store.append(&format!("user{number}"));
    }
    assert!(store.log().prove(5).unwrap().is_none(), "nothing is signed yet");
    Notary::new(&store.logs).tick().unwrap();
    let (size, root) = store.log().head().unwrap();
    let note = String::from_utf8(store.log().checkpoint().unwrap().unwrap()).unwrap();
    assert!(
        note.starts_with(&format!(
            "{}\n{size}\n{root}\n\n\u{2014} {} ",
            store.log().info().origin,
            store.log().info().origin
        )),
        "{note}"
    );
    let verifier = signed_note::StandardVerifier::new(&store.log().info().vkey).unwrap();
    let parsed = signed_note::Note::from_bytes(note.as_bytes()).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(verifier)]);
    assert_eq!(parsed.verify(&known).unwrap().0.len(), 1);
    for position in [0, 5, 127, 128, 255, 256, size - 1] {
        let proven = store.log().prove(position).unwrap().unwrap();
        let path: Vec<[u8; 32]> = proven
            .document
            .lines()
            .skip(2)
            .take_while(|line| !line.is_empty())
            .map(|line| tlog_tiles::tlog::Hash::parse_hash(line).unwrap().0)
            .collect();
        let leaf = tlog_tiles::tlog::record_hash(&proven.entry).0;
        assert!(verify_inclusion(&path, size, root.0, position, leaf), "{position}");
        assert!(!verify_inclusion(&path, size, root.0, position + 1, leaf), "{position}");
    }
    assert_eq!(store.log().tile("tile/0/000").unwrap().unwrap().len(), 256 * 32);
    assert_eq!(
        store.log().tile(&format!("tile/0/001.p/{}", size - 256)).unwrap().unwrap().len(),
        usize::try_from(size - 256).unwrap() * 32
    );
    assert_eq!(store.log().tile("tile/1/000.p/1").unwrap().unwrap().len(), 32);
    assert!(store.log().tile("tile/0/002").unwrap().is_none());
    let bundle = store.log().tile("tile/entries/000").unwrap().unwrap();
    assert_eq!(
        usize::from(u16::from_be_bytes([bundle[0], bundle[1]])),
        store.log().entries(0, 1).unwrap()[0].bytes.len()
    );
}

#[test]
fn retention_drops_old_entries_and_the_rest_still_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..400 {
        store.append(&format!("user{number}"));
    }
    Notary::new(&store.logs).tick().unwrap();
    store.clock.advance(Duration::from_secs(86_400));
    let now = store.clock.now();
    let mut dropped = Expired::default();
    loop {
        let step = store.log().retain(now, now).unwrap();
        if step == Expired::default() {
            break;
        }
        dropped = Expired { bodies: dropped.bodies + step.bodies, entries: dropped.entries + step.entries };
    }
    assert!(dropped.entries >= 256, "{dropped:?}");
    let report = store.log().verify(&mut |_, _| {}).unwrap();
    assert_eq!(report.pruned, dropped.entries);
    store.append("later");
    assert!(store.log().events(&[1]).unwrap().is_empty(), "what retention dropped is left out");
    let first = store.log().first().unwrap();
    assert_eq!(store.log().batch(0, 1).unwrap()[0].position, first, "a consumer that is far behind goes on");
}

#[test]
fn the_probes_of_other_implementations_are_judged_as_they_say() {
    let probes = include_str!("../testdata/merkle/probes.jsonl");
    let hash = |value: &serde_json::Value| -> Option<[u8; 32]> {
        use base64::Engine as _;
        let mut bytes = base64::engine::general_purpose::STANDARD.decode(value.as_str()?).ok()?;
        // Some probes use a shorter text where the value does not matter.
        bytes.resize(bytes.len().max(32), 0);
        bytes.try_into().ok()
    };
    let mut judged = 0;
    for line in probes.lines() {
        let probe: serde_json::Value = serde_json::from_str(line).unwrap();
        let path: Option<Vec<[u8; 32]>> =
            probe["proof"].as_array().map_or(Some(Vec::new()), |hashes| hashes.iter().map(hash).collect());
        if probe.get("start").is_some() {
            continue;
        }
        let accepted = path.is_some_and(|path| {
            if probe.get("leafHash").is_some() {
                let whole = |value: &serde_json::Value| {
                    value.as_str().filter(|text| text.len() == 44).and_then(|_| hash(value))
                };
                let (Some(root), Some(leaf)) = (whole(&probe["root"]), whole(&probe["leafHash"])) else { return false };
                verify_inclusion(
                    &path,
                    probe["treeSize"].as_u64().unwrap(),
                    root,
                    probe["leafIdx"].as_u64().unwrap(),
                    leaf,
                )
            } else {
                let (Some(old), Some(new)) = (hash(&probe["root1"]), hash(&probe["root2"])) else { return false };
                verify_consistency(&path, probe["size1"].as_u64().unwrap(), old, probe["size2"].as_u64().unwrap(), new)
            }
        });
        assert_eq!(accepted, !probe["wantErr"].as_bool().unwrap(), "{}: {}", probe["case"], probe["desc"]);
        judged += 1;
    }
    assert!(judged > 150, "{judged}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn the_tree_agrees_with_two_other_implementations(sizes in proptest::collection::vec(1_usize..700, 1..4)) {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let mut heads = HashMap::new();
        for size in sizes {
            let tickets: Vec<_> = (0..size).map(|n| {
                store.log().append(Lane::Gateway, store.log().prepare(store.event(&n.to_string()), &[]))
            }).collect();
            for ticket in tickets {
                ticket.wait().unwrap();
            }
            let (size, root) = store.log().head().unwrap();
            heads.insert(size, root.0);
        }
        let entries: Vec<Vec<u8>> = store.log().entries(0, 10_000).unwrap().into_iter().map(|stored| stored.bytes).collect();
        let mut other = ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        for entry in entries {
            other.push(entry);
            if let Some(root) = heads.get(&other.len()) {
                let other_root = other.root();
                prop_assert_eq!(other_root.as_bytes().as_slice(), root.as_slice());
            }
        }
        let mut sizes: Vec<u64> = heads.keys().copied().collect();
        sizes.sort_unstable();
        for pair in sizes.windows(2) {
            let proof: Vec<[u8; 32]> = store.log().consistency(pair[0], pair[1]).unwrap().iter().map(|hash| hash.0).collect();
            prop_assert!(verify_consistency(&proof, pair[0], heads[&pair[0]], pair[1], heads[&pair[1]]));
            prop_assert!(!verify_consistency(&proof, pair[0], heads[&pair[1]], pair[1], heads[&pair[0]]));
        }
        store.log().verify(&mut |_, _| {}).unwrap();
    }
}
