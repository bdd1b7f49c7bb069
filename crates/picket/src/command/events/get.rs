//! One event with what belongs to it: what the checks found, its session, and what was said.

use super::COLUMNS;
use crate::args::ShowArgs;
use crate::client::{Client, segment};
use crate::command::Context;
use crate::failure::Failure;
use crate::output::{self, Columns, Format};
use picket_api_types::{BodyView, RevealRequest};
use picket_stdx::escape;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What a reader looks for first.
const FIRST: Columns<'_> = &[
    "timestamp",
    "event_id",
    "decision",
    "severity",
    "type",
    "reason",
    "user",
    "team",
    "application",
    "model",
    "provider",
    "policies_triggered",
    "outcome",
    "status_code",
    "scanned",
    "session_id",
];
const RESULTS: Columns<'_> = &["policy", "phase", "verdict", "score", "type", "us"];
const LATE: Columns<'_> = &["timestamp", "event_id", "decision", "severity", "type", "reason"];
/// Late verdicts that are shown.
const LATE_MAX: &str = "64";
const UNSEEN: Columns<'_> = &["what", "at", "why"];
const EXCERPTS: Columns<'_> = &["policy", "type", "at", "excerpt"];

pub(super) fn run(
    client: &Client,
    context: &Context,
    id: &str,
    reason: Option<String>,
    show: &ShowArgs,
) -> Result<(), Failure> {
    let path = format!("/v1/events/{}", segment(id));
    let mut event: Value = client.get(&path, &[])?;
    let neighbours: Vec<Value> = client.get(&format!("{path}/session"), &[])?;
    let excerpts: Vec<Value> = match client.get(&format!("{path}/excerpts"), &[]) {
        Err(failure) if failure.is_denied() => Vec::new(),
        excerpts => excerpts?,
    };
    let late = if event.get("event_type").and_then(Value::as_str) == Some("request") {
        let filter = format!("parent:{id}");
        client.get(
            "/v1/events",
            &[("event_type", Some("verdict.late")), ("filter", Some(&filter)), ("limit", Some(LATE_MAX))],
        )?
    } else {
        Vec::new()
    };
    let bodies: Option<Vec<BodyView>> = match reason {
        Some(reason) => {
            context.note("reading prompts and answers is recorded, with your name and the reason");
            Some(client.post(&format!("{path}/bodies"), &RevealRequest { reason })?)
        }
        None => None,
    };
    if show.format.format == Format::Table {
        let shown = |value: &Value| context.shown(value, Format::Table).into_owned();
        let neighbours: Vec<Value> = neighbours.iter().map(shown).collect();
        let late: Vec<Value> = late.iter().map(shown).collect();
        let page = page(shown(&event), [&excerpts, &late, &neighbours], bodies.as_deref())?;
        return context.deliver(&page, None, show);
    }
    if let Some(members) = event.as_object_mut() {
        members.insert("excerpts".to_owned(), json!(excerpts));
        members.insert("session".to_owned(), json!(neighbours));
        if !late.is_empty() {
            members.insert("late_verdicts".to_owned(), json!(late));
        }
        if let Some(bodies) = &bodies {
            members.insert("bodies_revealed".to_owned(), serde_json::to_value(bodies)?);
        }
    }
    context.object(&event, FIRST, show)
}

/// The whole for people.
fn page(
    mut event: Value,
    [excerpts, late, neighbours]: [&[Value]; 3],
    bodies: Option<&[BodyView]>,
) -> Result<String, Failure> {
    let mut taken = |name: &str| event.as_object_mut().and_then(|members| members.remove(name));
    let results = taken("policy_results");
    let unseen: Vec<Value> = taken("unscanned").as_ref().map(unseen).unwrap_or_default();
    let mut text = output::object(&event, FIRST, Format::Table)?;
    let sections = [
        ("what the checks said", results.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice), RESULTS),
        ("what they found, masked", excerpts, EXCERPTS),
        ("what was found beside it", late, LATE),
        ("what they did not look at", &unseen, UNSEEN),
        ("the same session", if neighbours.len() > 1 { neighbours } else { &[] }, COLUMNS),
    ];
    for (title, rows, columns) in sections.into_iter().filter(|(_, rows, _)| !rows.is_empty()) {
        let table = output::list(rows, columns, Format::Table, output::is_watched())?;
        write!(text, "\n-- {title}\n{table}").unwrap_or_default();
    }
    for body in bodies.into_iter().flatten() {
        let state = serde_json::to_value(body.state)?;
        writeln!(text, "\n-- {} ({})", escape::terminal(&body.role), state.as_str().unwrap_or_default())
            .unwrap_or_default();
        for line in body.text.as_deref().unwrap_or("[not text]").lines() {
            writeln!(text, "{}", escape::terminal(line)).unwrap_or_default();
        }
    }
    Ok(text)
}

/// What was not scanned: what it is, where, and why.
fn unseen(places: &Value) -> Vec<Value> {
    let places = places.as_array().into_iter().flatten().filter_map(Value::as_str);
    let row = |place: &str| {
        // A place alone is a text that a check failed on.
        let (what, at) =
            if place.starts_with('/') { ("text", place) } else { place.split_once(':').unwrap_or((place, "")) };
        json!({"what": what, "at": at, "why": why(what)})
    };
    places.map(row).collect()
}

/// Why something is not scanned.
fn why(what: &str) -> &'static str {
    match what {
        "text" => "a check failed on it",
        "unchecked" => "no check of the policy looked at it",
        "image" => "pictures are not read",
        "audio" => "sounds are not heard; a transcript beside one is scanned",
        "video" => "films are not watched",
        "file" => "no text file, or too large to open",
        "sealed" => "encrypted by the provider",
        "tokens" => "numbers of tokens instead of text",
        "logprobs" => "tokens that are not those of the text",
        "hosted_tool" => "a tool that runs at the provider; what it tells the model does not pass here",
        _ => "stays at the provider",
    }
}

#[cfg(test)]
mod tests;
