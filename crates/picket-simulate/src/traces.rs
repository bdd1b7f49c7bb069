//! Single events: what the gateway and other systems write of what somebody does.

use crate::draws::Draws;
use crate::people::{Person, Shift};
use picket_event::{
    Category, Decision, Event, EventId, EventType, GuardrailResult, Identity, Outcome, Phase, PolicyResult, Scanned,
    Severity,
};
use picket_stdx::Timestamp;

const WORKSPACE: &str = "ws_simulated";

/// An event with an id that goes by the seed.
pub(crate) fn event(event_type: EventType, at: Timestamp, draws: &mut Draws) -> Event {
    let mut event = Event::new(event_type, WORKSPACE, at);
    let millis = u128::try_from(at.as_millis()).unwrap_or(0);
    event.event_id =
        EventId::from_bits((millis << 80) | (u128::from(draws.next()) << 16) | u128::from(draws.next() >> 48));
    // It is taken a moment after it happened.
    event.recorded_at = Some(at.plus(std::time::Duration::from_millis(5)));
    event
}

/// A request that was answered.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tokens and times are small")]
pub(crate) fn request(person: &Person, at: Timestamp, draws: &mut Draws) -> Event {
    let mut event = event(EventType::REQUEST, at, draws);
    let (asked, answered) = (draws.around(220.0, 0.8).min(4_000.0), draws.around(person.answer, 0.6).min(3_000.0));
    event.user = (person.shift != Shift::Program).then(|| person.name.clone());
    event.team = Some(person.team.to_owned());
    (event.application, event.feature) = (Some(person.application.to_owned()), Some(person.feature.to_owned()));
    (event.key_id, event.identity) = (Some(person.key.clone()), Some(Identity::Key));
    event.agent_id.clone_from(&person.agent);
    event.src_ip = Some(person.office.clone());
    event.user_agent = Some(format!("{}/1.0", person.application));
    event.session_id = Some(format!("s-{}-{}", person.number, at.as_millis() / 3_600_000));
    (event.model, event.provider) = (Some(person.model.to_owned()), Some("main".to_owned()));
    event.region = Some("eu".to_owned());
    (event.outcome, event.status_code) = (Some(Outcome::Completed), Some(200));
    (event.scanned, event.guardrail_result) = (Some(Scanned::Full), Some(GuardrailResult::Pass));
    event.endpoint = Some("/v1/chat/completions".to_owned());
    event.request_id = Some(format!("req-{:016x}", draws.next()));
    (event.tokens_in, event.tokens_out) = (Some(asked as u64 + 1), Some(answered as u64 + 1));
    event.cost = Some((asked * 2.5 + answered * 10.0) / 1e6);
    event.latency_ms = Some((draws.around(400.0, 0.3) + answered * 8.0).min(25_000.0) as u64);
    (event.request_bytes, event.response_bytes) = (Some(asked as u64 * 4 + 200), Some(answered as u64 * 4 + 300));
    event
}

/// What a check found in it, and what came of it.
pub(crate) fn found(event: &mut Event, policy: &str, kind: &str, category: Category, decision: Decision) {
    let (severity, phase) = match category {
        Category::GuardrailBlock => (Severity::Low, Phase::Input),
        Category::DataExfiltration => (Severity::High, Phase::Output),
        Category::PromptAttack | Category::AgentBoundaryViolation => (Severity::High, Phase::Input),
        _ => (Severity::Medium, Phase::Input),
    };
    (event.finding_type, event.category, event.severity) = (Some(kind.to_owned()), Some(category), severity);
    event.decision = decision;
    event.policies_triggered = vec![policy.to_owned()];
    event.policy_violated = Some(policy.to_owned());
    let is_blocked = decision == Decision::Blocked;
    event.guardrail_result = Some(if is_blocked { GuardrailResult::Block } else { GuardrailResult::Flag });
    event.policy_results = vec![PolicyResult {
        policy: policy.to_owned(),
        phase,
        verdict: if is_blocked { picket_event::Action::Block } else { picket_event::Action::Flag },
        score: Some(0.9),
        finding_type: Some(kind.to_owned()),
        spans: Vec::new(),
        us: Some(40),
        monitored: None,
        exception: None,
    }];
    event.risk_score = Some(0.9);
    if is_blocked {
        refuse(event);
    }
}

/// It went nowhere.
pub(crate) fn refuse(event: &mut Event) {
    (event.outcome, event.status_code, event.decision) = (Some(Outcome::Refused), Some(403), Decision::Blocked);
    (event.tokens_in, event.tokens_out, event.cost) = (None, None, None);
    (event.response_bytes, event.latency_ms) = (Some(300), Some(1));
}

/// A signal of another system.
pub(crate) fn signal(
    kind: &'static str,
    source: &str,
    user: Option<&str>,
    said: &[(&str, &str)],
    at: Timestamp,
    draws: &mut Draws,
) -> Event {
    let mut event = event(EventType::of(kind), at, draws);
    event.source = Some(source.to_owned());
    event.user = user.map(str::to_owned);
    event.identity = user.map(|_| Identity::Asserted);
    event.attributes = said.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    event
}
