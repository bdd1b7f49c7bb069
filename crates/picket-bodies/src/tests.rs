use super::*;
use picket_db::{Lane, Options, Ticket};
use picket_event::BodyClass;
use picket_keys::RootKey;
use proptest::prelude::*;

struct Store {
    db: Db,
    bodies: Bodies,
    _folder: tempfile::TempDir,
}

fn store() -> Store {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(Options::new(folder.path().join("bodies.db")), &[picket_keys::MIGRATIONS, MIGRATIONS]).unwrap();
    let keyring = Keyring::open(&db, RootKey::new([3; 32])).unwrap();
    Store { bodies: Bodies::new(&db, &keyring), db, _folder: folder }
}

fn body(bytes: &[u8]) -> NewBody<'_> {
    NewBody { role: "request", class: BodyClass::Content, media_type: "application/json", bytes, truncated: false }
}

fn key(position: u64) -> BodyKey<'static> {
    BodyKey { log: "t_1", position, role: "request" }
}

fn put(store: &Store, position: u64, bytes: &[u8]) -> SealedBody {
    let sealed = store.bodies.seal("t_1", &body(bytes));
    let row = sealed.clone();
    let written: Ticket<(), rusqlite::Error> =
        store.db.write(Lane::Gateway, "put", move |tx| Bodies::insert(tx.connection(), "t_1", position, &[row]));
    written.wait().unwrap();
    sealed
}

#[test]
fn erased_and_expired_bodies_keep_only_their_commitment() {
    let store = store();
    let sealed = put(&store, 1, b"erase me");
    put(&store, 2, b"expire me");
    let erased: Ticket<usize, rusqlite::Error> = store.db.write(Lane::Admin, "erase", |tx| Bodies::erase(tx, "t_1", 1));
    assert_eq!(erased.wait().unwrap(), 1);
    let expired: Ticket<usize, rusqlite::Error> =
        store.db.write(Lane::Admin, "expire", |tx| Bodies::expire_content(tx, "t_1", 0..3));
    assert_eq!(expired.wait().unwrap(), 1);
    let first = store.bodies.open(&key(1)).unwrap().unwrap();
    assert_eq!((first.state, first.bytes.len(), first.commit), (BodyState::Erased, 0, sealed.reference.commit));
    assert_eq!(store.bodies.open(&key(2)).unwrap().unwrap().state, BodyState::Expired);
    assert!(store.bodies.open(&key(3)).unwrap().is_none());
}

#[test]
fn a_body_that_is_too_long_is_cut_and_says_so() {
    let store = store();
    put(&store, 1, &vec![b'x'; picket_stdx::limits::STORED_BODY_BYTES_MAX + 1]);
    let opened = store.bodies.open(&key(1)).unwrap().unwrap();
    assert!(opened.truncated);
    assert_eq!(opened.bytes.len(), picket_stdx::limits::STORED_BODY_BYTES_MAX);
}

#[test]
fn a_row_that_was_moved_or_changed_does_not_open() {
    let store = store();
    put(&store, 1, b"here");
    for change in [
        "UPDATE body SET role = 'response'",
        "UPDATE body SET flags = 1",
        "UPDATE body SET seed = zeroblob(32)",
        "UPDATE body SET ciphertext = CAST(substr(ciphertext, 1, 20) || x'00' || substr(ciphertext, 22) AS BLOB)",
    ] {
        let changed: Ticket<(), rusqlite::Error> =
            store.db.write(Lane::Admin, "change", move |tx| tx.connection().execute(change, []).map(drop));
        changed.wait().unwrap();
        let role = if change.contains("role") { "response" } else { "request" };
        assert!(store.bodies.open(&BodyKey { role, ..key(1) }).is_err(), "{change}");
        let restored: Ticket<(), rusqlite::Error> =
            store.db.write(Lane::Admin, "restore", |tx| tx.connection().execute("DELETE FROM body", []).map(drop));
        restored.wait().unwrap();
        put(&store, 1, b"here");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn what_is_sealed_opens_to_the_same_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..4_000), repeat in 1_usize..4) {
        let store = store();
        let bytes = bytes.repeat(repeat);
        let sealed = put(&store, 7, &bytes);
        let opened = store.bodies.open(&key(7)).unwrap().unwrap();
        prop_assert_eq!(&opened.bytes, &bytes);
        prop_assert_eq!(&opened.commit, &sealed.reference.commit);
        prop_assert_eq!(sealed.reference.size % 64, 0);
        let mut again = b"evidence-body/v1\n".to_vec();
        again.extend_from_slice(&opened.salt.unwrap());
        again.extend_from_slice(&bytes);
        use sha2::Digest as _;
        prop_assert_eq!(opened.commit, format!("sha256s:{}", picket_stdx::encode::hex(&sha2::Sha256::digest(&again))));
    }
}
