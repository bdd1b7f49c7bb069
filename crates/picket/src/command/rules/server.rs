//! The rules of a server: what they do there.

use super::super::{Context, each};
use crate::args::{ChangeRuleArgs, RulesCommand};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::RuleChange;
use serde_json::{Value, json};
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &[
    "id",
    "title",
    "state",
    "responds",
    "source",
    "severity",
    "category",
    "lacks",
    "findings",
    "false_positives",
    "undecided",
    "last_fired_at",
];
const STATUS: Columns<'_> = &["rules", "correlations", "read_at", "problems", "warnings"];

pub(super) fn run(command: RulesCommand, context: &Context) -> Result<ExitCode, Failure> {
    use RulesCommand as R;
    match command {
        R::List { state, source, parts, show } => {
            let parameters =
                [("state", state.as_deref()), ("source", source.as_deref()), ("parts", parts.then_some("true"))];
            let rows: Vec<Value> = context.client()?.get("/v1/rules", &parameters)?;
            context.list(&rows, COLUMNS, &show)?;
        }
        R::Get { rule, show } => {
            let found: Value = context.client()?.get(&format!("/v1/rules/{}", segment(&rule)), &[])?;
            context.object(&found, COLUMNS, &show)?;
        }
        R::Enable { respond, args } => return change("enable", respond, &args, context),
        R::Shadow(args) => return change("shadow", None, &args, context),
        R::Disable(args) => return change("disable", None, &args, context),
        R::Status(show) => {
            let found: Value = context.client()?.get("/v1/rules/status", &[])?;
            context.object(&found, STATUS, &show)?;
            let is_broken = found.get("problems").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
            return Ok(ExitCode::from(if is_broken { 6 } else { 0 }));
        }
        R::Reload(show) => {
            let done: Value = context.client()?.post("/v1/rules/reload", &json!({}))?;
            context.object(&done, &["changed", "rules"], &show)?;
        }
        // Those are for no server.
        R::Lint { .. } | R::Match(_) | R::Test { .. } | R::Explain(_) | R::Backtest(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn change(verb: &str, respond: Option<bool>, args: &ChangeRuleArgs, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    let wanted = RuleChange { reason: args.reason.clone(), respond };
    let (rows, code) =
        each(&args.rules, context, |rule| client.post(&format!("/v1/rules/{}/{verb}", segment(rule)), &wanted))?;
    context.list(&rows, COLUMNS, &args.show)?;
    Ok(code)
}
