use super::*;
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

const TABLES: &[Migration] = &[Migration {
    component: "test",
    version: 1,
    sql: "CREATE TABLE item (id INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT",
}];

fn open(folder: &Path) -> Db {
    Db::open(Options::new(folder.join("test.db")), &[TABLES]).unwrap()
}

fn insert(db: &Db, value: i64) -> Ticket<(), rusqlite::Error> {
    db.write(Lane::Gateway, "insert", move |tx| {
        tx.connection().execute("INSERT INTO item (value) VALUES (?1)", [value]).map(drop)
    })
}

fn insert_soon(db: &Db, value: i64, bytes: usize) -> Ticket<(), rusqlite::Error> {
    db.queue(Write { lane: Lane::Gateway, name: "soon", bytes, urgent: false }, move |tx| {
        tx.connection().execute("INSERT INTO item (value) VALUES (?1)", [value]).map(drop)
    })
}

fn values(db: &Db) -> Vec<i64> {
    db.read(|connection| {
        let mut statement = connection.prepare("SELECT value FROM item ORDER BY id")?;
        statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<_>, rusqlite::Error>>()
    })
    .unwrap()
}

#[test]
fn what_a_ticket_confirmed_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path());
    let tickets: Vec<_> = (0..100).map(|value| insert(&db, value)).collect();
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    db.close();
    drop(db);
    assert_eq!(values(&open(folder.path())), (0..100).collect::<Vec<_>>());
}

#[test]
fn a_failing_or_panicking_job_is_undone_alone() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path());
    let good = insert(&db, 1);
    let bad: Ticket<(), rusqlite::Error> = db.write(Lane::Gateway, "bad", |tx| {
        tx.connection().execute("INSERT INTO item (value) VALUES (2)", [])?;
        Err(rusqlite::Error::InvalidQuery)
    });
    let panicking: Ticket<(), rusqlite::Error> = db.write(Lane::Gateway, "panicking", |tx| {
        tx.connection().execute("INSERT INTO item (value) VALUES (3)", [])?;
        panic!("on purpose")
    });
    let last = insert(&db, 4);
    good.wait().unwrap();
    assert!(matches!(bad.wait(), Err(WriteError::Job(_))));
    assert!(matches!(panicking.wait(), Err(WriteError::Panicked("panicking"))));
    last.wait().unwrap();
    assert_eq!(values(&db), [1, 4]);
}

#[test]
fn hooks_run_by_the_fate_of_their_job() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path());
    let (committed, undone) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for fails in [false, true, false] {
        let (committed, undone) = (Arc::clone(&committed), Arc::clone(&undone));
        let ticket: Ticket<(), ()> = db.write(Lane::Admin, "hooked", move |tx| {
            tx.on_commit(move || {
                committed.fetch_add(1, Ordering::SeqCst);
            });
            tx.on_rollback(move || {
                undone.fetch_add(1, Ordering::SeqCst);
            });
            if fails { Err(()) } else { Ok(()) }
        });
        assert_eq!(ticket.wait().is_err(), fails);
    }
    assert_eq!((committed.load(Ordering::SeqCst), undone.load(Ordering::SeqCst)), (2, 1));
}

#[test]
fn a_full_lane_refuses_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { queue: 2, ..Options::new(folder.path().join("test.db")) };
    let db = Db::open(options, &[TABLES]).unwrap();
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let blocker: Ticket<(), ()> = db.write(Lane::Gateway, "blocker", move |_tx| {
        wait.recv().unwrap();
        Ok(())
    });
    while db.health().waiting[0] > 0 {
        std::thread::yield_now();
    }
    let waiting = [insert(&db, 1), insert(&db, 2)];
    assert!(matches!(insert(&db, 3).wait(), Err(WriteError::Busy)));
    let admin: Ticket<(), ()> = db.write(Lane::Admin, "other lane", |_tx| Ok(()));
    release.send(()).unwrap();
    blocker.wait().unwrap();
    admin.wait().unwrap();
    for ticket in waiting {
        ticket.wait().unwrap();
    }
    assert_eq!(values(&db), [1, 2]);
}

#[test]
fn a_second_owner_a_newer_store_and_a_damaged_file_are_refused_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let db = open(folder.path());
    let second = Db::open(Options::new(&path), &[TABLES]).unwrap_err();
    assert!(second.to_string().contains("another process uses this store"), "{second}");
    let newer: Ticket<(), rusqlite::Error> = db.write(Lane::Admin, "newer", |tx| {
        tx.connection().execute("INSERT INTO migration VALUES ('test', 9, 0, '7.0.0')", []).map(drop)
    });
    newer.wait().unwrap();
    drop(db);
    let newer = Db::open(Options::new(&path), &[TABLES]).unwrap_err();
    let newer = newer.to_string();
    assert!(newer.contains("of version 9, made by picket 7.0.0;") && newer.contains("knows version 1"), "{newer}");
    std::fs::write(&path, b"this is no database, but long enough to look like a file of some kind").unwrap();
    let damaged = Db::open(Options::new(&path), &[TABLES]).unwrap_err();
    assert!(damaged.to_string().contains("is damaged"), "{damaged}");
}

#[test]
fn the_write_ahead_log_of_a_store_that_rests_is_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path());
    insert(&db, 1).wait().unwrap();
    let wal = wal::path_of(&folder.path().join("test.db"));
    assert!(std::fs::metadata(&wal).unwrap().len() > 0);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while std::fs::metadata(&wal).unwrap().len() > 0 {
        assert!(std::time::Instant::now() < deadline, "what was written stays in the log");
        std::thread::yield_now();
    }
    assert_eq!(values(&db), [1]);
}

#[test]
fn a_store_of_another_format_is_refused_by_the_names_of_both_programs() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path());
    let older: Ticket<(), rusqlite::Error> = db.write(Lane::Admin, "older", |tx| {
        tx.connection().execute("UPDATE migration SET digest = 1, program = '0.0.9'", []).map(drop)
    });
    older.wait().unwrap();
    drop(db);
    let older = Db::open(Options::new(folder.path().join("test.db")), &[TABLES]).unwrap_err().to_string();
    assert!(older.contains("picket 0.0.9") && older.contains(migrate::PROGRAM), "{older}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn exactly_the_confirmed_jobs_have_an_effect(jobs in proptest::collection::vec((0_i64..1_000, any::<bool>()), 1..80)) {
        let folder = tempfile::tempdir().unwrap();
        let db = open(folder.path());
        let tickets: Vec<_> = jobs.iter().map(|(value, fails)| {
            let (value, fails) = (*value, *fails);
            db.write(Lane::Gateway, "random", move |tx| {
                tx.connection().execute("INSERT INTO item (value) VALUES (?1)", [value])?;
                if fails { Err(rusqlite::Error::InvalidQuery) } else { Ok(value) }
            })
        }).collect();
        let confirmed: Vec<i64> = tickets.into_iter().filter_map(|ticket| ticket.wait().ok()).collect();
        prop_assert_eq!(&confirmed, &jobs.iter().filter(|(_, fails)| !fails).map(|(value, _)| *value).collect::<Vec<_>>());
        prop_assert_eq!(values(&db), confirmed);
    }
}

#[test]
fn a_write_that_may_wait_becomes_durable_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path());
    let tickets: Vec<_> = (0..3).map(|value| insert_soon(&db, value, 0)).collect();
    tickets.into_iter().for_each(|ticket| ticket.wait().unwrap());
    assert_eq!(values(&db), [0, 1, 2]);
    // What waits is written before the writer ends, too.
    drop(insert_soon(&db, 3, 0));
    db.close();
    drop(db);
    assert_eq!(values(&open(folder.path())), [0, 1, 2, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_write_is_told_what_became_of_it_in_its_order(
        jobs in proptest::collection::vec((any::<bool>(), any::<bool>()), 1..400),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let db = open(folder.path());
        let mut tickets = Vec::new();
        for (number, (urgent, hurries)) in jobs.iter().enumerate() {
            let value = i64::try_from(number).unwrap();
            tickets.push(if *urgent { insert(&db, value) } else { insert_soon(&db, value, 10) });
            if *hurries {
                db.hurry();
            }
        }
        tickets.into_iter().for_each(|ticket| ticket.wait().unwrap());
        prop_assert_eq!(values(&db), (0..i64::try_from(jobs.len()).unwrap()).collect::<Vec<_>>());
    }
}

#[test]
fn what_waits_is_bounded_in_bytes_and_one_job_always_fits() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path());
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let (begun, begins) = std::sync::mpsc::channel::<()>();
    let blocking: Ticket<(), rusqlite::Error> = db.write(Lane::Admin, "blocking", move |_tx| {
        begun.send(()).unwrap();
        gate.recv().unwrap();
        Ok(())
    });
    begins.recv().unwrap();
    let huge = insert_soon(&db, 1, usize::MAX / 2);
    assert!(db.is_saturated(Lane::Gateway, 100));
    assert!(matches!(insert_soon(&db, 2, 1).wait(), Err(WriteError::Busy)));
    go.send(()).unwrap();
    blocking.wait().unwrap();
    huge.wait().unwrap();
    insert_soon(&db, 3, 1).wait().unwrap();
    assert_eq!(values(&db), [1, 3]);
}
