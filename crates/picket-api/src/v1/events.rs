//! Events: search, one, neighbours, counts, contents.

use super::selection::{self, Parameters};
pub(crate) use super::tail::tail;
use crate::act::About;
use crate::auth::Caller;
use crate::problem::ApiProblem;
use crate::state::State;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use picket_api_types::{BodyState, BodyView, Bucket, Group, RevealRequest, Stats};
use picket_event::{Event, EventId, EventType};
use picket_evidence::{Content, Format, Writer, contents};
use picket_query::Field;
use picket_search::{self as search, Listing, Order, Pager, Request, SearchError, StatsRequest};
use picket_stdx::duration;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

/// Events that are read and sent at a time.
const SLICE: usize = 512;
/// Groups that counts name, unless `limit` says otherwise.
const GROUPS: usize = 100;

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Result<Response, ApiProblem> {
    let format = match parameters.get("format").map(String::as_str) {
        None | Some("json") => Format::Json,
        Some("ndjson") => Format::Ndjson,
        Some("csv") => Format::Csv,
        Some(_) => return Err(ApiProblem::bad("format is json, ndjson or csv")),
    };
    let fields: Vec<String> =
        parameters.get("fields").map(|fields| fields.split(',').map(str::to_owned).collect()).unwrap_or_default();
    if parameters.get("open").is_some_and(|open| open == "true") {
        let open = state.blocking(|state| Ok(state.log.open_requests()?)).await?;
        return json_response(&open);
    }
    let bodies = parameters.get("include_bodies").is_some_and(|include| include == "true");
    if bodies {
        reveal_many(&state, &caller, parameters.get("reason").cloned()).await?;
    }
    let found = state
        .blocking(move |state| Ok(state.index.list(&selection::request(&parameters, state.log.clock().now())?)?))
        .await?;
    let Listing { total, next, positions, .. } = found;
    let (sender, receiver) = mpsc::channel(4);
    let reader = state.clone();
    tokio::task::spawn_blocking(move || write_events(&reader, positions, Writer::new(format, fields), bodies, &sender));
    let mut response =
        Response::new(Body::from_stream(futures_util::stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|piece| (piece, receiver))
        })));
    let headers = response.headers_mut();
    let media = match format {
        Format::Json => "application/json",
        Format::Ndjson => "application/x-ndjson",
        Format::Csv => "text/csv; charset=utf-8",
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.extend(total.map(|total| (HeaderName::from_static("picket-total"), HeaderValue::from(total))));
    if let Some(cursor) = next.and_then(|next| HeaderValue::from_str(&next.to_string()).ok()) {
        headers.insert("picket-next-cursor", cursor);
    }
    Ok(response)
}

/// Positions in slices small enough to be read at once.
fn slices(positions: Pager) -> impl Iterator<Item = Result<Vec<u64>, SearchError>> {
    positions.flat_map(|page| match page {
        Ok(page) => page.chunks(SLICE).map(|slice| Ok(slice.to_vec())).collect(),
        Err(error) => vec![Err(error)],
    })
}

/// Reads and writes events slice by slice. A reader who leaves ends it.
fn write_events(
    state: &State,
    positions: Pager,
    mut writer: Writer,
    bodies: bool,
    sender: &mpsc::Sender<Result<Bytes, std::io::Error>>,
) {
    let send = |bytes: Vec<u8>| sender.blocking_send(Ok(bytes.into())).is_ok();
    if !send(writer.head()) {
        return;
    }
    for slice in slices(positions) {
        let events = slice.and_then(|slice| {
            let events = state.log.events_json(&slice)?;
            Ok(if bodies { with_bodies(state, events)? } else { events })
        });
        match events {
            Ok(events) if send(writer.events(&events)) => {}
            Ok(_) => return,
            Err(error) => {
                tracing::error!(%error, "an answer was cut, because the log could not be read");
                sender.blocking_send(Err(std::io::Error::other("the log could not be read"))).unwrap_or_default();
                return;
            }
        }
    }
    send(writer.tail());
}

fn with_bodies(state: &State, events: Vec<Box<RawValue>>) -> Result<Vec<Box<RawValue>>, picket_log::ReadError> {
    let whole = events.into_iter().map(|raw| {
        let event: Event = match serde_json::from_str(raw.get()) {
            Ok(event) => event,
            Err(_) => return Ok(raw),
        };
        let texts: serde_json::Map<String, serde_json::Value> = contents(&state.log, &event)?
            .into_iter()
            .map(|content| (content.role, String::from_utf8_lossy(&content.bytes).into_owned().into()))
            .collect();
        let mut text = raw.get().trim_end().trim_end_matches('}').to_owned();
        // The event's last member is an object, whose brace was trimmed too.
        text.push_str("},\"body_contents\":");
        text.push_str(&serde_json::Value::Object(texts).to_string());
        text.push('}');
        Ok(RawValue::from_string(text).unwrap_or(raw))
    });
    whole.collect()
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Event>, ApiProblem> {
    state.blocking(move |state| one(state, &id).map(Json)).await
}

pub(crate) fn one(state: &State, id: &str) -> Result<Event, ApiProblem> {
    let id: EventId =
        id.parse().map_err(|error: picket_event::ids::ParseIdError| ApiProblem::bad(error.to_string()))?;
    let position = state.log.position_of(id)?.ok_or_else(|| ApiProblem::not_found("event"))?;
    state.log.events(&[position])?.into_iter().next().ok_or_else(|| ApiProblem::not_found("event"))
}

/// The newest events of the same session, oldest first; only the event itself where it has none.
pub(crate) async fn session(
    Shared(state): Shared<State>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<Event>>, ApiProblem> {
    let neighbours = state.blocking(move |state| {
        let event = one(state, &id)?;
        let Some(session) = event.session_id.clone() else { return Ok(vec![event]) };
        let filter = picket_query::Query::one_of(Field::Session, [session.as_str()])
            .map_err(|error| ApiProblem::query(&error))?;
        let request = Request { filter, limit: Some(20), total: false, ..Request::default() };
        let found = state.index.search(&request)?;
        Ok(state.log.events(&found.positions)?)
    });
    neighbours.await.map(Json)
}

pub(crate) async fn stats(
    Shared(state): Shared<State>,
    _caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Stats>, ApiProblem> {
    let counted = state.blocking(move |state| {
        let by = parameters
            .get("by")
            .map(|name| Field::find(name).map_err(|_near| ApiProblem::bad("no such field to count by")))
            .transpose()?;
        let interval = parameters
            .get("interval")
            .map(|text| duration::parse(text).map_err(|error| ApiProblem::bad(error.to_string())))
            .transpose()?;
        let groups = selection::number(&parameters, "limit")?.unwrap_or(GROUPS);
        let request = selection::request(&parameters, state.log.clock().now())?;
        let stats = state.index.stats(&StatsRequest { request, by, groups, interval })?;
        Ok(Stats {
            total: stats.totals.count,
            over_time: stats.over_time.into_iter().map(bucket).collect(),
            groups: stats.groups.into_iter().map(group).collect(),
            values: by.map(|_| stats.values),
            without: by.map(|_| stats.without),
            tokens_in: stats.totals.tokens_in,
            tokens_out: stats.totals.tokens_out,
            cost: stats.totals.cost,
            latency_ms_p50: stats.latency_p50,
            latency_ms_p95: stats.latency_p95,
        })
    });
    counted.await.map(Json)
}

fn bucket(search::Bucket { at, totals }: search::Bucket) -> Bucket {
    let search::Totals { count, tokens_in, tokens_out, cost } = totals;
    Bucket { at, count, tokens_in, tokens_out, cost }
}

fn group(search::Group { value, totals }: search::Group) -> Group {
    let search::Totals { count, tokens_in, tokens_out, cost } = totals;
    Group { value, count, tokens_in, tokens_out, cost }
}

/// Administrative acts, newest first.
pub(crate) async fn audit_log(
    Shared(state): Shared<State>,
    _caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<Event>>, ApiProblem> {
    let acts = state.blocking(move |state| {
        let mut request = selection::request(&parameters, state.log.clock().now())?;
        request.event_types = Vec::new();
        request.filter = request
            .filter
            .and(picket_query::Query::parse("-event_type:request").map_err(|error| ApiProblem::query(&error))?);
        request.order = Order::Descending;
        request.limit = Some(request.limit.unwrap_or(100));
        Ok(state.log.events(&state.index.search(&request)?.positions)?)
    });
    acts.await.map(Json)
}

pub(crate) async fn reveal(
    shared: Shared<State>,
    caller: Caller,
    id: Path<String>,
    Json(wanted): Json<RevealRequest>,
) -> Result<Json<Vec<BodyView>>, ApiProblem> {
    let reason = wanted.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(ApiProblem::bad("a reason has 1 to 500 characters"));
    }
    reveal_with(shared, caller, id, reason).await
}

pub(crate) async fn reveal_unstated(
    shared: Shared<State>,
    caller: Caller,
    id: Path<String>,
) -> Result<Json<Vec<BodyView>>, ApiProblem> {
    reveal_with(shared, caller, id, "not stated".to_owned()).await
}

async fn reveal_with(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    reason: String,
) -> Result<Json<Vec<BodyView>>, ApiProblem> {
    let shown = state.blocking(move |state| {
        let event = one(state, &id)?;
        let target = format!("event:{}", event.event_id);
        // First the record, then the content.
        state.act(&caller, "bodies.reveal", move |_tx| {
            Ok(((), About { event_type: EventType::BODY_VIEWED, target, reason: Some(reason) }))
        })?;
        Ok(contents(&state.log, &event)?.into_iter().map(view).collect())
    });
    shown.await.map(Json)
}

async fn reveal_many(state: &State, caller: &Caller, reason: Option<String>) -> Result<(), ApiProblem> {
    if !caller.role().may(picket_store::Permission::ReadBodies) {
        return Err(ApiProblem::new(
            http::StatusCode::FORBIDDEN,
            "not_permitted",
            "this role may not read prompts and answers",
        ));
    }
    let caller = caller.clone();
    let reason = reason.unwrap_or_else(|| "not stated".to_owned());
    let recorded = state.blocking(move |state| {
        state.act(&caller, "bodies.reveal", move |_tx| {
            Ok((
                (),
                About { event_type: EventType::BODY_VIEWED, target: "events:list".to_owned(), reason: Some(reason) },
            ))
        })
    });
    recorded.await
}

fn view(content: Content) -> BodyView {
    let state = match content.state {
        picket_bodies::BodyState::Present => BodyState::Present,
        picket_bodies::BodyState::Erased => BodyState::Erased,
        picket_bodies::BodyState::Expired => BodyState::Expired,
    };
    let is_present = state == BodyState::Present;
    let (text, base64) = match String::from_utf8(content.bytes) {
        Ok(text) => (is_present.then_some(text), None),
        Err(error) => (None, Some(base64::engine::general_purpose::STANDARD.encode(error.as_bytes()))),
    };
    BodyView {
        role: content.role,
        state,
        media_type: Some(content.media_type),
        text,
        base64,
        truncated: content.truncated,
        commit: content.commit,
    }
}

fn json_response(value: &impl serde::Serialize) -> Result<Response, ApiProblem> {
    let bytes = serde_json::to_vec(value).map_err(|error| ApiProblem::internal(&error))?;
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
