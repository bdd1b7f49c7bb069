//! Times on the command line: relative (`24h`) or absolute (RFC 3339, or a bare date).

use crate::failure::Failure;
use picket_query::time::Span;
use picket_stdx::{Clock, Timestamp, Zone};
use serde_json::Value;
use std::borrow::Cow;

/// Refuses a text that is no time, before it travels. The server reads it in the same way.
pub fn checked(text: &str) -> Result<String, String> {
    Span::parse(text).map(|_span| text.to_owned()).map_err(|error| error.to_string())
}

/// Refuses times that contradict each other.
pub fn compatible(since: Option<&str>, from: Option<&str>) -> Result<(), Failure> {
    if since.is_some() && from.is_some() {
        Err(Failure::usage(
            "--since and --from exclude each other: --since is when it was recorded, --from when it happened",
        ))
    } else {
        Ok(())
    }
}

/// Refuses a span that ends before it begins: nothing can be in it.
pub fn in_order(from: Option<&str>, until: (&str, Option<&str>)) -> Result<(), Failure> {
    let (name, until) = until;
    let (Some(from), Some(until)) = (from, until) else { return Ok(()) };
    let (Ok(first), Ok(last)) = (Span::parse(from), Span::parse(until)) else { return Ok(()) };
    let now = Clock::system().now();
    let begins = first.from.at(now);
    if begins <= last.from.at(now) || begins < last.until.at(now) {
        return Ok(());
    }
    Err(Failure::usage(format!("--{name} {until} is before --from {from}; there is nothing in between")))
}

/// A value with its times in a zone. Times are the members named `timestamp`, `at` or `…_at`.
pub fn shown<'a>(value: &'a Value, zone: &Zone) -> Cow<'a, Value> {
    if zone.is_utc() {
        return Cow::Borrowed(value);
    }
    let mut value = value.clone();
    convert(&mut value, zone);
    Cow::Owned(value)
}

fn convert(value: &mut Value, zone: &Zone) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| convert(item, zone)),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(text) if name == "timestamp" || name == "at" || name.ends_with("_at") => {
                        if let Ok(at) = text.parse::<Timestamp>() {
                            *text = zone.show(at);
                        }
                    }
                    member => convert(member, zone),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
