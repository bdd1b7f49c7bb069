//! The consumer of the log that decides what is done: it opens incidents for findings where the runbook says so, and puts
//! what is to be told into the outbox. Both and its cursor are one transaction.

use crate::desk::Desk;
use crate::notice::Act;
use crate::runbook::Runbook;
use picket_db::{Lane, Ticket, Tx};
use picket_event::{Category, Decision, Event, EventId, EventType, IncidentId, Severity, TicketId};
use picket_log::{AppendError, LoggedEvent};
use picket_pipeline::{ConsumeError, Consumer};
use picket_stdx::Timestamp;
use picket_store::cursors;
use picket_store::detection::findings::{self, Finding, Status};
use picket_store::incidents::{self, Incident};
use picket_store::tickets::{self, Action, Place};
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "ticketer";
/// What findings open in a day about one entity and category is one incident.
const TOGETHER: Duration = Duration::from_secs(86_400);
/// Incidents that findings open in an hour; what is more gets a ticket.
const PER_HOUR_MAX: u64 = 100;
const HOUR: Duration = Duration::from_secs(3_600);
/// Who opens incidents by itself.
const ACTOR: &str = "picket";
/// How long the cursor may stay behind while nothing concerns it.
const MOVE_EVERY: Duration = Duration::from_secs(1);

/// Reads the log for what concerns tickets.
#[derive(Debug)]
pub struct Clerk {
    desk: Desk,
    /// Where it begins when it never ran before.
    begin: u64,
    reached: u64,
    kept: (u64, Duration),
}

/// What an event of the log asks for.
enum Asked {
    Finding(String, Act, Option<EventId>),
    Incident(String, Act),
}

impl Clerk {
    /// The consumer of a workspace's log. One that never ran begins at its present end: what was found before is no news.
    pub fn new(desk: &Desk) -> Self {
        Self { begin: desk.log.size(), desk: desk.clone(), reached: 0, kept: (0, Duration::ZERO) }
    }

    fn keep(&mut self, asked: Vec<Asked>) -> Result<(), ConsumeError> {
        let (desk, reached) = (self.desk.clone(), self.reached);
        let done: Ticket<(), AppendError> = self.desk.db.write(Lane::Consumer, "tickets.decide", move |tx| {
            let rules = (!asked.is_empty()).then(|| Rules::read(&desk, tx)).transpose()?;
            if let Some(rules) = rules {
                asked.into_iter().try_for_each(|one| rules.decide(tx, one))?;
                let bell = desk.bell.clone();
                tx.on_commit(move || bell.ring());
            }
            Ok(cursors::set(tx, NAME, desk.log.id(), reached)?)
        });
        done.wait().map_err(|error| error.to_string())?;
        self.kept = (reached, self.desk.log.clock().steady());
        Ok(())
    }
}

impl Consumer for Clerk {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cursor(&mut self) -> Result<u64, ConsumeError> {
        let found = self.desk.db.read(|connection| cursors::find(connection, NAME, self.desk.log.id()));
        let known = found.map_err(|error| error.to_string())?;
        self.reached = known.unwrap_or(self.begin);
        if known.is_none() {
            self.keep(Vec::new())?;
        }
        self.kept.0 = self.reached;
        Ok(self.reached)
    }

    fn apply(&mut self, batch: &[Arc<LoggedEvent>]) -> Result<u64, ConsumeError> {
        self.reached = batch.last().map_or(self.reached, |logged| logged.position + 1);
        let asked: Vec<Asked> = batch.iter().filter_map(|logged| asked(logged.event.as_deref()?)).collect();
        let is_time = self.desk.log.clock().steady().saturating_sub(self.kept.1) >= MOVE_EVERY;
        if !asked.is_empty() || is_time {
            self.keep(asked)?;
        }
        Ok(self.reached)
    }

    fn idle(&mut self) -> Result<(), ConsumeError> {
        if self.reached > self.kept.0 { self.keep(Vec::new()) } else { Ok(()) }
    }
}

fn asked(event: &Event) -> Option<Asked> {
    let act = match event.event_type.as_str() {
        "finding.created" | "incident.opened" => Act::Open,
        "finding.amended" | "incident.amended" => Act::Update,
        "finding.acknowledged" | "incident.acknowledged" => Act::Acknowledge,
        "finding.closed" | "incident.closed" => Act::Resolve,
        _ => return None,
    };
    if event.event_type.as_str().starts_with("incident.") {
        return Some(Asked::Incident(event.incident_id.clone()?, act));
    }
    let id = event.target.as_deref()?.strip_prefix("finding:")?;
    Some(Asked::Finding(id.to_owned(), act, Some(event.parent_event_id.unwrap_or(event.event_id))))
}

/// What counts while a batch is decided.
struct Rules<'a> {
    desk: &'a Desk,
    runbook: Runbook,
    places: Vec<Place>,
    now: Timestamp,
}

impl<'a> Rules<'a> {
    fn read(desk: &'a Desk, tx: &Tx<'_>) -> Result<Self, rusqlite::Error> {
        let connection = tx.connection();
        Ok(Self {
            runbook: Runbook::read(connection, &desk.workspace)?,
            places: tickets::list_places(connection, &desk.workspace)?,
            now: desk.log.clock().now(),
            desk,
        })
    }

    fn decide(&self, tx: &mut Tx<'_>, asked: Asked) -> Result<(), AppendError> {
        match asked {
            Asked::Finding(id, act, event) => {
                let found = findings::get(tx.connection(), &self.desk.workspace, &id)?;
                found.map_or(Ok(()), |finding| self.of_finding(tx, finding, act, event))
            }
            Asked::Incident(id, act) => {
                let found = incidents::get(tx.connection(), &self.desk.workspace, &id)?;
                found.map_or(Ok(()), |incident| self.of_incident(tx, &incident, act))
            }
        }
    }

    fn of_finding(
        &self,
        tx: &mut Tx<'_>,
        mut finding: Finding,
        act: Act,
        event: Option<EventId>,
    ) -> Result<(), AppendError> {
        let is_closed = finding.status == Status::Closed;
        match act {
            Act::Acknowledge => return Ok(self.tell_known(tx, &finding.id, act)?),
            Act::Open | Act::Update if !is_closed => {}
            Act::Open | Act::Update | Act::Resolve => return Ok(self.tell_known(tx, &finding.id, Act::Resolve)?),
        }
        let about = (finding.category, finding.severity);
        let action = self.runbook.action(finding.category, finding.severity);
        if let Some(incident) = &finding.details.incident {
            return self.amend(tx, incident.clone(), &finding, event);
        }
        if action == Action::Incident && self.open(tx, &mut finding, event)? {
            return Ok(());
        }
        // Too many incidents: a ticket is better than nothing.
        let action = if action == Action::Incident { Action::Ticket } else { action };
        if matches!(action, Action::Alert | Action::Ticket) {
            self.tell_new(tx, &finding.id, action, about)?;
        }
        if act == Act::Update { Ok(self.tell_known(tx, &finding.id, act)?) } else { Ok(()) }
    }

    /// Opens an incident for a finding, or joins it to the one that is open about the same; false if there are too many.
    fn open(&self, tx: &mut Tx<'_>, finding: &mut Finding, event: Option<EventId>) -> Result<bool, AppendError> {
        let workspace = &self.desk.workspace;
        let category = finding.category.map(Category::as_str);
        let about = (category, finding.entity_kind.as_str(), finding.entity.as_str());
        let standing = incidents::open_about(tx.connection(), workspace, about, self.now.minus(TOGETHER))?;
        if let Some(standing) = standing {
            finding.details.incident = Some(standing.id.clone());
            findings::update(tx, workspace, finding)?;
            self.amend(tx, standing.id, finding, event)?;
            return Ok(true);
        }
        if incidents::opened_by_findings(tx.connection(), workspace, self.now.minus(HOUR))? >= PER_HOUR_MAX {
            tracing::warn!(
                finding = finding.id,
                "findings opened {PER_HOUR_MAX} incidents in an hour; this one gets a ticket"
            );
            return Ok(false);
        }
        let incident = Incident {
            id: IncidentId::new(self.now).to_string(),
            kind: category.unwrap_or("finding").to_owned(),
            severity: finding.severity.as_str().to_owned(),
            status: "open".to_owned(),
            title: finding.details.title.clone(),
            event_id: event.map(|event| event.to_string()).unwrap_or_default(),
            user: (finding.entity_kind == "user").then(|| finding.entity.clone()),
            created_at: self.now,
            created_by: ACTOR.to_owned(),
            finding: Some(finding.id.clone()),
            category: category.map(str::to_owned),
            entity: Some((finding.entity_kind.clone(), finding.entity.clone())),
            ..Incident::default()
        };
        incidents::create(tx, workspace, &incident)?;
        finding.details.incident = Some(incident.id.clone());
        findings::update(tx, workspace, finding)?;
        self.record(tx, "incident.opened", &incident, finding, event)?;
        Ok(true)
    }

    /// An open incident hears that a finding of it is worse, or that there is one more.
    fn amend(
        &self,
        tx: &mut Tx<'_>,
        incident: String,
        finding: &Finding,
        event: Option<EventId>,
    ) -> Result<(), AppendError> {
        let workspace = &self.desk.workspace;
        let Some(mut incident) = incidents::get(tx.connection(), workspace, &incident)? else { return Ok(()) };
        if incident.status == "closed" {
            return Ok(());
        }
        if incident.severity.parse().is_ok_and(|severity: Severity| severity < finding.severity) {
            finding.severity.as_str().clone_into(&mut incident.severity);
            incidents::change(tx, workspace, &incident)?;
        }
        self.record(tx, "incident.amended", &incident, finding, event)
    }

    fn record(
        &self,
        tx: &mut Tx<'_>,
        event_type: &'static str,
        incident: &Incident,
        finding: &Finding,
        cause: Option<EventId>,
    ) -> Result<(), AppendError> {
        let mut event = Event::new(EventType::of(event_type), self.desk.workspace.as_str(), self.now);
        event.severity = incident.severity.parse().unwrap_or(Severity::Medium);
        event.decision = Decision::Escalated;
        event.category = finding.category;
        event.actor = Some(ACTOR.to_owned());
        event.incident_id = Some(incident.id.clone());
        event.parent_event_id = cause;
        event.rule_id = Some(finding.rule.clone());
        event.target = Some(format!("finding:{}", finding.id));
        event.user.clone_from(&incident.user);
        event.reason = Some(finding.details.reason.clone());
        self.desk.log.append_in(tx, self.desk.log.prepare(event, &[])).map(drop)
    }

    fn of_incident(&self, tx: &mut Tx<'_>, incident: &Incident, act: Act) -> Result<(), AppendError> {
        if act == Act::Open {
            let category: Option<Category> = incident.category.as_deref().and_then(|word| word.parse().ok());
            let severity = incident.severity.parse().unwrap_or(Severity::Medium);
            return Ok(self.tell_new(tx, &incident.id, Action::Incident, (category, severity))?);
        }
        Ok(self.tell_known(tx, &incident.id, act)?)
    }

    /// Wants a ticket in every place that is told of such things and has none yet.
    fn tell_new(
        &self,
        tx: &mut Tx<'_>,
        subject: &str,
        action: Action,
        about: (Option<Category>, Severity),
    ) -> Result<(), rusqlite::Error> {
        for place in self.places.iter().filter(|place| self.runbook.concerns(place, action, about)) {
            let id = TicketId::new(self.now).to_string();
            let (ticket, is_new) = tickets::ensure(tx, &self.desk.workspace, (&id, &place.id, subject), self.now)?;
            if is_new {
                self.enqueue(tx, (&ticket, &place.id, subject), Act::Open)?;
            }
        }
        Ok(())
    }

    /// Has every ticket about something told.
    fn tell_known(&self, tx: &mut Tx<'_>, subject: &str, act: Act) -> Result<(), rusqlite::Error> {
        for ticket in tickets::tickets_of(tx.connection(), &self.desk.workspace, subject)? {
            // Whoever ended it elsewhere is told of what is worse than he knew.
            let is_done = ticket.state == tickets::State::Resolved && act != Act::Update;
            if !is_done && self.places.iter().any(|place| place.id == ticket.place) {
                self.enqueue(tx, (&ticket.id, &ticket.place, subject), act)?;
            }
        }
        Ok(())
    }

    fn enqueue(
        &self,
        tx: &mut Tx<'_>,
        (ticket, place, subject): (&str, &str, &str),
        act: Act,
    ) -> Result<(), rusqlite::Error> {
        let what = (ticket, place, subject, act.as_str());
        tickets::enqueue(tx, &self.desk.workspace, what, self.now).map(drop)
    }
}
