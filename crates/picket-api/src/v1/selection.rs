//! Which events: the query parameters that lists, counts and the tail share.

use super::parameters::Parameters;
use crate::problem::ApiProblem;
use picket_event::{Event, EventType};
use picket_query::{Field, Query, nearest};
use picket_search::{Cursor, Order, Request};
use picket_stdx::Timestamp;
use std::sync::LazyLock;
use utoipa::PartialSchema as _;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// Parameters that name a field.
pub(crate) const FIELDS: &[&str] = &[
    "decision",
    "action",
    "user",
    "team",
    "model",
    "provider",
    "policy",
    "severity",
    "category",
    "type",
    "application",
    "session",
    "request_id",
    "key",
    "gateway",
    "src_ip",
    "outcome",
    "escalation",
    "tool",
];
/// Parameters that select, beside those that name a field.
pub(crate) const FILTERS: &[&str] = &["filter", "event_type"];
/// Parameters that bound the time.
pub(crate) const TIMES: &[&str] = &["since", "from", "to"];
/// Parameters that page.
pub(crate) const PAGES: &[&str] = &["limit", "after", "before", "order"];

/// The members of an event, by the names that `fields` takes.
static MEMBERS: LazyLock<Vec<&'static str>> = LazyLock::new(|| match Event::schema() {
    RefOr::T(Schema::Object(event)) => event.properties.into_keys().map(|name| &*name.leak()).collect(),
    _ => Vec::new(),
});

/// The filter of the parameters.
fn filter(parameters: &Parameters) -> Result<Query, ApiProblem> {
    let mut query = match parameters.get("filter") {
        Some(text) => Query::parse(text).map_err(|error| ApiProblem::query(&error))?,
        None => Query::all(),
    };
    for (name, value) in parameters.iter().filter(|(name, _)| FIELDS.contains(name)) {
        let field = Field::find(name).map_err(|_unknown| ApiProblem::bad(format!("no field {name}")))?;
        let term = Query::one_of(field, value.split(','))
            .map_err(|error| ApiProblem::bad(format!("{name}: {}", error.message)))?;
        query = query.and(term);
    }
    Ok(query)
}

/// Events of some types that fit a filter.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// What a log and an index know of it.
    pub(crate) filter: Query,
    /// Types; empty means all.
    pub(crate) types: Vec<String>,
    /// Whether requests that passed by themselves are shown as such.
    pub(crate) is_rendered: bool,
}

/// Filter and event types of the parameters: `*` for all, and requests where neither `event_type` nor the filter asks for
/// types.
pub(crate) fn wanted(parameters: &Parameters) -> Result<Wanted, ApiProblem> {
    let filter = filter(parameters)?;
    let mut types: Vec<String> = match parameters.get("event_type") {
        None if filter.asks_for_types() => Vec::new(),
        None => vec!["request".to_owned()],
        Some("*") => Vec::new(),
        Some(types) => types.split(',').map(str::to_owned).collect(),
    };
    let by_filter = filter.asks_for_auto_approved();
    let mut filter = filter.stored();
    let rendered = |kind: &String| kind == EventType::AUTO_APPROVED.as_str();
    let by_type = types.iter().any(rendered);
    types.retain(|kind| !rendered(kind));
    // Whoever asks for all requests has them already, each once.
    if by_type && !types.iter().any(|kind| kind == "request") {
        let mut any = Query::auto_approved();
        if !types.is_empty() {
            let others = Query::one_of(Field::EventType, types.iter().map(String::as_str));
            any = any.or(others.map_err(|error| ApiProblem::query(&error))?);
        }
        filter = filter.and(any);
        types.push("request".to_owned());
        return Ok(Wanted { filter, types, is_rendered: true });
    }
    Ok(Wanted { filter, types, is_rendered: by_filter })
}

/// Which way the parameters want a list to run.
pub(crate) fn order(parameters: &Parameters) -> Result<Order, ApiProblem> {
    match parameters.get("order") {
        None | Some("asc") => Ok(Order::Ascending),
        Some("desc") => Ok(Order::Descending),
        Some(_) => Err(ApiProblem::bad("order is asc or desc")),
    }
}

/// The search of the parameters.
pub(crate) fn request(parameters: &Parameters, now: Timestamp) -> Result<Request, ApiProblem> {
    let Wanted { filter, types: event_types, .. } = wanted(parameters)?;
    Ok(Request {
        filter,
        event_types,
        since: parameters.moment("since", now)?,
        from: parameters.moment("from", now)?,
        to: parameters.end("to", now)?,
        positions: None,
        order: order(parameters)?,
        limit: parameters.number("limit")?,
        before: cursor(parameters, "before")?,
        after: cursor(parameters, "after")?,
        rows: false,
        total: true,
    })
}

/// The members that `fields` asks for; empty means all. A field's other names are understood.
pub(crate) fn members(parameters: &Parameters) -> Result<Vec<String>, ApiProblem> {
    let member = |name: &str| {
        let known = |name: &str| MEMBERS.iter().copied().find(|member| *member == name);
        let found = known(name).or_else(|| Field::find(name).ok().and_then(|field| known(field.as_str())));
        found.map(str::to_owned).ok_or_else(|| {
            let name: String = name.chars().take(40).collect();
            ApiProblem::bad(format!("fields: an event has no member `{name}`"))
                .with_suggestion(nearest(&name, MEMBERS.iter().copied()))
        })
    };
    parameters.get("fields").map_or_else(|| Ok(Vec::new()), |names| names.split(',').map(member).collect())
}

fn cursor(parameters: &Parameters, name: &str) -> Result<Option<Cursor>, ApiProblem> {
    let parse = |text: &str| {
        text.parse().map_err(|error: picket_search::ParseCursorError| ApiProblem::bad(format!("{name}: {error}")))
    };
    parameters.get(name).map(parse).transpose()
}
