//! Events that a destination would not take.

use super::path;
use crate::args::{ChosenArgs, DeadlettersCommand};
use crate::client::{Client, segment};
use crate::command::{Context, PARTIAL};
use crate::failure::{Failure, Kind};
use crate::output::{self, Columns, OutputFile};
use picket_api_types::{ActedLetters, ChosenLetters, DeadLetter};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

const COLUMNS: Columns<'_> =
    &["position", "event_id", "event_type", "reason", "status", "excerpt", "attempts", "at", "replay"];
/// Dead letters that are asked for at a time.
const PAGE: u64 = 500;

pub(super) fn run(command: DeadlettersCommand, client: &Client, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        DeadlettersCommand::List { id, after, limit, show } => {
            let rows: Vec<Value> = page(client, &id, after, limit)?;
            context.list(&rows, COLUMNS, &show)?;
        }
        DeadlettersCommand::Replay(args) => {
            let words = (
                "replay",
                "Send all dead letters once more?",
                "to be sent once more; a paused destination sends them when it is resumed",
            );
            return chosen(client, context, &args, words);
        }
        DeadlettersCommand::Discard(args) => {
            return chosen(client, context, &args, ("discard", "Drop these dead letters for good?", "dropped"));
        }
        DeadlettersCommand::Export { id, output, force } => {
            if output == Path::new("-") {
                each(client, &id, output::print)?;
            } else {
                let mut file = OutputFile::create(&output, force)?;
                let rows = each(client, &id, |line| file.write(line.as_bytes()))?;
                context.written(&file.finish()?, Some(rows));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn page<T: serde::de::DeserializeOwned>(
    client: &Client,
    id: &str,
    after: Option<u64>,
    limit: u64,
) -> Result<Vec<T>, Failure> {
    let (after, limit) = (after.map(|after| after.to_string()), limit.to_string());
    client.get(&format!("{}/dead-letters", path(id)), &[("after", after.as_deref()), ("limit", Some(&limit))])
}

fn chosen(
    client: &Client,
    context: &Context,
    args: &ChosenArgs,
    (verb, question, done): (&str, &str, &str),
) -> Result<ExitCode, Failure> {
    // Those that were named one by one can be sent again without harm.
    if args.all || verb == "discard" {
        context.confirm(&args.yes, question)?;
    }
    let wanted = ChosenLetters { positions: args.positions.clone(), all: args.all };
    let acted: ActedLetters = client.post(&format!("{}/dead-letters/{verb}", path(&args.id)), &wanted)?;
    let missing: Vec<String> = acted.missing.iter().map(u64::to_string).collect();
    let missing = format!("there is no dead letter at {}", missing.join(", "));
    match (acted.count, acted.missing.is_empty()) {
        (0, true) if args.all => Err(Failure::new(Kind::NotFound, "there are no dead letters to do that with")),
        (0, true) => {
            context.note("they are to be sent already");
            Ok(ExitCode::SUCCESS)
        }
        (0, false) => Err(Failure::new(Kind::NotFound, missing)),
        (count, true) => {
            context.note(&format!("{count} {done}"));
            Ok(ExitCode::SUCCESS)
        }
        (count, false) => {
            context.note(&format!("{count} {done}"));
            context.note(&missing);
            Ok(ExitCode::from(PARTIAL))
        }
    }
}

/// A line for each dead letter, with its event as long as the log has it; how many.
fn each(client: &Client, id: &str, mut take: impl FnMut(&str) -> Result<(), Failure>) -> Result<u64, Failure> {
    let (mut after, mut count) = (None, 0);
    loop {
        let letters: Vec<DeadLetter> = page(client, id, after, PAGE)?;
        let Some(last) = letters.last() else { return Ok(count) };
        after = Some(last.position);
        for letter in &letters {
            let event: Option<Value> = client.get(&format!("/v1/events/{}", segment(&letter.event_id)), &[]).ok();
            take(&format!("{}\n", json!({ "dead_letter": letter, "event": event })))?;
            count += 1;
        }
    }
}
