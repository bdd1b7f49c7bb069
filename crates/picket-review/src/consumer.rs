//! Escalated requests enter the queue; approved ones that have run are told.

use crate::{due_within, priority_of};
use picket_db::{Db, Lane, Ticket};
use picket_event::{Decision, Event, EventType, Outcome, Severity};
use picket_log::{AppendError, EventLog, LoggedEvent};
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
pub struct Escalator {
    db: Db,
    log: EventLog,
    workspace: String,
}

impl Escalator {
    /// The consumer of a workspace's log.
    pub fn new(db: &Db, log: &EventLog, workspace: &str) -> Self {
        Self { db: db.clone(), log: log.clone(), workspace: workspace.to_owned() }
    }
}

impl Consumer for Escalator {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cursor(&mut self) -> Result<u64, ConsumeError> {
        self.db
            .read(|connection| cursors::get(connection, NAME, self.log.id()))
            .map_err(|error| error.to_string().into())
    }

    fn apply(&mut self, batch: &[Arc<LoggedEvent>]) -> Result<u64, ConsumeError> {
        let next = batch.last().map_or(0, |logged| logged.position + 1);
        let events = batch.iter().filter_map(|logged| logged.event.as_deref());
        let concerned: Vec<Event> = events.filter(|event| is_new(event) || is_executed(event)).cloned().collect();
        let (log, workspace) = (self.log.clone(), self.workspace.clone());
        let done: Ticket<(), AppendError> = self.db.write(Lane::Consumer, "review.escalate", move |tx| {
            for event in &concerned {
                let now = log.clock().now();
                if is_executed(event) {
                    let executed = about(event, EventType::of("decision.executed"), &workspace, now);
                    log.append_in(tx, log.prepare(executed, &[]))?;
                    continue;
                }
                let Some(mut entry) = entry_of(event) else { continue };
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
    let is_judged = event.event_type == EventType::REQUEST || event.event_type == EventType::VERDICT_LATE;
    is_judged && event.decision == Decision::Escalated && event.escalation_id.is_some()
}

/// Whether an event is a request that ran because a person approved it.
fn is_executed(event: &Event) -> bool {
    let ran = [Outcome::Completed, Outcome::Cut, Outcome::ClientGone];
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
        due_at: due_within(severity).map(|wait| now.plus(wait)),
        expires_at: Some(now.plus(EXPIRES)),
        assignee: None,
        resolution: None,
        verdict: None,
        notes: Vec::new(),
        resolved_at: None,
        resolved_by: None,
        version: 1,
    })
}

/// An event about a request and its escalation.
fn about(event: &Event, event_type: EventType, workspace: &str, now: Timestamp) -> Event {
    let mut about = Event::new(event_type, workspace, now);
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
