//! Documents for parties outside: `cargo xt oracle packs` names the folder. Beside them stands how many of them each search
//! looks for, so that a party can be asked the same.

use super::samples;
use crate::schema::Rendering;
use crate::search::list;
use picket_event::EventId;
use picket_render::Subject;
use picket_render::wire::bulk;
use serde_json::{Map, Value};
use std::path::Path;

#[test]
fn documents_of_every_type_are_written_where_a_party_wants_them() {
    let renderer = Rendering::Ecs.renderer();
    let mut lines = Vec::new();
    for (at, mut event) in samples::events().into_iter().enumerate() {
        event.event_id = EventId::from_bits(u128::try_from(at).unwrap() + 1);
        let subject = Subject::new(&event);
        bulk::create(&mut lines, subject.id(), None, |out| renderer.render(&subject, out)).unwrap();
    }
    assert!(lines.len() > 1_000_000, "{}", lines.len());
    let mut counts = Map::new();
    let events: Vec<Value> = samples::events().iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    for search in list::all() {
        if let Some(of) = samples::conditions(search) {
            let found = events.iter().filter(|event| samples::holds(of, event)).count();
            counts.insert(format!("Picket: {}", search.title), found.into());
        }
    }
    if let Some(folder) = std::env::var_os("PICKET_TEST_DOCUMENTS") {
        let folder = Path::new(&folder);
        std::fs::write(folder.join("documents.ndjson"), lines).unwrap();
        std::fs::write(folder.join("counts.json"), Value::from(counts).to_string()).unwrap();
    }
}
