//! Detection rules, without a server and on one.

mod backtest;
mod explain;
mod input;
mod matches;
mod server;

use super::Context;
use crate::args::{RulesCommand, ShowArgs};
use crate::failure::Failure;
use crate::output::Columns;
use picket_rules::Issue;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &["severity", "file", "line", "column", "message"];

pub(super) fn run(command: RulesCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        RulesCommand::Lint { files, data, show } => lint(&files, &data.data, &show, context),
        RulesCommand::Test { files, complete, data, show } => test(&files, complete, &data.data, &show, context),
        RulesCommand::Match(args) => matches::run(&args, context),
        RulesCommand::Explain(args) => explain::run(&args, context),
        RulesCommand::Backtest(args) => backtest::run(&args, context),
        command => server::run(command, context),
    }
}

fn lint(files: &[PathBuf], data: &[PathBuf], show: &ShowArgs, context: &Context) -> Result<ExitCode, Failure> {
    let loaded = input::load(files, data, false)?;
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
    let rules = loaded.rules.rules().iter().filter(|rule| !rule.is_feed()).count();
    let correlations = loaded.rules.correlations().iter().filter(|rule| !rule.is_feed()).count();
    context.note(&format!(
        "{rules} rules and {correlations} correlations can be used; {errors} errors, {warnings} warnings"
    ));
    Ok(ExitCode::from(if errors > 0 { 6 } else { 0 }))
}

/// Rules with mistakes are not tested, and the command fails.
fn test(
    files: &[PathBuf],
    complete: bool,
    data: &[PathBuf],
    show: &ShowArgs,
    context: &Context,
) -> Result<ExitCode, Failure> {
    let rules = input::whole(files, complete, data)?;
    let results = rules.test();
    let rows: Vec<Value> = results
        .iter()
        .map(|result| {
            let passed = result.difference.is_none();
            json!({"passed": passed, "rule": result.rule, "name": result.name, "difference": result.difference})
        })
        .collect();
    context.list(&rows, &["passed", "rule", "name", "difference"], show)?;
    let failed = results.iter().filter(|result| result.difference.is_some()).count();
    // What feeds a behaviour is a part of it.
    let singles = rules.rules().iter().filter(|rule| !rule.is_feed()).map(|rule| &rule.about);
    let others = rules.correlations().iter().filter(|rule| !rule.is_feed()).map(|rule| &rule.about);
    let abouts = singles.chain(others);
    let untested = abouts.filter(|about| about.tests() == 0).count();
    context.note(&format!("{} passed, {failed} failed; {untested} rules have no test", results.len() - failed));
    Ok(ExitCode::from(if failed > 0 { 6 } else { 0 }))
}
