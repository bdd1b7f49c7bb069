use super::*;
use picket_db::Options;
use std::path::Path;

fn open_db(folder: &Path) -> Db {
    Db::open(Options::new(folder.join("keys.db")), &[MIGRATIONS]).unwrap()
}

#[test]
fn keys_survive_reopening_and_another_root_does_not_open_them() {
    let folder = tempfile::tempdir().unwrap();
    let db = open_db(folder.path());
    let root = RootKey::new([1; 32]);
    let ring = Keyring::open(&db, root.clone()).unwrap();
    let seed = ring.log_seed("t_1").unwrap();
    let again = Keyring::open(&db, root.clone()).unwrap();
    assert_eq!(again.pepper().bytes(), ring.pepper().bytes());
    assert_eq!(again.log_seed("t_1").unwrap().bytes(), seed.bytes());
    assert_ne!(again.log_seed("t_2").unwrap().bytes(), seed.bytes());
    assert!(matches!(Keyring::open(&db, RootKey::new([2; 32])), Err(KeyError::WrongRoot)));
    Keyring::rotate_root(&db, &root, &RootKey::new([2; 32])).unwrap();
    let rotated = Keyring::open(&db, RootKey::new([2; 32])).unwrap();
    assert_eq!(rotated.pepper().bytes(), ring.pepper().bytes());
}

#[test]
fn a_key_of_one_purpose_is_refused_as_another() {
    let root = RootKey::new([1; 32]);
    let sealed = wrap::seal(&root, "kek", 0, &Key::new([7; 32]));
    assert!(wrap::open(&root, "kek", 0, &sealed).is_some());
    assert!(wrap::open(&root, "kek", 1, &sealed).is_none());
    assert!(wrap::open(&root, "token-pepper", 0, &sealed).is_none());
    for at in 0..sealed.len() {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1;
        assert!(wrap::open(&root, "kek", 0, &flipped).is_none(), "byte {at}");
    }
}

#[test]
fn a_sealed_secret_opens_as_what_it_was_sealed_for_and_as_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let db = open_db(folder.path());
    let ring = Keyring::open(&db, RootKey::new([1; 32])).unwrap();
    let (totp, other) = (ring.sealer("totp/v1").unwrap(), ring.sealer("webhook/v1").unwrap());
    let sealed = totp.seal(b"usr_1", b"a secret");
    assert_eq!(totp.open(b"usr_1", &sealed).unwrap().as_slice(), b"a secret");
    assert!(totp.open(b"usr_2", &sealed).is_none() && other.open(b"usr_1", &sealed).is_none());
    assert_ne!(totp.seal(b"usr_1", b"a secret"), sealed, "each time with a nonce of its own");
    for at in 0..sealed.len() {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1;
        assert!(totp.open(b"usr_1", &flipped).is_none(), "byte {at}");
        assert!(totp.open(b"usr_1", &sealed[..at]).is_none(), "cut at {at}");
    }
    let again = Keyring::open(&db, RootKey::new([1; 32])).unwrap().sealer("totp/v1").unwrap();
    assert_eq!(again.open(b"usr_1", &sealed).unwrap().as_slice(), b"a secret");
}

#[test]
fn a_new_key_of_a_label_seals_and_the_older_ones_still_open() {
    let folder = tempfile::tempdir().unwrap();
    let db = open_db(folder.path());
    let ring = Keyring::open(&db, RootKey::new([1; 32])).unwrap();
    let first = ring.sealers("credential/v1").unwrap();
    let sealed = first.seal(b"dst_1", b"a secret");
    assert_eq!(first.version(), 0);
    let second = ring.renew_sealers("credential/v1").unwrap();
    assert_eq!((second.version(), ring.sealers("credential/v1").unwrap().version()), (1, 1));
    let anew = second.seal(b"dst_1", b"a secret");
    let opens = |sealers: &Sealers, version, sealed: &[u8]| sealers.open(version, b"dst_1", sealed).is_some();
    assert!(opens(&second, 0, &sealed) && opens(&second, 1, &anew));
    assert!(!opens(&second, 1, &sealed) && !opens(&second, 0, &anew) && !opens(&second, 2, &anew));
    assert!(!opens(&first, 1, &anew), "who opened the ring before does not know the new key");
    // A new root wraps all of them.
    Keyring::rotate_root(&db, &RootKey::new([1; 32]), &RootKey::new([2; 32])).unwrap();
    let rotated = Keyring::open(&db, RootKey::new([2; 32])).unwrap().sealers("credential/v1").unwrap();
    assert!(opens(&rotated, 0, &sealed) && opens(&rotated, 1, &anew));
}

#[test]
fn hashes_of_different_purposes_are_unrelated() {
    let folder = tempfile::tempdir().unwrap();
    let ring = Keyring::open(&open_db(folder.path()), RootKey::new([1; 32])).unwrap();
    assert_ne!(ring.keyed_hash("session", b"x"), ring.keyed_hash("address", b"x"));
}

#[test]
fn the_root_key_is_made_once_apart_from_the_data_and_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let beside = RootSource::File(folder.path().join("config/root.key"));
    assert!(matches!(RootKey::load(&beside, &data, false), Err(RootError::Missing(_))));
    let made = RootKey::load(&beside, &data, true).unwrap();
    assert_eq!(RootKey::load(&beside, &data, false).unwrap().key().bytes(), made.key().bytes());
    let inside = RootSource::File(data.join("root.key"));
    assert!(matches!(RootKey::load(&inside, &data, true), Err(RootError::WithData(_))));
    assert!(matches!(RootKey::load(&RootSource::Hex("abc".to_owned()), &data, true), Err(RootError::Length(_))));
}

#[cfg(unix)]
#[test]
fn a_root_key_that_others_can_read_is_refused_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config/root.key");
    let source = RootSource::File(path.clone());
    let data = folder.path().join("data");
    RootKey::load(&source, &data, true).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = RootKey::load(&source, &data, false).unwrap_err().to_string();
    assert!(error.contains("chmod 600"), "{error}");
}
