use super::*;
use picket_bodies::{BodyKey, BodyState};
use picket_db::WriteError;

/// A day's log of 400 requests, signed, then a day passes.
fn aged(folder: &Path) -> Store {
    let store = open(folder);
    for number in 0..400 {
        let record = store.log().prepare(store.event(&format!("user{number}")), &[]).closes(None);
        drop(store.log().append(Lane::Gateway, record));
    }
    store.append("last");
    Notary::new(&store.logs).tick().unwrap();
    store.clock.advance(Duration::from_secs(86_400));
    store
}

fn retain_all(store: &Store, before: Timestamp) -> Expired {
    let mut dropped = Expired::default();
    loop {
        let step = store.log().retain(before, before).unwrap();
        if step == Expired::default() {
            return dropped;
        }
        dropped.bodies += step.bodies;
        dropped.entries += step.entries;
        dropped.passed += step.passed;
    }
}

#[test]
fn old_entries_go_with_an_event_and_the_rest_still_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let store = aged(folder.path());
    let (old_size, old_root) = store.log().head().unwrap();
    let dropped = retain_all(&store, store.clock.now());
    assert_eq!((dropped.entries, dropped.bodies), (256, 1), "whole tiles only, and the one content");
    assert_eq!(store.log().first().unwrap(), 256);
    let told: Vec<_> =
        store.log().batch(old_size, 100).unwrap().into_iter().filter_map(|logged| logged.event.clone()).collect();
    let told: Vec<_> =
        told.iter().map(|event| (event.event_type.as_str(), event.count, event.target.clone().unwrap())).collect();
    let log = format!("log:{}", store.log().id());
    assert_eq!(
        told,
        [("retention.content_expired", Some(1), log), ("retention.entries_dropped", Some(256), "entry:256".to_owned())]
    );
    let check = |store: &Store| {
        let report = store.log().verify(&mut |_, _| {}).unwrap();
        assert_eq!((report.pruned, report.entries + report.pruned), (256, store.log().size()));
        assert!(store.log().events(&[1]).unwrap().is_empty(), "what retention dropped is left out");
        assert_eq!(store.log().batch(0, 1).unwrap()[0].position, 256, "a consumer that is far behind goes on");
        assert!(store.log().prove(1).unwrap().is_none());
        assert!(store.log().prove(300).unwrap().is_some());
        assert!(store.log().tile("tile/0/000").unwrap().is_some(), "hashes stay");
        assert!(store.log().tile("tile/entries/000").unwrap().is_none());
    };
    check(&store);
    store.append("later");
    drop(store);
    let store = open(folder.path());
    check(&store);
    Notary::new(&store.logs).tick().unwrap();
    let (size, root) = store.log().head().unwrap();
    let proof: Vec<[u8; 32]> = store.log().consistency(old_size, size).unwrap().iter().map(|hash| hash.0).collect();
    assert!(verify_consistency(&proof, old_size, old_root.0, size, root.0));
}

#[test]
fn an_entry_that_is_young_enough_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = aged(folder.path());
    let before = store.clock.now().minus(Duration::from_secs(86_400));
    assert_eq!(retain_all(&store, before), Expired::default());
    assert_eq!(store.log().first().unwrap(), 0);
}

#[test]
fn a_request_that_was_left_open_for_so_long_does_not_stop_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let stale = store.log().prepare(store.event("stale"), &[]).received();
    store.log().append(Lane::Gateway, stale).wait().unwrap();
    drop(store);
    let store = aged(folder.path());
    assert_eq!(retain_all(&store, store.clock.now()).entries, 256);
    assert_eq!(store.log().close_open_requests().unwrap(), 0);
    store.log().verify(&mut |_, _| {}).unwrap();
}

#[test]
fn the_forecast_follows_the_last_day() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert_eq!(store.log().forecast(), None, "too young to tell");
    store.clock.advance(Duration::from_secs(10 * 86_400));
    let tickets: Vec<_> = (0..2_000)
        .map(|_| store.log().append(Lane::Gateway, store.log().prepare(store.event("a"), &[]).closes(None)))
        .collect();
    let written: Result<Vec<_>, WriteError<AppendError>> = tickets.into_iter().map(Ticket::wait).collect();
    written.unwrap();
    let now = store.log().forecast().unwrap();
    let file = store.db.health().file_bytes;
    assert!(now.bytes_per_day > file / 2 && now.bytes_per_day <= file, "{now:?} of {file}");
    assert!(now.days_left.is_some());
    store.clock.advance(Duration::from_secs(2 * 86_400));
    let quiet = store.log().forecast().unwrap();
    assert_eq!((quiet.bytes_per_day, quiet.days_left), (0, None));
}

#[test]
fn what_is_kept_outlives_its_time_with_what_it_refers_to_and_not_its_end() {
    const DAY: Duration = Duration::from_secs(86_400);
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (other, plain) = (store.append("other").position, store.append("plain").position);
    let manifest = format!(r#"{{"segments":[{{"own":3}},{{"ref":[{other},0,10]}}]}}"#);
    let body = |role, bytes| NewBody {
        role,
        class: BodyClass::Content,
        media_type: "application/json",
        bytes,
        truncated: false,
    };
    let parts = [body("request", b"own".as_slice()), body("manifest", manifest.as_bytes())];
    let event = store.event("ana");
    let received = store.log().append(Lane::Gateway, store.log().prepare(event.clone(), &parts).received());
    let received = received.wait().unwrap().position;
    let closing = store.log().prepare(event, &[body("response", b"the answer")]).closes(Some(received));
    let closed = store.log().append(Lane::Gateway, closing).wait().unwrap().position;
    let keep = |lasts: Duration| {
        let (log, until) = (store.log().clone(), store.clock.now().plus(lasts));
        let kept: Ticket<bool, ReadError> =
            store.db.write(Lane::Consumer, "keep", move |tx| log.keep(tx, closed, until));
        assert!(kept.wait().unwrap());
    };
    keep(DAY * 3);
    // Asked for again, for less: the longer time stands.
    keep(DAY);
    let is_there = |position, role| {
        let body = store.log().bodies().open(&BodyKey { log: store.log().id(), position, role }).unwrap().unwrap();
        body.state == BodyState::Present
    };
    store.clock.advance(DAY * 2);
    let before = store.clock.now().minus(DAY);
    let step = |before| {
        let mut bodies = 0;
        loop {
            let step = store.log().retain(before, Timestamp::default()).unwrap();
            bodies += step.bodies;
            if step == Expired::default() {
                return bodies;
            }
        }
    };
    assert_eq!(step(before), 1, "only what nobody keeps");
    assert!(!is_there(plain, "request"));
    for (position, role) in [(other, "request"), (received, "request"), (received, "manifest"), (closed, "response")] {
        assert!(is_there(position, role), "{position} {role}");
    }
    store.clock.advance(DAY * 2);
    assert_eq!(step(store.clock.now().minus(DAY)), 4);
    assert!(!is_there(closed, "response") && !is_there(other, "request"));
    store.log().verify(&mut |_, _| {}).unwrap();
}
