//! Crashes, other histories, retention, and visibility.

use super::store::{Dice, Store, drain, everything, kept, random_event, start};
use crate::document::Documents;
use crate::{Anew, Index, OpenError, Request, SearchError};
use picket_pipeline::{Consumer as _, Settings, Stage, Status, Trigger};
use std::time::{Duration, Instant};

fn fill(store: &Store, count: u64, seed: u64) {
    let mut dice = Dice(seed);
    (0..count).for_each(|_| {
        store.append(&random_event(&mut dice, start()));
    });
}

#[test]
fn a_crash_in_the_middle_of_indexing_loses_nothing_and_repeats_nothing() {
    let store = Store::new();
    fill(&store, 200, 1);
    let mut committed = 0;
    for crash in [0, 1, 64, 100] {
        let index = store.index();
        assert_eq!(index.began_anew().is_some(), committed == 0);
        assert_eq!(index.indexer().cursor().unwrap(), committed);
        let mut documents = Documents::new(index.fields(), index.keyring());
        let mut add = |from: u64, count: usize| {
            let batch = store.log().batch(from, count).unwrap();
            let last = &batch.last().unwrap().entry;
            index.writer().add(batch.iter().filter_map(|logged| documents.of(logged)), last).unwrap();
        };
        if crash > 0 {
            add(committed, crash);
            index.writer().commit(&index).unwrap();
            committed = index.cursor();
        }
        // These are added, and never committed.
        add(committed, 50);
    }
    let index = store.index();
    drain(&mut index.indexer(), store.log());
    assert_eq!(index.search(&everything("")).unwrap().positions, kept("", &store.events()));
    assert_eq!(index.lag(), 0);
}

#[test]
fn records_that_come_twice_are_indexed_once() {
    let store = Store::new();
    fill(&store, 30, 2);
    let index = store.index();
    let mut indexer = index.indexer();
    indexer.cursor().unwrap();
    for from in [0, 10, 5, 20] {
        indexer.apply(&store.log().batch(from, 20).unwrap()).unwrap();
    }
    drain(&mut indexer, store.log());
    assert_eq!(index.search(&everything("")).unwrap().positions, kept("", &store.events()));
}

#[test]
fn an_index_of_another_history_begins_anew() {
    let (store, other) = (Store::new(), Store::new());
    fill(&store, 20, 3);
    fill(&other, 20, 4);
    let index = store.index();
    assert_eq!(index.began_anew(), Some(Anew::First));
    drain(&mut index.indexer(), store.log());
    drop(index);
    let again = Index::open(&store.place(), other.log(), &other.keyring).unwrap();
    assert_eq!((again.began_anew(), again.cursor()), (Some(Anew::Log), 0));
    drain(&mut again.indexer(), other.log());
    assert_eq!(again.search(&everything("")).unwrap().positions, kept("", &other.events()));
}

#[test]
fn an_index_has_one_process() {
    let store = Store::new();
    let index = store.index();
    let error = Index::open(&store.place(), store.log(), &store.keyring).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    drop(index);
    store.index();
}

#[test]
fn damage_is_reported_with_the_command_that_repairs_it() {
    let store = Store::new();
    fill(&store, 40, 5);
    let index = store.index();
    drain(&mut index.indexer(), store.log());
    drop(index);
    let files = || std::fs::read_dir(store.place()).unwrap().map(|file| file.unwrap().path());
    for extension in ["store", "fast", "term", "json"] {
        let path = files().find(|path| path.extension().is_some_and(|known| known == extension)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 3]).unwrap();
        let text = match Index::open(&store.place(), store.log(), &store.keyring) {
            Err(error) => error.to_string(),
            Ok(index) => index.search(&Request { rows: true, ..everything("") }).unwrap_err().to_string(),
        };
        assert!(text.contains("picket search rebuild"), "{extension}: {text}");
        let mut steps = Vec::new();
        let index =
            Index::rebuild(&store.place(), store.log(), &store.keyring, &mut |done, all| steps.push((done, all)))
                .unwrap();
        assert!(steps.is_sorted() && steps.last() == Some(&(store.log().size(), store.log().size())));
        assert_eq!(index.search(&everything("")).unwrap().positions, kept("", &store.events()));
    }
}

#[test]
fn a_panic_inside_the_index_ends_the_search_only() {
    let found = crate::segment::guarded(|| -> Result<(), SearchError> { panic!("as a damaged file does") });
    assert!(matches!(found, Err(SearchError::Damaged)));
}

#[test]
fn events_are_found_within_a_second() {
    let store = Store::new();
    let index = store.index();
    let (trigger, shutdown) = Trigger::new();
    let log = store.log().clone();
    let mut indexer = index.indexer();
    let runner = std::thread::spawn(move || {
        let status = Status::new("indexer", log);
        picket_pipeline::run(&mut indexer, &status, &Settings::default(), &shutdown).unwrap();
    });
    let mut dice = Dice(6);
    for _ in 0..3 {
        (0..4).for_each(|_| {
            store.append(&random_event(&mut dice, start()));
        });
        let since = Instant::now();
        while index.lag() > 0 {
            assert!(since.elapsed() < Duration::from_secs(120), "{index:?}");
            std::thread::yield_now();
        }
    }
    trigger.advance(Stage::Stopped);
    runner.join().unwrap();
    assert_eq!(index.search(&everything("")).unwrap().positions, kept("", &store.events()));
}

#[test]
fn what_retention_dropped_is_not_found() {
    let store = Store::new();
    fill(&store, 60, 7);
    let index = store.index();
    let mut indexer = index.indexer();
    indexer.cursor().unwrap();
    for from in [0, 30] {
        indexer.apply(&store.log().batch(from, 30).unwrap()).unwrap();
        index.writer().commit(&index).unwrap();
    }
    drain(&mut indexer, store.log());
    let all = index.search(&everything("")).unwrap().positions;
    for floor in [10, 45] {
        index.raise_floor(floor);
        index.writer().trim(&index, floor).unwrap();
        index.writer().settle(&index).unwrap();
        let left: Vec<u64> = all.iter().copied().filter(|position| *position >= floor).collect();
        let page = index.search(&everything("")).unwrap();
        assert_eq!((page.total, page.positions), (Some(left.len() as u64), left));
    }
    assert!(index.snapshot().segments.iter().all(|segment| segment.last >= 45));
}
