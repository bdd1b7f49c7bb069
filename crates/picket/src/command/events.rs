//! Search, follow and export events.

mod get;

use super::Context;
use crate::args::{EventsCommand, Selection, ShowArgs};
use crate::client::{Client, Query};
use crate::failure::Failure;
use crate::output::{self, Columns, FileFormat, Format, OutputFile};
use crate::time;
use picket_api_types::{Bucket, Group, Stats};
use picket_query::Field;
use picket_stdx::duration;
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &[
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
        EventsCommand::List { selection, limit, all, fields, explain, show } => {
            if explain {
                context.note(&explained(&selection)?);
            }
            let limit = (!all).then_some(limit);
            list(&context.client()?, context, &selection, limit, &fields, &show)?;
        }
        EventsCommand::Get { id, include_bodies, reason, show } => {
            let bodies = include_bodies.then_some(reason).flatten();
            get::run(&context.client()?, context, &id, bodies, &show)?;
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
        EventsCommand::Stats { selection, by, interval, show } => {
            let mut query = parameters(&selection)?;
            query.push(("by", by.clone()));
            query.push(("interval", interval));
            let stats: Stats = context.client()?.get("/v1/events/stats", &borrowed(&query))?;
            stats_out(&stats, by.is_some(), context, &show)?;
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
    show: &ShowArgs,
) -> Result<(), Failure> {
    let mut query = parameters(selection)?;
    query.push(("limit", limit.map(|limit| limit.to_string())));
    query.push(("fields", (!fields.is_empty()).then(|| fields.join(","))));
    let (rows, total): (Vec<Value>, Option<u64>) = client.get_counted("/v1/events", &borrowed(&query))?;
    let shown = u64::try_from(rows.len()).unwrap_or(0);
    if let Some(total) = total.filter(|total| *total > shown) {
        context.note(&format!("showing {shown} of {total}, use --limit or --all"));
    }
    // The server understands other names of fields, and answers with the members' own.
    let member = |name: &String| Field::find(name).map_or_else(|_near| name.clone(), |field| field.as_str().to_owned());
    let members: Vec<String> = fields.iter().map(member).collect();
    let wanted: Vec<&str> = members.iter().map(String::as_str).collect();
    context.list(&rows, if wanted.is_empty() { COLUMNS } else { &wanted }, show)
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
    let cells = |row: &Value| COLUMNS.iter().map(|column| output::cell(row, column)).collect::<Vec<_>>();
    let painted = |row: &Value| cells(row).iter().map(|cell| output::paint(cell)).collect::<Vec<_>>();
    match format {
        Format::Csv => output::line(&COLUMNS.join(","))?,
        Format::Table if output::is_watched() => output::line(&COLUMNS.join("  "))?,
        Format::Table | Format::Json | Format::Ndjson => {}
    }
    let mut seen = 0;
    let mut show = |event: &str| {
        seen += 1;
        let row: Value = serde_json::from_str(event)?;
        match format {
            Format::Table => {
                let cells = painted(&context.shown(&row, format));
                output::line(&cells.join(if output::is_watched() { "  " } else { "\t" }))?;
            }
            Format::Csv => output::print(&output::csv_row(&cells(&row))?)?,
            Format::Json | Format::Ndjson => output::line(&output::inert(event))?,
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
    format: FileFormat,
    output: Option<(&Path, bool)>,
) -> Result<(), Failure> {
    let word = match format {
        FileFormat::Json => "json",
        FileFormat::Ndjson => "ndjson",
        FileFormat::Csv => "csv",
    };
    if reason.is_some() {
        context.note("exporting prompts and answers is recorded, with your name and the reason");
    }
    let mut query = parameters(selection)?;
    query.push(("format", Some(word.to_owned())));
    query.push(("include_bodies", reason.is_some().then(|| "true".to_owned())));
    query.push(("reason", reason));
    let query = borrowed(&query);
    let Some((path, force)) = output.filter(|(path, _)| *path != Path::new("-")) else {
        let mut out = std::io::stdout().lock();
        return client.download("/v1/events", &query, |bytes| Ok(out.write_all(bytes)?)).map(drop);
    };
    let mut file = OutputFile::create(path, force)?;
    let rows = client.download("/v1/events", &query, |bytes| file.write(bytes))?;
    context.written(&file.finish()?, rows);
    Ok(())
}

fn stats_out(stats: &Stats, by_field: bool, context: &Context, show: &ShowArgs) -> Result<(), Failure> {
    let rows =
        |values: Vec<Value>, first| context.list(&values, &[first, "count", "tokens_in", "tokens_out", "cost"], show);
    let values = |groups: &[Group]| groups.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
    let times = |buckets: &[Bucket]| buckets.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
    match (by_field, stats.over_time.is_empty()) {
        _ if matches!(show.format.format, Format::Json | Format::Ndjson) => context.object(stats, &[], show),
        (true, true) => rows(values(&stats.groups)?, "value"),
        (false, false) => rows(times(&stats.over_time)?, "at"),
        (false, true) => context.object(stats, &["total"], show),
        (true, false) => Err(Failure::usage("--by and --interval together do not fit one table; use --format json")),
    }
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
