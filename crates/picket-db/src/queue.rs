//! Jobs that wait for the writer, in three lanes with bounds.
//!
//! A job is urgent, since somebody waits for it, or it may wait for company: a commit costs the same for one job as for
//! a hundred, and on a busy core each wake of the writer takes the time of those who answer.

use crate::WriteError;
use crate::ticket::{Sender, Ticket};
use crate::tx::Tx;
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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

/// How long jobs that nobody waits for gather.
const GATHER: Duration = Duration::from_millis(5);
/// Bytes of all jobs that wait together; a job on its own may be larger.
const BYTES_MAX: usize = 48 * 1_024 * 1_024;
/// So many jobs are company enough.
const COMPANY: usize = 256;

/// Tells a job's ticket what became of it, given why the batch failed, if it did.
pub(crate) type Ack = Box<dyn FnOnce(Option<&Arc<str>>) + Send>;

/// A write that waits.
pub(crate) struct Job {
    pub(crate) name: &'static str,
    bytes: usize,
    work: Box<dyn Work>,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Job({})", self.name)
    }
}

impl Job {
    /// A job that holds so many bytes until it ran.
    pub(crate) fn new<T, E, F>(name: &'static str, bytes: usize, job: F) -> (Self, Ticket<T, E>)
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (sender, ticket) = Ticket::new();
        (Self { name, bytes, work: Box::new(Typed { name, job, sender }) }, ticket)
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
        let Self { job, sender, .. } = *self;
        // What the job holds is let go before its ticket resolves.
        drop(job);
        drop(sender.send(Err(WriteError::Failed(Arc::clone(cause)))));
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
    bytes: usize,
    closed: bool,
    /// Somebody waits for a job that is queued.
    urgent: bool,
    /// When the jobs that wait for company have waited long enough.
    due: Option<Instant>,
    sleep: Sleep,
}

/// What the writer does when a job arrives.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Sleep {
    /// It looks for jobs before it sleeps again.
    #[default]
    Awake,
    /// It wakes when jobs have gathered.
    UntilDue,
    /// It sleeps until it is woken.
    Sound,
}

impl State {
    fn waiting(&self) -> usize {
        self.lanes.iter().map(VecDeque::len).sum()
    }

    /// Each lane's share of what waits. What is left has waited already, so it is due at once.
    fn batch(&mut self) -> Vec<Job> {
        let mut batch = Vec::new();
        for (lane, share) in self.lanes.iter_mut().zip(SHARE) {
            let count = lane.len().min(share);
            batch.extend(lane.drain(..count));
        }
        self.bytes = self.bytes.saturating_sub(batch.iter().map(|job| job.bytes).sum());
        if self.waiting() == 0 {
            (self.urgent, self.due) = (false, None);
        }
        batch
    }

    fn lane(&mut self, lane: Lane) -> &mut VecDeque<Job> {
        let [gateway, admin, consumer] = &mut self.lanes;
        match lane {
            Lane::Gateway => gateway,
            Lane::Admin => admin,
            Lane::Consumer => consumer,
        }
    }

    fn is_ready(&self) -> bool {
        self.urgent || self.closed || self.waiting() >= COMPANY
    }

    /// Whether the writer would sleep through what is to be done.
    fn oversleeps(&mut self) -> bool {
        let oversleeps = match self.sleep {
            Sleep::Awake => false,
            Sleep::UntilDue => self.is_ready(),
            Sleep::Sound => self.waiting() > 0,
        };
        if oversleeps {
            // It is woken once.
            self.sleep = Sleep::Awake;
        }
        oversleeps
    }
}

impl Queue {
    pub(crate) fn new(bound: usize) -> Self {
        Self { bound, state: Mutex::default(), arrived: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a job. One that is not `urgent` may wait for others, until somebody asks to [`hurry`](Self::hurry).
    pub(crate) fn push(&self, lane: Lane, urgent: bool, job: Job) -> Result<(), Refusal> {
        let mut state = self.state();
        if state.closed {
            return Err(Refusal::Closed);
        }
        let bytes = state.bytes.saturating_add(job.bytes);
        let is_full = state.bytes > 0 && bytes > BYTES_MAX;
        let waiting = state.lane(lane);
        if is_full || waiting.len() >= self.bound {
            return Err(Refusal::Busy);
        }
        waiting.push_back(job);
        state.bytes = bytes;
        state.urgent |= urgent;
        if state.due.is_none() {
            state.due = Some(Instant::now() + GATHER);
        }
        self.wake(state);
        Ok(())
    }

    /// Somebody waits for what is queued.
    pub(crate) fn hurry(&self) {
        let mut state = self.state();
        state.urgent |= state.waiting() > 0;
        self.wake(state);
    }

    fn wake(&self, mut state: MutexGuard<'_, State>) {
        let oversleeps = state.oversleeps();
        drop(state);
        if oversleeps {
            self.arrived.notify_one();
        }
    }

    /// The next batch, once one is due; `None` when the queue is closed and empty.
    pub(crate) fn next_batch(&self) -> Option<Vec<Job>> {
        let mut state = self.state();
        loop {
            let now = Instant::now();
            if state.waiting() > 0 && (state.is_ready() || state.due.is_none_or(|due| due <= now)) {
                return Some(state.batch());
            }
            if state.closed {
                return None;
            }
            state.sleep = if state.due.is_some() { Sleep::UntilDue } else { Sleep::Sound };
            state = match state.due {
                None => self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(due) => {
                    let wait = due.saturating_duration_since(now);
                    self.arrived.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0
                }
            };
            state.sleep = Sleep::Awake;
        }
    }

    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.arrived.notify_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Whether less than half of the room for bytes is left.
    pub(crate) fn is_heavy(&self) -> bool {
        self.state().bytes > BYTES_MAX / 2
    }

    pub(crate) fn waiting(&self) -> [usize; 3] {
        let state = self.state();
        let [gateway, admin, consumer] = &state.lanes;
        [gateway.len(), admin.len(), consumer.len()]
    }
}
