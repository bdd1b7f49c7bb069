//! Decisions, and what follows from them.

use crate::Queue;
use crate::act::{Actor, ReviewError};
use picket_db::Tx;
use picket_event::{EventType, IncidentId};
use picket_store::escalations::{self, Escalation, QueueError, Resolve, Resolved};
use picket_store::{holds, incidents};

/// A decision of a person.
#[derive(Debug, Clone)]
pub struct Decide {
    /// `approved`, `rejected` or `investigate`.
    pub resolution: &'static str,
    /// Verdict; what the resolution implies, when absent.
    pub verdict: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// The version that the reviewer saw.
    pub version: Option<u64>,
}

/// Takes a decision, with its events.
pub(crate) fn decide(
    queue: &Queue,
    tx: &mut Tx<'_>,
    id: &str,
    decide: &Decide,
    actor: &Actor,
) -> Result<Escalation, ReviewError> {
    let investigates = decide.resolution == "investigate";
    let wanted = Resolve {
        resolution: decide.resolution,
        verdict: decide.verdict.clone().unwrap_or_else(|| implied(decide.resolution).to_owned()),
        note: decide.note.clone(),
        by: actor.name.clone(),
        person: actor.person.clone(),
        also: actor.also.clone(),
        at: actor.at,
        version: decide.version,
        two_for: queue.routing.two_for.iter().map(|severity| severity.as_str().to_owned()).collect(),
        incident: investigates.then(|| IncidentId::new(actor.at).to_string()),
    };
    let (types, entry) = match escalations::resolve(tx, &queue.workspace, id, &wanted)? {
        Resolved::Seconded(entry) => (vec!["escalation.approved_by_first"], entry),
        Resolved::Decided(entry) => {
            let mut types = vec!["escalation.resolved"];
            let said = match decide.resolution {
                "approved" => Some(("decision.approved", holds::State::Approved)),
                "rejected" => Some(("decision.rejected", holds::State::Rejected)),
                _ => None,
            };
            if let Some((event_type, state)) = said {
                types.push(event_type);
                holds::decide(tx, &queue.workspace, &entry.id, state, actor.at).map_err(QueueError::from)?;
            }
            if let Some(incident) = &entry.incident {
                types.push("incident.opened");
                open(queue, tx, incident, &entry, actor)?;
            }
            (types, entry)
        }
    };
    for event_type in types {
        let mut event = queue.event(EventType::of(event_type), &entry, actor.at);
        event.actor = Some(actor.name.clone());
        let verdict = entry.verdict.as_deref().unwrap_or("undetermined");
        event.reason = entry.resolution.as_ref().map(|resolution| format!("{resolution}, {verdict}"));
        queue.log.append_in(tx, queue.log.prepare(event, &[]))?;
    }
    Ok(entry)
}

fn open(queue: &Queue, tx: &mut Tx<'_>, id: &str, entry: &Escalation, actor: &Actor) -> Result<(), QueueError> {
    let incident = incidents::Incident {
        id: id.to_owned(),
        kind: entry.kind.clone(),
        severity: entry.severity.clone(),
        status: "open".to_owned(),
        title: format!("{}, handed on by a reviewer", entry.kind.replace('_', " ")),
        escalation: Some(entry.id.clone()),
        event_id: entry.event_id.clone(),
        user: entry.user.clone(),
        created_at: actor.at,
        created_by: actor.name.clone(),
        category: entry.category.clone(),
        ..incidents::Incident::default()
    };
    Ok(incidents::create(tx, &queue.workspace, &incident)?)
}

fn implied(resolution: &str) -> &'static str {
    match resolution {
        "approved" => "false_positive",
        "rejected" => "true_positive",
        _ => "undetermined",
    }
}
