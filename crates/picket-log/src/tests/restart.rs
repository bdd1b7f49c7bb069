//! AT-02: a log that is not the continuation of what was signed does not open.

use super::*;
use picket_event::Workspace;

fn signed(folder: &Path) -> Store {
    let store = open(folder);
    for number in 0..300 {
        store.append(&format!("user{number}"));
    }
    Notary::new(&store.logs).tick().unwrap();
    store
}

fn refusal(folder: &Path) -> String {
    match try_open(folder) {
        Ok(_) => "opened".to_owned(),
        Err(error) => picket_stdx::error_chain(&error),
    }
}

#[test]
fn a_log_that_lost_or_changed_what_was_signed_does_not_open() {
    let changes: &[(&str, &'static str)] = &[
        ("newest entry cut off", "DELETE FROM entry WHERE position = (SELECT max(position) FROM entry)"),
        ("tail cut off", "DELETE FROM entry WHERE position >= 256"),
        ("everything cut off", "DELETE FROM entry; DELETE FROM chunk; DELETE FROM tile; DELETE FROM checkpoint"),
        ("cut off with its checkpoints", "DELETE FROM entry WHERE position > 270; DELETE FROM checkpoint"),
        ("another tile", "UPDATE tile SET hashes = zeroblob(32) WHERE level = 1"),
        ("another leaf", "UPDATE entry SET leaf = zeroblob(32) WHERE position = 290"),
        ("log gone", "DELETE FROM log WHERE kind = 'workspace'"),
        ("all logs gone", "DELETE FROM log"),
        ("another checkpoint", "UPDATE checkpoint SET root = zeroblob(32)"),
    ];
    for (what, change) in changes {
        let folder = tempfile::tempdir().unwrap();
        let store = signed(folder.path());
        store.sql(change);
        drop(store);
        let refusal = refusal(folder.path());
        assert!(refusal.contains("LOG_ROLLBACK") && refusal.contains("put back the newest data"), "{what}: {refusal}");
    }
}

#[test]
fn the_kept_checkpoints_are_compared_even_without_the_high_water_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = signed(folder.path());
    store.sql("DELETE FROM entry WHERE position > 290");
    drop(store);
    std::fs::remove_dir_all(folder.path().join("state")).unwrap();
    std::fs::create_dir(folder.path().join("state")).unwrap();
    let refusal = refusal(folder.path());
    assert!(refusal.contains("LOG_ROLLBACK"), "{refusal}");
}

#[test]
fn a_high_water_file_that_cannot_be_read_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    drop(signed(folder.path()));
    std::fs::write(folder.path().join("state/high-water.json"), "{").unwrap();
    let refusal = refusal(folder.path());
    assert!(refusal.contains("high-water.json"), "{refusal}");
}

#[test]
fn a_store_that_is_set_up_is_not_set_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let logs: Vec<_> = store.logs.all().iter().map(|log| log.id().to_owned()).collect();
    let keyring = Keyring::open(&store.db, RootKey::new([9; 32])).unwrap();
    let again =
        Logs::create(&store.db, &keyring, &options(folder.path(), &store.clock), &Workspace::parse("ws_2").unwrap());
    assert!(matches!(again, Err(OpenError::Exists)), "{again:?}");
    drop(keyring);
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.logs.all().iter().map(EventLog::id).collect::<Vec<_>>(), logs);
    for log in store.logs.all() {
        let first = log.entries(0, 1).unwrap().remove(0);
        assert_eq!(first.entry.event_type, EventType::LOG_CREATED);
        let event = log.events(&[0]).unwrap().remove(0);
        assert!(event.reason.unwrap().contains(&log.info().vkey));
    }
}

#[test]
fn a_checkpoint_that_a_crash_prevented_is_made_up_for() {
    let folder = tempfile::tempdir().unwrap();
    let store = signed(folder.path());
    let size = store.log().size();
    // As if the process had ended after the mark was durable, and before the checkpoint was.
    store.sql("DELETE FROM checkpoint");
    drop(store);
    let store = open(folder.path());
    assert!(store.log().checkpoint().unwrap().is_none());
    let mut notary = Notary::new(&store.logs);
    assert_eq!((notary.tick().unwrap(), notary.tick().unwrap()), (2, 0));
    let head = verify_checkpoint(&store.log().checkpoint().unwrap().unwrap(), &store.log().info().vkey).unwrap();
    assert_eq!(head.size, size);
}

#[test]
fn every_checkpoint_continues_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut notary = Notary::new(&store.logs);
    let mut heads = Vec::new();
    for round in 0..12 {
        for _ in 0..=(round * 11) % 40 {
            drop(store.log().append(Lane::Gateway, store.log().prepare(store.event("a"), &[]).closes(None)));
        }
        store.append("b");
        notary.tick().unwrap();
        heads.push(verify_checkpoint(&store.log().checkpoint().unwrap().unwrap(), &store.log().info().vkey).unwrap());
    }
    for pair in heads.windows(2) {
        let proof = store.log().consistency(pair[0].size, pair[1].size).unwrap();
        let proof: Vec<[u8; 32]> = proof.iter().map(|hash| hash.0).collect();
        assert!(verify_consistency(&proof, pair[0].size, pair[0].root, pair[1].size, pair[1].root));
    }
    assert_eq!(store.log().verify(&mut |_, _| {}).unwrap().checkpoints, 12);
}
