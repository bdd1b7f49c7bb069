//! Containment: what somebody may not do for a while, wanted by people or by rules.
//!
//! [`Container::contain`] puts one in force, or before a second person where the operator asks for one; it ends by itself,
//! by [`Container::undo`], or is refused. The gateway asks [`picket_store::containments::Containments`], which follows
//! each commit. **Invariants:** a containment and its event are one transaction; each has a reason and an end; who and what
//! the operator named as never to be contained is not, whoever wants it; rules contain so many in an hour and no more.

mod rules;
mod wanted;

pub use rules::Rules;
pub use wanted::{Misfit, Wanted};

use picket_db::{Db, Lane, Ticket, Tx, WriteError};
use picket_event::{ContainmentId, Decision, Event, EventType, Severity, Workspace};
use picket_log::{AppendError, EventLog};
use picket_stdx::{Timestamp, duration};
use picket_store::containments::{self, Change, Containment, Containments, Effect, State, TargetKind};
use std::sync::Arc;
use std::time::Duration;

/// How long a proposal waits for its second person.
const PROPOSED: Duration = Duration::from_secs(24 * 3_600);
/// The time in which what rules contain is counted.
const HOUR: Duration = Duration::from_secs(3_600);
/// Containments that end in one step.
const STEP: u64 = 100;

/// Puts containments in force and ends them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Container {
    /// Database.
    pub db: Db,
    /// The workspace's log.
    pub log: EventLog,
    /// The workspace.
    pub workspace: Workspace,
    /// What is in force.
    pub in_force: Containments,
    /// What the operator allows.
    pub rules: Arc<Rules>,
}

/// Why nothing was contained, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ContainError {
    /// What was wanted makes no sense.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The operator's list says never.
    #[error("{0} {1} is on the list of those who are never contained (`containment.never` of the configuration)")]
    Never(TargetKind, String),
    /// Rules have contained enough.
    #[error(
        "rules contained {0} in the last hour, which is as many as `containment.max_per_hour` allows; a person may"
    )]
    TooMany(u64),
    /// There is none of that id.
    #[error("there is no such containment")]
    Unknown,
    /// It stands elsewhere.
    #[error("{}", stands(*.0))]
    Stands(State),
    /// The second person is the first.
    #[error("whoever wanted it cannot be the second person too")]
    SamePerson,
    /// It could not be recorded, so it did not happen.
    #[error("it could not be recorded")]
    Record(#[from] AppendError),
}

fn stands(state: State) -> String {
    match state {
        State::Proposed => "it is not in force: it waits for a second person; refuse it to withdraw it".to_owned(),
        other => format!("it is {other} already"),
    }
}

impl From<rusqlite::Error> for ContainError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Record(AppendError::Database(error))
    }
}

/// What becomes of one.
type Changed = Result<Containment, WriteError<ContainError>>;

impl Container {
    /// Contains somebody; `person` wants it. One that needs a second person is `proposed` afterwards.
    pub fn contain(&self, wanted: Wanted, person: &str) -> Changed {
        let (own, person) = (self.clone(), person.to_owned());
        let done: Ticket<_, ContainError> =
            self.db.write(Lane::Admin, "contain.create", move |tx| own.contain_in(tx, wanted, &person));
        done.wait()
    }

    /// The same within a transaction that does more.
    pub fn contain_in(&self, tx: &mut Tx<'_>, wanted: Wanted, by: &str) -> Result<Containment, ContainError> {
        let now = self.log.clock().now();
        let wanted = wanted.checked(&self.rules)?;
        if self.rules.is_never(wanted.kind, &wanted.target) {
            return Err(ContainError::Never(wanted.kind, wanted.target));
        }
        if wanted.cause.is_some() {
            let before = containments::active_since(tx.connection(), &self.workspace, None, now.minus(HOUR))?;
            if before >= self.rules.max_per_hour {
                return Err(ContainError::TooMany(before));
            }
        }
        let waits = self.waits(wanted.effect, (wanted.is_dry, wanted.needs_second));
        let (state, ends_at) =
            if waits { (State::Proposed, now.plus(PROPOSED)) } else { (State::Active, now.plus(wanted.lasts)) };
        let new = Containment {
            id: ContainmentId::new(now).to_string(),
            effect: wanted.effect,
            kind: wanted.kind,
            target: wanted.target,
            model: wanted.model,
            feature: wanted.feature,
            sender: wanted.sender,
            rate: wanted.rate,
            is_dry: wanted.is_dry,
            reason: wanted.reason,
            cause: wanted.cause,
            state,
            created_by: by.to_owned(),
            created_at: now,
            lasts: wanted.lasts,
            ends_at,
            changed_by: None,
            changed_at: None,
            change_reason: None,
        };
        containments::create(tx, &self.in_force, &self.workspace, &new)?;
        let event_type = if waits { "containment.proposed" } else { "containment.applied" };
        self.tell(tx, event_type, &new, by, now)?;
        Ok(new)
    }

    /// Whether one waits for a second person.
    pub fn takes_two(&self, wanted: &Wanted) -> bool {
        self.waits(wanted.effect, (wanted.is_dry, wanted.needs_second))
    }

    fn waits(&self, effect: Effect, (is_dry, needs_second): (bool, bool)) -> bool {
        !is_dry && (needs_second || self.rules.four_eyes.contains(&effect))
    }

    /// The second person agrees.
    pub fn approve(&self, id: &str, person: &str, reason: Option<String>) -> Changed {
        self.change(id, (&[State::Proposed], State::Active, "containment.applied"), person, reason)
    }

    /// The second person does not agree, or the first has thought again.
    pub fn refuse(&self, id: &str, person: &str, reason: Option<String>) -> Changed {
        self.change(id, (&[State::Proposed], State::Refused, "containment.refused"), person, reason)
    }

    /// Ends one before its time.
    pub fn undo(&self, id: &str, person: &str, reason: Option<String>) -> Changed {
        self.change(id, (&[State::Active], State::Undone, "containment.undone"), person, reason)
    }

    fn change(
        &self,
        id: &str,
        (from, to, event_type): (&'static [State], State, &'static str),
        person: &str,
        reason: Option<String>,
    ) -> Changed {
        let (own, id, by) = (self.clone(), id.to_owned(), person.to_owned());
        let done: Ticket<_, ContainError> = self.db.write(Lane::Admin, "contain.change", move |tx| {
            let now = own.log.clock().now();
            let found = containments::get(tx.connection(), &own.workspace, &id)?.ok_or(ContainError::Unknown)?;
            if !from.contains(&found.state) {
                return Err(ContainError::Stands(found.state));
            }
            if to == State::Active && found.created_by == by {
                return Err(ContainError::SamePerson);
            }
            // Its time may be over, though nobody has looked yet.
            if found.ends_at <= now {
                return Err(ContainError::Stands(State::Expired));
            }
            own.change_in(tx, &found, &Change { state: to, by, at: now, reason }, event_type)
        });
        done.wait()
    }

    fn change_in(
        &self,
        tx: &mut Tx<'_>,
        found: &Containment,
        change: &Change,
        event_type: &'static str,
    ) -> Result<Containment, ContainError> {
        let changed = containments::change(tx, &self.in_force, &self.workspace, &found.id, &[found.state], change)?;
        let changed = changed.ok_or(ContainError::Unknown)?;
        self.tell(tx, event_type, &changed, &change.by, change.at)?;
        Ok(changed)
    }

    /// Ends those whose time is over; how many.
    pub fn tick(&self) -> Result<usize, WriteError<ContainError>> {
        let own = self.clone();
        let done: Ticket<_, ContainError> = self.db.write(Lane::Consumer, "contain.tick", move |tx| {
            let now = own.log.clock().now();
            let due = containments::ended(tx.connection(), &own.workspace, now, STEP)?;
            for found in &due {
                let (state, event_type) = match found.state {
                    State::Proposed => (State::Refused, "containment.refused"),
                    _ => (State::Expired, "containment.expired"),
                };
                let change = Change { state, by: "picket".to_owned(), at: now, reason: None };
                own.change_in(tx, found, &change, event_type)?;
            }
            Ok(due.len())
        });
        done.wait()
    }

    fn tell(
        &self,
        tx: &mut Tx<'_>,
        event_type: &'static str,
        about: &Containment,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), ContainError> {
        let mut event = Event::new(EventType::of(event_type), self.workspace.as_str(), now);
        event.severity = if about.is_dry { Severity::Info } else { Severity::Medium };
        event.decision = if about.effect == Effect::Block { Decision::Blocked } else { Decision::Escalated };
        event.actor = Some(actor.to_owned());
        event.target = Some(format!("containment:{}", about.id));
        event.rule_id.clone_from(&about.cause);
        event.finding_type = Some("contained".to_owned());
        event.model.clone_from(&about.model);
        event.feature.clone_from(&about.feature);
        let target = Some(about.target.clone());
        match about.kind {
            TargetKind::User => event.user = target,
            TargetKind::Key => event.key_id = target,
            TargetKind::Address => event.src_ip = target,
            TargetKind::Application => event.application = target,
            TargetKind::Agent => event.agent_id = target,
            TargetKind::Session => event.session_id = target,
        }
        let dry = if about.is_dry { ", dry" } else { "" };
        let said = about.change_reason.as_ref().unwrap_or(&about.reason);
        let lasts = duration::display(about.lasts);
        event.reason = Some(format!("{} {} for {lasts}{dry}: {said}", about.effect, about.kind));
        self.log.append_in(tx, self.log.prepare(event, &[])).map(drop).map_err(ContainError::from)
    }
}

#[cfg(test)]
mod tests;
