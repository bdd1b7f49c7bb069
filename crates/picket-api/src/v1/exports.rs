//! Export jobs.

use crate::act::About;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use crate::time;
use axum::body::Body;
use axum::extract::State as Shared;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use picket_api_types::{CreateExport, Export, ExportFormat, ExportState};
use picket_event::{EventType, ExportId};
use picket_evidence::{ExportRequest, file_of};
use picket_query::Query;
use picket_store::exports;
use std::io::Read as _;
use tokio::sync::mpsc;

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateExport>,
) -> Result<(StatusCode, Json<Export>), ApiProblem> {
    if wanted.kind != "events" {
        return Err(ApiProblem::bad("type is events"));
    }
    let created = state.blocking(move |state| {
        let now = state.log.clock().now();
        let filter =
            Query::parse(wanted.filter.as_deref().unwrap_or_default()).map_err(|error| ApiProblem::query(&error))?;
        let moment = |text: &Option<String>| text.as_deref().map(|text| time::moment(text, now)).transpose();
        let request = ExportRequest {
            format: word(wanted.format).to_owned(),
            filter: filter.to_string(),
            since: moment(&wanted.since)?,
            from: moment(&wanted.from)?,
            to: wanted.to.as_deref().map(|text| time::end(text, now)).transpose()?,
            description: wanted.description.map(|text| text.chars().take(500).collect()),
            include_bodies: wanted.include_bodies,
        };
        let text = serde_json::to_string(&request).map_err(|error| ApiProblem::internal(&error))?;
        let (id, by, workspace) = (ExportId::new(now).to_string(), caller.name(), state.workspace.clone());
        let job = id.clone();
        state.act(&caller, "exports.create", move |tx| {
            exports::create(tx, &workspace, &job, &text, &by, now)?;
            Ok((
                (),
                About { event_type: EventType::of("export.created"), target: format!("export:{job}"), reason: None },
            ))
        })?;
        find(state, &id)
    });
    Ok((StatusCode::CREATED, Json(created.await?)))
}

pub(crate) async fn list(Shared(state): Shared<State>, _caller: Caller) -> Result<Json<Vec<Export>>, ApiProblem> {
    let all = state.blocking(|state| {
        let jobs = state.db.read(|connection| exports::list(connection, &state.workspace))?;
        jobs.into_iter().map(|job| view(state, job)).collect()
    });
    all.await.map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Export>, ApiProblem> {
    state.blocking(move |state| find(state, &id)).await.map(Json)
}

pub(crate) async fn file(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiProblem> {
    let opened = state.blocking(move |state| {
        let export = find(state, &id)?;
        if export.state != ExportState::Done {
            return Err(ApiProblem::conflict("the export is not ready"));
        }
        let path = file_of(&state.exporter.folder, &export.id, word(export.format));
        let file =
            std::fs::File::open(&path).map_err(|_error| ApiProblem::not_found("file; it may have been removed"))?;
        let target = format!("export:{}", export.id);
        state.act(&caller, "exports.download", move |_tx| {
            Ok(((), About { event_type: EventType::of("export.downloaded"), target, reason: None }))
        })?;
        Ok((export, file))
    });
    let (export, mut file) = opened.await?;
    let (sender, receiver) = mpsc::channel::<Result<bytes::Bytes, std::io::Error>>(4);
    tokio::task::spawn_blocking(move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let piece = match file.read(&mut buffer) {
                Ok(0) => return,
                Ok(read) => Ok(bytes::Bytes::copy_from_slice(buffer.get(..read).unwrap_or_default())),
                Err(error) => Err(error),
            };
            let failed = piece.is_err();
            if sender.blocking_send(piece).is_err() || failed {
                return;
            }
        }
    });
    let pieces = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert("picket-total", HeaderValue::from(export.rows));
    if let Some(digest) = export.sha256.and_then(|digest| HeaderValue::from_str(&digest).ok()) {
        headers.insert("picket-sha256", digest);
    }
    Ok(response)
}

fn find(state: &State, id: &str) -> Result<Export, ApiProblem> {
    let id = id.parse::<ExportId>().map(|id| id.to_string()).map_err(|error| ApiProblem::bad(error.to_string()))?;
    let job = state.db.read(|connection| exports::get(connection, &state.workspace, &id))?;
    job.ok_or_else(|| ApiProblem::not_found("export")).and_then(|job| view(state, job))
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more precision")]
fn view(state: &State, job: exports::Export) -> Result<Export, ApiProblem> {
    let request: ExportRequest = serde_json::from_str(&job.request).map_err(|error| ApiProblem::internal(&error))?;
    let done = job.state == "done";
    let context =
        done.then(|| std::fs::read(state.exporter.folder.join(format!("{}.context.json", job.id))).ok()).flatten();
    Ok(Export {
        kind: "events".to_owned(),
        format: match request.format.as_str() {
            "csv" => ExportFormat::Csv,
            "ndjson" => ExportFormat::Ndjson,
            _ => ExportFormat::Json,
        },
        state: match job.state.as_str() {
            "queued" => ExportState::Queued,
            "running" => ExportState::Running,
            "done" => ExportState::Done,
            "cancelled" => ExportState::Cancelled,
            _ => ExportState::Failed,
        },
        progress: if done { 1.0 } else { job.rows as f64 / job.total.max(1) as f64 },
        rows: job.rows,
        bytes: job.bytes,
        sha256: job.sha256,
        context_sha256: context.map(|bytes| picket_evidence::digest(&bytes)),
        filter: Some(request.filter).filter(|filter| !filter.is_empty()),
        description: request.description,
        include_bodies: request.include_bodies,
        created_by: job.created_by,
        created_at: job.created_at,
        finished_at: job.finished_at,
        error: job.error,
        id: job.id,
    })
}

fn word(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Json => "json",
        ExportFormat::Ndjson => "ndjson",
        ExportFormat::Csv => "csv",
    }
}
