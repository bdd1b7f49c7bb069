//! Events: one, its neighbours, counts, administrative acts.

use super::parameters::Parameters;
use super::selection::{self, FIELDS, FILTERS, PAGES, TIMES};
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use picket_api_types::{Bucket, Group, Stats};
use picket_event::{Event, EventId};
use picket_query::Field;
use picket_search::{self as search, Order, Request, StatsRequest};
use picket_stdx::duration;

/// Neighbours of an event that are shown on each side of it.
const NEIGHBOURS: usize = 10;
/// Groups that counts name, unless `limit` says otherwise.
const GROUPS: usize = 100;

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

/// The event's neighbours in its session, oldest first; only the event itself where it has none.
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
        let Some(place) = &event.log else { return Ok(vec![event]) };
        let request = Request { filter, total: false, ..Request::default() };
        let mut positions = state.index.around(&request, place.completed, NEIGHBOURS)?;
        // One that was recorded just now is not in the index yet.
        if let Err(at) = positions.binary_search(&place.completed) {
            positions.insert(at, place.completed);
        }
        Ok(state.log.events(&positions)?)
    });
    neighbours.await.map(Json)
}

pub(crate) async fn stats(
    Shared(state): Shared<State>,
    _caller: Caller,
    parameters: Parameters,
) -> Result<Json<Stats>, ApiProblem> {
    parameters.only(&[FIELDS, FILTERS, TIMES, &["by", "interval", "limit"]])?;
    let counted = state.blocking(move |state| {
        let by = parameters
            .get("by")
            .map(|name| {
                Field::find(name)
                    .map_err(|near| ApiProblem::bad("by: there is no such field to count by").with_suggestion(near))
            })
            .transpose()?;
        let interval = parameters
            .get("interval")
            .map(|text| duration::parse(text).map_err(|error| ApiProblem::bad(error.to_string())))
            .transpose()?;
        let groups = parameters.number("limit")?.unwrap_or(GROUPS);
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
    parameters: Parameters,
) -> Result<Json<Vec<Event>>, ApiProblem> {
    parameters.only(&[FIELDS, FILTERS, TIMES, PAGES])?;
    let acts = state.blocking(move |state| {
        let mut request = selection::request(&parameters, state.log.clock().now())?;
        request.event_types = Vec::new();
        request.filter = request.filter.and(
            picket_query::Query::parse(
                "-event_type:request -event_type:verdict.late -event_type:external.* -event_type:system.metrics",
            )
            .map_err(|error| ApiProblem::query(&error))?,
        );
        request.order = Order::Descending;
        request.limit = Some(request.limit.unwrap_or(100));
        Ok(state.log.events(&state.index.search(&request)?.positions)?)
    });
    acts.await.map(Json)
}
