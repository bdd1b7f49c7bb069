//! Which events: the query parameters that lists, counts and the tail share.

use crate::problem::ApiProblem;
use crate::time;
use picket_query::{Field, Query};
use picket_search::{Cursor, Order, Request};
use picket_stdx::Timestamp;
use std::collections::BTreeMap;

/// Query parameters by name.
pub(crate) type Parameters = BTreeMap<String, String>;

/// Parameters that name a field.
const FIELDS: &[&str] = &[
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
/// Parameters with a meaning of their own.
const OTHERS: &[&str] = &[
    "since",
    "from",
    "to",
    "filter",
    "fields",
    "format",
    "limit",
    "after",
    "before",
    "order",
    "open",
    "event_type",
    "include_bodies",
    "reason",
    "by",
    "interval",
];

/// The filter of the parameters.
pub(crate) fn filter(parameters: &Parameters) -> Result<Query, ApiProblem> {
    let mut query = match parameters.get("filter") {
        Some(text) => Query::parse(text).map_err(|error| ApiProblem::query(&error))?,
        None => Query::all(),
    };
    for (name, value) in parameters {
        if FIELDS.contains(&name.as_str()) {
            let field = Field::find(name).map_err(|_unknown| ApiProblem::bad(format!("no field {name}")))?;
            let term = Query::one_of(field, value.split(','))
                .map_err(|error| ApiProblem::bad(format!("{name}: {}", error.message)))?;
            query = query.and(term);
        } else if !OTHERS.contains(&name.as_str()) {
            return Err(ApiProblem::bad(format!(
                "unknown parameter `{}`; valid are {}, {}",
                name.chars().take(40).collect::<String>(),
                FIELDS.join(", "),
                OTHERS.join(", ")
            )));
        }
    }
    Ok(query)
}

/// The event types of the parameters: requests by default, `*` for all.
pub(crate) fn event_types(parameters: &Parameters) -> Vec<String> {
    match parameters.get("event_type").map(String::as_str) {
        None => vec!["request".to_owned()],
        Some("*") => Vec::new(),
        Some(types) => types.split(',').map(str::to_owned).collect(),
    }
}

/// The search of the parameters.
pub(crate) fn request(parameters: &Parameters, now: Timestamp) -> Result<Request, ApiProblem> {
    let moment = |name: &str| parameters.get(name).map(|text| time::moment(text, now)).transpose();
    let order = match parameters.get("order").map(String::as_str) {
        None | Some("asc") => Order::Ascending,
        Some("desc") => Order::Descending,
        Some(_) => return Err(ApiProblem::bad("order is asc or desc")),
    };
    Ok(Request {
        filter: filter(parameters)?,
        event_types: event_types(parameters),
        since: moment("since")?,
        from: moment("from")?,
        to: parameters.get("to").map(|text| time::end(text, now)).transpose()?,
        order,
        limit: number(parameters, "limit")?,
        before: cursor(parameters, "before")?,
        after: cursor(parameters, "after")?,
        rows: false,
        total: true,
    })
}

/// A parameter that is a whole number.
pub(crate) fn number(parameters: &Parameters, name: &str) -> Result<Option<usize>, ApiProblem> {
    let parse = |text: &String| text.parse().map_err(|_error| ApiProblem::bad(format!("{name} takes a whole number")));
    parameters.get(name).map(parse).transpose()
}

fn cursor(parameters: &Parameters, name: &str) -> Result<Option<Cursor>, ApiProblem> {
    let parse = |text: &String| {
        text.parse().map_err(|error: picket_search::ParseCursorError| ApiProblem::bad(format!("{name}: {error}")))
    };
    parameters.get(name).map(parse).transpose()
}
