//! What tests of several modules begin with.

use crate::set::RuleSet;
use crate::source::{Origin, Read, RuleFile};
use picket_event::{Decision, Event, EventType, Identity};
use picket_stdx::Timestamp;
use std::sync::Arc;

/// Rules of a text, without mistakes.
pub(crate) fn set(text: &str) -> Arc<RuleSet> {
    let file = RuleFile { name: "a.yml".to_owned(), text: text.to_owned(), origin: Origin::Configured };
    let (set, errors) = RuleSet::load(&Read { files: vec![file], ..Read::default() });
    assert_eq!(errors, Vec::<String>::new());
    Arc::new(set)
}

/// So many seconds after a beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1_000)
}

/// A request of a user whom a key vouches for.
pub(crate) fn request(seconds: i64, user: &str, decision: Decision) -> Event {
    let mut event = Event::new(EventType::REQUEST, "ws", at(seconds));
    (event.user, event.key_id) = (Some(user.to_owned()), Some("key_1".to_owned()));
    (event.identity, event.decision) = (Some(Identity::Key), decision);
    event
}
