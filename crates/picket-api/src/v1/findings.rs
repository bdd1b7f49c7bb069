//! Findings: what rules found, and what people make of it.

use super::parameters::Parameters;
use super::suppressions::known_kind;
use super::tickets;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use picket_api_types::{CloseFinding, Finding, FindingNote, FindingResponse, FrameworkIds, NoteRequest};
use picket_db::WriteError;
use picket_detect::{DetectError, taxonomy};
use picket_event::FindingId;
use picket_stdx::duration;
use picket_store::detection::findings::{self, Filter, Frameworks};

/// Parameters of the list.
pub(crate) const NAMES: &[&str] = &[
    "status",
    "severity",
    "category",
    "rule",
    "entity_kind",
    "entity",
    "verdict",
    "shadow",
    "since",
    "before",
    "limit",
];
/// Findings of one list, and when nobody says.
const LIMIT: (u64, u64) = (1_000, 100);

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Response, ApiProblem> {
    parameters.only(&[NAMES])?;
    let filter = filter(&state, &parameters)?;
    let limit = parameters.number("limit")?.unwrap_or(LIMIT.1).min(LIMIT.0);
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| findings::list(connection, caller.workspace(), &filter, limit))?;
        Ok(found.into_iter().map(|one| view(state, one)).collect::<Vec<_>>())
    });
    let found = found.await?;
    let next = found.last().filter(|_| u64::try_from(found.len()).is_ok_and(|count| count == limit));
    let next = next.and_then(|last| HeaderValue::from_str(&last.id).ok());
    let mut answer = Json(found).into_response();
    if let Some(next) = next {
        answer.headers_mut().insert("picket-next-cursor", next);
    }
    Ok(answer)
}

fn filter(state: &State, parameters: &Parameters) -> Result<Filter, ApiProblem> {
    let entity = match (parameters.get("entity_kind"), parameters.get("entity")) {
        (None, None) => None,
        (Some(kind), Some(entity)) => {
            known_kind(kind)?;
            Some((kind.to_owned(), entity.to_owned()))
        }
        _ => return Err(ApiProblem::bad("`entity_kind` and `entity` go together")),
    };
    let shadow = match parameters.get("shadow") {
        Some("any") => None,
        _ => Some(parameters.flag("shadow")?),
    };
    let status = parameters.get("status");
    Ok(Filter {
        status: status.filter(|word| *word != "unclosed").map(|word| word_of("status", word)).transpose()?,
        is_unclosed: status == Some("unclosed"),
        severity: parameters.get("severity").map(|word| word_of("severity", word)).transpose()?,
        category: parameters.get("category").map(|word| word_of("category", word)).transpose()?,
        // A rule that is no more may still have findings under its key.
        rule: parameters.get("rule").map(|name| state.detection.set().key_of(name).unwrap_or(name).to_owned()),
        entity,
        verdict: parameters.get("verdict").map(|word| word_of("verdict", word)).transpose()?,
        is_shadow: shadow,
        since: parameters.moment("since", state.log.clock().now())?,
        before: parameters.get("before").map(normal),
    })
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Finding>, ApiProblem> {
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| findings::get(connection, caller.workspace(), &normal(&id)))?;
        let mut shown = found.map(|one| view(state, one)).ok_or_else(|| ApiProblem::not_found("finding"))?;
        shown.tickets = state.db.read(|connection| tickets::about(connection, caller.workspace(), &shown.id))?;
        Ok(shown)
    });
    found.await.map(Json)
}

pub(crate) async fn acknowledge(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<NoteRequest>,
) -> Result<Json<Finding>, ApiProblem> {
    let done = state.blocking(move |state| {
        let done = state.detection.acknowledge(&normal(&id), wanted.note, caller.id());
        done.map(|one| view(state, one)).map_err(|error| problem(&error))
    });
    done.await.map(Json)
}

pub(crate) async fn comment(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<NoteRequest>,
) -> Result<Json<Finding>, ApiProblem> {
    let note = wanted.note.ok_or_else(|| ApiProblem::bad("`note` is what is said"))?;
    let done = state.blocking(move |state| {
        let done = state.detection.comment(&normal(&id), note, caller.id());
        done.map(|one| view(state, one)).map_err(|error| problem(&error))
    });
    done.await.map(Json)
}

pub(crate) async fn close(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<CloseFinding>,
) -> Result<Json<Finding>, ApiProblem> {
    let suppress = wanted.suppress.as_deref().map(duration::parse).transpose();
    let suppress = suppress.map_err(|_error| ApiProblem::bad("`suppress` is a time such as 7d"))?;
    let close =
        picket_detect::CloseFinding { verdict: word_of("verdict", &wanted.verdict)?, note: wanted.note, suppress };
    let done = state.blocking(move |state| {
        let done = state.detection.close(&normal(&id), close, caller.id());
        done.map(|one| view(state, one)).map_err(|error| problem(&error))
    });
    done.await.map(Json)
}

fn word_of<T: std::str::FromStr<Err: std::fmt::Display>>(name: &str, word: &str) -> Result<T, ApiProblem> {
    word.parse().map_err(|error| ApiProblem::bad(format!("`{name}`: {error}")))
}

/// The id as it is stored.
fn normal(id: &str) -> String {
    id.parse::<FindingId>().map_or_else(|_error| id.to_owned(), |id| id.to_string())
}

pub(super) fn problem(error: &WriteError<DetectError>) -> ApiProblem {
    match error {
        WriteError::Job(DetectError::Unknown(what)) => ApiProblem::not_found(what),
        WriteError::Job(error @ DetectError::Misfit(_)) => ApiProblem::bad(error.to_string()),
        WriteError::Job(error @ DetectError::Stands(_)) => ApiProblem::conflict(error.to_string()),
        other => ApiProblem::write(other),
    }
}

/// Ids with the releases that they are of.
pub(super) fn frameworks(ids: Frameworks) -> FrameworkIds {
    FrameworkIds {
        atlas_version: taxonomy::ATLAS.to_owned(),
        atlas: ids.atlas,
        owasp_llm_version: taxonomy::OWASP_LLM.to_owned(),
        owasp_llm: ids.owasp_llm,
        owasp_agentic_version: taxonomy::OWASP_AGENTIC.to_owned(),
        owasp_agentic: ids.owasp_agentic,
        attack: ids.attack,
    }
}

pub(super) fn view(state: &State, one: findings::Finding) -> Finding {
    let settings = state.detection.settings();
    let within = settings.taxonomy.level(one.severity).and_then(|level| level.respond_within);
    let details = one.details;
    let (acknowledged_by, acknowledged_at) = details.acknowledged.unzip();
    let (closed_by, closed_at) = details.closed.unzip();
    let responses = details.responses.into_iter().map(|done| FindingResponse {
        effect: done.effect,
        kind: done.kind,
        target: done.target,
        feature: done.feature,
        model: done.model,
        containment_id: done.containment,
        refused: done.refused,
    });
    let notes = details.notes.into_iter().map(|note| FindingNote { by: note.by, at: note.at, text: note.text });
    Finding {
        id: one.id,
        status: one.status.to_string(),
        severity: one.severity,
        category: one.category,
        title: details.title,
        reason: details.reason,
        entity_kind: one.entity_kind,
        entity: one.entity,
        confidence: round(details.confidence),
        risk: round(details.risk),
        count: one.hits,
        first_at: one.first_at,
        last_at: one.last_at,
        created_at: one.created_at,
        detected_after_ms: details.detected_after_ms,
        due_at: within.map(|within| one.created_at.plus(within)),
        rule_id: one.rule,
        rule_digest: details.digest,
        shadow: one.is_shadow,
        amended: details.amended,
        fingerprint: one.fingerprint,
        evidence: details.evidence,
        frameworks: frameworks(details.frameworks),
        responses: responses.collect(),
        verdict: one.verdict.map(|verdict| verdict.to_string()),
        acknowledged_by,
        acknowledged_at,
        closed_by,
        closed_at,
        notes: notes.collect(),
        version: one.version,
        incident_id: details.incident,
        tickets: Vec::new(),
    }
}

/// A number without digits that say nothing.
pub(super) fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
