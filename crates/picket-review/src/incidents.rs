//! What people do with incidents: each change and its event are one transaction.

use crate::Queue;
use picket_db::{Lane, Ticket, WriteError};
use picket_event::{Decision, Event, EventType, Severity};
use picket_log::AppendError;
use picket_store::incidents::{self, Incident};

/// Verdicts of an incident.
pub const VERDICTS: &[&str] = &["true_positive", "false_positive", "benign", "duplicate", "undetermined"];

/// An incident was not changed.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    /// There is none of that id.
    #[error("there is no such incident")]
    Unknown,
    /// It stands elsewhere.
    #[error("it is {0} already")]
    Stands(String),
    /// It could not be recorded, so it did not happen.
    #[error("it could not be recorded")]
    Record(#[from] AppendError),
}

impl From<rusqlite::Error> for IncidentError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Record(AppendError::Database(error))
    }
}

impl Queue {
    /// Somebody works on an incident.
    pub fn acknowledge_incident(&self, id: &str, by: &str) -> Result<Incident, WriteError<IncidentError>> {
        self.change_incident(id, "incident.acknowledged", by, |incident, act| {
            if incident.status != "open" {
                return Err(IncidentError::Stands(incident.status.clone()));
            }
            "acknowledged".clone_into(&mut incident.status);
            incident.acknowledged = Some(act);
            Ok(())
        })
    }

    /// An incident is done, and what it was.
    pub fn close_incident(&self, id: &str, verdict: &str, by: &str) -> Result<Incident, WriteError<IncidentError>> {
        let verdict = verdict.to_owned();
        self.change_incident(id, "incident.closed", by, move |incident, act| {
            if incident.status == "closed" {
                return Err(IncidentError::Stands(incident.status.clone()));
            }
            "closed".clone_into(&mut incident.status);
            incident.acknowledged.get_or_insert_with(|| act.clone());
            (incident.closed, incident.verdict) = (Some(act), Some(verdict));
            Ok(())
        })
    }

    fn change_incident(
        &self,
        id: &str,
        event_type: &'static str,
        by: &str,
        change: impl FnOnce(&mut Incident, (String, picket_stdx::Timestamp)) -> Result<(), IncidentError> + Send + 'static,
    ) -> Result<Incident, WriteError<IncidentError>> {
        let (queue, id, by) = (self.clone(), id.to_owned(), by.to_owned());
        let done: Ticket<_, IncidentError> = self.db.write(Lane::Admin, "review.incident", move |tx| {
            let now = queue.log.clock().now();
            let found = incidents::get(tx.connection(), &queue.workspace, &id)?;
            let mut incident = found.ok_or(IncidentError::Unknown)?;
            change(&mut incident, (by.clone(), now))?;
            incidents::change(tx, &queue.workspace, &incident)?;
            let mut event = Event::new(EventType::of(event_type), queue.workspace.as_str(), now);
            event.severity = incident.severity.parse().unwrap_or(Severity::Medium);
            event.decision = Decision::Escalated;
            event.category = incident.category.as_deref().and_then(|category| category.parse().ok());
            event.finding_type = Some(incident.kind.clone());
            event.incident_id = Some(incident.id.clone());
            event.user.clone_from(&incident.user);
            event.parent_event_id = incident.event_id.parse().ok();
            event.actor = Some(by);
            event.reason = incident.verdict.as_ref().map(|verdict| format!("closed as {verdict}"));
            queue.log.append_in(tx, queue.log.prepare(event, &[]))?;
            Ok(incident)
        });
        done.wait()
    }
}
