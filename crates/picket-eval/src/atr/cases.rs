//! The texts of a case, in whichever of its many forms it was written.

use serde_json::Value;

/// Members that say something about a case instead of being it.
const ABOUT: &[&str] = &["expected", "description", "notes", "reason", "matched_condition", "detection_field"];

/// The texts of a case. What is not a text by itself is one as JSON, and so are the texts inside.
pub(super) fn texts(case: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    match case {
        Value::Object(members) => {
            for (name, value) in members {
                if !ABOUT.contains(&name.as_str()) {
                    add(value, &mut texts);
                }
            }
        }
        other => add(other, &mut texts),
    }
    texts
}

fn add(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Object(members) => {
            texts.push(value.to_string());
            members.values().for_each(|value| add(value, texts));
        }
        Value::Array(items) => {
            texts.push(value.to_string());
            items.iter().for_each(|value| add(value, texts));
        }
        Value::Null => {}
        other => texts.push(other.to_string()),
    }
}
