//! The gateway's own lists of models, in the words of each dialect.

use crate::endpoint::Dialect;
use bytes::Bytes;
use serde_json::{Value, json};

/// The answer to `GET /v1/models`.
pub fn models_body<'a>(dialect: Dialect, names: impl IntoIterator<Item = &'a str>) -> Bytes {
    let models: Vec<Value> = names.into_iter().map(|name| model(dialect, name)).collect();
    let id = |model: Option<&Value>| model.and_then(|model| model.get("id")).cloned();
    let list = match dialect {
        Dialect::OpenAi => json!({"object": "list", "data": models}),
        Dialect::Anthropic => {
            json!({"data": models, "has_more": false, "first_id": id(models.first()), "last_id": id(models.last())})
        }
    };
    list.to_string().into()
}

/// The answer to `GET /v1/models/{id}`.
pub fn model_body(dialect: Dialect, name: &str) -> Bytes {
    model(dialect, name).to_string().into()
}

/// A gateway knows a model's name and not its age.
fn model(dialect: Dialect, name: &str) -> Value {
    match dialect {
        Dialect::OpenAi => json!({"id": name, "object": "model", "created": 0, "owned_by": "picket"}),
        Dialect::Anthropic => {
            json!({"type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z"})
        }
    }
}

#[cfg(test)]
mod tests;
