//! Writing a request down.

use crate::failure::Refusal;
use crate::lane::Answering;
use crate::running::Runs;
use crate::serve::Shared;
use crate::snapshot::{Audit, Capture, Snapshot};
use bytes::Bytes;
use picket_bodies::NewBody;
use picket_bodies::manifest::Plan;
use picket_content::leak::Confidence;
use picket_db::{Lane, Ticket, WriteError};
use picket_event::{Action, BodyClass, Decision, Event, Identity, Outcome, PolicyResult, Scanned, Severity};
use picket_llm::{Request, Usage};
use picket_log::{AppendError, Appended};
use picket_policy::{Excepted, Judgement, Subject};
use picket_store::Credential;
use std::sync::Arc;
use std::time::Instant;

/// Places that are listed as not scanned.
const PLACES_MAX: usize = 64;
/// Exceptions that an event names.
const EXCEPTIONS_MAX: usize = 16;
/// Characters of the name of a tool.
const TOOL_CHARS_MAX: usize = 128;

/// A request that runs: what is known of it, until its closing entry is written.
pub(crate) struct Record {
    pub(crate) shared: Arc<Shared>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) event: Box<Event>,
    pub(crate) judgement: Judgement,
    pub(crate) key: Option<Arc<Credential>>,
    pub(crate) begun: Instant,
    /// Microseconds that the provider was waited for.
    pub(crate) waited_us: u64,
    pub(crate) request: Option<Bytes>,
    /// What the request told its model in confidence, if a check asks.
    pub(crate) confidence: Option<Box<Confidence>>,
    pub(crate) plan: Option<Plan>,
    /// Digests of its messages, in order.
    pub(crate) messages: Vec<[u8; 32]>,
    pub(crate) received: Option<u64>,
    /// Since its beginning is queued.
    pub(crate) runs: Option<Runs>,
    /// Only if the policy has late checks.
    pub(crate) answering: Option<Answering>,
    /// What decides which of them examine it.
    pub(crate) draw: Option<[u8; 16]>,
    /// The exceptions that concern it, until its answer ends.
    pub(crate) excepted: Option<Arc<Excepted>>,
    pub(crate) usage: Usage,
    /// What the caller was sent, as far as it is kept.
    pub(crate) response: Vec<u8>,
    pub(crate) response_bytes: u64,
}

impl Record {
    /// Who asked, for the checks of the answer.
    pub(crate) fn subject(&self) -> Subject<'_> {
        let (confidence, excepted) = (self.confidence.as_deref(), self.excepted.as_ref());
        Subject { confidence, excepted, draw: self.draw, ..subject(&self.event) }
    }

    /// A keyed digest of a message, by its number, and of what came before it, for this conversation.
    pub(crate) fn message_digest(&self) -> impl Fn(&[u8], usize) -> [u8; 16] {
        let owner = owner(&self.event);
        move |before, message| {
            let message = self.messages.get(message).map(<[u8; 32]>::as_slice).unwrap_or_default();
            self.shared.digest(&[owner.as_bytes(), before, message])
        }
    }

    /// Takes the verdict so far into the event.
    pub(crate) fn apply(&mut self) {
        let (event, judgement) = (&mut *self.event, &self.judgement);
        event.policies_triggered.clone_from(&judgement.triggered);
        event.policy_results.clone_from(&judgement.results);
        event.exceptions = exceptions(&judgement.results);
        event.policy_violated.clone_from(&judgement.violated);
        event.guardrail_result = Some(judgement.guardrail());
        event.finding_type.clone_from(&judgement.finding_type);
        event.category = judgement.category;
        event.severity = judgement.severity.unwrap_or(Severity::Info);
        event.risk_score = judgement.risk_score;
        event.risk_band = judgement.risk_score.map(|score| self.snapshot.policy.oversight.bands.of(score));
        if let Some(denied) = &judgement.tool {
            // Of several, the one that it is about.
            event.tool = Some(denied.chars().take(TOOL_CHARS_MAX).collect());
        }
        event.scanned = judgement.scanned;
        event.unscanned.clone_from(&judgement.unscanned);
        event.repeat = judgement.repeat.then_some(true);
        event.reason = judgement.reason.clone().or(event.reason.take());
        event.decision = match judgement.action() {
            Action::Allow | Action::Flag => Decision::Allowed,
            Action::Redact => Decision::Redacted,
            Action::Escalate => Decision::Escalated,
            Action::Block => Decision::Blocked,
        };
    }

    /// Hands over what the judgement named for later. What finds no room was not examined, as the judgement says then.
    pub(crate) fn send_later(&mut self) {
        let later = std::mem::take(&mut self.judgement.later);
        let Some(answering) = self.answering.as_ref().filter(|_| !later.is_empty()) else { return };
        let refused = self.shared.lane.send(later, &self.snapshot, &self.event, answering);
        for policy in refused {
            let place = format!("late:{policy}");
            self.judgement.scanned = Some(Scanned::Partial);
            if self.judgement.unscanned.len() < PLACES_MAX && !self.judgement.unscanned.contains(&place) {
                self.judgement.unscanned.push(place);
            }
        }
    }

    /// Whether the answer may come to its end; not if a late verdict ends it, which the judgement takes in.
    pub(crate) fn may_end(&mut self) -> bool {
        let Some(verdict) = self.answering.as_ref().and_then(|answering| answering.ending().over()) else {
            return true;
        };
        self.judgement.absorb(verdict);
        false
    }

    fn captures(&self) -> bool {
        match self.snapshot.capture {
            Capture::All => true,
            Capture::Flagged => {
                let is_aside = || self.judgement.results.iter().any(|result| result.exception.is_some());
                !self.judgement.triggered.is_empty() || is_aside()
            }
            Capture::None => false,
        }
    }

    /// Queues `request.received`, with the request's body.
    pub(crate) fn receive(&mut self, request: &Request) -> Ticket<Appended, AppendError> {
        let log = self.shared.log.clone();
        let mut event = self.event.clone();
        event.outcome = None;
        let contents = self.request_bodies(request);
        let manifest = contents.1;
        let mut bodies = Vec::new();
        if let Some(own) = &contents.0 {
            bodies.push(content("request", "application/json", own));
        }
        if let Some(manifest) = &manifest {
            bodies.push(content("manifest", "application/json", manifest));
        }
        let record = log.prepare(event, &bodies).received();
        self.event.bodies = bodies.iter().map(|body| body.role.to_owned()).collect();
        self.request = None;
        self.runs = Some(self.shared.running.begin(self.event.event_id));
        log.append_soon(Lane::Gateway, record)
    }

    /// The bytes to store of a request: its own part, and how the whole is put together.
    fn request_bodies(&mut self, request: &Request) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        if !self.captures() {
            return (None, None);
        }
        let owner = owner(&self.event);
        let ranges: Vec<_> = request.messages.iter().map(|message| message.range.clone()).collect();
        let digest = |message: usize| {
            let message = self.messages.get(message).map(<[u8; 32]>::as_slice).unwrap_or_default();
            self.shared.digest(&[owner.as_bytes(), message])
        };
        let mut plan = self.shared.seen.plan(request.bytes(), &ranges, digest);
        let own = std::mem::take(&mut plan.own);
        let manifest = plan.manifest.as_ref().and_then(|manifest| serde_json::to_vec(manifest).ok());
        self.plan = Some(plan);
        (Some(own), manifest)
    }

    /// Takes note that `request.received` is durable.
    pub(crate) fn received_at(&mut self, position: u64) {
        self.received = Some(position);
        if let Some(plan) = self.plan.take() {
            self.shared.seen.remember(plan, position);
        }
    }

    /// Keeps what is sent to the caller.
    pub(crate) fn sent(&mut self, bytes: &[u8]) {
        self.response_bytes += u64::try_from(bytes.len()).unwrap_or(0);
        let room = picket_stdx::limits::STORED_BODY_BYTES_MAX.saturating_sub(self.response.len());
        self.response.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }

    /// Queues the closing entry, which somebody waits for. Every request gets exactly one.
    pub(crate) fn close(self: Box<Self>, outcome: Outcome, status: u16) -> Ticket<Appended, AppendError> {
        let (shared, is_begun) = (Arc::clone(&self.shared), self.received.is_some());
        let closing = self.closing(outcome, status);
        if is_begun {
            return shared.log.append_or_return(Lane::Gateway, closing, true, shared.unclosed.take_back());
        }
        // The caller hears that nothing was recorded, and nothing is open in the log.
        shared.log.append(Lane::Gateway, closing)
    }

    /// Queues the closing entry of a request whose answer is out already; when the log cannot take it now, it is kept and
    /// tried again.
    pub(crate) fn close_soon(self: Box<Self>, outcome: Outcome, status: u16) {
        let shared = Arc::clone(&self.shared);
        let closing = self.closing(outcome, status);
        // Nobody waits for it, so that the writer need not wake this thread for each.
        drop(shared.log.append_or_return(Lane::Gateway, closing, false, shared.unclosed.take_back()));
    }

    fn closing(mut self: Box<Self>, outcome: Outcome, status: u16) -> picket_log::Record {
        self.apply_end(outcome, status);
        let evidence = (!self.judgement.evidence.is_empty())
            .then(|| serde_json::to_vec(&self.judgement.evidence).unwrap_or_default());
        let mut bodies = Vec::new();
        let keeps = self.captures();
        if let Some(request) = self.request.as_ref().filter(|_| keeps) {
            bodies.push(content("request", "application/json", request));
        }
        if keeps && !self.response.is_empty() {
            let cut = self.response_bytes > u64::try_from(self.response.len()).unwrap_or(u64::MAX);
            bodies.push(NewBody { truncated: cut, ..content("response", "text/plain", &self.response) });
        }
        if let Some(evidence) = &evidence {
            bodies.push(NewBody { class: BodyClass::Evidence, ..content("evidence", "application/json", evidence) });
        }
        self.shared.metrics.end(self.event.decision);
        // It counts as running until its end is in the log: a writer that stalls is no reason to call the end unknown.
        let runs = self.runs.take();
        self.shared.log.prepare(self.event, &bodies).closes(self.received).holding(runs)
    }

    fn apply_end(&mut self, outcome: Outcome, status: u16) {
        let elapsed = self.begun.elapsed();
        let us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let event = &mut *self.event;
        event.outcome = Some(outcome);
        event.status_code = Some(status);
        event.latency_ms = Some(us / 1_000);
        event.overhead_us = Some(us.saturating_sub(self.waited_us));
        event.response_bytes = Some(self.response_bytes);
        (event.tokens_in, event.tokens_out) = (self.usage.tokens_in, self.usage.tokens_out);
        let (tokens_in, tokens_out) = (self.usage.tokens_in.unwrap_or(0), self.usage.tokens_out.unwrap_or(0));
        event.cost = event
            .model
            .as_deref()
            .filter(|_| tokens_in + tokens_out > 0)
            .and_then(|model| self.snapshot.cost(model, tokens_in, tokens_out));
        let cost = event.cost.unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cost is small and not negative")]
        if let Some(key) = &self.key {
            key.spend((cost * 1e6).round() as u64);
        }
        let subject = subject(event);
        self.snapshot.policy.settle(
            &subject,
            &self.shared.toolbox,
            tokens_in + tokens_out,
            cost,
            self.shared.log.clock().steady_moment(),
        );
    }

    /// Writes a refusal down; it may leave only when that is durable, or the beginning of its request is.
    pub(crate) async fn refuse(mut self: Box<Self>, refusal: &Refusal) -> Result<(), Refusal> {
        self.event.decision =
            if self.event.decision == Decision::Escalated { Decision::Escalated } else { refusal.decision };
        if self.event.reason.is_none() {
            self.event.reason = Some(format!("{}: status {}", refusal.code, refusal.status));
        }
        let is_begun = self.received.is_some();
        match self.close(refusal.outcome, refusal.status).await {
            Ok(_appended) => Ok(()),
            // It is tried again, and tells what the caller was told.
            Err(_kept) if is_begun => Ok(()),
            Err(error) => Err(Refusal::unrecorded(cause(&error))),
        }
    }
}

/// The exceptions that set something aside.
pub(crate) fn exceptions(results: &[PolicyResult]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for id in results.iter().filter_map(|result| result.exception.as_ref()) {
        if all.len() < EXCEPTIONS_MAX && !all.contains(id) {
            all.push(id.clone());
        }
    }
    all
}

/// Whose messages are one conversation.
pub(crate) fn owner(event: &Event) -> String {
    format!("{}\0{}", event.key_id.as_deref().unwrap_or_default(), event.session_id.as_deref().unwrap_or_default())
}

/// The subject of an event. A user that the request only claims is none: limits and scopes act on what is certain.
pub(crate) fn subject(event: &Event) -> Subject<'_> {
    Subject {
        user: event.user.as_deref().filter(|_| event.identity.is_some_and(Identity::is_certain)),
        team: event.team.as_deref(),
        application: event.application.as_deref(),
        key_id: event.key_id.as_deref(),
        address: event.src_ip.as_deref(),
        model: event.model.as_deref(),
        session: event.session_id.as_deref(),
        confidence: None,
        excepted: None,
        draw: None,
    }
}

/// Whether the mode writes an entry before the end.
pub(crate) fn receives(audit: Audit) -> bool {
    matches!(audit, Audit::Strict | Audit::Ahead)
}

/// Why a write failed, for a caller.
pub(crate) fn cause(error: &WriteError<AppendError>) -> &'static str {
    match error {
        WriteError::Busy => "queue full",
        WriteError::Failed(_) => "disk",
        WriteError::Closed => "stopping",
        WriteError::Job(_) | WriteError::Panicked(_) => "log",
    }
}

fn content<'a>(role: &'a str, media_type: &'static str, bytes: &'a [u8]) -> NewBody<'a> {
    NewBody { role, class: BodyClass::Content, media_type, bytes, truncated: false }
}
