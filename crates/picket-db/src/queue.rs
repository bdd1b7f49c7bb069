//! Jobs that wait for the writer, in three lanes with bounds.

use crate::WriteError;
use crate::ticket::{Sender, Ticket};
use crate::tx::Tx;
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Who writes. Traffic goes before administration, administration before consumers; each has its share of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The data plane.
    Gateway,
    /// People and the control API.
    Admin,
    /// Consumers of the log, and housekeeping.
    Consumer,
}

/// Most jobs of each lane in one batch.
const SHARE: [usize; 3] = [512, 64, 4];

/// Tells a job's ticket what became of it, given why the batch failed, if it did.
pub(crate) type Ack = Box<dyn FnOnce(Option<&Arc<str>>) + Send>;

/// A write that waits.
pub(crate) struct Job {
    pub(crate) name: &'static str,
    work: Box<dyn Work>,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Job({})", self.name)
    }
}

impl Job {
    pub(crate) fn new<T, E, F>(name: &'static str, job: F) -> (Self, Ticket<T, E>)
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (sender, ticket) = Ticket::new();
        (Self { name, work: Box::new(Typed { name, job, sender }) }, ticket)
    }

    /// Runs the job; whether it succeeded, and how to tell its ticket.
    pub(crate) fn run(self, tx: &mut Tx<'_>) -> (bool, Ack) {
        self.work.run(tx)
    }

    /// Tells the ticket that the job never ran.
    pub(crate) fn refuse(self, cause: &Arc<str>) {
        self.work.refuse(cause);
    }
}

/// A job whose types are forgotten.
trait Work: Send {
    fn run(self: Box<Self>, tx: &mut Tx<'_>) -> (bool, Ack);
    fn refuse(self: Box<Self>, cause: &Arc<str>);
}

struct Typed<F, T, E> {
    name: &'static str,
    job: F,
    sender: Sender<T, E>,
}

impl<T, E, F> Work for Typed<F, T, E>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send + 'static,
    E: Send + 'static,
{
    fn run(self: Box<Self>, tx: &mut Tx<'_>) -> (bool, Ack) {
        let Self { name, job, sender } = *self;
        let result = match catch_unwind(AssertUnwindSafe(|| job(tx))) {
            Ok(result) => result.map_err(WriteError::Job),
            Err(_panic) => Err(WriteError::Panicked(name)),
        };
        let succeeded = result.is_ok();
        let ack = move |failure: Option<&Arc<str>>| {
            let outcome = match failure {
                Some(cause) if succeeded => Err(WriteError::Failed(Arc::clone(cause))),
                _ => result,
            };
            // Nobody may be waiting any more; the effect stands all the same.
            drop(sender.send(outcome));
        };
        (succeeded, Box::new(ack))
    }

    fn refuse(self: Box<Self>, cause: &Arc<str>) {
        drop(self.sender.send(Err(WriteError::Failed(Arc::clone(cause)))));
    }
}

/// Why a job was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Busy,
    Closed,
}

#[derive(Debug)]
pub(crate) struct Queue {
    bound: usize,
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lanes: [VecDeque<Job>; 3],
    closed: bool,
}

impl Queue {
    pub(crate) fn new(bound: usize) -> Self {
        Self { bound, state: Mutex::default(), arrived: Condvar::new() }
    }

    pub(crate) fn push(&self, lane: Lane, job: Job) -> Result<(), Refusal> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(Refusal::Closed);
        }
        let [gateway, admin, consumer] = &mut state.lanes;
        let waiting = match lane {
            Lane::Gateway => gateway,
            Lane::Admin => admin,
            Lane::Consumer => consumer,
        };
        if waiting.len() >= self.bound {
            return Err(Refusal::Busy);
        }
        waiting.push_back(job);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// The next batch, as soon as there is any job; `None` when the queue is closed and empty.
    pub(crate) fn next_batch(&self) -> Option<Vec<Job>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let mut batch = Vec::new();
            for (lane, share) in state.lanes.iter_mut().zip(SHARE) {
                let count = lane.len().min(share);
                batch.extend(lane.drain(..count));
            }
            if !batch.is_empty() {
                return Some(batch);
            }
            if state.closed {
                return None;
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.arrived.notify_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed
    }

    pub(crate) fn waiting(&self) -> [usize; 3] {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let [gateway, admin, consumer] = &state.lanes;
        [gateway.len(), admin.len(), consumer.len()]
    }
}
