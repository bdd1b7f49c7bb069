//! What the demo promises, and which of it was broken by what was observed.

use picket_api_types::Proof;
use picket_event::Entry;
use picket_testkit::scene::Fate;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Broken promises that are listed for each kind; the rest are counted.
const LISTED: usize = 5;

/// A request that was sent, and its answer.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) path: &'static str,
    pub(super) fate: Fate,
    pub(super) status: u16,
    /// The event that the answer names.
    pub(super) event: Option<String>,
    /// The escalation that the answer names.
    pub(super) escalation: Option<String>,
    /// What the answer held and must not: a kind of secret or of personal data.
    pub(super) leaked: Option<String>,
}

/// An event as the search shows it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) decision: String,
    pub(super) outcome: String,
}

/// A proof that was asked for, and the event that it is to be about.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) event: String,
    /// `None` if the server gave none.
    pub(super) proof: Option<Proof>,
}

/// Everything that the promises are held against.
#[derive(Debug, Clone)]
pub(super) struct Observed {
    pub(super) answers: Vec<Answered>,
    pub(super) events: Vec<Seen>,
    /// Escalations that wait.
    pub(super) pending: BTreeSet<String>,
    /// What the verification of the logs said.
    pub(super) verified: Value,
    pub(super) proofs: Vec<Asked>,
    /// The key that checkpoints of the workspace's log are signed with.
    pub(super) vkey: String,
}

/// The promises that were broken, each with its name and what broke it.
pub(super) fn broken(observed: &Observed) -> Vec<String> {
    [recorded(observed), stopped(observed), passed(observed), kept(observed), queued(observed), proven(observed)]
        .concat()
}

/// So many of them in words, under the name of the promise.
fn named(promise: &str, found: Vec<String>) -> Vec<String> {
    let more = found.len().saturating_sub(LISTED);
    let rest = (more > 0).then(|| format!("{promise}: and {more} more"));
    found.into_iter().take(LISTED).map(|found| format!("{promise}: {found}")).chain(rest).collect()
}

/// Each request is in the log once, and found.
fn recorded(observed: &Observed) -> Vec<String> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &observed.events {
        *times.entry(&event.id).or_default() += 1;
    }
    let mut found = Vec::new();
    if observed.answers.is_empty() {
        found.push("nothing was sent".to_owned());
    }
    let mut answered = BTreeSet::new();
    for answer in &observed.answers {
        let Some(event) = answer.event.as_deref() else {
            found.push(format!("an answer of {} ({}) names no event", answer.path, answer.status));
            continue;
        };
        if !answered.insert(event) {
            found.push(format!("two answers name {event}"));
        }
        match times.get(event).copied().unwrap_or(0) {
            1 => {}
            0 => found.push(format!("{event} of {} is not found", answer.path)),
            more => found.push(format!("{event} is found {more} times")),
        }
    }
    found.extend(times.keys().filter(|id| !answered.contains(**id)).map(|id| format!("nobody sent {id}")));
    named("each request is in the log once", found)
}

/// Attacks are stopped before the provider sees them.
fn stopped(observed: &Observed) -> Vec<String> {
    named("attacks are stopped", different(observed, false))
}

/// Ordinary work passes, without its personal data.
fn passed(observed: &Observed) -> Vec<String> {
    named("ordinary work passes", different(observed, true))
}

/// What came out otherwise than it must, of the requests that pass or of those that do not.
fn different(observed: &Observed, passes: bool) -> Vec<String> {
    let events: BTreeMap<&str, &Seen> = observed.events.iter().map(|seen| (seen.id.as_str(), seen)).collect();
    let answers = observed.answers.iter().filter(|answer| answer.fate.passes() == passes);
    answers
        .filter_map(|answer| differs(answer, answer.event.as_deref().and_then(|id| events.get(id).copied())))
        .collect()
}

/// How an answer and its event differ from what must become of the request.
fn differs(answer: &Answered, seen: Option<&Seen>) -> Option<String> {
    let passes = answer.fate.passes();
    let name = answer.event.as_deref().unwrap_or("a request");
    if passes != (200..300).contains(&answer.status) {
        return Some(format!("{name} of {} was answered with {}", answer.path, answer.status));
    }
    // One that is missing breaks another promise.
    let seen = seen?;
    let (decision, outcome) = (answer.fate.decision(), if passes { "completed" } else { "refused" });
    (seen.decision != decision || seen.outcome != outcome).then(|| {
        format!("{name} of {} is {} and {}, not {decision} and {outcome}", answer.path, seen.decision, seen.outcome)
    })
}

/// No answer holds a secret or personal data.
fn kept(observed: &Observed) -> Vec<String> {
    let leak = |answer: &Answered| {
        let kind = answer.leaked.as_deref()?;
        Some(format!("the answer of {} to {} held {kind}", answer.path, answer.event.as_deref().unwrap_or("a request")))
    };
    named("no answer holds a secret or personal data", observed.answers.iter().filter_map(leak).collect())
}

/// What waits for a person is in the review queue.
fn queued(observed: &Observed) -> Vec<String> {
    let held = observed.answers.iter().filter(|answer| answer.fate == Fate::Escalated);
    let lost = |answer: &Answered| match &answer.escalation {
        None => Some(format!("{} names no escalation", answer.event.as_deref().unwrap_or("a request"))),
        Some(id) if !observed.pending.contains(id) => Some(format!("{id} does not wait there")),
        Some(_) => None,
    };
    named("what is held is in the review queue", held.filter_map(lost).collect())
}

/// The log verifies, and proves its events to an outsider.
fn proven(observed: &Observed) -> Vec<String> {
    let mut found = Vec::new();
    if observed.verified.get("passed") != Some(&Value::Bool(true)) {
        found.push(format!("it does not verify: {}", observed.verified));
    }
    if observed.proofs.is_empty() && !observed.answers.is_empty() {
        found.push("no proof was asked for".to_owned());
    }
    for Asked { event, proof } in &observed.proofs {
        let Some(proof) = proof else {
            found.push(format!("there is no proof of {event}"));
            continue;
        };
        if let Err(error) = picket_log::verify_proof(&proof.proof, proof.entry.as_bytes(), &observed.vkey) {
            found.push(format!("the proof of {event} does not hold: {error}"));
        } else if !Entry::from_canonical(proof.entry.as_bytes()).is_ok_and(|entry| entry.event == *event) {
            found.push(format!("the proof of {event} is about another one"));
        }
    }
    named("the log can be checked", found)
}
