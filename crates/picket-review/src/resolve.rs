//! Decisions.

use picket_db::{Db, Lane, WriteError};
use picket_event::{Decision, Event, EventType, Severity};
use picket_log::{AppendError, EventLog};
use picket_stdx::Timestamp;
use picket_store::escalations::{self, Escalation, Resolve, ResolveError};
use picket_store::holds;

/// A decision of a person.
#[derive(Debug, Clone)]
pub struct Decide {
    /// `approved`, `rejected` or `investigate`.
    pub resolution: &'static str,
    /// Verdict; what the resolution implies, when absent.
    pub verdict: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// Who.
    pub by: String,
    /// The version that the reviewer saw.
    pub version: Option<u64>,
}

/// A decision was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The queue refused.
    #[error(transparent)]
    Queue(#[from] ResolveError),
    /// It could not be recorded, so it did not happen.
    #[error("the decision could not be recorded")]
    Record(#[from] AppendError),
}

/// Takes a decision; it and its events become durable together.
pub fn resolve(
    db: &Db,
    log: &EventLog,
    workspace: &str,
    id: &str,
    decide: Decide,
) -> Result<Escalation, WriteError<ReviewError>> {
    let (log, workspace, id) = (log.clone(), workspace.to_owned(), id.to_owned());
    let now = log.clock().now();
    let ticket = db.write(Lane::Admin, "review.resolve", move |tx| {
        let verdict = decide.verdict.unwrap_or_else(|| implied(decide.resolution).to_owned());
        let wanted = Resolve {
            resolution: decide.resolution,
            verdict,
            note: decide.note,
            by: decide.by,
            at: now,
            version: decide.version,
        };
        let resolved = escalations::resolve(tx, &workspace, &id, &wanted)?;
        let mut types = vec![EventType::ESCALATION_RESOLVED];
        let said = match decide.resolution {
            "approved" => Some(("decision.approved", holds::State::Approved)),
            "rejected" => Some(("decision.rejected", holds::State::Rejected)),
            _ => None,
        };
        if let Some((event_type, state)) = said {
            types.push(EventType::of(event_type));
            holds::decide(tx, &workspace, &resolved.id, state, now).map_err(ResolveError::from)?;
        }
        for event_type in types {
            log.append_in(tx, log.prepare(event(event_type, &workspace, &resolved, now), &[]))?;
        }
        Ok::<_, ReviewError>(resolved)
    });
    ticket.wait()
}

/// Ends what nobody decided in time; how many there were.
pub fn expire(db: &Db, log: &EventLog, workspace: &str) -> Result<usize, WriteError<ReviewError>> {
    let (log, workspace) = (log.clone(), workspace.to_owned());
    let now = log.clock().now();
    let ticket = db.write(Lane::Consumer, "review.expire", move |tx| {
        let ended = escalations::expire(tx, &workspace, now, 100).map_err(ResolveError::from)?;
        holds::forget(tx, &workspace, now, 1_000).map_err(ResolveError::from)?;
        for escalation in &ended {
            log.append_in(tx, log.prepare(event(EventType::ESCALATION_EXPIRED, &workspace, escalation, now), &[]))?;
        }
        Ok::<_, ReviewError>(ended.len())
    });
    ticket.wait()
}

fn implied(resolution: &str) -> &'static str {
    match resolution {
        "approved" => "false_positive",
        "rejected" => "true_positive",
        _ => "undetermined",
    }
}

fn event(event_type: EventType, workspace: &str, escalation: &Escalation, now: Timestamp) -> Event {
    let mut event = Event::new(event_type, workspace, now);
    event.severity = escalation.severity.parse().unwrap_or(Severity::Low);
    event.decision = match escalation.resolution.as_deref() {
        Some("approved") => Decision::Allowed,
        Some("rejected") => Decision::Blocked,
        _ => Decision::Escalated,
    };
    event.finding_type = Some(escalation.kind.clone());
    event.user.clone_from(&escalation.user);
    event.actor.clone_from(&escalation.resolved_by);
    event.escalation_id = escalation.id.parse().ok();
    event.parent_event_id = escalation.event_id.parse().ok();
    event.reason = escalation
        .resolution
        .as_ref()
        .map(|resolution| format!("{resolution}, {}", escalation.verdict.as_deref().unwrap_or("undetermined")));
    event
}
