//! The tamper-evident logs, for anybody who wants to check.

use super::events;
use super::parameters::Parameters;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use picket_api_types::{LogSummary, Proof};
use picket_event::EventId;
use picket_event::ids::ParseIdError;
use picket_log::EventLog;
use serde_json::{Value, json};

pub(crate) async fn list(Shared(state): Shared<State>, caller: Caller) -> Json<Vec<LogSummary>> {
    let view = |log: &EventLog| {
        let info = log.info();
        LogSummary {
            id: info.id.clone(),
            kind: info.kind.as_str().to_owned(),
            origin: info.origin.clone(),
            vkey: info.vkey.clone(),
            size: log.size(),
        }
    };
    Json(state.logs.seen_by(caller.workspace()).map(view).collect())
}

pub(crate) async fn checkpoint(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(log): Path<String>,
) -> Result<Response, ApiProblem> {
    let note = state.blocking(move |state| Ok(find(state, &caller, &log)?.checkpoint()?)).await?;
    let note = note.ok_or_else(|| ApiProblem::not_found("checkpoint yet; one is signed each second"))?;
    Ok(bytes(note, "text/plain; charset=utf-8"))
}

pub(crate) async fn tile(
    Shared(state): Shared<State>,
    caller: Caller,
    Path((log, path)): Path<(String, String)>,
) -> Result<Response, ApiProblem> {
    let tile = state.blocking(move |state| Ok(find(state, &caller, &log)?.tile(&format!("tile/{path}"))?)).await?;
    tile.map(|tile| bytes(tile, "application/octet-stream")).ok_or_else(|| ApiProblem::not_found("tile"))
}

pub(crate) async fn consistency(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(log): Path<String>,
    parameters: Parameters,
) -> Result<Json<Value>, ApiProblem> {
    parameters.only(&[&["from", "to"]])?;
    let size = |name: &str| {
        parameters.number::<u64>(name)?.ok_or_else(|| ApiProblem::bad(format!("{name} is needed: the size of a tree")))
    };
    let (from, to) = (size("from")?, size("to")?);
    let proof = state.blocking(move |state| {
        let log = find(state, &caller, &log)?;
        if from == 0 || from > to || to > log.size() {
            return Err(ApiProblem::bad("sizes are 1 ≤ from ≤ to ≤ the size of the log"));
        }
        Ok(log.consistency(from, to)?.iter().map(ToString::to_string).collect::<Vec<_>>())
    });
    Ok(Json(json!({"from": from, "to": to, "proof": proof.await?})))
}

pub(crate) async fn event_proof(
    Shared(state): Shared<State>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Proof>, ApiProblem> {
    let proof = state.blocking(move |state| {
        let event = events::one(state, &id)?;
        let place = event.log.ok_or_else(|| ApiProblem::not_found("event"))?;
        prove(&state.log, place.completed)
    });
    proof.await.map(Json)
}

/// The proof of one entry of a log, by its position or by the event that it closes.
pub(crate) async fn proof(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(log): Path<String>,
    parameters: Parameters,
) -> Result<Json<Proof>, ApiProblem> {
    parameters.only(&[&["event", "position"]])?;
    let position = parameters.number::<u64>("position")?;
    let proof = state.blocking(move |state| {
        let log = find(state, &caller, &log)?;
        match (parameters.get("event"), position) {
            (Some(event), None) => {
                let id: EventId = event.parse().map_err(|error: ParseIdError| ApiProblem::bad(error.to_string()))?;
                prove(log, log.position_of(id)?.ok_or_else(|| ApiProblem::not_found("event in this log"))?)
            }
            (None, Some(position)) if position < log.size() => prove(log, position),
            (None, Some(_)) => Err(ApiProblem::not_found("entry: the log is shorter")),
            _ => Err(ApiProblem::bad("give either event or position")),
        }
    });
    proof.await.map(Json)
}

fn prove(log: &EventLog, position: u64) -> Result<Proof, ApiProblem> {
    let proven = log.prove(position)?.ok_or_else(|| {
        ApiProblem::conflict("the entry is not covered by a checkpoint yet; try again in a second").retryable()
    })?;
    Ok(Proof {
        log: log.id().to_owned(),
        position: proven.position,
        entry: String::from_utf8_lossy(&proven.entry).into_owned(),
        proof: proven.document,
    })
}

pub(crate) async fn verify(Shared(state): Shared<State>, caller: Caller) -> Result<Json<Value>, ApiProblem> {
    let report = state.blocking(move |state| {
        let mut logs = Vec::new();
        let mut passed = true;
        for log in state.logs.seen_by(caller.workspace()) {
            match log.verify(&mut |_, _| {}) {
                Ok(report) => logs.push(serde_json::to_value(report).unwrap_or_default()),
                Err(error) => {
                    passed = false;
                    logs.push(json!({"log": log.id(), "error": picket_stdx::error_chain(&error)}));
                }
            }
        }
        Ok(json!({"passed": passed, "logs": logs}))
    });
    report.await.map(Json)
}

/// A log that is there for the caller; that of another workspace is not.
fn find<'a>(state: &'a State, caller: &'a Caller, id: &str) -> Result<&'a EventLog, ApiProblem> {
    state.logs.seen_by(caller.workspace()).find(|log| log.id() == id).ok_or_else(|| ApiProblem::not_found("log"))
}

fn bytes(body: Vec<u8>, media: &'static str) -> Response {
    let mut response = (StatusCode::OK, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}
