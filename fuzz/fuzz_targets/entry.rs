//! Entries of the log and events: what is read is written again in the same way.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_event::{Entry, Event};

fuzz_target!(|data: &[u8]| {
    if let Ok(entry) = Entry::from_canonical(data) {
        assert_eq!(entry.to_canonical().expect("an entry can be written"), data, "an entry has one form");
    }
    if let Ok(event) = serde_json::from_slice::<Event>(data) {
        let text = serde_json::to_vec(&event).expect("an event can be written");
        let again: Event = serde_json::from_slice(&text).expect("an event can be read again");
        assert_eq!(serde_json::to_vec(&again).expect("an event can be written"), text);
    }
});
