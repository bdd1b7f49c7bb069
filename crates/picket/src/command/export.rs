//! Export jobs on the server.

use super::Context;
use crate::args::ExportCommand;
use crate::client::{Client, segment};
use crate::failure::{Failure, Kind};
use crate::output::{self, Columns, Format, OutputFile};
use crate::time;
use picket_api_types::{CreateExport, Export, ExportFormat, ExportState};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

const COLUMNS: Columns =
    &["id", "type", "format", "state", "rows", "bytes", "sha256", "created_by", "created_at", "description"];

pub(super) fn run(command: ExportCommand, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        ExportCommand::Create { kind, format, since, from, to, filter, description, include_bodies, wait } => {
            time::compatible(since.as_deref(), from.as_deref())?;
            let format = file_format(format)?;
            let wanted = CreateExport { kind, format, since, from, to, filter, description, include_bodies };
            let mut export: Export = client.post("/v1/exports", &wanted)?;
            if wait {
                export = finished(&client, &export.id)?;
            }
            context.note(&format!("fetch it with: picket export download {}", export.id));
            output::object(&serde_json::to_value(&export)?, Format::Table)
        }
        ExportCommand::List { format } => {
            let rows: Vec<Value> = client.get("/v1/exports", &[])?;
            output::list(&rows, COLUMNS, format.format)
        }
        ExportCommand::Get { id, format } => {
            let export: Value = client.get(&path(&id), &[])?;
            output::object(&export, format.format)
        }
        ExportCommand::Download { id, output, force } => download(&client, context, &id, output, force),
    }
}

fn download(client: &Client, context: &Context, id: &str, output: Option<PathBuf>, force: bool) -> Result<(), Failure> {
    let export = finished(client, id)?;
    let extension = match export.format {
        ExportFormat::Json => "json",
        ExportFormat::Ndjson => "ndjson",
        ExportFormat::Csv => "csv",
    };
    let path = output.unwrap_or_else(|| Path::new(&format!("{}.{extension}", export.id)).to_owned());
    let mut file = OutputFile::create(&path, force)?;
    client.download(&format!("{}/file", self::path(id)), &[], |bytes| file.write(bytes))?;
    let (bytes, sha256) = file.finish()?;
    if export.sha256.as_deref() != Some(sha256.as_str()) {
        return Err(Failure::new(
            Kind::Gate,
            format!("{}: SHA-256 is {sha256}, not what the server promised", path.display()),
        ));
    }
    context.note(&format!("{}: {} rows, {bytes} bytes, sha256 {sha256}", path.display(), export.rows));
    Ok(())
}

/// Waits for the end of a job.
fn finished(client: &Client, id: &str) -> Result<Export, Failure> {
    loop {
        let export: Export = client.get(&path(id), &[])?;
        match export.state {
            ExportState::Done => return Ok(export),
            ExportState::Failed | ExportState::Cancelled => {
                let cause = export.error.unwrap_or_else(|| "it was cancelled".to_owned());
                return Err(Failure::general(format!("export {id}: {cause}")));
            }
            ExportState::Queued | ExportState::Running => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

fn file_format(format: Format) -> Result<ExportFormat, Failure> {
    match format {
        Format::Json => Ok(ExportFormat::Json),
        Format::Ndjson => Ok(ExportFormat::Ndjson),
        Format::Csv => Ok(ExportFormat::Csv),
        Format::Table => Err(Failure::usage("an export file is json, ndjson or csv")),
    }
}

fn path(id: &str) -> String {
    format!("/v1/exports/{}", segment(id))
}
