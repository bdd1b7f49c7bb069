use super::*;

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_to_a_schema_and_every_answer_has_a_shape() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for route in ROUTES {
        let operation = &document["paths"][route.path.replace("{*", "{")][route.method.to_lowercase()];
        let content = &operation["responses"][Shape::of(route.method, route.path).status]["content"];
        let is_empty = matches!(Shape::of(route.method, route.path).status, "204" | "303");
        assert_eq!(content.as_object().map(Map::is_empty), Some(is_empty), "{} {}", route.method, route.path);
    }
}
