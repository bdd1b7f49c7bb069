//! What became of each document.

use super::refused;
use crate::answer::{Answer, ItemOutcome, Outcome, Warning, excerpt};
use crate::http::Reply;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
struct Bulk {
    errors: bool,
    #[serde(default)]
    items: Vec<BTreeMap<String, Item>>,
}

#[derive(Debug, Deserialize)]
struct Item {
    status: u16,
    error: Option<Cause>,
    failure_store: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Cause {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    reason: String,
}

/// The id is there already: it was sent before.
const CONFLICT: &str = "version_conflict_engine_exception";
/// Indexes are read-only while a disk is full.
const BLOCKED: &str = "cluster_block_exception";

/// The answer to `_bulk`.
pub(super) fn bulk(reply: &Reply, count: usize) -> Answer {
    if reply.status != 200 {
        return refused(reply);
    }
    if !reply.is_whole {
        let outcome = if count > 1 { Outcome::Split } else { Outcome::Config };
        return reply.saying(outcome, b"the answer is longer than any that says what became of so many documents");
    }
    let Some(said) = reply.json::<Bulk>() else {
        return reply
            .saying(Outcome::Config, b"what answers is no Elasticsearch: its answer has no `errors` and `items`");
    };
    let items: Vec<&Item> = said.items.iter().filter_map(|item| item.values().next()).collect();
    if items.len() != count {
        return reply.saying(Outcome::Retry, b"the answer has not one item for each document");
    }
    // What was refused to this destination was refused whatever the document is. Those that are stored come again, and
    // are found to be there.
    if let Some(item) = items.iter().find(|item| matches!(of(item), Fate::Fault(_))) {
        let Fate::Fault(outcome) = of(item) else { return reply.plain() };
        return reply.saying(outcome, reason(item).as_bytes());
    }
    let outcomes: Vec<ItemOutcome> = items.iter().map(|item| outcome(item)).collect();
    let first = items.iter().find(|item| outcome(item) != ItemOutcome::Ack);
    let said_first = first.map(|item| reason(item)).unwrap_or_default();
    let is_ack = outcomes.iter().all(|outcome| *outcome == ItemOutcome::Ack);
    // Items count, not the sentence over them; but a sentence that contradicts them is not believed.
    if is_ack && said.errors && items.iter().all(|item| item.status != 409) {
        return reply.saying(Outcome::Retry, b"the answer tells of errors, and no item has one");
    }
    let answer = reply.saying(if is_ack { Outcome::Ack } else { Outcome::Items(outcomes) }, said_first.as_bytes());
    let stored_aside = items.iter().filter(|item| is_aside(item)).count();
    if stored_aside > 0 { answer.warned(Warning::FailureStore { documents: stored_aside }) } else { answer }
}

/// The answer to `_create` and `_doc`.
pub(super) fn single(reply: &Reply) -> Answer {
    match reply.status {
        200 | 201 => {
            // A page that answers everything with 200 stores nothing.
            let Some(said) = reply.json::<serde_json::Value>().filter(|said| said.get("result").is_some()) else {
                let said = b"what answers is no Elasticsearch: its answer has no `result`";
                return reply.saying(Outcome::Config, said);
            };
            let answer = reply.saying(Outcome::Ack, b"");
            let is_aside = said.get("failure_store").is_some_and(|store| store == "used");
            if is_aside { answer.warned(Warning::FailureStore { documents: 1 }) } else { answer }
        }
        409 => reply.saying(Outcome::Ack, b"it is stored already"),
        _ => refused(reply),
    }
}

/// What an item means.
enum Fate {
    Stored,
    Again,
    Never,
    /// The destination, not the document.
    Fault(Outcome),
}

fn of(item: &Item) -> Fate {
    let kind = item.error.as_ref().map_or("", |error| error.kind.as_str());
    match item.status {
        _ if kind == BLOCKED => Fate::Again,
        200..=299 => Fate::Stored,
        409 if kind == CONFLICT || kind.is_empty() => Fate::Stored,
        409 | 429 | 500..=599 => Fate::Again,
        401 | 403 => Fate::Fault(Outcome::Auth),
        404 => Fate::Fault(Outcome::Config),
        _ => Fate::Never,
    }
}

fn outcome(item: &Item) -> ItemOutcome {
    match of(item) {
        Fate::Stored => ItemOutcome::Ack,
        Fate::Never => ItemOutcome::Reject { reason: excerpt(reason(item).as_bytes()) },
        Fate::Again | Fate::Fault(_) => ItemOutcome::Retry,
    }
}

fn reason(item: &Item) -> String {
    let (kind, reason) = item.error.as_ref().map_or(("", ""), |error| (error.kind.as_str(), error.reason.as_str()));
    format!("{} {kind}: {reason}", item.status)
}

/// Whether the document stands in the failure store in place of the index.
fn is_aside(item: &Item) -> bool {
    item.status < 300 && item.failure_store.as_deref() == Some("used")
}
