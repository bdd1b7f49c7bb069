//! Exceptions from the policy.

use super::{Context, PARTIAL, each};
use crate::args::{EndArgs, ExceptArgs, ExceptionsCommand, ScopeWord};
use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::{CreateException, ExceptionScope};
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &[
    "id",
    "status",
    "in_force",
    "policy",
    "type",
    "rules",
    "direction",
    "user",
    "team",
    "application",
    "key",
    "model",
    "everywhere",
    "exact",
    "author",
    "created_at",
    "expires_at",
    "escalation_id",
    "reason",
];

pub(super) fn run(command: ExceptionsCommand, context: &Context) -> Result<ExitCode, Failure> {
    use ExceptionsCommand as E;
    let client = context.client()?;
    match command {
        E::List { status, escalation, limit, show } => {
            let limit = limit.to_string();
            let query =
                [("status", status.as_deref()), ("escalation", escalation.as_deref()), ("limit", Some(limit.as_str()))];
            let rows: Vec<Value> = client.get("/v1/exceptions", &query)?;
            context.list(&rows, COLUMNS, &show)?;
        }
        E::Get { id, show } => {
            let exception: Value = client.get(&path(&id), &[])?;
            context.object(&exception, COLUMNS, &show)?;
        }
        E::Create(args) => {
            let show = args.show;
            let wanted = CreateException {
                from_escalation: args.from_escalation,
                scope: args.scope.into_iter().map(scope).collect(),
                exact: args.exact,
                policy: args.policy,
                finding: args.finding,
                rules: args.rules,
                direction: args.direction,
                user: args.user,
                team: args.team,
                application: args.application,
                key: args.key,
                model: args.model,
                everywhere: args.everywhere,
                reason: args.reason,
                expires: args.expires,
            };
            let made: Vec<Value> = client.post("/v1/exceptions", &wanted)?;
            context.list(&made, COLUMNS, &show)?;
        }
        E::Revoke(EndArgs { ids, yes, show }) => {
            let question = format!("End {}? What it covered is judged as before at once.", ids.join(", "));
            context.confirm(&yes, &question)?;
            let revoke = |id: &str| client.delete(&path(id));
            let (rows, code) = each(&ids, context, revoke)?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Excepts what escalations found that were decided just now. The decision stands, whatever comes of that.
pub(super) fn except(
    client: &Client,
    context: &Context,
    ids: &[String],
    (args, reason): (&ExceptArgs, Option<&str>),
) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for id in ids {
        let wanted = CreateException {
            from_escalation: Some(id.clone()),
            scope: args.scope.iter().copied().map(scope).collect(),
            exact: args.exact,
            reason: reason.map(str::to_owned),
            expires: args.except.clone(),
            ..CreateException::default()
        };
        match client.post::<Vec<Value>>("/v1/exceptions", &wanted) {
            Ok(made) => {
                for exception in made {
                    let text = |name: &str| exception.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                    let (id, policy, until) = (text("id"), text("policy"), text("expires_at"));
                    context.note(&format!("{id}: {policy} makes an exception until {until}"));
                }
            }
            Err(failure) => {
                context.note(&format!("{id} is decided, but no exception was made: {failure}"));
                code = ExitCode::from(PARTIAL);
            }
        }
    }
    code
}

fn scope(word: ScopeWord) -> ExceptionScope {
    match word {
        ScopeWord::User => ExceptionScope::User,
        ScopeWord::Team => ExceptionScope::Team,
        ScopeWord::Application => ExceptionScope::Application,
        ScopeWord::Key => ExceptionScope::Key,
        ScopeWord::Model => ExceptionScope::Model,
    }
}

fn path(id: &str) -> String {
    format!("/v1/exceptions/{}", segment(id))
}
