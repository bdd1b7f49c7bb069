//! Sums that are held against the log. One test: there is one turn for all of a process.

use super::*;
use crate::recount::TURN;
use picket_db::Ticket;

fn recount(place: &Place, id: &str) -> Result<Recount, DispatchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(place.dispatch.recount(id))
}

/// Appends events that nobody wants.
fn append_others(place: &Place, count: usize) {
    for _ in 0..count {
        let event = Event::new(EventType::of("auth.login"), WS.as_str(), place.log.clock().now());
        place.log.append(Lane::Gateway, place.log.prepare(event, &[])).wait().unwrap();
    }
}

#[test]
fn the_sums_are_those_of_the_log_until_somebody_meddles_with_them_or_changes_what_is_wanted() {
    let place = Place::new();
    append_others(&place, 20);
    place.append(700);
    let id = place.file("a.ndjson", |_| {});
    place.append(600);
    append_others(&place, 20);
    place.until("all events, durably", || recount(&place, &id).unwrap().accepted == 1_300);
    let counted = recount(&place, "a.ndjson").unwrap();
    assert_eq!((counted.wanted, counted.dropped, counted.changes), (1_300, 0, 0), "{counted:?}");
    assert_eq!((counted.from, counted.version, counted.agrees()), (0, 1, Some(true)), "{counted:?}");
    // While one counts, nobody else does.
    let turn = TURN.try_acquire().unwrap();
    assert!(matches!(recount(&place, &id), Err(DispatchError::Recounting)));
    drop(turn);
    assert!(matches!(recount(&place, "nobody"), Err(DispatchError::Unknown)));
    // Another name changes nothing of what is wanted.
    let change = Change { name: Some("b".to_owned()), ..Change::default() };
    place.dispatch.update(&id, change, "usr_ann").unwrap();
    let renamed = recount(&place, &id).unwrap();
    assert_eq!((renamed.version, renamed.agrees()), (2, Some(true)), "{renamed:?}");
    // Sums that add up and are not those of the log; made while nothing runs that would write others.
    let folder = place.stop();
    let (dispatch, log) = open(folder.path());
    let meddled: Ticket<usize, rusqlite::Error> = log.db().write(Lane::Admin, "meddle", |tx| {
        tx.connection().execute("UPDATE delivery SET accepted = accepted - 1, delivered = delivered - 1", [])
    });
    assert_eq!(meddled.wait().unwrap(), 1);
    log.db().close();
    drop((dispatch, log));
    let place = Place::of(folder);
    let meddled = recount(&place, &id).unwrap();
    assert_eq!((meddled.wanted, meddled.accepted, meddled.agrees()), (1_300, 1_299, Some(false)), "{meddled:?}");
    // Another subscription: what it wanted before is not what is counted now.
    let mut settings = place.dispatch.get(&id).unwrap().settings.unwrap();
    settings.wanted.events = vec!["auth.login".to_owned()];
    place.dispatch.update(&id, Change { settings: Some(settings), ..Change::default() }, "usr_ann").unwrap();
    let other = recount(&place, &id).unwrap();
    assert_eq!((other.changes, other.version, other.agrees(), other.wanted), (1, 3, None, 40), "{other:?}");
    // What retention took cannot be judged, and is counted as such up to where the destination has read.
    let mut gone = Recount { from: 0, to: 10, wanted: 3, accepted: 9, dropped: 0, changes: 0, ..other };
    assert_eq!((gone.skip(0, 4), gone.dropped, gone.agrees()), (4, 4, Some(false)));
    assert_eq!((gone.skip(8, 15), gone.dropped, gone.agrees()), (15, 6, Some(true)));
}
