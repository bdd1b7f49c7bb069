//! Tables of names as operators write them.

use super::*;
use crate::Subject;
use picket_event::{Event, EventType};

fn rendered(text: &str) -> String {
    let mapping = of_text(text, "table.yaml").unwrap().mapping;
    let mut event = Event::new(EventType::REQUEST, "ws", picket_stdx::Timestamp::default());
    event.user = Some("ana".to_owned());
    let mut out = Vec::new();
    mapping.render(&Subject::new(&event), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_plain_mapping_and_one_with_parts_are_both_tables() {
    assert_eq!(
        rendered("user: user.name\ndecision: event.outcome\n"),
        r#"{"user.name":"ana","event.outcome":"allowed"}"#
    );
    assert_eq!(rendered(r#"{"user": "user.name"}"#), r#"{"user.name":"ana"}"#);
    let parts = "fields: { user: user.name }\nconstants: { observer.type: gateway, tier: 2, beta: true }\nrest: drop\n";
    assert_eq!(rendered(parts), r#"{"user.name":"ana","observer.type":"gateway","tier":2,"beta":true}"#);
}

#[test]
fn every_problem_of_a_table_has_its_line_and_column() {
    let text = "\
fields:
  usr: user.name
  model: [1]
  team: a b
constants:
  x: null
rest: maybe
more: 1
";
    let expected = "\
table.yaml:2:3: an event has no field `usr`; did you mean `user`?
table.yaml:3:10: give a name, or `drop` to leave the field out
table.yaml:4:3: the name `a b` has spaces or control characters; leave them out
table.yaml:6:6: a constant is a text, a number or a truth
table.yaml:7:7: `rest` is `keep` or `drop`
table.yaml:8:1: a table has `fields`, `constants` and `rest`";
    assert_eq!(of_text(text, "table.yaml").unwrap_err().to_string(), expected);
    let list = of_text("- a", "table.yaml").unwrap_err().to_string();
    assert!(list.starts_with("table.yaml:1:1: a table maps fields of events to names"), "{list}");
}
