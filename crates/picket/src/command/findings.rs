//! What detection rules found.

use super::{Context, each};
use crate::args::{FindingsArgs, FindingsCommand};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::Columns;
use picket_api_types::{CloseFinding, NoteRequest};
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns<'_> = &[
    "id",
    "created_at",
    "severity",
    "category",
    "status",
    "title",
    "entity_kind",
    "entity",
    "count",
    "reason",
    "due_at",
    "verdict",
];

pub(super) fn run(command: FindingsCommand, context: &Context) -> Result<ExitCode, Failure> {
    use FindingsCommand as F;
    let client = context.client()?;
    match command {
        F::List(args) => list(&args, context)?,
        F::Get { id, show } => {
            let found: Value = client.get(&path(&id), &[])?;
            context.object(&found, COLUMNS, &show)?;
        }
        F::Acknowledge { ids, note, show } => {
            let wanted = NoteRequest { note };
            let (rows, code) = each(&ids, context, |id| client.post(&format!("{}/acknowledge", path(id)), &wanted))?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
        F::Comment { id, note, show } => {
            let done: Value = client.post(&format!("{}/notes", path(&id)), &NoteRequest { note: Some(note) })?;
            context.object(&done, COLUMNS, &show)?;
        }
        F::Close { ids, verdict, note, suppress, show } => {
            let wanted = CloseFinding { verdict: verdict.as_str().to_owned(), note, suppress };
            let (rows, code) = each(&ids, context, |id| client.post(&format!("{}/close", path(id)), &wanted))?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(args: &FindingsArgs, context: &Context) -> Result<(), Failure> {
    let entity = args.entity.as_deref().map(entity).transpose()?;
    let (kind, name) = entity.unzip();
    let parameters = [
        ("status", args.status.as_deref()),
        ("severity", args.severity.as_deref()),
        ("category", args.category.as_deref()),
        ("rule", args.rule.as_deref()),
        ("entity_kind", kind),
        ("entity", name),
        ("verdict", args.verdict.map(crate::args::Verdict::as_str)),
        ("shadow", args.shadow.then_some("true")),
        ("since", args.since.as_deref()),
        ("limit", Some(&*args.limit.to_string())),
    ];
    let rows: Vec<Value> = context.client()?.get("/v1/findings", &parameters)?;
    context.list(&rows, COLUMNS, &args.show)
}

/// `KIND:NAME`.
pub(super) fn entity(text: &str) -> Result<(&str, &str), Failure> {
    let parts = text.split_once(':').filter(|(kind, name)| !kind.is_empty() && !name.is_empty());
    parts.ok_or_else(|| Failure::usage("an entity is KIND:NAME, such as user:ana@example.com"))
}

fn path(id: &str) -> String {
    format!("/v1/findings/{}", segment(id))
}
