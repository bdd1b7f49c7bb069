//! The OpenAPI document, from the table of routes and the types that travel.

mod shapes;

use crate::routes::{ROUTES, Route};
use picket_store::Permission;
use serde_json::{Map, Value, json};
use shapes::{Answer, Shape};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

/// The document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.path.replace("{*", "{")).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(route.method.to_lowercase(), operation(route));
        }
    }
    for (path, summary, media) in [
        ("/healthz", "Whether the process runs", "text/plain"),
        ("/readyz", "Whether requests are served, and if not, why", "text/plain"),
        ("/metrics", "Counters, in the text format of Prometheus", "text/plain"),
        ("/openapi.json", "This document", "application/json"),
    ] {
        let content = json!({media: {}});
        let responses = json!({"200": {"description": "Done", "content": content}});
        paths.insert(path.to_owned(), json!({"get": {"summary": summary, "security": [], "responses": responses}}));
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Picket control API", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": schemas(), "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "An API token, or a session"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": crate::browser::COOKIE, "description": "A session, in a browser"},
        }},
    })
}

fn operation(route: &Route) -> Value {
    let shape = Shape::of(route.method, route.path);
    // Providers that send users read errors of their own form; what no route is reached for is a problem there too.
    let mut told = json!({"application/problem+json": {"schema": reference("Problem")}});
    if let Some(told) = told.as_object_mut().filter(|_| route.path.starts_with("/scim/")) {
        told.insert("application/scim+json".to_owned(), json!({}));
    }
    let problem = json!({"description": "A problem", "content": told});
    let places = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let places = places.map(|name| json!({"name": name.trim_start_matches('*'), "in": "path", "required": true, "schema": {"type": "string"}}));
    let queries = shape
        .query
        .iter()
        .flat_map(|names| names.iter())
        .map(|name| json!({"name": name, "in": "query", "required": false, "schema": {"type": "string"}}));
    let content = match shape.answer {
        Answer::Nothing => json!({}),
        Answer::One(name) => json!({"application/json": {"schema": reference(name)}}),
        Answer::Many(name) => json!({"application/json": {"schema": {"type": "array", "items": reference(name)}}}),
        Answer::Json => json!({"application/json": {"schema": {}}}),
        Answer::Media(media) => json!({media: {}}),
    };
    let mut operation = json!({
        "summary": route.summary, "security": security(route.permission), "parameters": places.chain(queries).collect::<Vec<_>>(),
        "x-permission": format!("{:?}", route.permission),
        "responses": {shape.status: {"description": "Done", "content": content}, "default": problem},
    });
    if let (Some(name), Some(members)) = (shape.body, operation.as_object_mut()) {
        let content = json!({"application/json": {"schema": reference(name)}});
        members.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
    }
    operation
}

/// What a route wants to be shown.
fn security(permission: Permission) -> Value {
    if permission == Permission::Open { json!([]) } else { json!([{"token": []}, {"cookie": []}]) }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
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
    add::<types::ActRequest>(&mut schemas);
    add::<types::BulkRequest>(&mut schemas);
    add::<types::BulkResult>(&mut schemas);
    add::<types::EscalationGroup>(&mut schemas);
    add::<types::TriagePath>(&mut schemas);
    add::<types::TrialRequest>(&mut schemas);
    add::<types::Trial>(&mut schemas);
    add::<types::Exception>(&mut schemas);
    add::<types::CreateException>(&mut schemas);
    add::<types::Containment>(&mut schemas);
    add::<types::CreateContainment>(&mut schemas);
    add::<types::ContainmentChange>(&mut schemas);
    of_detection(&mut schemas);
    of_delivery(&mut schemas);
    of_integrations(&mut schemas);
    add::<types::SecurityMetrics>(&mut schemas);
    add::<types::SecurityMetric>(&mut schemas);
    add::<types::Export>(&mut schemas);
    add::<types::CreateExport>(&mut schemas);
    add::<types::ExportSchedule>(&mut schemas);
    add::<types::CreateExportSchedule>(&mut schemas);
    add::<types::Key>(&mut schemas);
    add::<types::CreateKey>(&mut schemas);
    add::<types::CreatedKey>(&mut schemas);
    add::<types::Token>(&mut schemas);
    add::<types::CreateToken>(&mut schemas);
    add::<types::CreatedToken>(&mut schemas);
    add::<types::SetupRequest>(&mut schemas);
    add::<types::WhoAmI>(&mut schemas);
    add::<types::User>(&mut schemas);
    add::<types::CreateUser>(&mut schemas);
    add::<types::CreatedUser>(&mut schemas);
    add::<types::ChangeUser>(&mut schemas);
    add::<types::NewPassword>(&mut schemas);
    add::<types::Team>(&mut schemas);
    add::<types::CreateTeam>(&mut schemas);
    add::<types::LoginRequest>(&mut schemas);
    add::<types::SignedIn>(&mut schemas);
    add::<types::ChangePassword>(&mut schemas);
    add::<types::ConfirmRequest>(&mut schemas);
    add::<types::Renewed>(&mut schemas);
    add::<types::TotpBegun>(&mut schemas);
    add::<types::TotpCode>(&mut schemas);
    add::<types::Session>(&mut schemas);
    add::<types::SsoSession>(&mut schemas);
    add::<types::EraseSubject>(&mut schemas);
    add::<types::ErasedSubject>(&mut schemas);
    add::<types::PolicyVersion>(&mut schemas);
    add::<types::PolicyProposal>(&mut schemas);
    add::<types::DecideProposal>(&mut schemas);
    add::<types::PolicyText>(&mut schemas);
    add::<types::PolicyDiff>(&mut schemas);
    add::<types::ApplyPolicy>(&mut schemas);
    add::<types::RollbackRequest>(&mut schemas);
    add::<types::MonitorRequest>(&mut schemas);
    add::<types::Stats>(&mut schemas);
    add::<types::Health>(&mut schemas);
    add::<types::Reloaded>(&mut schemas);
    add::<types::LogSummary>(&mut schemas);
    add::<types::Proof>(&mut schemas);
    schemas
}

fn of_integrations(schemas: &mut Map<String, Value>) {
    use picket_api_types as types;
    add::<types::Incident>(schemas);
    add::<types::CloseIncident>(schemas);
    add::<types::Ticket>(schemas);
    add::<types::DeadTicket>(schemas);
    add::<types::ReplayTickets>(schemas);
    add::<types::Replayed>(schemas);
    add::<types::TicketPlace>(schemas);
    add::<types::CreateTicketPlace>(schemas);
    add::<types::ChangeTicketPlace>(schemas);
    add::<types::TicketTest>(schemas);
    add::<types::RunbookLine>(schemas);
    add::<types::ChangeRunbookLine>(schemas);
    add::<types::Webhook>(schemas);
    add::<types::CreateWebhook>(schemas);
    add::<types::CreatedWebhook>(schemas);
    add::<types::ChangeWebhook>(schemas);
    add::<types::RotateWebhook>(schemas);
    add::<types::WebhookTest>(schemas);
    add::<types::WebhookAttempt>(schemas);
    add::<types::ReplayWebhook>(schemas);
}

fn of_detection(schemas: &mut Map<String, Value>) {
    use picket_api_types as types;
    add::<types::NewSignals>(schemas);
    add::<types::NewSignal>(schemas);
    add::<types::SignalResult>(schemas);
    add::<types::Finding>(schemas);
    add::<types::NoteRequest>(schemas);
    add::<types::CloseFinding>(schemas);
    add::<types::Rule>(schemas);
    add::<types::RuleChange>(schemas);
    add::<types::RulesStatus>(schemas);
    add::<types::RulesReloaded>(schemas);
    add::<types::Suppression>(schemas);
    add::<types::CreateSuppression>(schemas);
    add::<types::Entity>(schemas);
    add::<types::Taxonomy>(schemas);
}

fn of_delivery(schemas: &mut Map<String, Value>) {
    use picket_api_types as types;
    add::<types::Destination>(schemas);
    add::<types::CreateDestination>(schemas);
    add::<types::ChangeDestination>(schemas);
    add::<types::RotateDestination>(schemas);
    add::<types::PauseDestination>(schemas);
    add::<types::TestedDestination>(schemas);
    add::<types::DestinationBalance>(schemas);
    add::<types::DestinationRecount>(schemas);
    add::<types::DestinationCoverage>(schemas);
    add::<types::PreviewedEvent>(schemas);
    add::<types::DeadLetter>(schemas);
    add::<types::ChosenLetters>(schemas);
    add::<types::ActedLetters>(schemas);
    add::<types::Counted>(schemas);
}

fn add<T: ToSchema>(schemas: &mut Map<String, Value>) {
    let mut all: Vec<(String, utoipa::openapi::RefOr<Schema>)> = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut all);
    for (name, schema) in all {
        schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
