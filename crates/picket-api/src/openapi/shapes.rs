//! What each route takes and gives.

use crate::scim::LISTING;
use crate::v1::{
    ATTEMPTS, BACK, BALANCE, BEGIN, CONTAINMENTS, COVERAGE, DEAD_TICKETS, ENTITIES, ESCALATIONS, EXCEPTIONS, FIELDS,
    FILTERS, FINDINGS, GROUPS, INCIDENTS, LETTERS, PAGES, PREVIEW, PROPOSALS, RULES, SECURITY, SESSIONS, SHOWN,
    SUPPRESSIONS, TICKETS, TIMES,
};

/// What a route gives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    One(&'static str),
    Many(&'static str),
    /// JSON without a schema of its own.
    Json,
    Media(&'static str),
    Nothing,
}

/// What a route takes and gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) query: &'static [&'static [&'static str]],
    pub(super) body: Option<&'static str>,
    pub(super) status: &'static str,
    pub(super) answer: Answer,
}

const SCIM: Answer = Answer::Media("application/scim+json");
const BYTES: Answer = Answer::Media("application/octet-stream");

impl Shape {
    /// The shape of a route.
    pub(super) fn of(method: &str, path: &str) -> Self {
        use Answer::{Json, Many, Media, One};
        let gives = |answer| Self { query: &[], body: None, status: "200", answer };
        let asked = |query, answer| Self { query, ..gives(answer) };
        let taking = |body, answer| Self { body: Some(body), ..gives(answer) };
        let making = |body, answer| Self { status: "201", ..taking(body, answer) };
        match (method, path) {
            ("GET", "/v1/events") => asked(&[FIELDS, FILTERS, TIMES, PAGES, SHOWN], Many("Event")),
            ("GET", "/v1/events/stats") => asked(&[FIELDS, FILTERS, TIMES, &["by", "interval", "limit"]], One("Stats")),
            ("GET", "/v1/events/tail") => asked(&[FIELDS, FILTERS, &["since"]], Media("text/event-stream")),
            ("GET", "/v1/audit-log") => asked(&[FIELDS, FILTERS, TIMES, PAGES], Many("Event")),
            ("GET", "/v1/events/{id}") => gives(One("Event")),
            ("GET", "/v1/events/{id}/session") => gives(Many("Event")),
            ("GET", "/v1/events/{id}/excerpts") => gives(Many("Excerpt")),
            ("GET", "/v1/events/{id}/bodies") => gives(Many("BodyView")),
            ("POST", "/v1/events/{id}/bodies") => taking("RevealRequest", Many("BodyView")),
            ("GET", "/v1/escalations") => asked(&[ESCALATIONS], Many("Escalation")),
            ("GET", "/v1/escalations/{id}") => gives(One("Escalation")),
            ("POST", "/v1/escalations/{id}/resolve") => taking("ResolveRequest", One("Escalation")),
            ("POST", "/v1/escalations/{id}/act") => taking("ActRequest", One("Escalation")),
            ("POST", "/v1/escalations/bulk") => taking("BulkRequest", Many("BulkResult")),
            ("GET", "/v1/escalations/groups") => asked(&[GROUPS], Many("EscalationGroup")),
            ("GET", "/v1/escalations/paths") => gives(Many("TriagePath")),
            ("POST", "/v1/escalations/test") => Self { status: "202", ..taking("TrialRequest", One("Trial")) },
            ("GET", "/v1/metrics/security") => asked(&[SECURITY], One("SecurityMetrics")),
            ("GET", "/v1/exceptions") => asked(&[EXCEPTIONS], Many("Exception")),
            ("POST", "/v1/exceptions") => making("CreateException", Many("Exception")),
            ("GET" | "DELETE", "/v1/exceptions/{id}") => gives(One("Exception")),
            ("POST", "/v1/signals") => taking("NewSignals", Many("SignalResult")),
            ("GET", "/v1/containments") => asked(&[CONTAINMENTS], Many("Containment")),
            ("POST", "/v1/containments") => making("CreateContainment", One("Containment")),
            ("GET", "/v1/containments/{id}") => gives(One("Containment")),
            (
                "POST",
                "/v1/containments/{id}/approve" | "/v1/containments/{id}/refuse" | "/v1/containments/{id}/undo",
            ) => taking("ContainmentChange", One("Containment")),
            ("GET", "/v1/keys") => gives(Many("Key")),
            ("POST", "/v1/keys") => making("CreateKey", One("CreatedKey")),
            ("DELETE", "/v1/keys/{id}") => gives(One("Key")),
            ("GET", "/v1/tokens") => gives(Many("Token")),
            ("POST", "/v1/tokens") => making("CreateToken", One("CreatedToken")),
            ("POST", "/v1/setup") => making("SetupRequest", One("CreatedToken")),
            ("DELETE", "/v1/tokens/{id}") => gives(One("Token")),
            ("GET", "/v1/policies") => gives(Many("PolicyVersion")),
            ("POST", "/v1/policies") => making("ApplyPolicy", One("PolicyVersion")),
            ("GET", "/v1/policies/active" | "/v1/policies/{version}") => gives(One("PolicyVersion")),
            ("GET", "/v1/policies/proposals") => asked(&[PROPOSALS], Many("PolicyProposal")),
            ("GET", "/v1/policies/proposals/{id}") => gives(One("PolicyProposal")),
            ("POST", "/v1/policies/proposals/{id}/approve") => taking("DecideProposal", One("PolicyVersion")),
            ("POST", "/v1/policies/proposals/{id}/reject") => taking("DecideProposal", One("PolicyProposal")),
            ("POST", "/v1/policies/diff") => taking("PolicyText", One("PolicyDiff")),
            ("POST", "/v1/policies/rollback") => taking("RollbackRequest", One("PolicyVersion")),
            ("POST", "/v1/policies/monitor") => taking("MonitorRequest", One("PolicyVersion")),
            ("GET", "/v1/log") => gives(Many("LogSummary")),
            ("GET", "/v1/log/{log}/checkpoint") => gives(Media("text/plain")),
            ("GET", "/v1/log/{log}/consistency") => asked(&[&["from", "to"]], Json),
            ("GET", "/v1/log/{log}/proof") => asked(&[&["event", "position"]], One("Proof")),
            ("GET", "/v1/events/{id}/proof") => gives(One("Proof")),
            ("GET", "/v1/log/{log}/tile/{*path}") => gives(BYTES),
            ("GET", "/v1/health") => gives(One("Health")),
            ("GET", "/v1/metrics") => gives(Media("text/plain")),
            ("GET", "/v1/whoami") => gives(One("WhoAmI")),
            ("POST", "/v1/reload") => gives(One("Reloaded")),
            _ => Self::of_detection(method, path)
                .or_else(|| Self::of_integrations(method, path))
                .or_else(|| Self::of_exports(method, path))
                .unwrap_or_else(|| Self::of_people(method, path)),
        }
    }

    /// The shape of a route about incidents, tickets and webhooks.
    fn of_integrations(method: &str, path: &str) -> Option<Self> {
        use Answer::{Many, One};
        let gives = |answer| Self { query: &[], body: None, status: "200", answer };
        let asked = |query, answer| Self { query, ..gives(answer) };
        let taking = |body, answer| Self { body: Some(body), ..gives(answer) };
        let making = |body, answer| Self { status: "201", ..taking(body, answer) };
        Some(match (method, path) {
            ("GET", "/v1/incidents") => asked(&[INCIDENTS], Many("Incident")),
            ("GET", "/v1/incidents/{id}") => gives(One("Incident")),
            ("POST", "/v1/incidents/{id}/acknowledge") => gives(One("Incident")),
            ("POST", "/v1/incidents/{id}/close") => taking("CloseIncident", One("Incident")),
            ("GET", "/v1/tickets") => asked(&[TICKETS], Many("Ticket")),
            ("GET", "/v1/tickets/{id}") => gives(One("Ticket")),
            ("GET", "/v1/tickets/dead-letters") => asked(&[DEAD_TICKETS], Many("DeadTicket")),
            ("POST", "/v1/tickets/dead-letters/replay") => taking("ReplayTickets", One("Replayed")),
            ("GET", "/v1/tickets/places") => gives(Many("TicketPlace")),
            ("POST", "/v1/tickets/places") => making("CreateTicketPlace", One("TicketPlace")),
            ("GET" | "DELETE", "/v1/tickets/places/{id}") => gives(One("TicketPlace")),
            ("PATCH", "/v1/tickets/places/{id}") => taking("ChangeTicketPlace", One("TicketPlace")),
            ("POST", "/v1/tickets/places/{id}/test") => gives(One("TicketTest")),
            ("GET", "/v1/tickets/runbook") => gives(Many("RunbookLine")),
            ("POST", "/v1/tickets/runbook/{category}") => taking("ChangeRunbookLine", One("RunbookLine")),
            ("DELETE", "/v1/tickets/runbook/{category}") => gives(One("RunbookLine")),
            ("GET", "/v1/webhooks") => gives(Many("Webhook")),
            ("POST", "/v1/webhooks") => making("CreateWebhook", One("CreatedWebhook")),
            ("GET" | "DELETE", "/v1/webhooks/{id}") => gives(One("Webhook")),
            ("PATCH", "/v1/webhooks/{id}") => taking("ChangeWebhook", One("Webhook")),
            ("POST", "/v1/webhooks/{id}/test") => gives(One("WebhookTest")),
            ("POST", "/v1/webhooks/{id}/rotate") => taking("RotateWebhook", One("CreatedWebhook")),
            ("GET", "/v1/webhooks/{id}/attempts") => asked(&[ATTEMPTS], Many("WebhookAttempt")),
            ("POST", "/v1/webhooks/{id}/replay") => taking("ReplayWebhook", One("Replayed")),
            _ => return None,
        })
    }

    /// The shape of a route about what rules find.
    fn of_detection(method: &str, path: &str) -> Option<Self> {
        use Answer::{Many, One};
        let gives = |answer| Self { query: &[], body: None, status: "200", answer };
        let asked = |query, answer| Self { query, ..gives(answer) };
        let taking = |body, answer| Self { body: Some(body), ..gives(answer) };
        Some(match (method, path) {
            ("GET", "/v1/findings") => asked(&[FINDINGS], Many("Finding")),
            ("GET", "/v1/findings/{id}") => gives(One("Finding")),
            ("POST", "/v1/findings/{id}/acknowledge" | "/v1/findings/{id}/notes") => {
                taking("NoteRequest", One("Finding"))
            }
            ("POST", "/v1/findings/{id}/close") => taking("CloseFinding", One("Finding")),
            ("GET", "/v1/rules") => asked(&[RULES], Many("Rule")),
            ("GET", "/v1/rules/{id}") => gives(One("Rule")),
            ("GET", "/v1/rules/status") => gives(One("RulesStatus")),
            ("POST", "/v1/rules/reload") => gives(One("RulesReloaded")),
            ("POST", "/v1/rules/{id}/enable" | "/v1/rules/{id}/shadow" | "/v1/rules/{id}/disable") => {
                taking("RuleChange", One("Rule"))
            }
            ("GET", "/v1/suppressions") => asked(&[SUPPRESSIONS], Many("Suppression")),
            ("POST", "/v1/suppressions") => Self { status: "201", ..taking("CreateSuppression", One("Suppression")) },
            ("DELETE", "/v1/suppressions/{id}") => gives(One("Suppression")),
            ("GET", "/v1/entities") => asked(&[ENTITIES], Many("Entity")),
            ("GET", "/v1/entities/{kind}/{id}") => gives(One("Entity")),
            ("GET", "/v1/taxonomy") => gives(One("Taxonomy")),
            _ => return Self::of_delivery(method, path),
        })
    }

    /// The shape of a route about destinations.
    fn of_delivery(method: &str, path: &str) -> Option<Self> {
        use Answer::{Many, Nothing, One};
        let rest = path.strip_prefix("/v1/destinations")?;
        let gives = |answer| Self { query: &[], body: None, status: "200", answer };
        let asked = |query, answer| Self { query, ..gives(answer) };
        let taking = |body, answer| Self { body: Some(body), ..gives(answer) };
        Some(match (method, rest) {
            ("GET", "") => gives(Many("Destination")),
            ("POST", "") => Self { status: "201", ..taking("CreateDestination", One("Destination")) },
            ("POST", "/reseal") => gives(One("Counted")),
            ("PATCH", "/{id}") => taking("ChangeDestination", One("Destination")),
            ("DELETE", "/{id}") => Self { status: "204", ..gives(Nothing) },
            ("POST", "/{id}/test") => gives(One("TestedDestination")),
            ("POST", "/{id}/pause") => taking("PauseDestination", One("Destination")),
            ("POST", "/{id}/rotate") => taking("RotateDestination", One("Destination")),
            ("GET", "/{id}/balance") => asked(&[BALANCE], One("DestinationBalance")),
            ("GET", "/{id}/coverage") => asked(&[COVERAGE], One("DestinationCoverage")),
            ("GET", "/{id}/preview") => asked(&[PREVIEW], Many("PreviewedEvent")),
            ("GET", "/{id}/dead-letters") => asked(&[LETTERS], Many("DeadLetter")),
            ("POST", "/{id}/dead-letters/replay" | "/{id}/dead-letters/discard") => {
                taking("ChosenLetters", One("ActedLetters"))
            }
            ("GET", "/{id}") | ("POST", "/{id}/resume") => gives(One("Destination")),
            _ => return None,
        })
    }

    /// The shape of a route about exports and their schedules.
    fn of_exports(method: &str, path: &str) -> Option<Self> {
        use Answer::{Many, Nothing, One};
        let rest = path.strip_prefix("/v1/export")?;
        let gives = |answer| Self { query: &[], body: None, status: "200", answer };
        let making = |body, answer| Self { status: "201", body: Some(body), ..gives(answer) };
        Some(match (method, rest) {
            ("GET", "s") => gives(Many("Export")),
            ("POST", "s") => making("CreateExport", One("Export")),
            ("GET", "s/{id}") | ("POST", "s/{id}/cancel") => gives(One("Export")),
            ("GET", "s/{id}/file" | "s/{id}/context") => gives(BYTES),
            ("GET", "-schedules") => gives(Many("ExportSchedule")),
            ("POST", "-schedules") => making("CreateExportSchedule", One("ExportSchedule")),
            ("GET", "-schedules/{id}") => gives(One("ExportSchedule")),
            ("DELETE", "-schedules/{id}") => Self { status: "204", ..gives(Nothing) },
            ("POST", "-schedules/{id}/pause" | "-schedules/{id}/resume") => gives(One("ExportSchedule")),
            _ => return None,
        })
    }

    /// The shape of a route by which people sign in, or which is about them.
    fn of_people(method: &str, path: &str) -> Self {
        use Answer::{Json, Many, Media, Nothing, One};
        let gives = |answer| Self { query: &[], body: None, status: "200", answer };
        let asked = |query, answer| Self { query, ..gives(answer) };
        let taking = |body, answer| Self { body: Some(body), ..gives(answer) };
        let making = |body, answer| Self { status: "201", ..taking(body, answer) };
        match (method, path) {
            ("POST", "/v1/auth/login") => taking("LoginRequest", One("SignedIn")),
            ("POST", "/v1/auth/logout") | ("DELETE", "/v1/auth/totp") => Self { status: "204", ..gives(Nothing) },
            ("POST", "/v1/auth/password") => Self { status: "204", ..taking("ChangePassword", Nothing) },
            ("POST", "/v1/auth/confirm") => taking("ConfirmRequest", One("Renewed")),
            ("POST", "/v1/auth/totp") => Self { status: "201", ..gives(One("TotpBegun")) },
            ("POST", "/v1/auth/totp/confirm") => taking("TotpCode", One("Renewed")),
            ("GET", "/v1/auth/oidc") => Self { status: "303", ..asked(&[BEGIN], Nothing) },
            ("GET", "/v1/auth/oidc/callback") => asked(&[BACK], Media("text/html")),
            ("POST", "/v1/auth/oidc/session") => taking("SsoSession", One("SignedIn")),
            ("GET", "/v1/sessions") => asked(&[SESSIONS], Many("Session")),
            ("DELETE", "/v1/sessions/{id}") => gives(One("Session")),
            ("GET", "/v1/users") => gives(Many("User")),
            ("POST", "/v1/users") => making("CreateUser", One("CreatedUser")),
            ("PATCH", "/v1/users/{id}") => taking("ChangeUser", One("User")),
            ("POST", "/v1/users/{id}/password") => gives(One("NewPassword")),
            ("GET" | "DELETE", "/v1/users/{id}") | ("DELETE", "/v1/users/{id}/totp") => gives(One("User")),
            ("POST", "/v1/subjects/{user}/erase") => taking("EraseSubject", One("ErasedSubject")),
            ("GET", "/v1/teams") => gives(Many("Team")),
            ("POST", "/v1/teams") => making("CreateTeam", One("Team")),
            ("DELETE", "/v1/teams/{id}") | ("PUT" | "DELETE", "/v1/teams/{id}/members/{user}") => gives(One("Team")),
            ("GET", "/scim/v2/Users" | "/scim/v2/Groups") => asked(&[LISTING], SCIM),
            ("POST", "/scim/v2/Users" | "/scim/v2/Groups") => Self { status: "201", ..gives(SCIM) },
            ("DELETE", "/scim/v2/Users/{id}" | "/scim/v2/Groups/{id}") => Self { status: "204", ..gives(Nothing) },
            (_, path) if path.starts_with("/scim/") => gives(SCIM),
            _ => gives(Json),
        }
    }
}
