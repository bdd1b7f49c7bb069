//! Types of members, as the store indexes them.

use super::{Flavour, meta};
use crate::schema::{Member, Rendering, Type};
use serde_json::{Map, Value, json};

/// Longest text that is indexed as one word; the store refuses a document for one of 32 KiB.
const WORD_BYTES_MAX: u32 = 1_024;
/// The namespace of what the schema has no field for.
const OWN: &str = "aisec";

/// What a member is where the schema has a narrower type than its values show.
fn by_schema(name: &str) -> Option<&'static str> {
    match name {
        "message" => Some("match_only_text"),
        "url.path" => Some("wildcard"),
        "event.risk_score" | "event.risk_score_norm" => Some("float"),
        "gen_ai.usage.input_tokens" | "gen_ai.usage.output_tokens" => Some("integer"),
        _ => None,
    }
}

/// The type of a member.
pub(super) fn kind(member: &Member, flavour: Flavour) -> &'static str {
    if let Some(kind) = by_schema(&member.name) {
        return kind;
    }
    match member.kind {
        Type::Text => "keyword",
        Type::Time => "date",
        Type::Address => "ip",
        Type::Whole => "long",
        Type::Real => "double",
        Type::Flag => "boolean",
        Type::Map | Type::Object if flavour == Flavour::OpenSearch => "flat_object",
        Type::Map | Type::Object => "flattened",
    }
}

fn property(member: &Member, flavour: Flavour) -> Value {
    match kind(member, flavour) {
        kind @ ("keyword" | "flattened" | "wildcard") => json!({"type": kind, "ignore_above": WORD_BYTES_MAX}),
        kind => json!({"type": kind}),
    }
}

/// Members of the schema.
pub(super) fn ecs(flavour: Flavour) -> Value {
    template(|name| name != OWN, flavour)
}

/// Members of ours.
pub(super) fn own(flavour: Flavour) -> Value {
    template(|name| name == OWN, flavour)
}

fn template(wanted: impl Fn(&str) -> bool, flavour: Flavour) -> Value {
    let mut properties = Map::new();
    for member in Rendering::Ecs.members() {
        let parts: Vec<&str> = member.name.split('.').collect();
        if parts.first().is_some_and(|first| wanted(first)) {
            insert(&mut properties, &parts, property(&member, flavour));
        }
    }
    json!({
        "template": {"mappings": {"dynamic": false, "properties": properties}},
        "_meta": meta(),
    })
}

/// Puts a property where its name says.
fn insert(properties: &mut Map<String, Value>, parts: &[&str], property: Value) {
    match parts {
        [] => {}
        [last] => drop(properties.insert((*last).to_owned(), property)),
        [first, rest @ ..] => {
            let inner = properties.entry(*first).or_insert_with(|| json!({"properties": {}}));
            if let Some(Value::Object(inner)) = inner.get_mut("properties") {
                insert(inner, rest, property);
            }
        }
    }
}
