//! Which events: the query parameters that lists, counts and the tail share.

use super::parameters::Parameters;
use crate::problem::ApiProblem;
use picket_event::Event;
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
pub(crate) fn filter(parameters: &Parameters) -> Result<Query, ApiProblem> {
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

/// The event types of the parameters: requests by default, `*` for all.
pub(crate) fn event_types(parameters: &Parameters) -> Vec<String> {
    match parameters.get("event_type") {
        None => vec!["request".to_owned()],
        Some("*") => Vec::new(),
        Some(types) => types.split(',').map(str::to_owned).collect(),
    }
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
    Ok(Request {
        filter: filter(parameters)?,
        event_types: event_types(parameters),
        since: parameters.moment("since", now)?,
        from: parameters.moment("from", now)?,
        to: parameters.end("to", now)?,
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
