//! What is in force against whom a request is of: it is asked before any check, and may make a verdict stricter.

use crate::exchange::Exchange;
use crate::failure::Refusal;
use crate::record::{Record, subject};
use picket_event::{Action, Event, Phase, PolicyResult, Severity};
use picket_policy::Judgement;
use picket_store::containments::{Containment, Effect, InForce, Whom};
use std::sync::Arc;
use std::time::Duration;

/// Its name among the policies that found something.
const NAME: &str = "containment";
/// What was found, in the words of events. Rules that count blocks leave it out: a block must not make more blocks.
const TYPE: &str = "contained";
/// How long a request waits for a person.
const REVIEWED_WITHIN: Duration = Duration::from_secs(30 * 60);

/// What is in force against a request that was not refused for it.
pub(crate) type Contained = Vec<Arc<InForce>>;

impl Exchange {
    /// What is in force against a request; the refusal, where it ends there.
    pub(crate) fn contained(&self, event: &mut Event) -> Result<Contained, Refusal> {
        let shared = &self.worker.shared;
        if shared.containments.is_empty() {
            return Ok(Contained::new());
        }
        let all = shared.containments.of(&self.whom(event), shared.log.clock().now());
        if let Some(block) = all.iter().find(|one| one.containment.effect == Effect::Block) {
            tell(event, block);
            let Containment { kind, feature, model, ends_at, .. } = &block.containment;
            let does = match (feature, model) {
                (Some(_), Some(_)) => "closes the feature and the model to",
                (Some(_), None) => "closes the feature to",
                (None, Some(_)) => "closes the model to",
                (None, None) => "blocks",
            };
            let message = format!(
                "a response of the security team {does} this {kind} until {ends_at}; ask them, and name event {}",
                self.event_id
            );
            return Err(Refusal::refused(403, TYPE, message));
        }
        let steady = shared.log.clock().steady();
        for one in &all {
            if let Err(wait) = one.take(steady) {
                tell(event, one);
                let message = format!(
                    "a response of the security team lets only some requests of this {} through; try again later (event {})",
                    one.containment.kind, self.event_id
                );
                return Err(Refusal { retry_after: Some(wait), ..Refusal::refused(429, TYPE, message) });
            }
        }
        Ok(all)
    }

    fn whom<'a>(&self, event: &'a Event) -> Whom<'a> {
        let subject = subject(event);
        Whom {
            user: subject.user,
            key: subject.key_id,
            address: Some(self.caller.address),
            application: subject.application,
            agent: event.agent_id.as_deref(),
            session: subject.session,
            model: subject.model,
            feature: event.feature.as_deref(),
        }
    }
}

/// Makes the verdict of a request as strict as what is in force against it.
pub(crate) fn apply(record: &mut Record, contained: &[Arc<InForce>]) {
    let of = |effect: Effect| contained.iter().find(|one| one.containment.effect == effect);
    let found = record.judgement.results.iter().any(|result| result.verdict != Action::Allow);
    if let Some(strict) = of(Effect::Strict).filter(|_| found && record.judgement.action() < Action::Block) {
        decide(&mut record.judgement, strict, Action::Block);
        record.apply();
    }
    if let Some(review) = of(Effect::Review).filter(|_| record.judgement.action() < Action::Block) {
        let judgement = &mut record.judgement;
        decide(judgement, review, Action::Escalate);
        judgement.held = true;
        judgement.expires = judgement.expires.or(Some(REVIEWED_WITHIN));
        judgement.priority = judgement.priority.max(Some(Severity::High));
        record.apply();
    }
}

/// What was found keeps its own words; the action and the reason are the containment's.
fn decide(judgement: &mut Judgement, one: &InForce, action: Action) {
    judgement.action = Some(action);
    judgement.code = TYPE;
    judgement.violated = Some(NAME.to_owned());
    judgement.triggered.push(NAME.to_owned());
    judgement.results.push(PolicyResult {
        policy: NAME.to_owned(),
        phase: Phase::Input,
        verdict: action,
        score: None,
        finding_type: Some(TYPE.to_owned()),
        spans: Vec::new(),
        us: None,
        monitored: None,
        exception: None,
    });
    judgement.finding_type.get_or_insert_with(|| TYPE.to_owned());
    judgement.severity = judgement.severity.max(Some(Severity::Low));
    judgement.reason = Some(reason(one));
}

fn tell(event: &mut Event, one: &InForce) {
    event.finding_type = Some(TYPE.to_owned());
    event.policy_violated = Some(NAME.to_owned());
    event.policies_triggered = vec![NAME.to_owned()];
    event.severity = Severity::Low;
    event.reason = Some(reason(one));
}

fn reason(one: &InForce) -> String {
    let containment = &one.containment;
    format!("containment {}: {} {}", containment.id, containment.effect, containment.kind)
}
