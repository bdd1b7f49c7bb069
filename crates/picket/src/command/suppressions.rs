//! What nobody wants to be told of.

use super::{Context, each, findings};
use crate::args::{EndArgs, SuppressionsCommand};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::CreateSuppression;
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns<'_> =
    &["id", "active", "rule_id", "entity_kind", "entity", "expires_at", "hits", "created_by", "reason"];

pub(super) fn run(command: SuppressionsCommand, context: &Context) -> Result<ExitCode, Failure> {
    use SuppressionsCommand as S;
    let client = context.client()?;
    match command {
        S::Create { rule, entity, reason, expires, show } => {
            let (kind, name) = entity.as_deref().map(findings::entity).transpose()?.unzip();
            let wanted = CreateSuppression {
                rule_id: rule,
                entity_kind: kind.map(str::to_owned),
                entity: name.map(str::to_owned),
                reason,
                expires: Some(expires),
            };
            let made: Value = client.post("/v1/suppressions", &wanted)?;
            context.object(&made, COLUMNS, &show)?;
        }
        S::List { active, limit, show } => {
            let parameters = [("active", active.then_some("true")), ("limit", Some(&*limit.to_string()))];
            let rows: Vec<Value> = client.get("/v1/suppressions", &parameters)?;
            context.list(&rows, COLUMNS, &show)?;
        }
        S::End(EndArgs { ids, yes, show }) => {
            let question = format!("End {}? What was held back from then on is told again.", ids.join(", "));
            context.confirm(&yes, &question)?;
            let (rows, code) = each(&ids, context, |id| client.delete(&format!("/v1/suppressions/{}", segment(id))))?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}
