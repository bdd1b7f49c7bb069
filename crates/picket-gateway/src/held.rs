//! What happens with a request that a person has to decide.

use crate::exchange::{Exchange, Reply, send};
use crate::failure::Refusal;
use crate::record::{Record, cause, subject};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use picket_event::{Action, Decision, EscalationId, Severity};
use picket_llm::{Endpoint, Request};
use picket_stdx::duration;
use picket_store::holds::{Entered, Hold, State};
use std::sync::Arc;
use std::time::Duration;

/// How a caller says that it waits for a person, and the longest that it may.
const WAIT: &str = "picket-wait";
const WAIT_MAX: Duration = Duration::from_secs(300);

/// How long a caller wants to wait for a person.
pub(crate) fn wait(headers: &HeaderMap) -> Result<Option<Duration>, Refusal> {
    let Some(value) = headers.get(WAIT) else { return Ok(None) };
    let wait = value.to_str().ok().and_then(|text| duration::parse(text).ok());
    match wait {
        Some(wait) => Ok(Some(wait.min(WAIT_MAX))),
        None => {
            let message = "the header picket-wait takes a duration such as 30s or 2m, at most 5m";
            Err(Refusal::refused(400, "invalid_wait", message))
        }
    }
}

impl Exchange {
    /// Gives a request that a check escalated to its escalation; what the caller is refused with, unless it passes.
    pub(crate) async fn escalate(&self, record: &mut Record, request: &Request) -> Option<Refusal> {
        if record.judgement.action() != Action::Escalate {
            return None;
        }
        let now = self.worker.shared.log.clock().now();
        let lasts = record.judgement.expires.unwrap_or_default();
        let digest = self.asked(record, request);
        if !record.judgement.held {
            let (id, is_new) = self.worker.shared.holds.tell(digest, now, now.plus(lasts));
            record.event.escalation_id = Some(id);
            record.event.repeat = record.event.repeat.or((!is_new).then_some(true));
            return None;
        }
        let new = EscalationId::new(now);
        let priority = record.judgement.priority.map_or(0, urgency);
        let hold = Hold { escalation: new.to_string(), priority, lasts };
        let entered = match self.worker.shared.enter(digest, hold, now).await {
            Ok(entered) => entered,
            Err(error) => return Some(Refusal::unrecorded(cause(&error))),
        };
        match entered {
            Entered::New => Some(self.held(record, new)),
            Entered::Waits(id) => {
                record.event.repeat = Some(true);
                Some(self.held(record, id.parse().unwrap_or(new)))
            }
            Entered::Rejected(id) => {
                record.event.escalation_id = id.parse().ok();
                record.event.decision = Decision::Blocked;
                record.judgement.held = false;
                record.event.reason = Some(format!("rejected by a person: escalation {id}"));
                Some(rejected(id))
            }
            Entered::Approved(id) => {
                record.event.escalation_id = id.parse().ok();
                record.judgement.approve(format!("approved by a person: escalation {id}"));
                let (policy, toolbox) = (&self.snapshot.policy, &self.worker.shared.toolbox);
                policy.approve(request, &subject(&record.event), toolbox, record.message_digest());
                record.apply();
                None
            }
        }
    }

    fn held(&self, record: &mut Record, id: EscalationId) -> Refusal {
        record.event.escalation_id = Some(id);
        record.event.held = Some(true);
        let message = format!("a person has to review this request: escalation {id}");
        Refusal { escalation: Some(id.to_string()), ..Refusal::refused(403, "review_required", message) }
    }

    /// Waits for the person. The request is recorded as held first, so that it stands in the queue; when it is approved, it
    /// is asked again as if the caller had sent it again, under an event of its own.
    pub(crate) async fn wait(
        self: Box<Self>,
        endpoint: Endpoint,
        record: Box<Record>,
        (request, body): (&Request, Bytes),
        (refusal, wait): (Refusal, Duration),
        mut reply: Reply,
    ) {
        let shared = Arc::clone(&self.worker.shared);
        let Some(room) = shared.holds.room(body.len()) else { return self.refuse(record, refusal, reply).await };
        let digest = self.asked(&record, request);
        let escalation = refusal.escalation.clone().unwrap_or_default();
        if let Err(refusal) = record.refuse(&refusal).await {
            return send(reply, refusal.response(self.dialect, &self.request_id), &self.event_id, &self.request_id);
        }
        let decided = tokio::select! {
            decided = shared.decided(digest) => decided,
            () = tokio::time::sleep(wait) => None,
            () = self.worker.draining.cancelled() => None,
            () = reply.closed() => return,
        };
        drop(room);
        let refusal = match decided {
            Some(State::Approved) => return self.again(endpoint, body, reply).await,
            Some(State::Rejected) => rejected(escalation),
            Some(State::Pending) | None => refusal,
        };
        send(reply, refusal.response(self.dialect, &self.request_id), &self.event_id, &self.request_id);
    }

    /// Asks the same again, by what is in force now.
    async fn again(self: Box<Self>, endpoint: Endpoint, body: Bytes, reply: Reply) {
        let Self { worker, head, peer, dialect, request_id, .. } = *self;
        match Self::begin(worker, head, peer, dialect).await {
            Ok((mut exchange, mut record)) => {
                record.event.request_id = Some(request_id.clone());
                exchange.request_id = request_id;
                Box::pin(exchange.consider(endpoint, record, body, None, reply)).await;
            }
            // The key was revoked meanwhile.
            Err((refusal, _)) => send(reply, refusal.response(dialect, &request_id), "", &request_id),
        }
    }

    /// What an escalation is about: this content, from this caller, under this policy.
    fn asked(&self, record: &Record, request: &Request) -> [u8; 32] {
        let event = &record.event;
        let own = self.caller.own.as_ref().map(HeaderValue::as_bytes);
        let about = [
            event.key_id.as_deref().unwrap_or_default().as_bytes(),
            event.user.as_deref().unwrap_or_default().as_bytes(),
            own.unwrap_or_default(),
            self.snapshot.policy.digest().as_bytes(),
            request.endpoint.path().as_bytes(),
            &request.approval_bytes(),
        ];
        // Each with its length, so that none can be continued in the next.
        let bytes: Vec<u8> = about.iter().flat_map(|part| [&part.len().to_le_bytes(), *part].concat()).collect();
        self.worker.shared.keyring.keyed_hash("approval", &bytes)
    }
}

fn rejected(id: String) -> Refusal {
    let message = format!("a person has rejected this request: escalation {id}");
    Refusal { escalation: Some(id), ..Refusal::refused(403, "review_rejected", message) }
}

/// 1 for low to 4 for critical.
const fn urgency(severity: Severity) -> u8 {
    match severity {
        Severity::Info | Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}
