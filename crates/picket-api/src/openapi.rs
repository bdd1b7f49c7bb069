//! The OpenAPI document, from the table of routes and the types that travel.

use crate::routes::ROUTES;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

/// The document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let problem = json!({"description": "A problem", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
        let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameters: Vec<Value> = names.map(|name| json!({"name": name.trim_start_matches('*'), "in": "path", "required": true, "schema": {"type": "string"}})).collect();
        let operation = json!({
            "summary": route.summary, "security": [{"token": []}], "parameters": parameters, "x-permission": format!("{:?}", route.permission),
            "responses": {"200": {"description": "Done"}, "default": problem},
        });
        let path = paths.entry(route.path.replace("{*", "{")).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(route.method.to_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Picket control API", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": schemas(), "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    })
}

fn schemas() -> Map<String, Value> {
    use picket_api_types as types;
    let mut schemas = Map::new();
    add::<picket_event::Event>(&mut schemas);
    add::<types::Problem>(&mut schemas);
    add::<types::BodyView>(&mut schemas);
    add::<types::Excerpt>(&mut schemas);
    add::<types::RevealRequest>(&mut schemas);
    add::<types::Escalation>(&mut schemas);
    add::<types::ResolveRequest>(&mut schemas);
    add::<types::Export>(&mut schemas);
    add::<types::CreateExport>(&mut schemas);
    add::<types::Key>(&mut schemas);
    add::<types::CreateKey>(&mut schemas);
    add::<types::Token>(&mut schemas);
    add::<types::CreateToken>(&mut schemas);
    add::<types::PolicyVersion>(&mut schemas);
    add::<types::ApplyPolicy>(&mut schemas);
    add::<types::Stats>(&mut schemas);
    add::<types::Health>(&mut schemas);
    add::<types::LogSummary>(&mut schemas);
    add::<types::Proof>(&mut schemas);
    schemas
}

fn add<T: ToSchema>(schemas: &mut Map<String, Value>) {
    let mut all: Vec<(String, utoipa::openapi::RefOr<Schema>)> = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut all);
    for (name, schema) in all {
        schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
    }
}
