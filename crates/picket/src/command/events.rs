//! Search, follow and export events.

use super::Context;
use crate::args::{EventsCommand, Selection};
use crate::client::{Client, Query, segment};
use crate::failure::Failure;
use crate::output::{self, Columns, Format, OutputFile};
use crate::time;
use picket_api_types::{BodyView, RevealRequest, Stats};
use picket_stdx::duration;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

const COLUMNS: Columns = &[
    "timestamp",
    "event_id",
    "severity",
    "decision",
    "type",
    "user",
    "team",
    "model",
    "policies_triggered",
    "outcome",
];

pub(super) fn run(command: EventsCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        EventsCommand::List { selection, limit, all, fields, explain, format } => {
            if explain {
                context.note(&explained(&selection)?);
            }
            let limit = (!all).then_some(limit);
            list(&context.client()?, context, &selection, limit, &fields, format.format)?;
        }
        EventsCommand::Get { id, include_bodies, reason, format } => {
            let bodies = include_bodies.then_some(reason).flatten();
            get(&context.client()?, context, &id, bodies, format.format)?;
        }
        EventsCommand::Tail { selection, max, duration, format } => {
            return tail(&context.client()?, context, &selection, max, duration.as_deref(), format.format);
        }
        EventsCommand::Export { selection, include_bodies, reason, format, output, force } => {
            let bodies = include_bodies.then(|| reason.unwrap_or_else(|| "not stated".to_owned()));
            export(
                &context.client()?,
                context,
                &selection,
                bodies,
                format,
                output.as_deref().map(|path| (path, force)),
            )?;
        }
        EventsCommand::Stats { selection, by, interval, format } => {
            let mut query = parameters(&selection)?;
            query.push(("by", by.clone()));
            query.push(("interval", interval));
            let stats: Stats = context.client()?.get("/v1/events/stats", &borrowed(&query))?;
            stats_out(&stats, by.is_some(), format.format)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(
    client: &Client,
    context: &Context,
    selection: &Selection,
    limit: Option<u64>,
    fields: &[String],
    format: Format,
) -> Result<(), Failure> {
    let mut query = parameters(selection)?;
    query.push(("limit", limit.map(|limit| limit.to_string())));
    query.push(("fields", (!fields.is_empty()).then(|| fields.join(","))));
    let (rows, total): (Vec<Value>, Option<u64>) = client.get_counted("/v1/events", &borrowed(&query))?;
    let shown = u64::try_from(rows.len()).unwrap_or(0);
    if let Some(total) = total.filter(|total| *total > shown) {
        context.note(&format!("showing {shown} of {total}, use --limit or --all"));
    }
    if fields.is_empty() {
        return output::list(&rows, COLUMNS, format);
    }
    let wanted: Vec<&'static str> =
        COLUMNS.iter().copied().filter(|column| fields.iter().any(|field| field == column)).collect();
    output::list(&rows, if wanted.is_empty() { COLUMNS } else { wanted.leak() }, format)
}

fn get(client: &Client, context: &Context, id: &str, reason: Option<String>, format: Format) -> Result<(), Failure> {
    let path = format!("/v1/events/{}", segment(id));
    let mut event: Value = client.get(&path, &[])?;
    let neighbours: Vec<Value> = client.get(&format!("{path}/session"), &[])?;
    let bodies: Option<Vec<BodyView>> = match reason {
        Some(reason) => {
            context.note("reading prompts and answers is recorded, with your name and the reason");
            Some(client.post(&format!("{path}/bodies"), &RevealRequest { reason })?)
        }
        None => None,
    };
    if format != Format::Table {
        if let Some(members) = event.as_object_mut() {
            members.insert("session".to_owned(), json!(neighbours));
            if let Some(bodies) = &bodies {
                members.insert("bodies_revealed".to_owned(), serde_json::to_value(bodies)?);
            }
        }
        return output::object(&event, format);
    }
    output::object(&event, format)?;
    for body in bodies.iter().flatten() {
        output::line(&format!("\n-- {} ({:?})", body.role, body.state))?;
        let text = body.text.as_deref().unwrap_or("[not text]");
        for row in text.lines() {
            output::line(&picket_stdx::escape::terminal(row))?;
        }
    }
    if neighbours.len() > 1 {
        output::line("\n-- the same session")?;
        output::list(&neighbours, COLUMNS, Format::Table)?;
    }
    Ok(())
}

fn tail(
    client: &Client,
    context: &Context,
    selection: &Selection,
    max: Option<u64>,
    duration: Option<&str>,
    format: Format,
) -> Result<ExitCode, Failure> {
    let limit = duration.map(duration::parse).transpose().map_err(Failure::usage)?;
    let query = parameters(selection)?;
    let mut seen = 0;
    let mut show = |event: &str| {
        seen += 1;
        let row: Value = serde_json::from_str(event)?;
        match format {
            Format::Table => {
                output::line(&COLUMNS.iter().map(|column| output::cell(&row, column)).collect::<Vec<_>>().join("  "))?
            }
            Format::Csv => {
                output::line(&COLUMNS.iter().map(|column| output::cell(&row, column)).collect::<Vec<_>>().join(","))?
            }
            Format::Json | Format::Ndjson => output::line(event)?,
        }
        Ok(max.is_none_or(|max| seen < max))
    };
    let interrupted =
        client.follow("/v1/events/tail", &borrowed(&query), limit, &|text| context.note(text), &mut show)?;
    Ok(ExitCode::from(if interrupted { 130 } else { 0 }))
}

fn export(
    client: &Client,
    context: &Context,
    selection: &Selection,
    reason: Option<String>,
    format: Format,
    output: Option<(&Path, bool)>,
) -> Result<(), Failure> {
    let word = match format {
        Format::Json => "json",
        Format::Ndjson => "ndjson",
        Format::Csv => "csv",
        Format::Table => return Err(Failure::usage("an export is json, ndjson or csv")),
    };
    if reason.is_some() {
        context.note("exporting prompts and answers is recorded, with your name and the reason");
    }
    let mut query = parameters(selection)?;
    query.push(("format", Some(word.to_owned())));
    query.push(("include_bodies", reason.is_some().then(|| "true".to_owned())));
    query.push(("reason", reason));
    let query = borrowed(&query);
    let Some((path, force)) = output else {
        let mut out = std::io::stdout().lock();
        return client.download("/v1/events", &query, |bytes| Ok(out.write_all(bytes)?)).map(drop);
    };
    let mut file = OutputFile::create(path, force)?;
    let rows = client.download("/v1/events", &query, |bytes| file.write(bytes))?;
    let (bytes, sha256) = file.finish()?;
    let rows = rows.map(|rows| format!("{rows} rows, ")).unwrap_or_default();
    context.note(&format!("{}: {rows}{bytes} bytes, sha256 {sha256}", path.display()));
    Ok(())
}

fn stats_out(stats: &Stats, by_field: bool, format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        return output::object(&serde_json::to_value(stats)?, format);
    }
    let groups: Vec<Value> = stats.groups.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    let times: Vec<Value> = stats.over_time.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    if by_field {
        output::list(&groups, &["value", "count", "tokens_in", "tokens_out", "cost"], format)?;
    }
    if !times.is_empty() {
        output::list(&times, &["at", "count", "tokens_in", "tokens_out", "cost"], format)?;
    }
    if !by_field && times.is_empty() {
        output::object(&serde_json::to_value(stats)?, format)?;
    }
    Ok(())
}

/// The query parameters of a selection.
fn parameters(selection: &Selection) -> Result<Vec<(&'static str, Option<String>)>, Failure> {
    time::compatible(selection.since.as_deref(), selection.from.as_deref())?;
    let joined = |values: &[String]| (!values.is_empty()).then(|| values.join(","));
    Ok(vec![
        ("since", selection.since.clone()),
        ("from", selection.from.clone()),
        ("to", selection.to.clone()),
        ("filter", selection.filter.clone()),
        ("severity", joined(&selection.severity)),
        ("decision", joined(&selection.decision)),
        ("user", joined(&selection.user)),
        ("team", joined(&selection.team)),
        ("model", joined(&selection.model)),
        ("event_type", selection.event_type.clone()),
    ])
}

fn borrowed<'a>(query: &'a [(&'static str, Option<String>)]) -> Vec<Query<'a>> {
    query.iter().map(|(name, value)| (*name, value.as_deref())).collect()
}

fn explained(selection: &Selection) -> Result<String, Failure> {
    let filter = selection.filter.as_deref().unwrap_or_default();
    let query = picket_query::Query::parse(filter)
        .map_err(|error| Failure::usage(format!("{error}\n{}", error.caret(filter))))?;
    Ok(query.explain())
}
