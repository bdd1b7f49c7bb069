//! Exceptions from the policy: what a reviewer proposes of a false positive, and what people make, end and outlive.

use crate::Queue;
use crate::act::ReviewError;
use picket_db::{Lane, WriteError};
use picket_event::{Action, Decision, Event, EventType, ExceptionId, PolicyResult, Severity};
use picket_log::AppendError;
use picket_stdx::Timestamp;
use picket_store::escalations::{Escalation, QueueError};
use picket_store::exceptions::{self, Covers, Exception};
use std::time::Duration;

/// Exceptions that count at a time.
pub const EXCEPTIONS_MAX: u64 = 10_000;
/// How long one lasts, where nobody says otherwise, and the longest that it may.
pub const EXCEPTION_LIFE: Duration = Duration::from_secs(30 * 86_400);
/// See [`EXCEPTION_LIFE`].
pub const EXCEPTION_LIFE_MAX: Duration = Duration::from_secs(366 * 86_400);
/// Exceptions that expire in one step.
const STEP: u64 = 100;
/// Rules that one names.
const RULES_MAX: usize = 64;

/// An exception that is to be made.
#[derive(Debug, Clone)]
pub struct NewException {
    /// What, and for whom.
    pub covers: Covers,
    /// Why.
    pub reason: String,
    /// How long.
    pub lasts: Duration,
    /// The escalation that it comes from.
    pub escalation: Option<String>,
}

/// What the escalation of an event asked to be excepted, as narrow as the verdict allows: each check that asked for a
/// person, with what it found and by which rules; nobody is named yet.
pub fn proposed(event: &Event) -> Vec<Covers> {
    let mut all: Vec<Covers> = Vec::new();
    for result in event.policy_results.iter().filter(|result| asks(result)) {
        let Some(finding) = result.finding_type.clone() else { continue };
        let mut rules: Vec<String> = result.spans.iter().map(|span| span.kind.clone()).collect();
        rules.sort_unstable();
        rules.dedup();
        rules.truncate(RULES_MAX);
        let covers = Covers {
            policy: result.policy.clone(),
            finding,
            rules,
            direction: Some(result.phase.as_str().to_owned()),
            ..Covers::default()
        };
        if !all.contains(&covers) {
            all.push(covers);
        }
    }
    all
}

/// Whether a result is one that a person was asked about.
fn asks(result: &PolicyResult) -> bool {
    result.verdict >= Action::Escalate && result.monitored != Some(true) && result.exception.is_none()
}

/// Whether an exception can come of an escalation: a person said that it was a false positive.
pub fn is_exceptable(escalation: &Escalation) -> bool {
    escalation.status == "resolved" && escalation.verdict.as_deref() == Some("false_positive")
}

impl Queue {
    /// Makes exceptions, with their events, all or none. `author` is known by name and by id.
    pub fn except(
        &self,
        new: Vec<NewException>,
        (author, author_id): (&str, &str),
    ) -> Result<Vec<Exception>, WriteError<ReviewError>> {
        let (queue, now) = (self.clone(), self.log.clock().now());
        let made: Vec<Exception> = new
            .into_iter()
            .map(|new| Exception {
                id: ExceptionId::new(now).to_string(),
                covers: new.covers,
                reason: new.reason,
                author: author.to_owned(),
                author_id: author_id.to_owned(),
                created_at: now,
                expires_at: now.plus(new.lasts),
                escalation: new.escalation,
                status: "active".to_owned(),
                ended_at: None,
                ended_by: None,
            })
            .collect();
        let ticket = self.db.write(Lane::Admin, "exceptions.create", move |tx| {
            let active = exceptions::active(tx.connection(), &queue.workspace).map_err(QueueError::from)?;
            if active + u64::try_from(made.len()).unwrap_or(u64::MAX) > EXCEPTIONS_MAX {
                return Err(ReviewError::TooMany(EXCEPTIONS_MAX));
            }
            for exception in &made {
                exceptions::create(tx, &queue.workspace, exception).map_err(QueueError::from)?;
                queue.tell(tx, "policy.exception_created", exception, (now, Some(&exception.author_id)))?;
            }
            Ok(made)
        });
        ticket.wait()
    }

    /// Ends an exception, with its event; none where it has ended already, or is not there.
    pub fn revoke_exception(
        &self,
        id: &str,
        (by, by_id): (&str, &str),
    ) -> Result<Option<Exception>, WriteError<ReviewError>> {
        let (queue, now) = (self.clone(), self.log.clock().now());
        let (id, by, by_id) = (id.to_owned(), by.to_owned(), by_id.to_owned());
        let ticket = self.db.write(Lane::Admin, "exceptions.revoke", move |tx| {
            let ended = exceptions::revoke(tx, &queue.workspace, &id, &by, now).map_err(QueueError::from)?;
            if let Some(ended) = &ended {
                queue.tell(tx, "policy.exception_revoked", ended, (now, Some(&by_id)))?;
            }
            Ok::<_, ReviewError>(ended)
        });
        ticket.wait()
    }

    /// Ends exceptions whose time is over; how many there were. What has ended does not come back, whatever becomes of the
    /// clock.
    pub fn expire_exceptions(&self) -> Result<usize, WriteError<ReviewError>> {
        let (queue, now) = (self.clone(), self.log.clock().now());
        let next = self.db.read(|connection| exceptions::next_end(connection, &queue.workspace));
        // What cannot be read now is looked for again in a second.
        if next.ok().flatten().is_none_or(|end| end > now) {
            return Ok(0);
        }
        let ticket = self.db.write(Lane::Consumer, "exceptions.expire", move |tx| {
            let ended = exceptions::expire(tx, &queue.workspace, now, STEP).map_err(QueueError::from)?;
            for exception in &ended {
                queue.tell(tx, "policy.exception_expired", exception, (now, None))?;
            }
            Ok::<_, ReviewError>(ended.len())
        });
        ticket.wait()
    }

    fn tell(
        &self,
        tx: &mut picket_db::Tx<'_>,
        word: &'static str,
        exception: &Exception,
        (now, actor): (Timestamp, Option<&str>),
    ) -> Result<(), AppendError> {
        let mut event = Event::new(EventType::of(word), self.workspace.as_str(), now);
        let is_for_everybody = is_for_everybody(&exception.covers);
        event.severity = if is_for_everybody { Severity::Medium } else { Severity::Low };
        event.decision = Decision::Allowed;
        event.actor = actor.map(str::to_owned);
        event.target = Some(format!("exception:{}", exception.id));
        event.exceptions = vec![exception.id.clone()];
        event.finding_type = Some(exception.covers.finding.clone());
        event.user.clone_from(&exception.covers.user);
        event.team.clone_from(&exception.covers.team);
        event.escalation_id = exception.escalation.as_deref().and_then(|id| id.parse().ok());
        let whom = if is_for_everybody { ", for everybody" } else { "" };
        let Covers { policy, finding, .. } = &exception.covers;
        let until = exception.expires_at;
        event.reason = Some(format!("{policy}: {finding} until {until}{whom}; {}", exception.reason));
        self.log.append_in(tx, self.log.prepare(event, &[])).map(drop)
    }
}

/// Whether an exception names nobody.
pub fn is_for_everybody(covers: &Covers) -> bool {
    [&covers.user, &covers.team, &covers.application, &covers.key, &covers.model].iter().all(|name| name.is_none())
}
