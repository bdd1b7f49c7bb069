//! What the policy says about a request, once all whom it names were asked.

use crate::exchange::Exchange;
use crate::failure::Refusal;
use crate::record::{Record, owner, subject};
use picket_event::Action;
use picket_llm::Request;
use picket_policy::{Judgement, Subject};
use sha2::{Digest as _, Sha256};

impl Exchange {
    /// Judges a request. This is the one place where the judgement of a request enters its record.
    pub(crate) async fn judge(&self, record: &mut Record, request: &Request) {
        let shared = &self.worker.shared;
        record.messages = digests(request);
        let owner = owner(&record.event);
        if self.snapshot.policy.has_late_checks() {
            let whole = || Sha256::digest(request.bytes()).to_vec();
            let said = if record.messages.is_empty() { whole() } else { record.messages.concat() };
            record.draw = Some(shared.digest(&[b"late", &said]));
            record.answering = Some(shared.lane.answering());
        }
        let subject = Subject { draw: record.draw, ..subject(&record.event) };
        let digest = |before: &[u8], message: usize| {
            let message = record.messages.get(message).map(<[u8; 32]>::as_slice).unwrap_or_default();
            shared.digest(&[owner.as_bytes(), before, message])
        };
        let policy = &self.snapshot.policy;
        let judgement = policy.judge_request(request, &subject, &shared.toolbox, shared.log.clock().now(), digest);
        record.confidence = policy.confidence(request, &subject, &shared.toolbox).map(Box::new);
        record.judgement = self.complete(judgement).await;
        record.apply();
    }

    /// What the verdict refuses.
    pub(crate) fn refusal(&self, record: &mut Record, request: &Request) -> Option<Refusal> {
        let judgement = &record.judgement;
        match judgement.action() {
            Action::Block => {
                let (status, message) = match judgement.code {
                    "rate_limit_exceeded" => (429, "too many requests; try again later"),
                    "model_denied" => (403, "the security policy does not allow that model"),
                    "tool_denied" => (403, "the security policy does not allow one of the tools"),
                    "content_unscanned" => (403, "the request refers to content that the security policy cannot scan"),
                    _ => (403, "the security policy refuses this content"),
                };
                let refusal = Refusal::refused(status, judgement.code, format!("{message} (event {})", self.event_id));
                Some(Refusal { retry_after: judgement.retry_after, ..refusal })
            }
            Action::Escalate => {
                let now = self.worker.shared.log.clock().now();
                let expires = now.plus(judgement.expires.unwrap_or_default());
                let digest = self.approval_digest(record, request);
                let (id, is_new) = self.worker.shared.holds.hold(digest, now, expires);
                record.event.escalation_id = Some(id);
                record.event.held = record.judgement.held.then_some(true);
                if !is_new {
                    record.event.repeat = Some(true);
                }
                record.judgement.held.then(|| {
                    let message = format!("a person has to review this request: escalation {id}");
                    let refusal = Refusal::refused(403, "review_required", message);
                    Refusal { escalation: Some(id.to_string()), ..refusal }
                })
            }
            Action::Allow | Action::Flag | Action::Redact => None,
        }
    }

    /// What an escalation is about: this content, from this caller, under this policy.
    fn approval_digest(&self, record: &Record, request: &Request) -> [u8; 32] {
        let caller = record.event.key_id.as_deref().or(record.event.user.as_deref()).unwrap_or_default();
        let context = format!("{caller}\0{}\0{}", self.snapshot.policy.digest(), request.endpoint.path());
        self.worker
            .shared
            .keyring
            .keyed_hash("approval", &[context.as_bytes(), b"\0", &request.approval_bytes()].concat())
    }

    /// Makes the inquiries that a judgement names; without any, it is whole already.
    pub(crate) async fn complete(&self, judgement: Judgement) -> Judgement {
        if judgement.inquiries.is_empty() {
            return judgement;
        }
        let Self { snapshot, request_id, .. } = self;
        Box::pin(self.worker.remotes.complete(&snapshot.remotes, &snapshot.policy, judgement, request_id)).await
    }
}

/// One for each message, whatever its owner. Within this process only, where keyed ones are made of them.
fn digests(request: &Request) -> Vec<[u8; 32]> {
    let bytes = |message: &picket_llm::Message| request.bytes().get(message.range.clone()).unwrap_or_default();
    request.messages.iter().map(|message| Sha256::digest(bytes(message)).into()).collect()
}
