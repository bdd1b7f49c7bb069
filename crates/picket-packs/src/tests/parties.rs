//! Documents for parties outside: `cargo xt oracle packs` names the file.

use super::samples;
use crate::schema::Rendering;
use picket_event::EventId;
use picket_render::Subject;
use picket_render::wire::bulk;

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
    if let Some(path) = std::env::var_os("PICKET_TEST_DOCUMENTS") {
        std::fs::write(path, lines).unwrap();
    }
}
