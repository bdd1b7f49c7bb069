//! What somebody may not do for a while.

use super::{Context, each};
use crate::args::{ChangeArgs, ContainArgs, ContainCommand};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::{ContainmentChange, CreateContainment};
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &[
    "id",
    "effect",
    "kind",
    "target",
    "feature",
    "model",
    "state",
    "dry_run",
    "ends_at",
    "hits",
    "created_by",
    "reason",
];

pub(super) fn run(command: ContainCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        ContainCommand::Block(args) => contain("block", args, None, context),
        ContainCommand::Review(args) => contain("review", args, None, context),
        ContainCommand::Strict(args) => contain("strict", args, None, context),
        ContainCommand::Throttle { requests, per, args } => contain("throttle", args, Some((requests, per)), context),
        ContainCommand::List { state, limit, show } => {
            let parameters = [("state", state.as_deref()), ("limit", Some(&*limit.to_string()))];
            let rows: Vec<Value> = context.client()?.get("/v1/containments", &parameters)?;
            context.list(&rows, COLUMNS, &show)?;
            Ok(ExitCode::SUCCESS)
        }
        ContainCommand::Get { id, show } => {
            let found: Value = context.client()?.get(&format!("/v1/containments/{}", segment(&id)), &[])?;
            context.object(&found, COLUMNS, &show)?;
            Ok(ExitCode::SUCCESS)
        }
        ContainCommand::Undo(args) => change("undo", args, context),
        ContainCommand::Approve(args) => change("approve", args, context),
        ContainCommand::Refuse(args) => change("refuse", args, context),
    }
}

fn contain(
    effect: &str,
    args: ContainArgs,
    rate: Option<(u32, String)>,
    context: &Context,
) -> Result<ExitCode, Failure> {
    let (requests, per) = rate.unzip();
    let wanted = CreateContainment {
        effect: effect.to_owned(),
        kind: args.kind.as_str().to_owned(),
        target: args.target,
        reason: args.reason,
        ttl: args.ttl,
        model: args.model,
        feature: args.feature,
        requests,
        per,
        dry_run: args.dry_run,
    };
    let made: Value = context.client()?.post("/v1/containments", &wanted)?;
    if made.get("state").and_then(Value::as_str) == Some("proposed") {
        let id = made.get("id").and_then(Value::as_str).unwrap_or_default();
        context.note(&format!("it waits for a second person: picket contain approve {id}"));
    }
    context.object(&made, COLUMNS, &args.show)?;
    Ok(ExitCode::SUCCESS)
}

fn change(verb: &str, args: ChangeArgs, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    let wanted = ContainmentChange { reason: args.reason };
    let (rows, code) =
        each(&args.ids, context, |id| client.post(&format!("/v1/containments/{}/{verb}", segment(id)), &wanted))?;
    context.list(&rows, COLUMNS, &args.show)?;
    Ok(code)
}
