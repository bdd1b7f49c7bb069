//! Every route with the permission that it needs: the table that the gate, the OpenAPI document and the tests read.

use crate::extract::Json;
use crate::state::State;
use crate::v1::{
    acts, bodies, containments, destinations, entities, escalations, events, exceptions, exports, factor, findings,
    incidents, keys, listing, login, logs, oidc, places, policies, rules, schedules, security, sessions, signals,
    subjects, suppressions, system, tail, teams, tickets, tokens, users, webhooks,
};
use crate::{ApiProblem, auth, hosts, openapi, scim, unread};
use axum::extract::DefaultBodyLimit;
use axum::response::IntoResponse as _;
use axum::routing::{delete, get, post, put};
use axum::{Router, middleware};
use http::{HeaderName, HeaderValue, StatusCode};
use picket_event::ids::RequestId;
use picket_stdx::Clock;
use picket_store::Permission;
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;

/// A route below `/v1` or `/scim`.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Method.
    pub method: &'static str,
    /// Path as the router matches it.
    pub path: &'static str,
    /// What it needs.
    pub permission: Permission,
    /// What it does.
    pub summary: &'static str,
}

const fn route(method: &'static str, path: &'static str, permission: Permission, summary: &'static str) -> Route {
    Route { method, path, permission, summary }
}

/// The header that names a request, to find it in the server's log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest body of a request.
pub(crate) const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

use Permission as P;

/// Every route that needs somebody.
pub const ROUTES: &[Route] = &[
    route("GET", "/v1/events", P::ReadEvents, "Find events"),
    route("GET", "/v1/events/stats", P::ReadEvents, "Count events over time and by field"),
    route("GET", "/v1/events/tail", P::ReadEvents, "Follow events as server-sent events"),
    route("GET", "/v1/events/{id}", P::ReadEvents, "One event"),
    route("GET", "/v1/events/{id}/session", P::ReadEvents, "The event's neighbours in its session"),
    route("GET", "/v1/events/{id}/proof", P::ReadLog, "Proof that the event is in the log"),
    route("GET", "/v1/events/{id}/excerpts", P::ReadEscalations, "The masked excerpt around each span that was found"),
    route("POST", "/v1/events/{id}/bodies", P::ReadBodies, "Read prompt and answer, with a reason; recorded"),
    route("GET", "/v1/events/{id}/bodies", P::ReadBodies, "Read prompt and answer, reason not stated; recorded"),
    route("GET", "/v1/escalations", P::ReadEscalations, "The review queue, most urgent first"),
    route("GET", "/v1/escalations/{id}", P::ReadEscalations, "One escalation"),
    route("POST", "/v1/escalations/{id}/resolve", P::ResolveEscalations, "Decide an escalation"),
    route(
        "POST",
        "/v1/escalations/{id}/act",
        P::ResolveEscalations,
        "Claim, assign, release, review, snooze, hand on, comment, or decide",
    ),
    route(
        "POST",
        "/v1/escalations/bulk",
        P::ResolveEscalations,
        "Do the same with many escalations, with a result for each",
    ),
    route("GET", "/v1/escalations/groups", P::ReadEscalations, "What waits, equals together, most urgent first"),
    route(
        "GET",
        "/v1/escalations/paths",
        P::ReadEscalations,
        "Whom an escalation can be handed on to, and what to ask first",
    ),
    route("POST", "/v1/escalations/test", P::ResolveEscalations, "Send a marked escalation through the whole way"),
    route("GET", "/v1/exceptions", P::ReadPolicies, "Exceptions from the policy, newest first"),
    route("POST", "/v1/exceptions", P::ExceptPolicies, "Except what was found by mistake, for somebody and for a time"),
    route("GET", "/v1/exceptions/{id}", P::ReadPolicies, "One exception"),
    route("DELETE", "/v1/exceptions/{id}", P::ExceptPolicies, "End an exception"),
    route("GET", "/v1/incidents", P::ReadEscalations, "Incidents, newest first"),
    route("GET", "/v1/incidents/{id}", P::ReadEscalations, "One incident"),
    route("POST", "/v1/incidents/{id}/acknowledge", P::ResolveEscalations, "Take an incident up"),
    route("POST", "/v1/incidents/{id}/close", P::ResolveEscalations, "Close an incident, with a verdict"),
    route("GET", "/v1/taxonomy", P::ReadFindings, "Categories of alerts, what severities mean, how each is triaged"),
    route("GET", "/v1/findings", P::ReadFindings, "What rules found, newest first"),
    route("GET", "/v1/findings/{id}", P::ReadFindings, "One finding"),
    route("POST", "/v1/findings/{id}/acknowledge", P::ResolveFindings, "Take a finding up"),
    route("POST", "/v1/findings/{id}/notes", P::ResolveFindings, "Say something about a finding"),
    route("POST", "/v1/findings/{id}/close", P::ResolveFindings, "Close a finding, with a verdict"),
    route("GET", "/v1/rules", P::ReadFindings, "Detection rules, and what they do here"),
    route("GET", "/v1/rules/{id}", P::ReadFindings, "One detection rule"),
    route("POST", "/v1/rules/{id}/enable", P::WriteRules, "Let a rule find for people, and perhaps respond"),
    route("POST", "/v1/rules/{id}/shadow", P::WriteRules, "Let a rule only watch"),
    route("POST", "/v1/rules/{id}/disable", P::WriteRules, "Let a rule find nothing"),
    route(
        "GET",
        "/v1/rules/status",
        P::ReadFindings,
        "How the set of rules stands, and what was wrong when it was read",
    ),
    route("POST", "/v1/rules/reload", P::Operate, "Read the files of rules again"),
    route("GET", "/v1/suppressions", P::ReadFindings, "What people do not want to be told, newest first"),
    route("POST", "/v1/suppressions", P::ResolveFindings, "Be told nothing of a rule or an entity for a while"),
    route("DELETE", "/v1/suppressions/{id}", P::ResolveFindings, "End a suppression"),
    route("GET", "/v1/entities", P::ReadFindings, "Whom findings are about, those of most risk first"),
    route("GET", "/v1/entities/{kind}/{id}", P::ReadFindings, "The risk, findings and containments of one of them"),
    route("POST", "/v1/signals", P::WriteSignals, "Send what other systems know: one signal or many, each taken once"),
    route("GET", "/v1/containments", P::ReadContainments, "Containments, newest first"),
    route("POST", "/v1/containments", P::WriteContainments, "Contain somebody for a while"),
    route("GET", "/v1/containments/{id}", P::ReadContainments, "One containment"),
    route("POST", "/v1/containments/{id}/approve", P::WriteContainments, "Be the second person of a containment"),
    route("POST", "/v1/containments/{id}/refuse", P::WriteContainments, "Refuse a containment that waits for one"),
    route("POST", "/v1/containments/{id}/undo", P::WriteContainments, "End a containment before its time"),
    route("GET", "/v1/destinations", P::ReadDestinations, "Destinations of events, by name"),
    route("POST", "/v1/destinations", P::WriteDestinations, "Make a destination"),
    route("POST", "/v1/destinations/reseal", P::Operate, "Seal the credentials of destinations with a new key"),
    route("GET", "/v1/destinations/{id}", P::ReadDestinations, "One destination, by id or name"),
    route("PATCH", "/v1/destinations/{id}", P::WriteDestinations, "Change a destination"),
    route("DELETE", "/v1/destinations/{id}", P::WriteDestinations, "Delete a destination with its credentials"),
    route("POST", "/v1/destinations/{id}/test", P::WriteDestinations, "Send a test event, and see what comes back"),
    route("POST", "/v1/destinations/{id}/pause", P::WriteDestinations, "Send nothing more for now"),
    route("POST", "/v1/destinations/{id}/resume", P::WriteDestinations, "Go on sending"),
    route("POST", "/v1/destinations/{id}/rotate", P::WriteDestinations, "Enter new credentials"),
    route(
        "GET",
        "/v1/destinations/{id}/balance",
        P::ReadDestinations,
        "Accepted, delivered, given up, pending, expired; held against the log if asked",
    ),
    route(
        "GET",
        "/v1/destinations/{id}/coverage",
        P::ReadDestinations,
        "How much of the events of each hour the receiver has",
    ),
    route(
        "GET",
        "/v1/destinations/{id}/preview",
        P::ReadDestinations,
        "The newest events as the receiver would get them",
    ),
    route("GET", "/v1/destinations/{id}/dead-letters", P::ReadDestinations, "Events that it would not take"),
    route("POST", "/v1/destinations/{id}/dead-letters/replay", P::WriteDestinations, "Send dead letters once more"),
    route("POST", "/v1/destinations/{id}/dead-letters/discard", P::WriteDestinations, "Drop dead letters for good"),
    route("GET", "/v1/tickets", P::ReadIntegrations, "Tickets about findings and incidents, newest first"),
    route("GET", "/v1/tickets/{id}", P::ReadIntegrations, "One ticket"),
    route("GET", "/v1/tickets/dead-letters", P::ReadIntegrations, "What places did not take, newest first"),
    route("POST", "/v1/tickets/dead-letters/replay", P::WriteIntegrations, "Try anew what places did not take"),
    route("GET", "/v1/tickets/places", P::ReadIntegrations, "Where tickets are opened, by name"),
    route("POST", "/v1/tickets/places", P::WriteIntegrations, "Make a place for tickets"),
    route("GET", "/v1/tickets/places/{id}", P::ReadIntegrations, "One place, by id or name"),
    route("PATCH", "/v1/tickets/places/{id}", P::WriteIntegrations, "Change a place, or enter its credentials anew"),
    route("DELETE", "/v1/tickets/places/{id}", P::WriteIntegrations, "Remove a place with its credentials"),
    route("POST", "/v1/tickets/places/{id}/test", P::WriteIntegrations, "Open a test ticket there, and resolve it"),
    route("GET", "/v1/tickets/runbook", P::ReadFindings, "What is done about findings of which category"),
    route("POST", "/v1/tickets/runbook/{category}", P::WriteIntegrations, "Decide what is done about a category"),
    route("DELETE", "/v1/tickets/runbook/{category}", P::WriteIntegrations, "Go back to the usual for a category"),
    route("GET", "/v1/webhooks", P::ReadIntegrations, "Webhooks, by name"),
    route("POST", "/v1/webhooks", P::WriteIntegrations, "Tell somebody of product events; its key is shown once"),
    route("GET", "/v1/webhooks/{id}", P::ReadIntegrations, "One webhook, by id or name"),
    route("PATCH", "/v1/webhooks/{id}", P::WriteIntegrations, "Change, pause or bring back a webhook"),
    route("DELETE", "/v1/webhooks/{id}", P::WriteIntegrations, "Remove a webhook with all that is kept of it"),
    route("POST", "/v1/webhooks/{id}/test", P::WriteIntegrations, "Send a test message, and see what comes back"),
    route("POST", "/v1/webhooks/{id}/rotate", P::WriteIntegrations, "Make a new key; the old one counts for a while"),
    route("GET", "/v1/webhooks/{id}/attempts", P::ReadIntegrations, "How sending went, newest first"),
    route("POST", "/v1/webhooks/{id}/replay", P::WriteIntegrations, "Send a message once more, under its id"),
    route("GET", "/v1/exports", P::ReadExports, "Export jobs, newest first"),
    route("POST", "/v1/exports", P::CreateExports, "Start an export"),
    route("GET", "/v1/exports/{id}", P::ReadExports, "One export job"),
    route("GET", "/v1/exports/{id}/file", P::ReadExports, "The file of a finished export; takes `Range`"),
    route("GET", "/v1/exports/{id}/context", P::ReadExports, "Policies and decisions that belong to a finished export"),
    route("POST", "/v1/exports/{id}/cancel", P::CreateExports, "Stop an export that waits or runs"),
    route("GET", "/v1/export-schedules", P::ReadExports, "Schedules of exports, oldest first"),
    route("POST", "/v1/export-schedules", P::CreateExports, "Export after each period what came since the last"),
    route("GET", "/v1/export-schedules/{id}", P::ReadExports, "One schedule of exports"),
    route("DELETE", "/v1/export-schedules/{id}", P::CreateExports, "Remove a schedule; its exports stay"),
    route("POST", "/v1/export-schedules/{id}/pause", P::CreateExports, "Export nothing for now"),
    route("POST", "/v1/export-schedules/{id}/resume", P::CreateExports, "Go on, with what came meanwhile"),
    route("GET", "/v1/keys", P::ReadCredentials, "Gateway keys"),
    route("POST", "/v1/keys", P::WriteKeys, "Make a gateway key"),
    route("DELETE", "/v1/keys/{id}", P::WriteKeys, "Revoke a gateway key"),
    route("GET", "/v1/tokens", P::ReadCredentials, "API tokens"),
    route("POST", "/v1/tokens", P::WriteTokens, "Make an API token"),
    route("DELETE", "/v1/tokens/{id}", P::WriteTokens, "Revoke an API token"),
    route("POST", "/v1/auth/login", P::Open, "Sign in with a password"),
    route("POST", "/v1/auth/logout", P::Identify, "End the session that asks"),
    route("POST", "/v1/auth/password", P::Open, "Set another password, with the present one"),
    route("POST", "/v1/auth/confirm", P::Identify, "Show once more who sits there"),
    route("POST", "/v1/auth/totp", P::Identify, "Begin with a second factor"),
    route("DELETE", "/v1/auth/totp", P::Identify, "End one's second factor"),
    route("POST", "/v1/auth/totp/confirm", P::Identify, "Confirm a second factor with its first code"),
    route("GET", "/v1/auth/oidc", P::Open, "Go to the identity provider to sign in"),
    route("GET", "/v1/auth/oidc/callback", P::Open, "Come back from the identity provider"),
    route("POST", "/v1/auth/oidc/session", P::Open, "Fetch the session of who came back, for the program that began"),
    route("GET", "/v1/sessions", P::Identify, "One's own sessions, or with `user` or `all` those of others"),
    route("DELETE", "/v1/sessions/{id}", P::Identify, "End a session"),
    route("GET", "/v1/users", P::ReadUsers, "Users"),
    route("POST", "/v1/users", P::WriteUsers, "Make a user"),
    route("GET", "/v1/users/{id}", P::ReadUsers, "One user, by id or name"),
    route("PATCH", "/v1/users/{id}", P::WriteUsers, "Change a user"),
    route("DELETE", "/v1/users/{id}", P::WriteUsers, "Remove a user"),
    route("POST", "/v1/users/{id}/password", P::WriteUsers, "Give a user a password that he has to change"),
    route("DELETE", "/v1/users/{id}/totp", P::WriteUsers, "End a user's second factor"),
    route("GET", "/v1/teams", P::ReadUsers, "Teams"),
    route("POST", "/v1/teams", P::WriteUsers, "Make a team"),
    route("DELETE", "/v1/teams/{id}", P::WriteUsers, "Remove a team"),
    route("PUT", "/v1/teams/{id}/members/{user}", P::WriteUsers, "Put a user into a team"),
    route("DELETE", "/v1/teams/{id}/members/{user}", P::WriteUsers, "Take a user out of a team"),
    route("POST", "/v1/subjects/{user}/erase", P::EraseSubjects, "Erase what is kept of a person; it cannot be undone"),
    route("GET", "/v1/policies", P::ReadPolicies, "Policy versions, newest first"),
    route(
        "POST",
        "/v1/policies",
        P::WritePolicies,
        "Make a document the policy in force, or propose it where that takes two people",
    ),
    route("GET", "/v1/policies/active", P::ReadPolicies, "The policy in force"),
    route("GET", "/v1/policies/{version}", P::ReadPolicies, "One policy version"),
    route("POST", "/v1/policies/diff", P::ReadPolicies, "What a document would change"),
    route("POST", "/v1/policies/rollback", P::WritePolicies, "Go back to an earlier version"),
    route("POST", "/v1/policies/monitor", P::WritePolicies, "Let a kind only watch"),
    route("GET", "/v1/policies/proposals", P::ReadPolicies, "Policies that wait for a second person, newest first"),
    route("GET", "/v1/policies/proposals/{id}", P::ReadPolicies, "One proposal, with what it would change"),
    route("POST", "/v1/policies/proposals/{id}/approve", P::ApprovePolicies, "Bring what somebody proposed into force"),
    route("POST", "/v1/policies/proposals/{id}/reject", P::ApprovePolicies, "Refuse what somebody proposed"),
    route("GET", "/v1/audit-log", P::ReadAudit, "Administrative acts, newest first"),
    route("GET", "/v1/log", P::ReadLog, "The logs of the store"),
    route("POST", "/v1/log/verify", P::ReadLog, "Verify the logs"),
    route("GET", "/v1/log/{log}/checkpoint", P::ReadLog, "The newest signed checkpoint"),
    route("GET", "/v1/log/{log}/consistency", P::ReadLog, "Proof that one size continues another"),
    route("GET", "/v1/log/{log}/proof", P::ReadLog, "Proof that an entry is in the log, by `event` or `position`"),
    route("GET", "/v1/log/{log}/tile/{*path}", P::ReadLog, "A tile or an entry bundle"),
    route("GET", "/v1/health", P::ReadHealth, "How the system stands"),
    route("GET", "/v1/metrics", P::ReadHealth, "Counters, in the text format of Prometheus"),
    route(
        "GET",
        "/v1/metrics/security",
        P::ReadEscalations,
        "What a security team watches: block rate, queue, times to detect and triage, false alarms",
    ),
    route("GET", "/v1/whoami", P::Identify, "Who presents this token"),
    route("POST", "/v1/reload", P::Operate, "Read the configuration again"),
    route("POST", "/v1/setup", P::Identify, "Trade the set-up token for the first owner's token"),
    route("GET", "/scim/v2/ServiceProviderConfig", P::Provision, "SCIM: what the service can do"),
    route("GET", "/scim/v2/ResourceTypes", P::Provision, "SCIM: kinds of resources"),
    route("GET", "/scim/v2/ResourceTypes/{id}", P::Provision, "SCIM: one kind"),
    route("GET", "/scim/v2/Schemas", P::Provision, "SCIM: what is kept of resources"),
    route("GET", "/scim/v2/Schemas/{id}", P::Provision, "SCIM: what is kept of one kind"),
    route("GET", "/scim/v2/Users", P::Provision, "SCIM: users that it made"),
    route("POST", "/scim/v2/Users", P::Provision, "SCIM: make a user"),
    route("GET", "/scim/v2/Users/{id}", P::Provision, "SCIM: one user"),
    route("PUT", "/scim/v2/Users/{id}", P::Provision, "SCIM: put a user into another form"),
    route("PATCH", "/scim/v2/Users/{id}", P::Provision, "SCIM: change a user"),
    route("DELETE", "/scim/v2/Users/{id}", P::Provision, "SCIM: remove a user"),
    route("GET", "/scim/v2/Groups", P::Provision, "SCIM: groups that it made"),
    route("POST", "/scim/v2/Groups", P::Provision, "SCIM: make a group"),
    route("GET", "/scim/v2/Groups/{id}", P::Provision, "SCIM: one group"),
    route("PUT", "/scim/v2/Groups/{id}", P::Provision, "SCIM: put a group into another form"),
    route("PATCH", "/scim/v2/Groups/{id}", P::Provision, "SCIM: change a group"),
    route("DELETE", "/scim/v2/Groups/{id}", P::Provision, "SCIM: remove a group"),
];

/// The whole API.
pub fn router(state: State) -> Router {
    let v1 = Router::new()
        .route("/v1/events", get(listing::list))
        .route("/v1/events/stats", get(events::stats))
        .route("/v1/events/tail", get(tail::tail))
        .route("/v1/events/{id}", get(events::get))
        .route("/v1/events/{id}/session", get(events::session))
        .route("/v1/events/{id}/proof", get(logs::event_proof))
        .route("/v1/events/{id}/excerpts", get(bodies::excerpts))
        .route("/v1/events/{id}/bodies", post(bodies::reveal).get(bodies::reveal_unstated))
        .route("/v1/keys", get(keys::list).post(keys::create))
        .route("/v1/keys/{id}", delete(keys::revoke))
        .route("/v1/tokens", get(tokens::list).post(tokens::create))
        .route("/v1/tokens/{id}", delete(tokens::revoke))
        .route("/v1/audit-log", get(events::audit_log))
        .route("/v1/log", get(logs::list))
        .route("/v1/log/verify", post(logs::verify))
        .route("/v1/log/{log}/checkpoint", get(logs::checkpoint))
        .route("/v1/log/{log}/consistency", get(logs::consistency))
        .route("/v1/log/{log}/proof", get(logs::proof))
        .route("/v1/log/{log}/tile/{*path}", get(logs::tile))
        .route("/v1/health", get(system::health))
        .route("/v1/metrics", get(system::metrics))
        .route("/v1/metrics/security", get(security::get))
        .route("/v1/whoami", get(system::whoami))
        .route("/v1/reload", post(system::reload))
        .route("/v1/setup", post(tokens::setup))
        .merge(policy())
        .merge(response())
        .merge(detection())
        .merge(delivery())
        .merge(exported())
        .merge(integrations())
        .merge(people())
        .merge(scim::routes())
        .route_layer(middleware::from_fn_with_state(state.clone(), auth::gate));
    v1.route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(system::ready))
        .route("/metrics", get(system::metrics))
        .route("/openapi.json", get(|| async { Json(openapi::document()) }))
        .fallback(|| async { ApiProblem::not_found("path") })
        .method_not_allowed_fallback(|| async {
            let detail = "this path does not take this method; the header `allow` names those that it takes";
            ApiProblem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CatchPanicLayer::custom(|_cause: Box<dyn Any + Send>| {
            ApiProblem::internal(&std::io::Error::other("a handler panicked")).into_response()
        }))
        .layer(middleware::from_fn_with_state(state.clone(), hosts::check))
        .layer(middleware::from_fn(scim::shape))
        .layer(middleware::map_response(harden))
        .layer(middleware::from_fn(unread::discard))
        .with_state(state)
}

/// The policy, what waits to become it, and exceptions from it.
fn policy() -> Router<State> {
    Router::new()
        .route("/v1/exceptions", get(exceptions::list).post(exceptions::create))
        .route("/v1/exceptions/{id}", get(exceptions::get).delete(exceptions::revoke))
        .route("/v1/policies", get(policies::history).post(policies::apply))
        .route("/v1/policies/active", get(policies::active))
        .route("/v1/policies/{version}", get(policies::get))
        .route("/v1/policies/diff", post(policies::diff))
        .route("/v1/policies/rollback", post(policies::rollback))
        .route("/v1/policies/monitor", post(policies::monitor))
        .route("/v1/policies/proposals", get(policies::proposals))
        .route("/v1/policies/proposals/{id}", get(policies::proposal))
        .route("/v1/policies/proposals/{id}/approve", post(policies::approve))
        .route("/v1/policies/proposals/{id}/reject", post(policies::reject))
}

/// Tickets and webhooks.
fn integrations() -> Router<State> {
    Router::new()
        .route("/v1/tickets", get(tickets::list))
        .route("/v1/tickets/{id}", get(tickets::get))
        .route("/v1/tickets/dead-letters", get(tickets::dead))
        .route("/v1/tickets/dead-letters/replay", post(tickets::replay))
        .route("/v1/tickets/places", get(places::list).post(places::create))
        .route("/v1/tickets/places/{id}", get(places::get).patch(places::change).delete(places::remove))
        .route("/v1/tickets/places/{id}/test", post(places::test))
        .route("/v1/tickets/runbook", get(tickets::runbook))
        .route("/v1/tickets/runbook/{category}", post(tickets::choose).delete(tickets::reset))
        .route("/v1/webhooks", get(webhooks::list).post(webhooks::create))
        .route("/v1/webhooks/{id}", get(webhooks::get).patch(webhooks::change).delete(webhooks::remove))
        .route("/v1/webhooks/{id}/test", post(webhooks::test))
        .route("/v1/webhooks/{id}/rotate", post(webhooks::rotate))
        .route("/v1/webhooks/{id}/attempts", get(webhooks::attempts))
        .route("/v1/webhooks/{id}/replay", post(webhooks::replay))
}

/// What people do about what was found.
fn response() -> Router<State> {
    Router::new()
        .route("/v1/escalations", get(escalations::list))
        .route("/v1/escalations/{id}", get(escalations::get))
        .route("/v1/escalations/{id}/resolve", post(acts::resolve))
        .route("/v1/escalations/{id}/act", post(acts::act))
        .route("/v1/escalations/bulk", post(acts::bulk))
        .route("/v1/escalations/groups", get(escalations::groups))
        .route("/v1/escalations/paths", get(escalations::paths))
        .route("/v1/escalations/test", post(escalations::test))
        .route("/v1/incidents", get(incidents::list))
        .route("/v1/incidents/{id}", get(incidents::get))
        .route("/v1/incidents/{id}/acknowledge", post(incidents::acknowledge))
        .route("/v1/incidents/{id}/close", post(incidents::close))
        .route("/v1/signals", post(signals::create))
        .route("/v1/containments", get(containments::list).post(containments::create))
        .route("/v1/containments/{id}", get(containments::get))
        .route("/v1/containments/{id}/approve", post(containments::approve))
        .route("/v1/containments/{id}/refuse", post(containments::refuse))
        .route("/v1/containments/{id}/undo", post(containments::undo))
}

/// What rules found.
fn detection() -> Router<State> {
    Router::new()
        .route("/v1/taxonomy", get(entities::taxonomy))
        .route("/v1/findings", get(findings::list))
        .route("/v1/findings/{id}", get(findings::get))
        .route("/v1/findings/{id}/acknowledge", post(findings::acknowledge))
        .route("/v1/findings/{id}/notes", post(findings::comment))
        .route("/v1/findings/{id}/close", post(findings::close))
        .route("/v1/rules", get(rules::list))
        .route("/v1/rules/{id}", get(rules::get))
        .route("/v1/rules/{id}/enable", post(rules::enable))
        .route("/v1/rules/{id}/shadow", post(rules::shadow))
        .route("/v1/rules/{id}/disable", post(rules::disable))
        .route("/v1/rules/status", get(rules::status))
        .route("/v1/rules/reload", post(rules::reload))
        .route("/v1/suppressions", get(suppressions::list).post(suppressions::create))
        .route("/v1/suppressions/{id}", delete(suppressions::end))
        .route("/v1/entities", get(entities::list))
        .route("/v1/entities/{kind}/{id}", get(entities::get))
}

/// Where events go.
fn delivery() -> Router<State> {
    Router::new()
        .route("/v1/destinations", get(destinations::list).post(destinations::create))
        .route("/v1/destinations/reseal", post(destinations::reseal))
        .route("/v1/destinations/{id}", get(destinations::get).patch(destinations::change).delete(destinations::delete))
        .route("/v1/destinations/{id}/test", post(destinations::test))
        .route("/v1/destinations/{id}/pause", post(destinations::pause))
        .route("/v1/destinations/{id}/resume", post(destinations::resume))
        .route("/v1/destinations/{id}/rotate", post(destinations::rotate))
        .route("/v1/destinations/{id}/balance", get(destinations::balance))
        .route("/v1/destinations/{id}/coverage", get(destinations::coverage))
        .route("/v1/destinations/{id}/preview", get(destinations::preview))
        .route("/v1/destinations/{id}/dead-letters", get(destinations::dead_letters))
        .route("/v1/destinations/{id}/dead-letters/replay", post(destinations::replay))
        .route("/v1/destinations/{id}/dead-letters/discard", post(destinations::discard))
}

/// Files of events, once and after each period.
fn exported() -> Router<State> {
    Router::new()
        .route("/v1/exports", get(exports::list).post(exports::create))
        .route("/v1/exports/{id}", get(exports::get))
        .route("/v1/exports/{id}/file", get(exports::file))
        .route("/v1/exports/{id}/context", get(exports::context))
        .route("/v1/exports/{id}/cancel", post(exports::cancel))
        .route("/v1/export-schedules", get(schedules::list).post(schedules::create))
        .route("/v1/export-schedules/{id}", get(schedules::get).delete(schedules::delete))
        .route("/v1/export-schedules/{id}/pause", post(schedules::pause))
        .route("/v1/export-schedules/{id}/resume", post(schedules::resume))
}

/// Signing in, and who may.
fn people() -> Router<State> {
    Router::new()
        .route("/v1/auth/login", post(login::login))
        .route("/v1/auth/logout", post(login::logout))
        .route("/v1/auth/password", post(login::password))
        .route("/v1/auth/confirm", post(login::confirm))
        .route("/v1/auth/totp", post(factor::begin).delete(factor::end))
        .route("/v1/auth/totp/confirm", post(factor::confirm))
        .route("/v1/auth/oidc", get(oidc::begin))
        .route("/v1/auth/oidc/callback", get(oidc::back))
        .route("/v1/auth/oidc/session", post(oidc::session))
        .route("/v1/sessions", get(sessions::list))
        .route("/v1/sessions/{id}", delete(sessions::end))
        .route("/v1/users", get(users::list).post(users::create))
        .route("/v1/users/{id}", get(users::get).patch(users::change).delete(users::delete))
        .route("/v1/users/{id}/password", post(users::reset_password))
        .route("/v1/users/{id}/totp", delete(users::reset_totp))
        .route("/v1/subjects/{user}/erase", post(subjects::erase))
        .route("/v1/teams", get(teams::list).post(teams::create))
        .route("/v1/teams/{id}", delete(teams::delete))
        .route("/v1/teams/{id}/members/{user}", put(teams::add).delete(teams::remove))
}

/// Headers that keep browsers from doing anything with answers but show them, and the id that every answer has.
async fn harden(mut response: axum::response::Response) -> axum::response::Response {
    let headers = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("cache-control", "no-store"),
    ];
    for (name, value) in headers {
        response.headers_mut().entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    // Problems name theirs already.
    if !response.headers().contains_key(REQUEST_ID)
        && let Ok(id) = HeaderValue::try_from(RequestId::new(Clock::system().now()).to_string())
    {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    std::future::ready(response).await
}
