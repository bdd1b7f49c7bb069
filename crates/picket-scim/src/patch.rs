//! Changes (RFC 7644, 3.5.2): a list of what to add, replace or remove, done in order, all or nothing.

use crate::value::{list, member, object};
use crate::{Path, ScimError};
use serde_json::Value;

/// The most operations of one request.
const OPERATIONS_MAX: usize = 200;
const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What becomes different of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch(pub(crate) Vec<Operation>);

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Replace,
    Remove,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    pub(crate) op: Op,
    pub(crate) path: Option<Path>,
    pub(crate) value: Value,
}

impl Patch {
    /// Reads a request to change something.
    pub fn read(value: &Value) -> Result<Self, ScimError> {
        let syntax = |detail: &str| ScimError::bad("invalidSyntax", detail);
        let request = object(value, "a change")?;
        let schemas = member(request, "schemas").map(list).unwrap_or_default();
        if !schemas.iter().any(|schema| schema.as_str() == Some(SCHEMA)) {
            return Err(syntax("a change names the schema urn:ietf:params:scim:api:messages:2.0:PatchOp"));
        }
        let operations = member(request, "Operations").and_then(Value::as_array);
        let operations = operations.ok_or_else(|| syntax("a change has `Operations`, a list"))?;
        if operations.is_empty() || operations.len() > OPERATIONS_MAX {
            return Err(syntax("a change has 1 to 200 operations"));
        }
        operations.iter().map(operation).collect::<Result<_, _>>().map(Self)
    }
}

fn operation(value: &Value) -> Result<Operation, ScimError> {
    let operation = object(value, "an operation")?;
    let word = member(operation, "op").and_then(Value::as_str).unwrap_or_default();
    let op = match word.to_ascii_lowercase().as_str() {
        "add" => Op::Add,
        "replace" => Op::Replace,
        "remove" => Op::Remove,
        _ => return Err(ScimError::bad("invalidSyntax", "an operation is add, replace or remove")),
    };
    let path = match member(operation, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.is_empty() => None,
        // What is not known here may have a path of an extension; it is passed over like other unknown names.
        Some(Value::String(path)) if is_extension(path) => return Ok(nothing(op)),
        Some(Value::String(path)) => Some(Path::parse(path)?),
        Some(_) => return Err(ScimError::bad("invalidPath", "a path is a text")),
    };
    let value = member(operation, "value").cloned().unwrap_or_default();
    if op != Op::Remove && value.is_null() && path.is_none() {
        return Err(ScimError::value("what is added or replaced has a `value`"));
    }
    Ok(Operation { op, path, value })
}

/// Whether a path leads into the schema of an extension.
fn is_extension(path: &str) -> bool {
    let is_schema = path.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("urn:"));
    is_schema && crate::path::without_schema(path) == path
}

/// An operation that changes nothing.
fn nothing(op: Op) -> Operation {
    let path = Path { attribute: "extension".to_owned(), filter: None, sub: None };
    Operation { op, path: Some(path), value: Value::Null }
}
