//! Lists of events, of any length: streamed, with cursors and links to go on.

use super::bodies::reveal_many;
use super::parameters::Parameters;
use super::selection::{self, FIELDS, FILTERS, PAGES, TIMES};
use crate::auth::Caller;
use crate::problem::ApiProblem;
use crate::state::State;
use axum::body::Body;
use axum::extract::State as Shared;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use picket_event::{Event, EventType};
use picket_evidence::{ContentsError, Format, Writer, events_with_contents};
use picket_log::ReadError;
use picket_search::{Listing, Order, Pager, SearchError};
use serde_json::value::RawValue;
use std::io;

/// Events that are read and sent at a time.
const SLICE: usize = 512;
/// Parameters that say how events are shown.
pub(crate) const SHOWN: &[&str] = &["fields", "format", "open", "include_bodies", "reason"];

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Response, ApiProblem> {
    parameters.only(&[FIELDS, FILTERS, TIMES, PAGES, SHOWN])?;
    let format = match parameters.get("format") {
        None | Some("json") => Format::Json,
        Some("ndjson") => Format::Ndjson,
        Some("csv") => Format::Csv,
        Some(_) => return Err(ApiProblem::bad("format is json, ndjson or csv")),
    };
    let bodies = parameters.flag("include_bodies")?;
    if parameters.get("reason").is_some() && !bodies {
        return Err(ApiProblem::bad("a reason goes with include_bodies=true"));
    }
    let writer = Writer::new(format, selection::members(&parameters)?, bodies);
    if parameters.flag("open")? {
        return open(&state, parameters, writer, format).await;
    }
    let wanted = parameters.clone();
    let found = state
        .blocking(move |state| Ok(state.index.list(&selection::request(&wanted, state.log.clock().now())?)?))
        .await?;
    let Listing { total, next, previous, positions } = found;
    let most = parameters.number::<u64>("limit")?.unwrap_or(u64::MAX);
    let is_long = total.unwrap_or(u64::MAX).min(most) > SLICE as u64;
    let place = is_long.then(|| state.feeds.place()).transpose()?;
    if bodies {
        reveal_many(&state, caller, parameters.get("reason"), total.unwrap_or(0)).await?;
    }
    let is_rendered = selection::wanted(&parameters)?.is_rendered;
    let pieces = pieces(state.clone(), positions, writer, (bodies, is_rendered));
    let mut response = Response::new(state.feeds.body(place, pieces));
    describe(response.headers_mut(), format, total);
    let cursors = [("next", "after", next), ("prev", "before", previous)];
    let links = cursors.into_iter().filter_map(|(relation, parameter, cursor)| {
        let query = parameters.at(parameter, &cursor?.to_string());
        HeaderValue::try_from(format!("</v1/events?{query}>; rel=\"{relation}\"")).ok()
    });
    for link in links {
        response.headers_mut().append(header::LINK, link);
    }
    if let Some(cursor) = next.and_then(|next| HeaderValue::try_from(next.to_string()).ok()) {
        response.headers_mut().insert("picket-next-cursor", cursor);
    }
    Ok(response)
}

/// Requests that run now: few enough to be filtered in memory.
async fn open(
    state: &State,
    parameters: Parameters,
    mut writer: Writer,
    format: Format,
) -> Result<Response, ApiProblem> {
    if ["after", "before", "include_bodies", "event_type"].iter().any(|name| parameters.get(name).is_some()) {
        return Err(ApiProblem::bad("open=true takes no cursor, no event_type and no include_bodies"));
    }
    let (total, events) = state
        .blocking(move |state| {
            let wanted = selection::request(&parameters, state.log.clock().now())?;
            let is_wanted = |event: &Event| {
                wanted.filter.matches(event)
                    && wanted.since.is_none_or(|since| event.recorded_at.is_some_and(|at| at >= since))
                    && wanted.from.is_none_or(|from| event.timestamp >= from)
                    && wanted.to.is_none_or(|to| event.timestamp < to)
            };
            let mut events = state.log.open_requests()?;
            events.retain(is_wanted);
            let total = events.len();
            drop(events.drain(..total.saturating_sub(wanted.limit.unwrap_or(total))));
            if wanted.order == Order::Descending {
                events.reverse();
            }
            let raw: Result<Vec<_>, _> = events.iter().map(serde_json::value::to_raw_value).collect();
            Ok((total, raw.map_err(|error| ApiProblem::internal(&error))?))
        })
        .await?;
    let mut body = writer.head();
    body.extend_from_slice(&writer.events(&events));
    body.extend_from_slice(&writer.tail());
    let mut response = Response::new(Body::from(body));
    describe(response.headers_mut(), format, u64::try_from(total).ok());
    Ok(response)
}

fn describe(headers: &mut HeaderMap, format: Format, total: Option<u64>) {
    let media = match format {
        Format::Json => "application/json",
        Format::Ndjson => "application/x-ndjson",
        Format::Csv => "text/csv; charset=utf-8",
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.extend(total.map(|total| (HeaderName::from_static("picket-total"), HeaderValue::from(total))));
}

/// The log could not be read while a list was sent.
#[derive(Debug, thiserror::Error)]
enum CutError {
    #[error("the index cannot be read")]
    Search(#[from] SearchError),
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    #[error(transparent)]
    Contents(#[from] ContentsError),
}

/// Positions in slices small enough to be read at once.
fn slices(positions: Pager) -> impl Iterator<Item = Result<Vec<u64>, SearchError>> {
    positions.flat_map(|page| match page {
        Ok(page) => page.chunks(SLICE).map(|slice| Ok(slice.to_vec())).collect(),
        Err(error) => vec![Err(error)],
    })
}

fn read(state: &State, positions: &[u64], bodies: bool) -> Result<Vec<Box<RawValue>>, CutError> {
    if bodies { Ok(events_with_contents(&state.log, positions)?) } else { Ok(state.log.events_json(positions)?) }
}

/// Events as they are shown to those who ask for requests that passed by themselves: with another type, and the rest as it
/// stands.
fn rendered(events: Vec<Box<RawValue>>) -> Vec<Box<RawValue>> {
    const STORED: &str = "\"event_type\":\"request\"";
    let shown = format!("\"event_type\":\"{}\"", EventType::AUTO_APPROVED);
    let one = |event: Box<RawValue>| {
        let is_it = serde_json::from_str::<Event>(event.get()).is_ok_and(|event| event.is_auto_approved());
        let text = if is_it { event.get().replacen(STORED, &shown, 1) } else { return event };
        RawValue::from_string(text).unwrap_or(event)
    };
    events.into_iter().map(one).collect()
}

/// Where a list stands.
enum Stage {
    Head,
    Events,
    End,
}

/// Events slice by slice, as the bytes of the answer.
fn pieces(
    state: State,
    positions: Pager,
    mut writer: Writer,
    (bodies, is_rendered): (bool, bool),
) -> impl FnMut() -> Option<io::Result<Bytes>> + Send + 'static {
    let mut slices = slices(positions);
    let mut stage = Stage::Head;
    move || match stage {
        Stage::Head => {
            stage = Stage::Events;
            Some(Ok(writer.head().into()))
        }
        Stage::Events => {
            let Some(slice) = slices.next() else {
                stage = Stage::End;
                return Some(Ok(writer.tail().into()));
            };
            match slice.map_err(CutError::from).and_then(|slice| read(&state, &slice, bodies)) {
                Ok(events) if is_rendered => Some(Ok(writer.events(&rendered(events)).into())),
                Ok(events) => Some(Ok(writer.events(&events).into())),
                Err(error) => {
                    stage = Stage::End;
                    let error = picket_stdx::error_chain(&error);
                    tracing::error!(%error, "an answer was cut, because events could not be read");
                    Some(Err(io::Error::other("events could not be read")))
                }
            }
        }
        Stage::End => None,
    }
}
