//! The lane beside the requests: what is too slow for them, or wanted for a share of them only, is examined here.
//!
//! A request never waits for it: what finds no room in the queue is counted, and its event says so. What is found becomes
//! an event of its own, `verdict.late`, that names the request's; if its action is to block and the answer still runs, it
//! ends the answer.

mod ending;
mod queue;

use crate::record::exceptions;
use crate::remote::Remotes;
use crate::serve::{Gateway, Shared};
use crate::snapshot::Snapshot;
pub(crate) use ending::{Answering, Ending};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use picket_bodies::NewBody;
use picket_db::Lane as Writes;
use picket_event::{Action, BodyClass, Decision, EscalationId, Event, EventType, Outcome, Severity};
use picket_policy::{Inquiry, Judgement};
use queue::Queue;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Questions of one thread that are open at a time.
const OPEN_MAX: usize = 16;
/// Bytes of texts that wait.
const WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Between two looks whether everything is done, once the process drains.
const LOOK: Duration = Duration::from_millis(10);

/// What waits, and how it went.
#[derive(Debug)]
pub(crate) struct Lane {
    queue: Queue<Job>,
    /// Requests that may still bring something.
    open: Arc<AtomicUsize>,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Counters {
    queued: AtomicU64,
    dropped: AtomicU64,
    clean: AtomicU64,
    found: AtomicU64,
    failed: AtomicU64,
    unrecorded: AtomicU64,
    ended: AtomicU64,
}

/// How the lane has been doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LaneCounts {
    /// Examinations that wait now.
    pub waiting: u64,
    /// Bytes of their texts.
    pub waiting_bytes: u64,
    /// Examinations that were queued.
    pub queued: u64,
    /// Examinations for which there was no room.
    pub dropped: u64,
    /// Examinations that found nothing.
    pub clean: u64,
    /// Examinations that found something.
    pub found: u64,
    /// Examinations whose check failed.
    pub failed: u64,
    /// Verdicts that could not be written down.
    pub unrecorded: u64,
    /// Answers that were ended.
    pub ended: u64,
}

/// An examination.
#[derive(Debug)]
pub(crate) struct Job {
    snapshot: Arc<Snapshot>,
    inquiry: Inquiry,
    /// The verdict's event, but for the verdict.
    event: Box<Event>,
    ending: Arc<Ending>,
    queued: Instant,
}

impl Lane {
    /// A lane in which so many examinations may wait.
    pub(crate) fn new(waiting_max: usize) -> Self {
        let queue = Queue::new(waiting_max, WAITING_BYTES_MAX);
        Self { queue, open: Arc::default(), counters: Counters::default() }
    }

    /// A request that may bring something until it is dropped.
    pub(crate) fn answering(&self) -> Answering {
        Answering::new(&self.open)
    }

    /// Queues what a judgement named for later; the checks for which there was no room.
    pub(crate) fn send(
        &self,
        later: Vec<Inquiry>,
        snapshot: &Arc<Snapshot>,
        event: &Event,
        answering: &Answering,
    ) -> Vec<String> {
        let mut refused = Vec::new();
        for inquiry in later {
            let (policy, bytes) = (inquiry.policy.clone(), inquiry.bytes());
            let job = Job {
                snapshot: Arc::clone(snapshot),
                inquiry,
                event: verdict_of(event),
                ending: answering.ending(),
                queued: Instant::now(),
            };
            if self.queue.push(job, bytes) {
                self.counters.queued.fetch_add(1, Ordering::Relaxed);
            } else {
                self.counters.dropped.fetch_add(1, Ordering::Relaxed);
                if !refused.contains(&policy) {
                    refused.push(policy);
                }
            }
        }
        refused
    }

    /// How it has been doing.
    pub(crate) fn counts(&self) -> LaneCounts {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (waiting, bytes) = self.queue.waiting();
        let Counters { queued, dropped, clean, found, failed, unrecorded, ended } = &self.counters;
        LaneCounts {
            waiting: u64::try_from(waiting).unwrap_or(u64::MAX),
            waiting_bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
            queued: load(queued),
            dropped: load(dropped),
            clean: load(clean),
            found: load(found),
            failed: load(failed),
            unrecorded: load(unrecorded),
            ended: load(ended),
        }
    }

    fn is_done(&self) -> bool {
        self.open.load(Ordering::SeqCst) == 0 && self.queue.waiting().0 == 0
    }
}

/// Examines what waits until `draining` resolves, then what is left, at most until `stopped` resolves. Blocks the calling
/// thread; several may do it.
pub fn examine<D, S>(gateway: &Gateway, draining: D, stopped: S) -> io::Result<()>
where
    D: Future<Output = ()>,
    S: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(gateway.shared(), draining, stopped));
    Ok(())
}

async fn run(shared: &Arc<Shared>, draining: impl Future<Output = ()>, stopped: impl Future<Output = ()>) {
    let (mut draining, mut stopped) = (pin!(draining), pin!(stopped));
    let (remotes, lane) = (Remotes::default(), &shared.lane);
    let mut running = FuturesUnordered::new();
    let mut drains = false;
    loop {
        let (has_room, is_busy) = (running.len() < OPEN_MAX, !running.is_empty());
        tokio::select! {
            () = &mut stopped => {
                let left = lane.queue.waiting().0 + running.len();
                if left > 0 {
                    tracing::warn!(left, "late checks were given up");
                }
                return;
            }
            () = &mut draining, if !drains => drains = true,
            job = lane.queue.pop(), if has_room => running.push(one(shared, &remotes, job)),
            Some(()) = running.next(), if is_busy => {}
            () = tokio::time::sleep(LOOK), if drains => {}
        }
        if drains && running.is_empty() && lane.is_done() {
            return;
        }
    }
}

/// One examination, and what comes of it.
async fn one(shared: &Shared, remotes: &Remotes, job: Job) {
    let Job { snapshot, inquiry, mut event, ending, queued } = job;
    let judged = AssertUnwindSafe(judge(shared, remotes, &snapshot, inquiry, &event)).catch_unwind().await;
    let counters = &shared.lane.counters;
    let Ok(judgement) = judged else {
        counters.failed.fetch_add(1, Ordering::Relaxed);
        return tracing::error!(request = ?event.parent_event_id, "a late check panicked");
    };
    let failed = judgement.results.iter().any(|result| result.finding_type.as_deref() == Some("check_failed"));
    let outcome = match (failed, judgement.triggered.is_empty()) {
        (true, _) => &counters.failed,
        (false, false) => &counters.found,
        (false, true) => &counters.clean,
    };
    outcome.fetch_add(1, Ordering::Relaxed);
    // That a service is left alone was told when it began to fail, and the metrics go on telling.
    let is_told = judgement.evidence.iter().any(|excerpt| excerpt.kind == "circuit_open");
    let is_aside = judgement.results.iter().any(|result| result.exception.is_some());
    if judgement.triggered.is_empty() && !is_aside || is_told {
        return;
    }
    let ends = judgement.action() >= Action::Escalate && ending.ask(&judgement);
    if ends {
        counters.ended.fetch_add(1, Ordering::Relaxed);
    }
    let band = judgement.risk_score.map(|score| snapshot.policy.oversight.bands.of(score));
    event.risk_band = band;
    record(shared, judgement, event, ends, queued.elapsed()).await;
}

async fn judge(shared: &Shared, remotes: &Remotes, snapshot: &Snapshot, inquiry: Inquiry, event: &Event) -> Judgement {
    if !snapshot.policy.asks_a_service(&inquiry) {
        return snapshot.policy.examine(&inquiry, &shared.toolbox, None);
    }
    let named = Judgement { code: "allowed", inquiries: vec![inquiry], ..Judgement::default() };
    let request_id = event.request_id.as_deref().unwrap_or_default();
    remotes.complete(&snapshot.remotes, &snapshot.policy, named, request_id).await
}

/// Writes a verdict down.
async fn record(shared: &Shared, judgement: Judgement, mut event: Box<Event>, ends: bool, took: Duration) {
    let now = shared.log.clock().now();
    event.timestamp = now;
    event.latency_ms = u64::try_from(took.as_millis()).ok();
    event.severity = judgement.severity.unwrap_or(Severity::Info);
    event.decision = match judgement.action() {
        Action::Escalate => Decision::Escalated,
        Action::Block if ends => Decision::Blocked,
        _ => Decision::Allowed,
    };
    event.escalation_id = (event.decision == Decision::Escalated).then(|| EscalationId::new(now));
    event.outcome = ends.then_some(Outcome::Cut);
    event.guardrail_result = Some(judgement.guardrail());
    let fate = match (ends, judgement.action() >= Action::Escalate) {
        (true, _) => "; the answer was ended",
        (false, true) => "; the answer was out already",
        (false, false) => "",
    };
    event.reason = judgement.reason.map(|reason| reason + fate);
    (event.category, event.finding_type, event.risk_score) =
        (judgement.category, judgement.finding_type, judgement.risk_score);
    event.exceptions = exceptions(&judgement.results);
    (event.policies_triggered, event.policy_results, event.policy_violated) =
        (judgement.triggered, judgement.results, judgement.violated);
    let evidence = serde_json::to_vec(&judgement.evidence).unwrap_or_default();
    let body = NewBody {
        role: "evidence",
        class: BodyClass::Evidence,
        media_type: "application/json",
        bytes: &evidence,
        truncated: false,
    };
    let bodies = if judgement.evidence.is_empty() { &[][..] } else { std::slice::from_ref(&body) };
    let prepared = shared.log.prepare(event, bodies);
    if let Err(error) = shared.log.append(Writes::Consumer, prepared).await {
        shared.lane.counters.unrecorded.fetch_add(1, Ordering::Relaxed);
        tracing::error!(%error, "a late verdict could not be recorded");
    }
}

/// The event of a verdict about a request: who asked, what, and by which policy it is judged.
fn verdict_of(request: &Event) -> Box<Event> {
    let mut event = Box::new(Event::new(EventType::VERDICT_LATE, &request.workspace_id, request.timestamp));
    event.parent_event_id = Some(request.event_id);
    let from = request.clone();
    (event.user, event.team, event.application, event.feature) = (from.user, from.team, from.application, from.feature);
    (event.agent_id, event.session_id, event.key_id, event.identity) =
        (from.agent_id, from.session_id, from.key_id, from.identity);
    (event.src_ip, event.user_agent) = (from.src_ip, from.user_agent);
    (event.gateway_id, event.config_version, event.endpoint) = (from.gateway_id, from.config_version, from.endpoint);
    (event.provider, event.model, event.stream) = (from.provider, from.model, from.stream);
    (event.policy_version, event.policy_digest) = (from.policy_version, from.policy_digest);
    (event.request_id, event.trace_id, event.span_id) = (from.request_id, from.trace_id, from.span_id);
    event.client_request_id = from.client_request_id;
    event
}

#[cfg(test)]
mod tests;
