//! Policies that wait for a second person.

use super::Context;
use super::policy::{in_force, lines};
use crate::args::{DecideArgs, ProposalsCommand, ShowArgs};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::{Columns, Format};
use picket_api_types::{DecideProposal, PolicyProposal, PolicyVersion};
use serde_json::Value;

const COLUMNS: Columns<'_> =
    &["id", "status", "stale", "base_version", "author", "created_at", "decided_by", "decided_at", "version", "note"];

pub(super) fn run(command: ProposalsCommand, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        ProposalsCommand::List { status, limit, show } => {
            let limit = limit.to_string();
            let query = [("status", status.as_deref()), ("limit", Some(limit.as_str()))];
            let rows: Vec<Value> = client.get("/v1/policies/proposals", &query)?;
            context.list(&rows, COLUMNS, &show)
        }
        ProposalsCommand::Show { id, show } => shown(&client.get(&path(&id), &[])?, &show, context),
        ProposalsCommand::Approve(DecideArgs { id, notes, show }) => {
            let wanted = DecideProposal { note: notes };
            let applied: PolicyVersion = client.post(&format!("{}/approve", path(&id)), &wanted)?;
            in_force(&applied, &show, context)
        }
        ProposalsCommand::Reject(DecideArgs { id, notes, show }) => {
            let wanted = DecideProposal { note: notes };
            let rejected: Value = client.post(&format!("{}/reject", path(&id)), &wanted)?;
            context.object(&without_text(rejected), COLUMNS, &show)
        }
    }
}

/// Shows a proposal: what it would change, for people.
fn shown(proposal: &PolicyProposal, show: &ShowArgs, context: &Context) -> Result<(), Failure> {
    let PolicyProposal { id, status, author, base_version, .. } = proposal;
    context.note(&format!("{id} of {author} is {status}; it was proposed when version {base_version} was in force"));
    if proposal.stale {
        context.note("another version is in force since: it has to be proposed anew");
    }
    match show.format.format {
        Format::Table => context.deliver(&lines(&proposal.changes), Some(proposal.changes.len()), show),
        _ => context.object(proposal, COLUMNS, show),
    }
}

/// Says that a change waits.
pub(super) fn proposed(proposal: Value, show: &ShowArgs, context: &Context) -> Result<(), Failure> {
    let id = proposal.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    context.note(&format!("nothing has changed yet: somebody else has to run picket policy proposals approve {id}"));
    context.object(&without_text(proposal), COLUMNS, show)
}

fn without_text(mut proposal: Value) -> Value {
    if let Some(members) = proposal.as_object_mut() {
        members.remove("text");
    }
    proposal
}

fn path(id: &str) -> String {
    format!("/v1/policies/proposals/{}", segment(id))
}
