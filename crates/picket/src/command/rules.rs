//! Detection rules, without a server.

mod explain;
mod input;
mod matches;

use super::Context;
use crate::args::RulesCommand;
use crate::failure::Failure;
use crate::output::Columns;
use picket_rules::{Issue, Rules};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &["severity", "file", "line", "column", "message"];

pub(super) fn run(command: RulesCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        RulesCommand::Lint { files, data, show } => lint(&files, &data.data, &show, context),
        RulesCommand::Match(args) => matches::run(&args, context),
        RulesCommand::Explain(args) => explain::run(&args, context),
    }
}

fn lint(
    files: &[PathBuf],
    data: &[PathBuf],
    show: &crate::args::ShowArgs,
    context: &Context,
) -> Result<ExitCode, Failure> {
    let files = input::files(files)?;
    let data = input::data(data)?;
    let loaded = Rules::load(files.iter().map(|(name, text)| (name.as_str(), text.as_str())), &data);
    let row = |severity: &str, issue: &Issue| {
        let place = &issue.place;
        json!({
            "severity": severity, "file": &*place.source, "line": place.line, "column": place.column,
            "message": issue.message,
        })
    };
    let errors = loaded.issues.errors.iter().map(|issue| row("error", issue));
    let rows: Vec<Value> = errors.chain(loaded.issues.warnings.iter().map(|issue| row("warning", issue))).collect();
    context.list(&rows, COLUMNS, show)?;
    let (errors, warnings) = (loaded.issues.errors.len(), loaded.issues.warnings.len());
    let (rules, correlations) = (loaded.rules.rules().len(), loaded.rules.correlations().len());
    context.note(&format!(
        "{rules} rules and {correlations} correlations can be used; {errors} errors, {warnings} warnings"
    ));
    Ok(ExitCode::from(if errors > 0 { 6 } else { 0 }))
}
