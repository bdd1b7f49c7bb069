use super::samples;
use crate::sample;
use crate::schema::{Member, Rendering, Type, kind};
use picket_render::{Field, Subject};
use serde_json::Value;
use std::collections::BTreeMap;

const ALL: [Rendering; 3] = [Rendering::Fields, Rendering::AiSecurity, Rendering::Ecs];

#[test]
fn every_field_of_the_sample_has_a_value_of_its_own() {
    let event = sample::event();
    let subject = Subject::new(&event);
    let mut seen: BTreeMap<Vec<u8>, &str> = BTreeMap::new();
    for field in Field::all() {
        let mut out = Vec::new();
        assert!(field.write(&subject, &mut out), "the sample has no `{}`", field.name());
        if out != b"true"
            && let Some(other) = seen.insert(out, field.name())
        {
            panic!("`{}` and `{other}` have the same value", field.name());
        }
    }
}

#[test]
fn members_are_read_off_the_renderer_with_types_and_fields() {
    let fields: Vec<&str> = Field::all().map(Field::name).collect();
    let members = Rendering::Fields.members();
    assert_eq!(members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), fields);
    let ecs = Rendering::Ecs.members();
    for (name, kind, is_list, field) in [
        ("@timestamp", Type::Time, false, Some("timestamp")),
        ("event.created", Type::Time, false, Some("recorded_at")),
        ("event.duration", Type::Whole, false, None),
        ("event.category", Type::Text, true, None),
        ("event.risk_score", Type::Real, false, Some("risk_score")),
        ("user.name", Type::Text, false, Some("user")),
        ("source.ip", Type::Address, false, Some("src_ip")),
        ("rule.name", Type::Text, true, Some("policies_triggered")),
        ("gen_ai.request.model", Type::Text, false, Some("model")),
        ("aisec.held", Type::Flag, false, None),
        ("aisec.cost", Type::Real, false, Some("cost")),
        ("aisec.metrics", Type::Map, false, Some("metrics")),
        ("aisec.attributes", Type::Map, false, Some("attributes")),
        ("aisec.type", Type::Text, false, Some("type")),
    ] {
        let wanted = Member { name: name.to_owned(), kind, is_list, field };
        assert_eq!(ecs.iter().find(|member| member.name == name), Some(&wanted));
    }
}

/// Whether a value fits a member.
fn fits(value: &Value, member: &Member) -> bool {
    if member.is_list {
        let items = value.as_array().is_some_and(|items| items.iter().all(|item| fits_one(item, member.kind)));
        return items;
    }
    fits_one(value, member.kind)
}

fn fits_one(value: &Value, wanted: Type) -> bool {
    match wanted {
        Type::Text => value.is_string(),
        Type::Map | Type::Object => value.is_object(),
        other => kind(value) == other,
    }
}

/// Everything of a document that is no member, or of another type.
pub(super) fn misfits(value: &Value, name: &str, members: &[Member], found: &mut Vec<String>) {
    if let Some(member) = members.iter().find(|member| member.name == name) {
        if !fits(value, member) {
            found.push(format!("{name} is {value}, and not {:?}", member.kind));
        }
        return;
    }
    let Value::Object(object) = value else { return found.push(format!("{name} is no member")) };
    for (key, inner) in object {
        let below = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        misfits(inner, &below, members, found);
    }
}

#[test]
fn events_of_every_type_have_no_member_that_the_schema_lacks_and_none_of_another_type() {
    for rendering in ALL {
        let (members, renderer) = (rendering.members(), rendering.renderer());
        for event in samples::events() {
            let mut line = Vec::new();
            renderer.render(&Subject::new(&event), &mut line);
            let mut found = Vec::new();
            misfits(&serde_json::from_slice(&line).unwrap(), "", &members, &mut found);
            assert!(found.is_empty(), "{rendering:?} {}: {found:?}", event.event_type);
        }
    }
}

#[test]
fn a_member_that_nobody_knows_and_one_of_another_type_are_found() {
    let members = Rendering::Ecs.members();
    let document = serde_json::json!({"user": {"name": 7, "nick": "a"}, "aisec": {"metrics": {"a.b": 1}}});
    let mut found = Vec::new();
    misfits(&document, "", &members, &mut found);
    assert_eq!(found, ["user.name is 7, and not Text", "user.nick is no member"]);
}
