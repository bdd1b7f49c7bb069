//! The tamper-evident log.

use super::Context;
use crate::args::LogCommand;
use crate::client::segment;
use crate::failure::Failure;
use crate::output::{self, Columns, OutputFile};
use picket_api_types::{LogSummary, Proof};
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns = &["id", "kind", "size", "origin", "vkey"];

pub(super) fn run(command: LogCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        LogCommand::List { format } => {
            let rows: Vec<Value> = context.client()?.get("/v1/log", &[])?;
            output::list(&rows, COLUMNS, format.format)?;
        }
        LogCommand::Verify { config: Some(config), format } => return super::serve::verify(&config, format.format),
        LogCommand::Verify { config: None, format } => {
            let report: Value = context.client()?.post("/v1/log/verify", &Value::Null)?;
            output::object(&report, format.format)?;
            let passed = report.get("passed") == Some(&Value::Bool(true));
            return Ok(ExitCode::from(if passed { 0 } else { 6 }));
        }
        LogCommand::Proof { event, output } => {
            let proof: Proof = context.client()?.get(&format!("/v1/events/{}/proof", segment(&event)), &[])?;
            match output {
                None => output::line(proof.proof.trim_end())?,
                Some(path) => {
                    let mut file = OutputFile::create(&path, false)?;
                    file.write(proof.proof.as_bytes())?;
                    file.finish().map(drop)?;
                }
            }
            context.note(&format!("leaf {} of log {}: {}", proof.position, proof.log, proof.entry));
        }
        LogCommand::Checkpoint { log } => {
            let client = context.client()?;
            let log = match log {
                Some(log) => log,
                None => {
                    let logs: Vec<LogSummary> = client.get("/v1/log", &[])?;
                    let workspace = logs.into_iter().find(|log| log.kind == "workspace");
                    workspace.map(|log| log.id).ok_or_else(|| Failure::general("the store has no workspace log"))?
                }
            };
            output::line(client.text(&format!("/v1/log/{}/checkpoint", segment(&log)))?.trim_end())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
