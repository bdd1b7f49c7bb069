//! Escalated requests enter the queue; approved ones that have run are told.

use crate::trial::TRIAL;
use crate::{Queue, due_within, priority_of};
use picket_db::{Lane, Ticket};
use picket_event::{Action, Decision, Event, EventType, Outcome, Severity, Workspace};
use picket_log::{AppendError, LoggedEvent};
use picket_pipeline::{ConsumeError, Consumer};
use picket_stdx::Timestamp;
use picket_store::{cursors, escalations, holds};
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "escalator";
/// When an escalation ends that nobody decided and that holds nothing back: it is for the analyst.
const EXPIRES: Duration = Duration::from_secs(30 * 86_400);

/// Reads the log and fills the queue.
#[derive(Debug)]
pub struct Escalator(Queue);

impl Escalator {
    /// The consumer that fills a queue.
    pub fn new(queue: &Queue) -> Self {
        Self(queue.clone())
    }
}

impl Consumer for Escalator {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cursor(&mut self) -> Result<u64, ConsumeError> {
        self.0
            .db
            .read(|connection| cursors::get(connection, NAME, self.0.log.id()))
            .map_err(|error| error.to_string().into())
    }

    fn apply(&mut self, batch: &[Arc<LoggedEvent>]) -> Result<u64, ConsumeError> {
        let next = batch.last().map_or(0, |logged| logged.position + 1);
        let events = batch.iter().filter_map(|logged| logged.event.as_deref());
        let concerned: Vec<Event> = events.filter(|event| is_new(event) || is_executed(event)).cloned().collect();
        let Queue { log, workspace, routing, .. } = self.0.clone();
        let done: Ticket<(), AppendError> = self.0.db.write(Lane::Consumer, "review.escalate", move |tx| {
            for event in &concerned {
                let now = log.clock().now();
                if is_executed(event) {
                    let mut executed = about(event, EventType::of("decision.executed"), &workspace, now);
                    executed.outcome = event.outcome;
                    log.append_in(tx, log.prepare(executed, &[]))?;
                    continue;
                }
                let Some(mut entry) = entry_of(event) else { continue };
                entry.routed_to = routing.team_of(event);
                entry.queued_at = Some(now);
                if let Some((priority, end)) = holds::of_escalation(tx.connection(), &workspace, &entry.id)? {
                    (entry.priority, entry.expires_at) = (entry.priority.max(priority), Some(end));
                }
                if escalations::create(tx, &workspace, &entry)? {
                    let created = about(event, EventType::ESCALATION_CREATED, &workspace, now);
                    log.append_in(tx, log.prepare(created, &[]))?;
                }
            }
            Ok(cursors::set(tx, NAME, log.id(), next)?)
        });
        done.wait().map_err(|error| error.to_string())?;
        Ok(next)
    }
}

/// Whether an event asks for a person for the first time.
fn is_new(event: &Event) -> bool {
    let is_asked = [EventType::REQUEST, EventType::VERDICT_LATE, TRIAL].contains(&event.event_type);
    is_asked && event.decision == Decision::Escalated && event.escalation_id.is_some()
}

/// Whether an event is a request that ran because a person approved it.
fn is_executed(event: &Event) -> bool {
    // Where the process ended before the answer did, nobody knows the end, but it went to the provider.
    let ran = [Outcome::Completed, Outcome::Cut, Outcome::ClientGone, Outcome::Unknown];
    event.event_type == EventType::REQUEST
        && event.decision != Decision::Escalated
        && event.escalation_id.is_some()
        && event.outcome.is_some_and(|outcome| ran.contains(&outcome))
}

fn entry_of(event: &Event) -> Option<escalations::Escalation> {
    let now = event.timestamp;
    let severity = event.severity.max(Severity::Low);
    Some(escalations::Escalation {
        id: event.escalation_id?.to_string(),
        kind: event.finding_type.clone().unwrap_or_else(|| "policy".to_owned()),
        created_at: now,
        severity: severity.as_str().to_owned(),
        priority: priority_of(severity),
        status: "pending".to_owned(),
        stage: "new".to_owned(),
        event_id: event.event_id.to_string(),
        user: event.user.clone(),
        category: event.category.map(|category| category.as_str().to_owned()),
        likeness: likeness(event),
        due_at: due_within(severity).map(|wait| now.plus(wait)),
        expires_at: Some(now.plus(EXPIRES)),
        version: 1,
        ..escalations::Escalation::default()
    })
}

/// What an event shares with others like it: what was found, and by which checks. Words of the policy, none of a caller.
fn likeness(event: &Event) -> String {
    let results = event.policy_results.iter().filter(|result| result.verdict != Action::Allow);
    let mut found: Vec<String> = results
        .map(|result| format!("{}({})", result.policy, result.finding_type.as_deref().unwrap_or_default()))
        .collect();
    found.sort_unstable();
    found.dedup();
    format!("{}: {}", event.finding_type.as_deref().unwrap_or("policy"), found.join(" "))
}

/// An event about a request and its escalation.
fn about(event: &Event, event_type: EventType, workspace: &Workspace, now: Timestamp) -> Event {
    let mut about = Event::new(event_type, workspace.as_str(), now);
    about.severity = event.severity;
    about.decision = event.decision;
    about.finding_type.clone_from(&event.finding_type);
    about.category = event.category;
    about.user.clone_from(&event.user);
    about.team.clone_from(&event.team);
    about.escalation_id = event.escalation_id;
    about.parent_event_id = Some(event.event_id);
    about
}
