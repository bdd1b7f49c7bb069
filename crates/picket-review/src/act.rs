//! What people do with escalations, one by one or many at once: the change and its events in one transaction.

use crate::Queue;
use crate::decide::{self, Decide};
use picket_db::{Lane, Ticket, Tx, WriteError};
use picket_event::{Decision, Event, EventType, Severity};
use picket_log::AppendError;
use picket_stdx::Timestamp;
use picket_store::escalations::{self, Escalation, QueueError, Step, Taken};
use picket_store::holds;

/// Escalations of one transaction, where many are changed at once.
const TOGETHER: usize = 100;
/// Escalations that come back from where they were put out of sight, or expire, in one step.
const STEP: u64 = 100;

/// What is done with an escalation.
#[derive(Debug, Clone)]
pub enum Act {
    /// A step on the way.
    Step {
        /// Which.
        step: Step,
        /// What is said with it.
        note: Option<String>,
        /// The version that the reviewer saw.
        version: Option<u64>,
    },
    /// The decision.
    Decide(Decide),
}

/// An act did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The queue refused.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// There are as many exceptions as there may be.
    #[error("there are {0} exceptions, which is as many as there may be; end some first")]
    TooMany(u64),
    /// It could not be recorded, so it did not happen.
    #[error("it could not be recorded")]
    Record(#[from] AppendError),
}

/// Who acts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reviewer {
    /// By name.
    pub name: String,
    /// Who that is, whatever name he gives.
    pub person: String,
    /// What else he is called: as the gateway knows him, too.
    pub also: Vec<String>,
}

/// Who acts, and when.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) name: String,
    pub(crate) person: String,
    pub(crate) also: Vec<String>,
    pub(crate) at: Timestamp,
}

impl Queue {
    /// Does one thing with one escalation; it and its events become durable together.
    pub fn act(&self, id: &str, act: Act, reviewer: &Reviewer) -> Result<Escalation, WriteError<ReviewError>> {
        let (queue, id) = (self.clone(), id.to_owned());
        let actor = self.actor(reviewer);
        self.db.write(Lane::Admin, "review.act", move |tx| queue.act_in(tx, &id, &act, &actor)).wait()
    }

    /// Does the same thing with many. Each stands or falls by itself, in the order of the ids; but what cannot be recorded
    /// takes those of its transaction with it.
    pub fn act_on_all(
        &self,
        ids: Vec<String>,
        act: &Act,
        reviewer: &Reviewer,
    ) -> Vec<(String, Result<Escalation, WriteError<ReviewError>>)> {
        let actor = self.actor(reviewer);
        let tickets: Vec<_> = ids.chunks(TOGETHER).map(|chunk| (chunk, self.chunk(chunk, act, &actor))).collect();
        let mut all = Vec::with_capacity(ids.len());
        for (chunk, ticket) in tickets {
            match ticket.wait() {
                Ok(results) => {
                    let results =
                        results.into_iter().map(|result| result.map_err(|refused| WriteError::Job(refused.into())));
                    all.extend(chunk.iter().cloned().zip(results));
                }
                Err(error) => all.extend(chunk.iter().map(|id| (id.clone(), Err(again(&error))))),
            }
        }
        all
    }

    fn chunk(
        &self,
        ids: &[String],
        act: &Act,
        actor: &Actor,
    ) -> Ticket<Vec<Result<Escalation, QueueError>>, ReviewError> {
        let (queue, ids, act, actor) = (self.clone(), ids.to_vec(), act.clone(), actor.clone());
        self.db.write(Lane::Admin, "review.act_on_all", move |tx| {
            let one = |id: &String, tx: &mut Tx<'_>| match queue.act_in(tx, id, &act, &actor) {
                Ok(done) => Ok(Ok(done)),
                // The queue refuses before it changes anything, unless the database fails.
                Err(ReviewError::Queue(refused)) if !matches!(refused, QueueError::Database(_)) => Ok(Err(refused)),
                Err(error) => Err(error),
            };
            ids.iter().map(|id| one(id, tx)).collect()
        })
    }

    fn actor(&self, reviewer: &Reviewer) -> Actor {
        let Reviewer { name, person, also } = reviewer.clone();
        Actor { name, person, also, at: self.log.clock().now() }
    }

    fn act_in(&self, tx: &mut Tx<'_>, id: &str, act: &Act, actor: &Actor) -> Result<Escalation, ReviewError> {
        match act {
            Act::Decide(decide) => decide::decide(self, tx, id, decide, actor),
            Act::Step { step, note, version } => {
                let taken = Taken {
                    step: step.clone(),
                    note: note.clone(),
                    by: actor.name.clone(),
                    at: actor.at,
                    version: *version,
                };
                let entry = escalations::take(tx, &self.workspace, id, &taken)?;
                let mut event = self.event(EventType::of(word(step)), &entry, actor.at);
                event.actor = Some(actor.name.clone());
                event.reason = detail(step);
                self.log.append_in(tx, self.log.prepare(event, &[]))?;
                Ok(entry)
            }
        }
    }

    /// Brings back what was out of sight for long enough, and ends what nobody decided in time; how many there were.
    pub fn tick(&self) -> Result<usize, WriteError<ReviewError>> {
        let (queue, now) = (self.clone(), self.log.clock().now());
        let ticket = self.db.write(Lane::Consumer, "review.tick", move |tx| {
            let workspace = &queue.workspace;
            let woken = escalations::wake(tx, workspace, now, STEP).map_err(QueueError::from)?;
            let ended = escalations::expire(tx, workspace, now, STEP).map_err(QueueError::from)?;
            holds::forget(tx, workspace, now, 1_000).map_err(QueueError::from)?;
            let woken = woken.iter().map(|entry| (EventType::of("escalation.woken"), entry));
            let ended = ended.iter().map(|entry| (EventType::ESCALATION_EXPIRED, entry));
            let mut count = 0;
            for (event_type, entry) in woken.chain(ended) {
                queue.log.append_in(tx, queue.log.prepare(queue.event(event_type, entry, now), &[]))?;
                count += 1;
            }
            Ok::<_, ReviewError>(count)
        });
        ticket.wait()
    }

    /// An event about an escalation as it stands now.
    pub(crate) fn event(&self, event_type: EventType, entry: &Escalation, now: Timestamp) -> Event {
        let mut event = Event::new(event_type, self.workspace.as_str(), now);
        event.severity = entry.severity.parse().unwrap_or(Severity::Low);
        event.decision = match entry.resolution.as_deref() {
            Some("approved") => Decision::Allowed,
            Some("rejected") => Decision::Blocked,
            _ => Decision::Escalated,
        };
        event.finding_type = Some(entry.kind.clone());
        event.category = entry.category.as_deref().and_then(|category| category.parse().ok());
        event.user.clone_from(&entry.user);
        event.escalation_id = entry.id.parse().ok();
        event.parent_event_id = entry.event_id.parse().ok();
        event.incident_id.clone_from(&entry.incident);
        event
    }
}

const fn word(step: &Step) -> &'static str {
    match step {
        Step::Claim => "escalation.claimed",
        Step::Assign { .. } => "escalation.assigned",
        Step::Release => "escalation.released",
        Step::Review => "escalation.in_review",
        Step::Snooze { .. } => "escalation.snoozed",
        Step::HandOn { .. } => "escalation.handed_on",
        Step::Comment => "escalation.commented",
    }
}

fn detail(step: &Step) -> Option<String> {
    match step {
        Step::Assign { to } => Some(format!("to {to}")),
        Step::Snooze { until } => Some(format!("until {until}")),
        Step::HandOn { team } => Some(format!("to the team {team}")),
        Step::Claim | Step::Release | Step::Review | Step::Comment => None,
    }
}

/// The same failure for each of a transaction.
fn again(error: &WriteError<ReviewError>) -> WriteError<ReviewError> {
    match error {
        WriteError::Busy => WriteError::Busy,
        WriteError::Closed => WriteError::Closed,
        WriteError::Panicked(name) => WriteError::Panicked(name),
        WriteError::Failed(cause) => WriteError::Failed(cause.clone()),
        WriteError::Job(error) => WriteError::Failed(picket_stdx::error_chain(error).into()),
    }
}
