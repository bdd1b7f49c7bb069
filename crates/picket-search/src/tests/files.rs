//! What lies on the disk.

use super::store::{Dice, Store, drain, everything, kept, random_event, start};
use picket_event::{Event, EventType};
use picket_stdx::random;
use std::path::Path;

/// Whether any file of a folder holds a text.
fn holds(folder: &Path, text: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text)
    })
}

#[test]
fn the_files_hold_no_clear_personal_data() {
    let store = Store::new();
    let mut event = Event::new(EventType::REQUEST, "ws_1", start());
    let mut canaries = Vec::new();
    let mut canary = || {
        // Random, so that no compression hides it.
        let text = picket_stdx::encode::random_base62(24);
        canaries.push(text.clone());
        Some(text)
    };
    event.user = canary();
    event.team = canary();
    event.application = canary();
    event.model = canary();
    event.feature = canary();
    event.agent_id = canary();
    event.session_id = canary();
    event.user_agent = canary();
    event.endpoint = canary();
    event.request_id = canary();
    event.trace_id = canary();
    event.span_id = canary();
    event.provider_request_id = canary();
    event.client_request_id = canary();
    event.mcp_server = canary();
    event.tool = canary();
    event.tools.extend((0..70).filter_map(|_| canary()));
    event.unscanned.extend(canary());
    let reason = canary();
    event.reason = reason;
    let address = std::net::Ipv4Addr::from(u32::from_be_bytes(random::bytes::<4>()));
    event.src_ip = Some(address.to_string());
    let operator = picket_stdx::encode::random_base62(24);
    event.key_id = Some(operator.clone());
    let position = store.append(&event);
    let index = store.index();
    drain(&mut index.indexer(), store.log());

    for canary in &canaries {
        assert!(!holds(&store.place(), canary.as_bytes()));
    }
    assert!(!holds(&store.place(), address.to_string().as_bytes()));
    assert!(holds(&store.place(), operator.as_bytes()), "what the operator chose is there, so the files were searched");
    for filter in [
        format!("user:{}", canaries[0]),
        format!("session:{} model:{}", canaries[6], canaries[3]),
        format!("tool:{} tool:{} src_ip:{address}", canaries[15], canaries[80]),
    ] {
        assert_eq!(index.search(&everything(&filter)).unwrap().positions, [position], "{filter}");
    }
}

#[test]
fn erasing_a_user_removes_the_documents_and_their_traces_in_the_files() {
    let store = Store::new();
    let mut dice = Dice(9);
    (0..150).for_each(|_| {
        store.append(&random_event(&mut dice, start()));
    });
    let index = store.index();
    drain(&mut index.indexer(), store.log());
    let events = store.events();
    let user = "user3@example.com";
    let id = events.iter().find(|(_, event)| event.user.as_deref() == Some(user)).unwrap().1.user_id.clone().unwrap();
    // Dictionaries share beginnings between neighbours, so only the end of an id stands there whole.
    let trace = &id.as_bytes()[id.len() - 10..];
    assert!(holds(&store.place(), trace));

    index.erase(&id).unwrap();
    let left = kept(&format!("-user:{user}"), &events);
    assert!(left.len() < events.len());
    assert_eq!(index.search(&everything("")).unwrap().positions, left);
    assert_eq!(index.count(&everything(&format!("user:{user}"))).unwrap(), 0);
    assert!(!holds(&store.place(), trace));

    // The index goes on after it.
    (0..20).for_each(|_| {
        store.append(&random_event(&mut dice, start()));
    });
    drain(&mut index.indexer(), store.log());
    let newer = store.events().len() - events.len();
    assert_eq!(index.count(&everything("")).unwrap(), (left.len() + newer) as u64);
    drop(index);
    assert_eq!(store.index().count(&everything("")).unwrap(), (left.len() + newer) as u64);
}
