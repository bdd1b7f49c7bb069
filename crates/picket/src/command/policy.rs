//! The policy that judges requests.

use super::Context;
use crate::args::PolicyCommand;
use crate::failure::{Failure, Kind};
use crate::output::{self, Columns, Format};
use picket_api_types::{ApplyPolicy, MonitorRequest, PolicyDiff, PolicyText, PolicyVersion, RollbackRequest};
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;

const COLUMNS: Columns = &["version", "active", "digest", "author", "created_at"];

pub(super) fn run(command: PolicyCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        PolicyCommand::Lint { file } => return lint(&file, context),
        PolicyCommand::Test { file, cases } => return test(&file, cases.as_deref()),
        PolicyCommand::Show { version } => {
            let path =
                version.map_or_else(|| "/v1/policies/active".to_owned(), |version| format!("/v1/policies/{version}"));
            let policy: PolicyVersion = context.client()?.get(&path, &[])?;
            context.note(&format!("version {}, digest {}", policy.version, policy.digest));
            output::line(policy.text.unwrap_or_default().trim_end())?;
        }
        PolicyCommand::History { format } => {
            let rows: Vec<Value> = context.client()?.get("/v1/policies", &[])?;
            output::list(&rows, COLUMNS, format.format)?;
        }
        PolicyCommand::Diff { file } => diff(&file, context)?,
        PolicyCommand::Apply { file, dry_run: true } => diff(&file, context)?,
        PolicyCommand::Apply { file, dry_run: false } => {
            let wanted = ApplyPolicy { text: read(&file)?, base_version: None };
            let applied: PolicyVersion = context.client()?.post("/v1/policies", &wanted)?;
            in_force(&applied, context)?;
        }
        PolicyCommand::Rollback { version } => {
            let applied: PolicyVersion =
                context.client()?.post("/v1/policies/rollback", &RollbackRequest { version })?;
            in_force(&applied, context)?;
        }
        PolicyCommand::Monitor { kind, enforce } => {
            let applied: PolicyVersion =
                context.client()?.post("/v1/policies/monitor", &MonitorRequest { kind, enforce })?;
            in_force(&applied, context)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn in_force(applied: &PolicyVersion, context: &Context) -> Result<(), Failure> {
    context.note(&format!("version {} is in force, digest {}", applied.version, applied.digest));
    let mut value = serde_json::to_value(applied)?;
    if let Some(members) = value.as_object_mut() {
        members.remove("text");
    }
    output::object(&value, Format::Table)
}

fn diff(file: &Path, context: &Context) -> Result<(), Failure> {
    let diff: PolicyDiff = context.client()?.post("/v1/policies/diff", &PolicyText { text: read(file)? })?;
    if diff.changes.is_empty() {
        context.note("nothing changes");
    }
    diff.changes.iter().try_for_each(|change| output::line(change))
}

fn lint(file: &Path, context: &Context) -> Result<ExitCode, Failure> {
    let text = read(file)?;
    let source = file.display().to_string();
    match picket_policy::compile(&text, &source) {
        Err(problems) => Err(Failure::new(Kind::Usage, problems)),
        Ok(policy) => {
            for warning in policy.warnings() {
                context.note(&warning.to_string());
            }
            context.note(&format!("{source}: good, digest {}", policy.digest()));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn test(file: &Path, cases: Option<&Path>) -> Result<ExitCode, Failure> {
    let text = read(file)?;
    let source = file.display().to_string();
    let (case_text, case_source) = match cases {
        Some(path) => (read(path)?, path.display().to_string()),
        None => (text.clone(), source.clone()),
    };
    let policy = picket_policy::compile(&text, &source).map_err(|problems| Failure::new(Kind::Usage, problems))?;
    let results = picket_policy::testing::run(&policy, &case_text, &case_source)
        .map_err(|problems| Failure::new(Kind::Usage, problems))?;
    for result in &results {
        let mark = if result.passed { "ok  " } else { "FAIL" };
        output::line(&format!("{mark} {}", result.name))?;
        result.differences.iter().try_for_each(|difference| output::line(&format!("     {difference}")))?;
    }
    let failed = results.iter().filter(|result| !result.passed).count();
    output::line(&format!("{} passed, {failed} failed", results.len() - failed))?;
    Ok(ExitCode::from(if failed > 0 { 6 } else { 0 }))
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
}
