//! Webhooks: who is told of product events.

mod listen;

use super::{Context, each, tickets};
use crate::args::{EndArgs, ShowArgs, WebhooksCommand};
use crate::client::segment;
use crate::failure::Failure;
use crate::output::{self, Columns};
use listen::Listen;
use picket_api_types::{ChangeWebhook, CreateWebhook, CreatedWebhook, ReplayWebhook, RotateWebhook, WebhookTest};
use serde_json::{Value, json};
use std::process::ExitCode;

const COLUMNS: Columns<'_> =
    &["id", "name", "url", "events", "filter", "scheme", "state", "reason", "waiting", "failures", "error"];
const ATTEMPT_COLUMNS: Columns<'_> = &["at", "message", "type", "attempt", "outcome", "status", "took_ms", "error"];
const TEST_COLUMNS: Columns<'_> = &["ok", "status", "took_ms", "message", "answer", "request"];
/// When something was tried and did not succeed.
const FAILED: u8 = 6;

pub(super) fn run(command: WebhooksCommand, context: &Context) -> Result<ExitCode, Failure> {
    use WebhooksCommand as W;
    let client = context.client()?;
    match command {
        W::Create { name, to, events, filter, scheme, timeout, show } => {
            let url = address(to)?;
            let (scheme, timeout) = (Some(scheme), Some(timeout));
            let wanted = CreateWebhook { name, url, events, filter, scheme, timeout };
            created(&client.post("/v1/webhooks", &wanted)?, context, &show)?;
        }
        W::List { show } => {
            let rows: Vec<Value> = client.get("/v1/webhooks", &[])?;
            context.list(&rows, COLUMNS, &show)?;
        }
        W::Get { id, show } => {
            let found: Value = client.get(&at(&id), &[])?;
            context.object(&found, COLUMNS, &show)?;
        }
        W::Update { id, to, events, filter, timeout, pause, resume, show } => {
            let paused = if pause { Some(true) } else { resume.then_some(false) };
            let url = to.map(address).transpose()?;
            let wanted = ChangeWebhook { url, events, filter, timeout, paused, ..ChangeWebhook::default() };
            let done: Value = client.patch(&at(&id), &wanted)?;
            context.object(&done, COLUMNS, &show)?;
        }
        W::Delete(EndArgs { ids, yes, show }) => {
            context.confirm(&yes, &format!("Remove {}? What waits for it is not sent.", ids.join(", ")))?;
            let (rows, code) = each(&ids, context, |id| client.delete(&at(id)))?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
        W::Test { id, show } => {
            let done: WebhookTest = client.post(&format!("{}/test", at(&id)), &json!({}))?;
            context.object(&done, TEST_COLUMNS, &show)?;
            return Ok(if done.ok { ExitCode::SUCCESS } else { ExitCode::from(FAILED) });
        }
        W::Rotate { id, keep, show } => {
            let wanted = RotateWebhook { keep: Some(keep) };
            created(&client.post(&format!("{}/rotate", at(&id)), &wanted)?, context, &show)?;
        }
        W::Attempts { id, limit, show } => {
            let limit = limit.to_string();
            let rows: Vec<Value> = client.get(&format!("{}/attempts", at(&id)), &[("limit", Some(limit.as_str()))])?;
            context.list(&rows, ATTEMPT_COLUMNS, &show)?;
        }
        W::Replay { id, message, show } => {
            let done: Value = client.post(&format!("{}/replay", at(&id)), &ReplayWebhook { message })?;
            context.object(&done, &["count"], &show)?;
        }
        W::Listen { forward_to, events, filter, since, key_file, max } => {
            let listen = Listen::new(&forward_to, events, max, key_file.as_deref(), context)?;
            return listen.run(&client, context, (filter.as_deref(), since.as_deref()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where a webhook leads: what was said, or the variable that it names.
fn address(to: String) -> Result<String, Failure> {
    if to.starts_with("env:") { tickets::secret(&to) } else { Ok(to) }
}

/// Shows a webhook with the key that nobody shows again.
fn created(made: &CreatedWebhook, context: &Context, show: &ShowArgs) -> Result<(), Failure> {
    context.note("the key is shown this once; receivers verify messages by it");
    let mut shown = serde_json::to_value(&made.webhook)?;
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("key".to_owned(), made.key.as_str().into());
    }
    let mut columns = vec!["key"];
    columns.extend(COLUMNS);
    context.object(&shown, &columns, show)
}

fn at(id: &str) -> String {
    format!("/v1/webhooks/{}", segment(id))
}

/// One line of what was posted.
fn posted(kind: &str, id: &str, said: &str) -> Result<(), Failure> {
    output::line(&format!("{kind}\t{id}\t{said}"))
}
