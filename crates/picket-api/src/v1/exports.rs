//! Export jobs.

use crate::act::About;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::range;
use crate::state::State;
use crate::time;
use axum::extract::State as Shared;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use picket_api_types::{CreateExport, Export, ExportFormat, ExportState, ExportWindow};
use picket_event::{EventType, ExportId, Workspace};
use picket_evidence::{ExportRequest, context_of};
use picket_query::Query;
use picket_store::{Permission, exports};
use std::fs::File;
use std::time::Duration;

/// The header that names the digest of a whole file.
const SHA256: HeaderName = HeaderName::from_static("picket-sha256");

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateExport>,
) -> Result<(StatusCode, Json<Export>), ApiProblem> {
    let created = state.blocking(move |state| {
        let now = state.log.clock().now();
        let moment = |text: &Option<String>| text.as_deref().map(|text| time::moment(text, now)).transpose();
        let request = ExportRequest {
            since: moment(&wanted.since)?,
            from: moment(&wanted.from)?,
            to: wanted.to.as_deref().map(|text| time::end(text, now)).transpose()?,
            ..request(&caller, &wanted.kind, wanted.format, wanted.filter.as_deref(), wanted.include_bodies)?
                .described(wanted.description)
        };
        if request.from.zip(request.to).is_some_and(|(from, to)| to <= from) {
            return Err(ApiProblem::bad("an export ends after it begins: `to` is not after `from`"));
        }
        let text = serde_json::to_string(&request).map_err(|error| ApiProblem::internal(&error))?;
        let (id, by, workspace) = (ExportId::new(now).to_string(), caller.name(), caller.workspace().clone());
        let job = id.clone();
        state.act(&caller, "exports.create", move |tx| {
            exports::create(tx, &workspace, &job, &text, &by, now)?;
            Ok((
                (),
                About { event_type: EventType::of("export.created"), target: format!("export:{job}"), reason: None },
            ))
        })?;
        find(state, caller.workspace(), &id)
    });
    Ok((StatusCode::CREATED, Json(created.await?)))
}

/// What is asked for at no time in particular, by somebody who may.
pub(super) fn request(
    caller: &Caller,
    kind: &str,
    format: ExportFormat,
    filter: Option<&str>,
    include_bodies: bool,
) -> Result<ExportRequest, ApiProblem> {
    if kind != "events" {
        return Err(ApiProblem::bad("type is events"));
    }
    if include_bodies && !caller.may(Permission::ReadBodies) {
        return Err(ApiProblem::not_permitted(format!("{} may not read prompts and answers", caller.who())));
    }
    let filter = Query::parse(filter.unwrap_or_default()).map_err(|error| ApiProblem::query(&error))?;
    let (format, filter) = (format.as_str().to_owned(), filter.to_string());
    Ok(ExportRequest { format, filter, since: None, from: None, to: None, description: None, include_bodies })
}

pub(crate) async fn list(Shared(state): Shared<State>, caller: Caller) -> Result<Json<Vec<Export>>, ApiProblem> {
    let all = state.blocking(move |state| {
        let jobs = state.db.read(|connection| exports::list(connection, caller.workspace()))?;
        jobs.into_iter().map(|job| view(job, state.exporter.keep)).collect()
    });
    all.await.map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Export>, ApiProblem> {
    state.blocking(move |state| find(state, caller.workspace(), &id)).await.map(Json)
}

/// Stops a job that waits or runs.
pub(crate) async fn cancel(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Export>, ApiProblem> {
    let cancelled = state.blocking(move |state| {
        let id = find(state, caller.workspace(), &id)?.id;
        let (job, workspace, now) = (id.clone(), caller.workspace().clone(), state.log.clock().now());
        let done = state.act_if(&caller, "exports.cancel", move |tx| {
            let about =
                About { event_type: EventType::of("export.cancelled"), target: format!("export:{job}"), reason: None };
            Ok(exports::cancel(tx, &workspace, &job, now)?.then_some(about))
        })?;
        if done {
            // One that waits since a restart has written something already; one that runs removes it once more.
            state.exporter.remove(&id);
        }
        let export = find(state, caller.workspace(), &id)?;
        if done { Ok(export) } else { Err(ApiProblem::conflict("the export has ended already")) }
    });
    cancelled.await.map(Json)
}

/// The file of a finished job, whole or in part.
pub(crate) async fn file(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let answer = state.blocking(move |state| {
        let export = finished(state, caller.workspace(), &id)?;
        let name = format!("{}.{}", export.id, export.format.as_str());
        let mut response = fetched(state, &caller, &headers, &name, &export, export.sha256.as_deref())?;
        response.headers_mut().insert("picket-total", HeaderValue::from(export.rows));
        Ok(response)
    });
    answer.await
}

/// What a finished job's events were judged by: policies, and decisions of reviewers.
pub(crate) async fn context(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let answer = state.blocking(move |state| {
        let export = finished(state, caller.workspace(), &id)?;
        fetched(state, &caller, &headers, &context_of(&export.id), &export, export.context_sha256.as_deref())
    });
    answer.await
}

fn finished(state: &State, workspace: &Workspace, id: &str) -> Result<Export, ApiProblem> {
    let export = find(state, workspace, id)?;
    match export.state {
        ExportState::Done => Ok(export),
        ExportState::Queued | ExportState::Running => {
            Err(ApiProblem::conflict("the export is not ready; try again later").retryable())
        }
        ExportState::Failed | ExportState::Cancelled => {
            Err(ApiProblem::conflict("the export has no file: it failed or was cancelled"))
        }
        ExportState::Expired => Err(ApiProblem::new(
            StatusCode::GONE,
            "expired",
            "the files of this export are gone, since `retention.exports` passed; start another",
        )),
    }
}

/// A file of a job, once it is recorded who fetches it.
fn fetched(
    state: &State,
    caller: &Caller,
    headers: &HeaderMap,
    name: &str,
    export: &Export,
    sha256: Option<&str>,
) -> Result<Response, ApiProblem> {
    let file = File::open(state.exporter.folder.join(name))
        .map_err(|_error| ApiProblem::not_found("file; it may have been removed"))?;
    let length = file.metadata().map_err(|error| ApiProblem::internal(&error))?.len();
    let place = (length >= range::LONG).then(|| state.feeds.place()).transpose()?;
    let target = format!("export:{}", export.id);
    state.act(caller, "exports.download", move |_tx| {
        Ok(((), About { event_type: EventType::of("export.downloaded"), target, reason: None }))
    })?;
    let tag = format!("\"{}\"", sha256.unwrap_or(name));
    let mut response = range::answer(headers, file, &tag, (&state.feeds, place))?;
    let answer = response.headers_mut();
    let media = HeaderValue::from_static("application/octet-stream");
    answer.entry(header::CONTENT_TYPE).or_insert(media);
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    answer.extend(disposition.ok().map(|disposition| (header::CONTENT_DISPOSITION, disposition)));
    answer.extend(sha256.and_then(|digest| HeaderValue::from_str(digest).ok()).map(|digest| (SHA256, digest)));
    Ok(response)
}

fn find(state: &State, workspace: &Workspace, id: &str) -> Result<Export, ApiProblem> {
    let id = id.parse::<ExportId>().map(|id| id.to_string()).map_err(|error| ApiProblem::bad(error.to_string()))?;
    let job = state.db.read(|connection| exports::get(connection, workspace, &id))?;
    let mut export =
        job.ok_or_else(|| ApiProblem::not_found("export")).and_then(|job| view(job, state.exporter.keep))?;
    if export.state == ExportState::Done {
        let context = std::fs::read(state.exporter.folder.join(context_of(&export.id)));
        export.context_sha256 = context.ok().map(|bytes| picket_evidence::digest(&bytes));
    }
    Ok(export)
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more precision")]
fn view(job: exports::Export, keep: Duration) -> Result<Export, ApiProblem> {
    let request: ExportRequest = serde_json::from_str(&job.request).map_err(|error| ApiProblem::internal(&error))?;
    let done = job.state == "done";
    Ok(Export {
        kind: "events".to_owned(),
        format: format(&request),
        state: match job.state.as_str() {
            "queued" => ExportState::Queued,
            "running" => ExportState::Running,
            "done" => ExportState::Done,
            "cancelled" => ExportState::Cancelled,
            "expired" => ExportState::Expired,
            _ => ExportState::Failed,
        },
        progress: if done { 1.0 } else { job.rows as f64 / job.total.max(1) as f64 },
        rows: job.rows,
        bytes: job.bytes,
        sha256: job.sha256,
        context_sha256: None,
        filter: Some(request.filter).filter(|filter| !filter.is_empty()),
        description: request.description,
        include_bodies: request.include_bodies,
        created_by: job.created_by,
        created_at: job.created_at,
        finished_at: job.finished_at,
        expires_at: job.finished_at.filter(|_| done).map(|finished| finished.plus(keep)),
        error: job.error,
        restarts: job.restarts,
        restarted_at: job.restarted_at,
        schedule: job.schedule,
        window: job.window.map(|window| ExportWindow {
            begin: window.begin,
            until: window.until,
            from: window.from,
            to: window.to,
        }),
        id: job.id,
    })
}

pub(super) fn format(request: &ExportRequest) -> ExportFormat {
    match request.format.as_str() {
        "csv" => ExportFormat::Csv,
        "ndjson" => ExportFormat::Ndjson,
        "parquet" => ExportFormat::Parquet,
        _ => ExportFormat::Json,
    }
}
