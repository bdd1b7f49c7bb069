//! What the tests of all kinds begin with.

use crate::destination::Sent;
use crate::{Network, Receiver, Request};
use picket_event::{Decision, Event, EventType, Severity};
use picket_render::{Batches, Subject};
use picket_stdx::Timestamp;
use std::path::Path;

mod kinds;
pub(crate) mod tls;

/// A blocked request with an id of its own.
pub(crate) fn event(number: u64) -> Event {
    let at = Timestamp::from_millis(1_780_308_800_000 + i64::try_from(number).unwrap());
    let mut event = Event::new(EventType::REQUEST, "ws_123", at);
    event.decision = Decision::Blocked;
    event.severity = Severity::High;
    event.finding_type = Some("pii".to_owned());
    event.user = Some("ana@example.com".to_owned());
    event
}

pub(crate) fn events(count: u64) -> Vec<Event> {
    (0..count).map(event).collect()
}

/// Packs events as the dispatcher does, sends each request, and gives the answers with what each was of.
pub(crate) async fn send(receiver: &Receiver, events: &[Event]) -> Vec<(crate::Answer, usize)> {
    let subjects: Vec<Subject<'_>> = events.iter().map(Subject::new).collect();
    let framing = receiver.framing();
    let encode = |subject: &Subject<'_>, out: &mut Vec<u8>| receiver.encode(subject, out).unwrap();
    let batches = Batches::new(&framing, receiver.limits().into(), subjects.iter(), encode);
    let mut answers = Vec::new();
    for batch in batches {
        let batch = batch.unwrap();
        let sent: Vec<Sent<'_>> = batch.events.clone().map(|at| sent(&subjects[at], at)).collect();
        let answer = receiver.send(Request { body: batch.bytes.into(), events: &sent }).await;
        answers.push((answer, sent.len()));
    }
    answers
}

pub(crate) fn sent<'a>(subject: &'a Subject<'_>, at: usize) -> Sent<'a> {
    let event = subject.event();
    Sent {
        id: subject.id(),
        name: subject.name(),
        workspace: &event.workspace_id,
        timestamp: event.timestamp,
        position: u64::try_from(at).unwrap(),
    }
}

/// Everything on this machine may be reached, files are in `folder`.
pub(crate) fn network(folder: &Path) -> Network {
    Network {
        allowed: ["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()].into(),
        folder: Some(folder.to_owned()),
        ..Network::default()
    }
}
