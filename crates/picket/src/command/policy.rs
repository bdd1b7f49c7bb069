//! The policy that judges requests.

use super::Context;
use crate::args::{PolicyCommand, ShowArgs};
use crate::failure::{Failure, Kind};
use crate::output::{Columns, Format};
use picket_api_types::{ApplyPolicy, MonitorRequest, PolicyDiff, PolicyText, PolicyVersion, RollbackRequest};
use picket_stdx::escape;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &["version", "active", "digest", "author", "created_at"];

pub(super) fn run(command: PolicyCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        PolicyCommand::Lint { file, show } => lint(&file, &show, context)?,
        PolicyCommand::Test { file, cases, show } => return test(&file, cases.as_deref(), &show, context),
        PolicyCommand::Show { version, show } => {
            let path =
                version.map_or_else(|| "/v1/policies/active".to_owned(), |version| format!("/v1/policies/{version}"));
            let policy: PolicyVersion = context.client()?.get(&path, &[])?;
            context.note(&format!("version {}, digest {}", policy.version, policy.digest));
            match show.format.format {
                Format::Table => context.deliver(policy.text.as_deref().unwrap_or_default(), None, &show)?,
                _ => context.object(&policy, COLUMNS, &show)?,
            }
        }
        PolicyCommand::History { show } => {
            let rows: Vec<Value> = context.client()?.get("/v1/policies", &[])?;
            context.list(&rows, COLUMNS, &show)?;
        }
        PolicyCommand::Diff { file, show } => drop(diff(&file, &show, context)?),
        PolicyCommand::Proposals(command) => super::proposals::run(command, context)?,
        PolicyCommand::Apply { file, dry_run: true, show, .. } => {
            if diff(&file, &show, context)?.managed_by_file {
                let cause = "this could not be applied: the policy is managed by a file; change the file and reload";
                return Err(Failure::new(Kind::Conflict, cause));
            }
            context.note("this was a dry run: nothing was changed");
        }
        PolicyCommand::Apply { file, dry_run: false, break_glass, show } => {
            let wanted = ApplyPolicy { text: read(&file)?, base_version: None, break_glass };
            changed(context.client()?.post("/v1/policies", &wanted)?, &show, context)?;
        }
        PolicyCommand::Rollback { version, yes, show } => {
            let target =
                version.map_or_else(|| "the version before".to_owned(), |version| format!("version {version}"));
            context.confirm(&yes, &format!("Go back to {target} of the policy? It judges requests at once."))?;
            let applied: PolicyVersion =
                context.client()?.post("/v1/policies/rollback", &RollbackRequest { version })?;
            in_force(&applied, &show, context)?;
        }
        PolicyCommand::Monitor { kind, enforce, break_glass, yes, show } => {
            if !enforce {
                context.confirm(&yes, &format!("Let {kind} only watch? It stops nothing from now on."))?;
            }
            let wanted = MonitorRequest { kind, enforce, break_glass };
            changed(context.client()?.post("/v1/policies/monitor", &wanted)?, &show, context)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows what came of a change: a version in force, or a proposal.
fn changed(done: Value, show: &ShowArgs, context: &Context) -> Result<(), Failure> {
    if done.get("status").is_some() {
        return super::proposals::proposed(done, show, context);
    }
    in_force(&serde_json::from_value(done)?, show, context)
}

pub(super) fn in_force(applied: &PolicyVersion, show: &ShowArgs, context: &Context) -> Result<(), Failure> {
    context.note(&format!("version {} is in force, digest {}", applied.version, applied.digest));
    let mut value = serde_json::to_value(applied)?;
    if let Some(members) = value.as_object_mut() {
        members.remove("text");
    }
    context.object(&value, COLUMNS, show)
}

fn diff(file: &Path, show: &ShowArgs, context: &Context) -> Result<PolicyDiff, Failure> {
    let diff: PolicyDiff = context.client()?.post("/v1/policies/diff", &PolicyText { text: read(file)? })?;
    if diff.changes.is_empty() {
        context.note("nothing changes");
    }
    match show.format.format {
        Format::Table => context.deliver(&lines(&diff.changes), Some(diff.changes.len()), show)?,
        _ => context.object(&diff, &[], show)?,
    }
    Ok(diff)
}

fn lint(file: &Path, show: &ShowArgs, context: &Context) -> Result<(), Failure> {
    let text = read(file)?;
    let source = file.display().to_string();
    let policy = picket_policy::compile(&text, &source).map_err(|problems| Failure::new(Kind::Usage, problems))?;
    let warnings: Vec<String> = policy.warnings().iter().map(ToString::to_string).collect();
    if show.format.format == Format::Table {
        warnings.iter().for_each(|warning| context.note(warning));
    }
    let report = json!({"file": source, "digest": policy.digest(), "warnings": warnings});
    context.object(&report, &["file", "digest"], show)
}

fn test(file: &Path, cases: Option<&Path>, show: &ShowArgs, context: &Context) -> Result<ExitCode, Failure> {
    let text = read(file)?;
    let source = file.display().to_string();
    let (case_text, case_source) = match cases {
        Some(path) => (read(path)?, path.display().to_string()),
        None => (text.clone(), source.clone()),
    };
    let policy = picket_policy::compile(&text, &source).map_err(|problems| Failure::new(Kind::Usage, problems))?;
    let results = picket_policy::testing::run(&policy, &case_text, &case_source, &picket_server::slow_checks())
        .map_err(|problems| Failure::new(Kind::Usage, problems))?;
    let rows: Vec<Value> = results
        .iter()
        .map(|result| json!({"passed": result.passed, "name": result.name, "differences": result.differences}))
        .collect();
    context.list(&rows, &["passed", "name", "differences"], show)?;
    let failed = results.iter().filter(|result| !result.passed).count();
    context.note(&format!("{} passed, {failed} failed", results.len() - failed));
    Ok(ExitCode::from(if failed > 0 { 6 } else { 0 }))
}

/// Texts from elsewhere, one a line.
pub(super) fn lines(texts: &[String]) -> String {
    texts.iter().map(|text| format!("{}\n", escape::terminal(text))).collect()
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
}
