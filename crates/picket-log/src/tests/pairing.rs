use super::*;
use picket_db::WriteError;

#[test]
fn who_closes_before_the_acknowledgement_closes_the_right_request() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (log, event) = (store.log(), store.event("bob"));
    let received = log.append(Lane::Gateway, log.prepare(event.clone(), &[]).received());
    let closed = log.append(Lane::Gateway, log.prepare(event, &[]).closes(None));
    let (received, closed) = (received.wait().unwrap(), closed.wait().unwrap());
    assert!(log.open_requests().unwrap().is_empty());
    let place = log.events(&[closed.position]).unwrap().remove(0).log.unwrap();
    assert_eq!((place.received, place.completed), (Some(received.position), closed.position));
}

#[test]
fn a_request_is_closed_once_and_only_where_it_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (log, event) = (store.log(), store.event("bob"));
    let close = |at| log.append(Lane::Gateway, log.prepare(event.clone(), &[]).closes(at)).wait();
    assert!(matches!(close(Some(1)), Err(WriteError::Job(AppendError::NotOpen(id))) if id == event.event_id));
    let received = log.append(Lane::Gateway, log.prepare(event.clone(), &[]).received()).wait().unwrap();
    assert!(matches!(close(Some(received.position + 1)), Err(WriteError::Job(AppendError::NotOpen(_)))));
    assert_eq!(log.open_requests().unwrap().len(), 1, "a refused closing leaves the request open");
    let size = close(Some(received.position)).unwrap().position + 1;
    assert!(matches!(close(None), Err(WriteError::Job(AppendError::Recorded(id))) if id == event.event_id));
    assert_eq!(log.size(), size);
    log.verify(&mut |_, _| {}).unwrap();
}

#[test]
fn an_open_request_is_an_event_with_the_place_of_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let log = store.log();
    let received = log.append(Lane::Gateway, log.prepare(store.event("bob"), &[]).received()).wait().unwrap();
    let open = log.open_requests().unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].event_type, EventType::REQUEST);
    assert_eq!(open[0].log.as_ref().unwrap().received, Some(received.position));
    let logged = log.batch(received.position, 1).unwrap();
    assert!(logged[0].event.is_none(), "consumers see a request once, when it is closed");
}

#[test]
fn many_open_requests_are_closed_after_a_crash_with_what_was_known_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let log = store.log();
    let opened: Vec<_> = (0..700)
        .map(|n| log.append(Lane::Gateway, log.prepare(store.event(&format!("user{n}")), &[]).received()))
        .collect();
    for ticket in opened {
        ticket.wait().unwrap();
    }
    let before = log.size();
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.log().close_open_requests().unwrap(), 700);
    let events: Vec<_> =
        store.log().batch(before, 1_000).unwrap().into_iter().filter_map(|logged| logged.event.clone()).collect();
    assert_eq!(events.len(), 700);
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event.user, Some(format!("user{number}")));
        assert_eq!(event.outcome, Some(Outcome::Unknown));
        assert!(event.log.as_ref().unwrap().received.is_some());
    }
    store.log().verify(&mut |_, _| {}).unwrap();
}

#[test]
fn two_bodies_of_one_role_are_refused_and_the_next_record_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let body = NewBody {
        role: "request",
        class: BodyClass::Content,
        media_type: "text/plain",
        bytes: b"the prompt",
        truncated: false,
    };
    let twins = store.log().prepare(store.event("a"), &[body.clone(), body]);
    let refused = store.log().append(Lane::Gateway, twins).wait();
    assert!(matches!(refused, Err(WriteError::Job(AppendError::TwinRole(_)))), "{refused:?}");
    store.append("b");
    store.log().verify(&mut |_, _| {}).unwrap();
}
