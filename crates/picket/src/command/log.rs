//! The tamper-evident log.

use super::Context;
use crate::args::{LogCommand, ShowArgs};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::{Columns, Format, OutputFile};
use picket_api_types::{LogSummary, Proof};
use picket_stdx::escape;
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &["id", "kind", "size", "origin", "vkey"];

/// What verification says of each log.
pub(super) const VERIFIED: Columns<'_> =
    &["log", "passed", "entries", "pruned", "bodies_present", "bodies_gone", "checkpoints", "root", "error"];

pub(super) fn run(command: LogCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        LogCommand::List { show } => {
            let rows: Vec<Value> = context.client()?.get("/v1/log", &[])?;
            context.list(&rows, COLUMNS, &show)?;
        }
        LogCommand::Verify { config: Some(config), show } => return super::serve::verify(&config, &show, context),
        LogCommand::Verify { config: None, show } => {
            let report: Value = context.client()?.post("/v1/log/verify", &Value::Null)?;
            let passed = report.get("passed") == Some(&Value::Bool(true));
            match show.format.format {
                Format::Table | Format::Csv => context.list(&verified(&report), VERIFIED, &show)?,
                Format::Json | Format::Ndjson => context.object(&report, &["passed"], &show)?,
            }
            return Ok(ExitCode::from(if passed { 0 } else { 6 }));
        }
        LogCommand::Proof { event, entry, show } => proof(&event, entry.as_deref(), &show, context)?,
        LogCommand::Checkpoint { log, show } => {
            let client = context.client()?;
            let log = match log {
                Some(log) => log,
                None => {
                    let logs: Vec<LogSummary> = client.get("/v1/log", &[])?;
                    let workspace = logs.into_iter().find(|log| log.kind == "workspace");
                    workspace.map(|log| log.id).ok_or_else(|| Failure::general("the store has no workspace log"))?
                }
            };
            context.deliver(&client.text(&format!("/v1/log/{}/checkpoint", segment(&log)))?, None, &show)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A report as rows, one for each log.
pub(super) fn verified(report: &Value) -> Vec<Value> {
    let logs = report.get("logs").and_then(Value::as_array).cloned().unwrap_or_default();
    let row = |mut log: Value| {
        let passed = log.get("error").is_none();
        if let Some(members) = log.as_object_mut() {
            members.insert("passed".to_owned(), Value::Bool(passed));
        }
        log
    };
    logs.into_iter().map(row).collect()
}

/// The proof as its document, and the entry that it is about as a file of its own: both are needed to check it.
fn proof(event: &str, entry: Option<&Path>, show: &ShowArgs, context: &Context) -> Result<(), Failure> {
    let proof: Proof = context.client()?.get(&format!("/v1/events/{}/proof", segment(event)), &[])?;
    match show.format.format {
        Format::Table => context.deliver(&proof.proof, None, show)?,
        _ => context.object(&proof, &[], show)?,
    }
    let Some(path) = entry else {
        context.note(&format!("leaf {} of log {}: {}", proof.position, proof.log, escape::terminal(&proof.entry)));
        return Ok(());
    };
    let mut file = OutputFile::create(path, show.force)?;
    file.write(proof.entry.as_bytes())?;
    context.written(&file.finish()?, None);
    Ok(())
}
