//! From signals to events: each once, durable before it is answered for.

use crate::signal::Signal;
use picket_db::{Db, Lane, Ticket, WriteError};
use picket_event::{EventId, Workspace};
use picket_log::{AppendError, EventLog};
use picket_stdx::Timestamp;
use picket_store::signals;
use std::time::Duration;

/// Signals of one transaction: the gateway's writes come between.
const STEP: usize = 100;
/// How long a signal is known again.
const KNOWN: Duration = Duration::from_secs(90 * 86_400);
/// Of what is older, so much is forgotten with each step.
const FORGOTTEN: u64 = 200;

/// Takes signals. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Database.
    pub db: Db,
    /// The workspace's log.
    pub log: EventLog,
    /// The workspace.
    pub workspace: Workspace,
}

/// What became of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is an event now.
    New(EventId),
    /// It was one before.
    Known(EventId),
}

impl Intake {
    /// The time by which what happened is told.
    pub fn now(&self) -> Timestamp {
        self.log.clock().now()
    }

    /// Makes events of signals that `actor` sent; one answer for each, in their order.
    ///
    /// # Errors
    /// When one cannot be recorded. Those of earlier steps are; sent again, they are known.
    pub fn take(&self, signals: Vec<Signal>, actor: &str) -> Result<Vec<Taken>, WriteError<AppendError>> {
        let mut all = Vec::with_capacity(signals.len());
        let mut rest = signals.into_iter().peekable();
        while rest.peek().is_some() {
            let step: Vec<Signal> = rest.by_ref().take(STEP).collect();
            all.extend(self.step(step, actor)?);
        }
        Ok(all)
    }

    fn step(&self, signals: Vec<Signal>, actor: &str) -> Result<Vec<Taken>, WriteError<AppendError>> {
        let prepared = signals.into_iter().map(|signal| {
            let (key, mut event) = (*signal.key(), signal.into_event());
            event.actor = Some(actor.to_owned());
            (key, event.event_id, self.log.prepare(event, &[]))
        });
        let prepared: Vec<_> = prepared.collect();
        let own = self.clone();
        let done: Ticket<_, AppendError> = self.db.write(Lane::Admin, "signals.take", move |tx| {
            let now = own.now();
            signals::forget(tx, &own.workspace, now.minus(KNOWN), FORGOTTEN)?;
            let mut taken = Vec::with_capacity(prepared.len());
            for (key, id, record) in prepared {
                match signals::remember(tx, &own.workspace, &key, id, now)? {
                    Some(known) => taken.push(Taken::Known(known)),
                    None => {
                        own.log.append_in(tx, record)?;
                        taken.push(Taken::New(id));
                    }
                }
            }
            Ok(taken)
        });
        done.wait()
    }
}
