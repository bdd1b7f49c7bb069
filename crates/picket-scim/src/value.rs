//! Values as providers write them.

use crate::ScimError;
use serde_json::{Map, Value};

/// A member of an object, whatever the case of its name (RFC 7643, 2.1).
pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(member, _)| member.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// A text; what is null or empty is none.
pub(crate) fn text(value: &Value, name: &str) -> Result<Option<String>, ScimError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        _ => Err(ScimError::value(format!("`{name}` is a text"))),
    }
}

/// A truth, also as a text.
pub(crate) fn truth(value: &Value, name: &str) -> Result<bool, ScimError> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(ScimError::value(format!("`{name}` is true or false"))),
    }
}

/// A list; one that stands alone is a list of one.
pub(crate) fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

pub(crate) fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>, ScimError> {
    value.as_object().ok_or_else(|| ScimError::bad("invalidSyntax", format!("{what} is an object")))
}
