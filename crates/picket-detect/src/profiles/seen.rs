//! What profiles see of an event, and what rules see of profiles.

use super::names::{self, Names};
use super::series::Told;
use super::{Kind, WORKSPACE};
use picket_behaviour::{Judgement, Observation, near};
use picket_event::{Decision, Event, Outcome};
use picket_stdx::Timestamp;
use serde_json::{Map, Value, json};

/// Findings that are about sensitive data.
const SENSITIVE: &[&str] = &["pii", "secret", "bulk_data"];
/// Less surprising things are not told to rules: by chance one request in a thousand is.
const TOLD: f64 = 3.0;
/// Reasons that are told, the least likely first.
const REASONS: usize = 3;

/// Whether a request got an answer: whoever asks for what is not there makes no name known.
pub(super) fn is_answered(event: &Event) -> bool {
    event.decision != Decision::Blocked && event.outcome.is_none_or(|outcome| outcome == Outcome::Completed)
}

/// One request. Of what was found before in its session nothing counts once more.
pub(super) fn observation(event: &Event, is_repeated: bool, names: &mut Names) -> Observation {
    let of_policies = event.policy_results.iter().filter_map(|result| result.finding_type.as_deref());
    let mut types = event.finding_type.as_deref().into_iter().chain(of_policies);
    let is_sensitive = !is_repeated && types.any(|kind| SENSITIVE.contains(&kind));
    let is_blocked = !is_repeated && event.decision == Decision::Blocked;
    let is_answered = is_answered(event);
    let mut number = |name: &Option<String>| names.of(name.as_deref(), is_answered);
    Observation {
        at_ms: event.timestamp.as_millis(),
        tokens_in: event.tokens_in,
        tokens_out: event.tokens_out,
        cost: event.cost,
        latency_ms: event.latency_ms.filter(|_| is_answered),
        is_blocked,
        is_sensitive,
        model: number(&event.model),
        application: number(&event.application),
        network: event.src_ip.as_deref().and_then(names::network),
        prompt: event.prompt_simhash.as_deref().and_then(near::parse),
    }
}

/// What is unusual about a request, by whose profile.
#[derive(Debug, Default)]
pub(super) struct Notes(Map<String, Value>);

impl Notes {
    pub(super) fn add(&mut self, kind: Kind, judgement: &Judgement) {
        if judgement.surprise() < TOLD {
            return;
        }
        let looks: Vec<&str> = judgement.evidence.iter().map(|evidence| evidence.look.as_str()).collect();
        let told = json!({
            "surprise": rounded(judgement.surprise()), "aspects": judgement.aspects(), "looks": looks,
            "why": judgement.text(REASONS),
        });
        self.0.insert(kind.as_str().to_owned(), told);
    }

    /// Writes them behind the members of an object.
    pub(super) fn write(self, text: &mut String) {
        if self.0.is_empty() {
            return;
        }
        text.truncate(text.trim_end().len().saturating_sub(1));
        text.push_str(",\"profile\":");
        text.push_str(&Value::Object(self.0).to_string());
        text.push('}');
    }
}

/// A series that left its course, as rules see it. It is of the moment of the request that told it.
pub(super) fn of_series(event: &Event, (kind, name): (Kind, &str), told: &Told) -> String {
    let time = |ms: i64| Timestamp::from_millis(ms).to_string();
    let mut seen = json!({
        "event_type": "profile.series", "timestamp": event.timestamp.to_string(), "workspace_id": event.workspace_id,
        "profile": {
            "of": kind.as_str(), "name": name, "measure": told.measure, "value": told.value, "expected": told.expected,
            "surprise": rounded(told.surprise), "why": told.why, "from": time(told.from_ms), "until": time(told.until_ms),
        },
    });
    if name != WORKSPACE
        && let Some(members) = seen.as_object_mut()
    {
        members.insert(kind.as_str().to_owned(), Value::from(name));
    }
    seen.to_string()
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
