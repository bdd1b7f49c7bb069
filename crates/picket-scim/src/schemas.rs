//! What the service says of itself (RFC 7643, 5 to 7).

use crate::Kind;
use serde_json::{Value, json};

/// The schema of errors.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
/// The schema of lists.
pub const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const PROVIDER: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// What the service can do; `count` is the most resources in one answer.
pub fn service_provider(base: &str, count: usize) -> Value {
    json!({
        "schemas": [PROVIDER],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": count},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "Bearer token", "primary": true,
            "description": "A token of the role scim, which can do nothing else",
        }],
        "meta": {"resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig")},
    })
}

/// The kinds of resources.
pub fn resource_types(base: &str) -> Vec<Value> {
    let of = |kind: &Kind| {
        json!({
            "schemas": [TYPE], "id": kind.as_str(), "name": kind.as_str(), "endpoint": kind.endpoint(), "schema": kind.schema(),
            "meta": {"resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", kind.as_str())},
        })
    };
    Kind::ALL.iter().map(of).collect()
}

/// What is kept of them.
pub fn schemas(base: &str) -> Vec<Value> {
    let of = |kind: Kind, description: &str, attributes: Value| {
        json!({
            "schemas": [SCHEMA], "id": kind.schema(), "name": kind.as_str(), "description": description, "attributes": attributes,
            "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{}", kind.schema())},
        })
    };
    let sub = |name: &str| attribute(name, "string", "readWrite");
    let user = json!([
        with(
            attribute("userName", "string", "readWrite"),
            &[("required", json!(true)), ("uniqueness", json!("server"))]
        ),
        with(
            attribute("externalId", "string", "immutable"),
            &[("required", json!(true)), ("caseExact", json!(true)), ("uniqueness", json!("server"))],
        ),
        attribute("displayName", "string", "readWrite"),
        with(
            attribute("name", "complex", "readWrite"),
            &[("subAttributes", json!([sub("formatted"), sub("givenName"), sub("familyName")]))],
        ),
        with(
            attribute("emails", "complex", "readWrite"),
            &[("multiValued", json!(true)), ("subAttributes", json!([sub("value"), sub("type")]))],
        ),
        attribute("active", "boolean", "readWrite"),
        with(
            attribute("groups", "complex", "readOnly"),
            &[("multiValued", json!(true)), ("subAttributes", json!([sub("value"), sub("display")]))],
        ),
    ]);
    let group = json!([
        with(
            attribute("displayName", "string", "readWrite"),
            &[("required", json!(true)), ("uniqueness", json!("server"))]
        ),
        with(attribute("externalId", "string", "readWrite"), &[("caseExact", json!(true))]),
        with(
            attribute("members", "complex", "readWrite"),
            &[("multiValued", json!(true)), ("subAttributes", json!([sub("value"), sub("display")]))],
        ),
    ]);
    vec![of(Kind::User, "A person who signs in", user), of(Kind::Group, "A team, perhaps with roles", group)]
}

fn attribute(name: &str, kind: &str, mutability: &str) -> Value {
    json!({
        "name": name, "type": kind, "multiValued": false, "required": false, "caseExact": false, "mutability": mutability,
        "returned": "default", "uniqueness": "none",
    })
}

fn with(mut attribute: Value, more: &[(&str, Value)]) -> Value {
    if let Some(members) = attribute.as_object_mut() {
        members.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    }
    attribute
}
