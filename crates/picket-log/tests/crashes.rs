//! A process that is aborted between any two steps of a commit or a checkpoint. Run with `--features failpoints`.
//!
//! The test runs itself as a child that aborts at the nth passing of a step; the parent opens what is left. A run counts
//! only if the abort came: the child must have ended by SIGABRT.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

#[path = "crashes/store.rs"]
mod store;

use picket_log::{Notary, SignedHead, verify_checkpoint, verify_consistency};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio, abort};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::Store;

const FOLDER: &str = "PICKET_CRASH_FOLDER";
const STEP: &str = "PICKET_CRASH_STEP";
const PASSING: &str = "PICKET_CRASH_PASSING";
/// Each arrow of a commit, then of a checkpoint: entries durable, high-water mark durable, checkpoint visible. Tiles are
/// rows of the commit.
const STEPS: &[&str] = &[
    "db::after_begin",
    "db::before_job",
    "log::after_entry",
    "db::after_job",
    "log::after_tiles",
    "log::after_entries",
    "log::after_bodies",
    "log::after_all",
    "db::before_commit",
    "db::after_commit",
    "db::before_ack",
    "log::before_mark",
    "log::after_mark",
    "log::after_checkpoint",
];
const PASSINGS: [usize; 2] = [7, 1];
const SIGABRT: i32 = 6;

#[test]
fn an_abort_between_any_two_steps_loses_nothing_acknowledged_and_nothing_signed() {
    let mut fired = 0;
    for step in STEPS {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::create(folder.path()));
        // The second begins on what the first left.
        for passing in PASSINGS {
            let child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "child", "--ignored"])
                .env(FOLDER, folder.path())
                .env(STEP, step)
                .env(PASSING, passing.to_string())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap();
            assert_eq!(child.signal(), Some(SIGABRT), "{step}, passing {passing}: {child}");
            fired += 1;
            check(folder.path(), &format!("{step}, passing {passing}"));
        }
    }
    assert_eq!(fired, STEPS.len() * PASSINGS.len());
}

/// What the child said before it ended must hold in what it left.
fn check(folder: &Path, at: &str) {
    let store = Store::open(folder);
    let log = store.log();
    log.verify(&mut |_, _| {}).unwrap_or_else(|error| panic!("{at}: {error}"));
    let said = std::fs::read_to_string(folder.join("said")).unwrap_or_default();
    for event in said.lines() {
        let position = log.position_of(event.parse().unwrap()).unwrap();
        assert!(position.is_some(), "{at}: {event} was acknowledged, and is lost");
    }
    let heads = signed(folder, &log.info().vkey);
    // What was signed is a beginning of the tree that is there.
    Notary::new(&store.logs).tick().unwrap();
    let now = verify_checkpoint(&log.checkpoint().unwrap().unwrap(), &log.info().vkey).unwrap();
    for head in heads.values() {
        let proof: Vec<[u8; 32]> = log.consistency(head.size, now.size).unwrap().iter().map(|hash| hash.0).collect();
        assert!(verify_consistency(&proof, head.size, head.root, now.size, now.root), "{at}: checkpoint {}", head.size);
    }
}

/// Every checkpoint that the child saw, one to a file.
fn signed(folder: &Path, vkey: &str) -> BTreeMap<u64, SignedHead> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let notes = files.filter(|path| path.extension().is_some_and(|extension| extension == "note"));
    let heads = notes.map(|path| verify_checkpoint(&std::fs::read(path).unwrap(), vkey).unwrap());
    heads.map(|head| (head.size, head)).collect()
}

#[test]
#[ignore = "the child of the test above; it ends by an abort"]
fn child() {
    let setting = |name| std::env::var(name).unwrap();
    let folder = setting(FOLDER);
    let folder = Path::new(&folder);
    let store = Store::open(folder);
    let left = AtomicUsize::new(setting(PASSING).parse().unwrap());
    fail::cfg_callback(setting(STEP), move || {
        if left.fetch_sub(1, Ordering::SeqCst) == 1 {
            abort();
        }
    })
    .unwrap();
    let mut said = OpenOptions::new().create(true).append(true).open(folder.join("said")).unwrap();
    let mut notary = Notary::new(&store.logs);
    // Enough to pass each step often, and the borders of chunks and tiles.
    for round in 0..400 {
        for ticket in store.append(1 + round % 40) {
            writeln!(said, "{}", ticket.wait().unwrap().event_id).unwrap();
        }
        notary.tick().unwrap();
        let note = store.log().checkpoint().unwrap().unwrap();
        let head = verify_checkpoint(&note, &store.log().info().vkey).unwrap();
        std::fs::write(folder.join(format!("{}.note", head.size)), note).unwrap();
    }
}
