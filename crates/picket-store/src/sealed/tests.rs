use super::*;
use picket_db::{Db, Lane, Options, Ticket};
use picket_keys::RootKey;

const NOW: Timestamp = Timestamp::from_millis(1_780_000_000_000);
const OWNER: &str = "dst_1";
const HOST: &str = "https://siem.example.com:8088";

struct Place {
    db: Db,
    keyring: Keyring,
    vault: Vault,
    _folder: tempfile::TempDir,
}

fn workspace() -> Workspace {
    Workspace::parse("ws_1").unwrap()
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path().join("s.db"));
    let db = Db::open(options, &[picket_keys::MIGRATIONS, MIGRATIONS]).unwrap();
    let keyring = Keyring::open(&db, RootKey::new([1; 32])).unwrap();
    let vault = Vault::of(&keyring).unwrap();
    Place { db, keyring, vault, _folder: folder }
}

fn secrets(fields: &[(&str, &str)]) -> Secrets {
    let mut all = Secrets::default();
    for (field, secret) in fields {
        all.set(field, Zeroizing::new(secret.as_bytes().to_vec()));
    }
    all
}

fn after(seconds: u64) -> Timestamp {
    NOW.plus(std::time::Duration::from_secs(seconds))
}

impl Place {
    fn put(&self, fields: &[(&str, &str)], at: Timestamp, keep_until: Option<Timestamp>) -> u32 {
        let (vault, secrets) = (self.vault.clone(), secrets(fields));
        let entered = Entered { by: "ann".to_owned(), at, keep_until };
        let put: Ticket<u32, rusqlite::Error> =
            self.db.write(Lane::Admin, "put", move |tx| vault.put(tx, &workspace(), (OWNER, HOST), &secrets, &entered));
        put.wait().unwrap()
    }

    fn open(&self, at: Timestamp) -> Vec<(u32, Secrets)> {
        self.db.read(|connection| self.vault.open(connection, &workspace(), (OWNER, HOST), at)).unwrap()
    }

    fn sql(&self, sql: &'static str) {
        let done: Ticket<usize, rusqlite::Error> =
            self.db.write(Lane::Admin, "sql", move |tx| tx.connection().execute(sql, []));
        assert!(done.wait().unwrap() > 0, "{sql}");
    }
}

#[test]
fn what_was_sealed_opens_for_its_host_and_shows_itself_nowhere_else() {
    let place = place();
    assert!(place.open(NOW).is_empty());
    assert_eq!(place.put(&[("token", "a-secret"), ("key", "b\nc")], NOW, None), 1);
    assert_eq!(place.open(NOW), [(1, secrets(&[("key", "b\nc"), ("token", "a-secret")]))]);
    let held = place.db.read(|connection| held(connection, &workspace(), OWNER)).unwrap();
    let shown = format!("{held:?} {:?} {:?}", place.open(NOW), place.vault);
    assert!(shown.contains("token") && !shown.contains("a-secret") && !shown.contains("97, 45"), "{shown}");
    let bytes: Vec<u8> = place
        .db
        .read(|connection| connection.query_row("SELECT secret FROM sealed LIMIT 1", [], |row| row.get(0)))
        .unwrap();
    assert!(!bytes.windows(8).any(|window| window == b"a-secret"));
}

#[test]
fn a_row_that_was_moved_or_changed_does_not_open() {
    for (sql, other_host) in [
        ("UPDATE sealed SET host = 'https://attacker.example'", true),
        ("UPDATE sealed SET field = 'password'", false),
        ("UPDATE sealed SET version = 7", false),
        ("UPDATE sealed SET secret = substr(secret, 1, length(secret) - 1)", false),
        ("UPDATE sealed SET key_version = 1", false),
    ] {
        let place = place();
        place.put(&[("token", "a-secret")], NOW, None);
        place.sql(sql);
        let opened = place.db.read(|connection| place.vault.open(connection, &workspace(), (OWNER, HOST), NOW));
        let error = opened.unwrap_err().to_string();
        assert_eq!(error.contains("another host"), other_host, "{sql}: {error}");
    }
    // A row with another owner or workspace, as its new owner reads it.
    for sql in ["UPDATE sealed SET owner = 'dst_2'", "UPDATE sealed SET workspace = 'ws_2'"] {
        let place = place();
        place.put(&[("token", "a-secret")], NOW, None);
        place.sql(sql);
        let (other, owner) =
            if sql.contains("ws_2") { (Workspace::parse("ws_2").unwrap(), OWNER) } else { (workspace(), "dst_2") };
        let opened = place.db.read(|connection| place.vault.open(connection, &other, (owner, HOST), NOW));
        assert!(opened.unwrap_err().to_string().contains("does not open"), "{sql}");
    }
}

#[test]
fn the_host_of_a_secret_is_the_one_it_was_entered_for() {
    let place = place();
    place.put(&[("token", "a-secret")], NOW, None);
    let other = (OWNER, "https://elsewhere.example.com");
    let opened = place.db.read(|connection| place.vault.open(connection, &workspace(), other, NOW));
    assert!(opened.unwrap_err().to_string().contains("another host"));
    let is_held = |of| place.db.read(|connection| is_held_for(connection, &workspace(), of)).unwrap();
    assert!(is_held((OWNER, HOST)) && !is_held(other));
}

#[test]
fn older_secrets_count_as_long_as_whoever_entered_the_newer_ones_said() {
    let place = place();
    place.put(&[("key", "one")], NOW, None);
    assert_eq!(place.put(&[("key", "two")], after(10), Some(after(100))), 2);
    let versions = |at| place.open(at).iter().map(|(version, _)| *version).collect::<Vec<_>>();
    assert_eq!(versions(after(99)), [2, 1]);
    assert_eq!(versions(after(100)), [2]);
    // A third one does not make the first last longer.
    place.put(&[("key", "three")], after(20), Some(after(200)));
    assert_eq!(versions(after(99)), [3, 2, 1]);
    assert_eq!(versions(after(150)), [3, 2]);
    // Without time to go, they go at once.
    place.put(&[("key", "four")], after(30), None);
    assert_eq!(versions(after(31)), [4]);
}

#[test]
fn a_new_key_seals_what_is_there_anew_and_the_old_rows_open_meanwhile() {
    let place = place();
    place.put(&[("token", "a-secret"), ("other", "b-secret")], NOW, None);
    place.vault.renew(&place.keyring).unwrap();
    assert_eq!(place.open(NOW).len(), 1, "sealed with the older key");
    let vault = place.vault.clone();
    let resealed: Ticket<usize, SealedError> =
        place.db.write(Lane::Admin, "reseal", move |tx| vault.reseal(tx, &workspace()));
    assert_eq!(resealed.wait().unwrap(), 2);
    assert_eq!(place.open(NOW), [(1, secrets(&[("other", "b-secret"), ("token", "a-secret")]))]);
    let versions: u32 = place
        .db
        .read(|connection| connection.query_row("SELECT min(key_version) FROM sealed", [], |row| row.get(0)))
        .unwrap();
    assert_eq!(versions, 1);
    // Who opens the store later finds both keys.
    let again = Vault::of(&place.keyring).unwrap();
    let opened = place.db.read(|connection| again.open(connection, &workspace(), (OWNER, HOST), NOW)).unwrap();
    assert_eq!(opened.len(), 1);
}
