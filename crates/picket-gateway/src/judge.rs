//! What the policy says about a request, once all whom it names were asked.

use crate::exchange::Exchange;
use crate::failure::Refusal;
use crate::record::{Record, subject};
use picket_behaviour::near;
use picket_event::{Action, Role};
use picket_llm::Request;
use picket_policy::{Judgement, Subject};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;

impl Exchange {
    /// Judges a request. This is the one place where the judgement of a request enters its record.
    pub(crate) async fn judge(&self, record: &mut Record, request: &Request) {
        let shared = &self.worker.shared;
        record.messages = digests(request);
        record.event.prompt_simhash = simhash(shared.likeness, request);
        if self.snapshot.policy.has_late_checks() {
            let whole = || Sha256::digest(request.bytes()).to_vec();
            let said = if record.messages.is_empty() { whole() } else { record.messages.concat() };
            record.draw = Some(shared.digest(&[b"late", &said]));
            record.answering = Some(shared.lane.answering());
        }
        record.excepted = self.snapshot.exceptions.of(&subject(&record.event), shared.log.clock().now());
        let excepted = record.excepted.clone();
        let subject = Subject { draw: record.draw, excepted: excepted.as_ref(), ..subject(&record.event) };
        let policy = &self.snapshot.policy;
        let now = shared.log.clock().steady_moment();
        let judgement = policy.judge_request(request, &subject, &shared.toolbox, now, record.message_digest());
        record.confidence = policy.confidence(request, &subject, &shared.toolbox).map(Box::new);
        record.judgement = self.complete(judgement).await;
        record.apply();
    }

    /// What the verdict refuses, unless a person may let it pass.
    pub(crate) fn refusal(&self, record: &Record) -> Option<Refusal> {
        let judgement = &record.judgement;
        match judgement.action() {
            Action::Block => {
                let (status, message) = match judgement.code {
                    "rate_limit_exceeded" => (429, "too many requests; try again later"),
                    "model_denied" => (403, "the security policy does not allow that model"),
                    "contained" => {
                        (403, "a response of the security team refuses what would only be flagged otherwise")
                    }
                    "tool_denied" => (403, "the security policy does not allow one of the tools"),
                    "content_unscanned" => (403, "the request refers to content that the security policy cannot scan"),
                    _ => (403, "the security policy refuses this content"),
                };
                let refusal = Refusal::refused(status, judgement.code, format!("{message} (event {})", self.event_id));
                Some(Refusal { retry_after: judgement.retry_after, ..refusal })
            }
            Action::Allow | Action::Flag | Action::Redact | Action::Escalate => None,
        }
    }

    /// Makes the inquiries that a judgement names; without any, it is whole already.
    pub(crate) async fn complete(&self, judgement: Judgement) -> Judgement {
        if judgement.inquiries.is_empty() {
            return judgement;
        }
        Box::pin(self.inquire(judgement)).await
    }

    /// Asks services and the slower detectors of this process, all at once. What is refused already is not shown to
    /// anybody else.
    async fn inquire(&self, mut judgement: Judgement) -> Judgement {
        let (snapshot, shared) = (&self.snapshot, &self.worker.shared);
        let inquiries = std::mem::take(&mut judgement.inquiries);
        if judgement.action() == Action::Block {
            return judgement;
        }
        let (outside, inside): (Vec<_>, Vec<_>) =
            inquiries.into_iter().partition(|inquiry| snapshot.policy.asks_a_service(inquiry));
        let answers = self.worker.remotes.ask_all(&snapshot.remotes, outside, &self.request_id);
        let looks = shared.second.ask(&snapshot.policy, &shared.toolbox, inside);
        let (answers, looks) = futures_util::join!(answers, looks);
        for (inquiry, answer, took) in answers {
            snapshot.policy.answered(&inquiry, answer, took, &mut judgement);
        }
        for (inquiry, look) in looks {
            snapshot.policy.looked(&inquiry, look, &mut judgement);
        }
        judgement
    }
}

/// The hash of what the user said last, with a key of the store. It is a fact of the event, and in no leaf of the log.
fn simhash(key: u64, request: &Request) -> Option<String> {
    let of_user = || request.parts().iter().filter(|part| part.role == Role::User);
    let newest = of_user().filter_map(|part| part.message).max();
    let said: Vec<&str> = of_user().filter(|part| part.message == newest).map(|part| request.text(part)).collect();
    let said = match said.as_slice() {
        [one] => Cow::Borrowed(*one),
        several => Cow::Owned(several.join("\n")),
    };
    near::keyed(key, &said).map(|hash| format!("{hash:016x}"))
}

/// One for each message, whatever its owner. Within this process only, where keyed ones are made of them.
fn digests(request: &Request) -> Vec<[u8; 32]> {
    let bytes = |message: &picket_llm::Message| request.bytes().get(message.range.clone()).unwrap_or_default();
    request.messages.iter().map(|message| Sha256::digest(bytes(message)).into()).collect()
}
