//! Export jobs on the server.

use super::Context;
use crate::args::{ExportCommand, JobFormat, SchedulesCommand};
use crate::client::{Client, segment};
use crate::failure::{Failure, Kind};
use crate::output::{self, Columns, Format, OutputFile};
use crate::profile;
use crate::time;
use clap::ValueEnum as _;
use picket_api_types::{CreateExport, CreateExportSchedule, Export, ExportFormat, ExportSchedule, ExportState};
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

const COLUMNS: Columns<'_> = &[
    "id",
    "type",
    "format",
    "state",
    "rows",
    "bytes",
    "sha256",
    "created_by",
    "created_at",
    "restarts",
    "schedule",
    "description",
];

const SCHEDULES: Columns<'_> = &[
    "id",
    "type",
    "format",
    "every",
    "state",
    "covered_at",
    "next_at",
    "export",
    "failures",
    "keep",
    "created_by",
    "description",
];

pub(super) fn run(command: ExportCommand, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        ExportCommand::Create {
            kind,
            format,
            since,
            filter,
            description,
            include_bodies,
            every: Some(every),
            keep,
            ..
        } => {
            let format = file_format(format);
            let wanted = CreateExportSchedule { kind, format, every, since, keep, filter, description, include_bodies };
            let schedule: ExportSchedule = client.post("/v1/export-schedules", &wanted)?;
            context.note(&format!("see what it made with: picket export schedules get {}", schedule.id));
            output::print(&output::object(&serde_json::to_value(&schedule)?, SCHEDULES, shown())?)
        }
        ExportCommand::Create { kind, format, since, from, to, filter, description, include_bodies, wait, .. } => {
            time::compatible(since.as_deref(), from.as_deref())?;
            let format = file_format(format);
            let wanted = CreateExport { kind, format, since, from, to, filter, description, include_bodies };
            let mut export: Export = client.post("/v1/exports", &wanted)?;
            if wait {
                export = finished(&client, context, &export.id)?;
            }
            context.note(&format!("fetch it with: picket export download {}", export.id));
            output::print(&output::object(&serde_json::to_value(&export)?, COLUMNS, shown())?)
        }
        ExportCommand::Schedules(command) => schedules(command, &client, context),
        ExportCommand::List { show } => {
            let rows: Vec<Value> = client.get("/v1/exports", &[])?;
            context.list(&rows, COLUMNS, &show)
        }
        ExportCommand::Get { id, show } => {
            let export: Value = client.get(&path(&id), &[])?;
            context.object(&export, COLUMNS, &show)
        }
        ExportCommand::Cancel { id, yes, show } => {
            context.confirm(&yes, &format!("Cancel the export {id}? What it wrote is removed."))?;
            let export: Value = client.post(&format!("{}/cancel", path(&id)), &Value::Null)?;
            context.object(&export, COLUMNS, &show)
        }
        ExportCommand::Download { id, output, context: beside, force } => {
            let export = finished(&client, context, &id)?;
            download(&client, context, &export, output, force)?;
            let Some(beside) = beside else { return Ok(()) };
            let digest = export.context_sha256.as_deref().unwrap_or_default();
            fetch(&client, context, &format!("{}/context", path(&id)), (&beside, force), digest, None)
        }
    }
}

/// How a job is shown whose `--format` is that of its file.
fn shown() -> Format {
    let named = profile::variable("PICKET_FORMAT").and_then(|name| Format::from_str(&name, true).ok());
    named.unwrap_or(Format::Table)
}

fn schedules(command: SchedulesCommand, client: &Client, context: &Context) -> Result<(), Failure> {
    let path = |id: &str| format!("/v1/export-schedules/{}", segment(id));
    let (schedule, show): (Value, _) = match command {
        SchedulesCommand::List { show } => {
            let rows: Vec<Value> = client.get("/v1/export-schedules", &[])?;
            return context.list(&rows, SCHEDULES, &show);
        }
        SchedulesCommand::Delete { id, yes } => {
            context.confirm(&yes, &format!("Remove the schedule {id}? Its exports stay."))?;
            return client.end_at(&path(&id));
        }
        SchedulesCommand::Get { id, show } => (client.get(&path(&id), &[])?, show),
        SchedulesCommand::Pause { id, show } => (client.post(&format!("{}/pause", path(&id)), &Value::Null)?, show),
        SchedulesCommand::Resume { id, show } => (client.post(&format!("{}/resume", path(&id)), &Value::Null)?, show),
    };
    context.object(&schedule, SCHEDULES, &show)
}

fn download(
    client: &Client,
    context: &Context,
    export: &Export,
    output: Option<PathBuf>,
    force: bool,
) -> Result<(), Failure> {
    let extension = export.format.as_str();
    let file = format!("{}/file", path(&export.id));
    let digest = export.sha256.as_deref().unwrap_or_default();
    if output.as_deref() == Some(Path::new("-")) {
        let mut out = std::io::stdout().lock();
        return client.download(&file, &[], |bytes| Ok(out.write_all(bytes)?)).map(drop);
    }
    let output = output.unwrap_or_else(|| Path::new(&format!("{}.{extension}", export.id)).to_owned());
    fetch(client, context, &file, (&output, force), digest, Some((export.rows, export.bytes)))
}

/// Fetches a file, from where an earlier try ended, and lets it appear if it is the one that was promised.
fn fetch(
    client: &Client,
    context: &Context,
    url: &str,
    (path, force): (&Path, bool),
    sha256: &str,
    size: Option<(u64, u64)>,
) -> Result<(), Failure> {
    let mut file = OutputFile::resume(path, force)?;
    if file.bytes() > 0 {
        context.note(&format!("{}: going on after {} bytes", path.display(), file.bytes()));
    }
    let (rows, length) = size.unzip();
    let bar = context.progress(length.unwrap_or(0), "{bar:40} {bytes}/{total_bytes} {eta}");
    let fetched = client.fetch(url, sha256, &mut file, &|bytes| bar.set_position(bytes));
    bar.finish_and_clear();
    fetched.map_err(|failure| failure.with_advice("what came is kept; the same command goes on with it"))?;
    if length.is_some_and(|length| file.bytes() < length) {
        let cut = Failure::new(Kind::Unreachable, format!("{}: the answer was cut", path.display()));
        return Err(cut.with_advice("what came is kept; the same command goes on with it"));
    }
    let found = file.sha256();
    if found != sha256 {
        file.discard();
        let message = format!("{}: SHA-256 is {found}, not {sha256} as the server promised", path.display());
        return Err(Failure::new(Kind::Gate, message));
    }
    context.written(&file.finish()?, rows);
    Ok(())
}

/// Waits for the end of a job.
fn finished(client: &Client, context: &Context, id: &str) -> Result<Export, Failure> {
    let bar = context.progress(1_000, "{bar:40} {percent}% {msg}");
    let ended = loop {
        let export: Export = client.get(&path(id), &[])?;
        match export.state {
            ExportState::Done => break Ok(export),
            ExportState::Failed | ExportState::Cancelled | ExportState::Expired => {
                let gone = export.state == ExportState::Expired;
                let cause = if gone { "its files are gone; create another" } else { "it was cancelled" };
                let cause = export.error.unwrap_or_else(|| cause.to_owned());
                break Err(Failure::general(format!("export {id}: {cause}")));
            }
            ExportState::Queued | ExportState::Running => {
                bar.set_position(permille(export.progress));
                let again = if export.restarts > 0 { ", taken up again after a restart" } else { "" };
                bar.set_message(format!("{} rows{again}", export.rows));
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    };
    bar.finish_and_clear();
    ended
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
fn permille(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 1_000.0) as u64
}

fn file_format(format: JobFormat) -> ExportFormat {
    match format {
        JobFormat::Json => ExportFormat::Json,
        JobFormat::Ndjson => ExportFormat::Ndjson,
        JobFormat::Csv => ExportFormat::Csv,
        JobFormat::Parquet => ExportFormat::Parquet,
    }
}

fn path(id: &str) -> String {
    format!("/v1/exports/{}", segment(id))
}
