//! The columns: one for each member of an event, in the order of the event.

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::errors::Result;
use parquet::schema::types::{Type, TypePtr};
use std::sync::Arc;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A moment in UTC, in milliseconds since 1970.
    Time,
    /// A whole number with 64 bits.
    Int,
    /// A number with 64 bits.
    Double,
    /// Yes or no.
    Flag,
    /// Texts.
    Texts,
    /// What is nested otherwise, as a text of JSON.
    Json,
}

impl Kind {
    /// What Parquet calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "STRING",
            Self::Time => "TIMESTAMP(MILLIS, UTC)",
            Self::Int => "INT64",
            Self::Double => "DOUBLE",
            Self::Flag => "BOOLEAN",
            Self::Texts => "LIST of STRING",
            Self::Json => "JSON",
        }
    }
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// The member of the event, and the member of that one, …
    pub member: &'static [&'static str],
    /// What it holds.
    pub kind: Kind,
    /// Whether every row has it.
    pub is_required: bool,
}

/// A column under the name of its member; null where an event has none.
macro_rules! column {
    ($name:literal, $kind:ident) => {
        Column { name: $name, member: &[$name], kind: Kind::$kind, is_required: false }
    };
    ($name:literal, $kind:ident, required) => {
        Column { name: $name, member: &[$name], kind: Kind::$kind, is_required: true }
    };
    ($name:literal of $($member:literal).+, $kind:ident) => {
        Column { name: $name, member: &[$($member),+], kind: Kind::$kind, is_required: false }
    };
}

/// The columns of every file. A name, once it is here, keeps its kind; new ones come at the end of their group.
pub const COLUMNS: &[Column] = &[
    column!("event_id", Text, required),
    column!("event_type", Text, required),
    column!("timestamp", Time, required),
    column!("recorded_at", Time),
    column!("workspace_id", Text, required),
    column!("severity", Text, required),
    column!("decision", Text, required),
    column!("policies_triggered", Texts),
    column!("type", Text),
    column!("category", Text),
    column!("held", Flag),
    column!("outcome", Text),
    column!("status_code", Int),
    column!("reason", Text),
    column!("risk_score", Double),
    column!("risk_band", Text),
    column!("risk_tier", Int),
    column!("user", Text),
    column!("user_id", Text),
    column!("team", Text),
    column!("application", Text),
    column!("feature", Text),
    column!("agent_id", Text),
    column!("session_id", Text),
    column!("key_id", Text),
    column!("src_ip", Text),
    column!("user_agent", Text),
    column!("identity", Text),
    column!("gateway_id", Text),
    column!("config_version", Text),
    column!("endpoint", Text),
    column!("provider", Text),
    column!("model", Text),
    column!("stream", Flag),
    column!("region", Text),
    column!("policy_version", Int),
    column!("policy_digest", Text),
    column!("policy_results", Json),
    column!("exceptions", Texts),
    column!("policy_violated", Text),
    column!("guardrail_result", Text),
    column!("scanned", Text),
    column!("unscanned", Texts),
    column!("repeat", Flag),
    column!("prompt_simhash", Text),
    column!("judge_model", Text),
    column!("judge_score", Double),
    column!("judge_verdict", Text),
    column!("judge_id", Text),
    column!("tool", Text),
    column!("tools", Texts),
    column!("mcp_server", Text),
    column!("tokens_in", Int),
    column!("tokens_out", Int),
    column!("cost", Double),
    column!("latency_ms", Int),
    column!("ttft_ms", Int),
    column!("overhead_us", Int),
    column!("request_bytes", Int),
    column!("response_bytes", Int),
    column!("request_id", Text),
    column!("trace_id", Text),
    column!("span_id", Text),
    column!("provider_request_id", Text),
    column!("client_request_id", Text),
    column!("parent_event_id", Text),
    column!("escalation_id", Text),
    column!("incident_id", Text),
    column!("rule_id", Text),
    column!("bodies", Texts),
    column!("log_id" of "log"."id", Text),
    column!("log_received" of "log"."received", Int),
    column!("log_completed" of "log"."completed", Int),
    column!("actor", Text),
    column!("target", Text),
    column!("count", Int),
    column!("metrics", Json),
    column!("source", Text),
    column!("attributes", Json),
];

/// The columns behind them where prompts and answers were asked for.
pub const CONTENTS: &[Column] = &[
    column!("body_request" of "body_contents"."request", Text),
    column!("body_response" of "body_contents"."response", Text),
    column!("body_evidence" of "body_contents"."evidence", Text),
    column!("bodies_truncated", Texts),
];

/// The columns of a file.
pub(crate) fn columns(has_contents: bool) -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().chain(if has_contents { CONTENTS } else { &[] })
}

/// The schema of a file.
pub(crate) fn schema(has_contents: bool) -> Result<TypePtr> {
    let fields: Result<Vec<TypePtr>> = columns(has_contents).map(field).collect();
    Ok(Arc::new(Type::group_type_builder("event").with_fields(fields?).build()?))
}

fn field(column: &Column) -> Result<TypePtr> {
    let repetition = if column.is_required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        Kind::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        Kind::Int => (Physical::INT64, None),
        Kind::Double => (Physical::DOUBLE, None),
        Kind::Flag => (Physical::BOOLEAN, None),
        Kind::Texts => return list(column.name, repetition),
    };
    let field = Type::primitive_type_builder(column.name, physical);
    Ok(Arc::new(field.with_repetition(repetition).with_logical_type(logical).build()?))
}

/// A list of three levels, as the format wants it.
fn list(name: &str, repetition: Repetition) -> Result<TypePtr> {
    let element = Type::primitive_type_builder("element", Physical::BYTE_ARRAY)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::String))
        .build()?;
    let repeated = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![Arc::new(element)])
        .build()?;
    let list = Type::group_type_builder(name)
        .with_repetition(repetition)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(repeated)])
        .build()?;
    Ok(Arc::new(list))
}
