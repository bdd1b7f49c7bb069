//! One reader of the log with a durable cursor, and the loop that drives it.

use crate::Shutdown;
use picket_log::{EventLog, LoggedEvent};
use picket_stdx::backoff::Backoff;
use picket_stdx::error_chain;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Why a consumer could not go on; tried again after a back-off.
pub type ConsumeError = Box<dyn std::error::Error + Send + Sync>;

/// A named reader of the log.
///
/// **Contract:** the cursor is the next position to read. `apply` commits its effect, the events that it appends, and
/// the new cursor together, or nothing; a consumer with an external effect (an index) may lag behind with its durable
/// cursor, and gets the same records again after a crash.
pub trait Consumer: Send {
    /// A short stable name, for cursors, metrics and logs.
    fn name(&self) -> &'static str;

    /// The next position to read, from durable state.
    fn cursor(&mut self) -> Result<u64, ConsumeError>;

    /// Takes records in order, and returns the next position to read.
    fn apply(&mut self, batch: &[Arc<LoggedEvent>]) -> Result<u64, ConsumeError>;

    /// Called when nothing waits, and when the process stops: commit what is buffered.
    fn idle(&mut self) -> Result<(), ConsumeError> {
        Ok(())
    }
}

/// How a consumer is driven.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Most records in one batch.
    pub batch: usize,
    /// How long records gather before a batch that is not full: a batch costs little more than one record.
    pub gather: Duration,
    /// Longest wait between two calls of [`Consumer::idle`].
    pub idle: Duration,
    /// Longest back-off after failures.
    pub backoff_max: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch: 1_024,
            gather: Duration::from_millis(50),
            idle: Duration::from_millis(200),
            backoff_max: Duration::from_secs(10),
        }
    }
}

/// Where a consumer stands, readable from anywhere.
#[derive(Debug)]
pub struct Status {
    name: &'static str,
    log: EventLog,
    cursor: AtomicU64,
    failures: AtomicU64,
    error: Mutex<Option<String>>,
}

/// A copy of [`Status`] at one moment.
#[derive(Debug, Clone)]
pub struct StatusReport {
    /// Name of the consumer.
    pub name: &'static str,
    /// Next position to read.
    pub cursor: u64,
    /// Positions between the cursor and the tail.
    pub lag: u64,
    /// Failures since the start.
    pub failures: u64,
    /// The present error, if the last try failed.
    pub error: Option<String>,
}

impl Status {
    /// The status of a consumer that has not begun.
    pub fn new(name: &'static str, log: EventLog) -> Arc<Self> {
        Arc::new(Self { name, log, cursor: AtomicU64::new(0), failures: AtomicU64::new(0), error: Mutex::new(None) })
    }

    /// Where the consumer stands now.
    pub fn report(&self) -> StatusReport {
        let cursor = self.cursor.load(Ordering::Acquire);
        StatusReport {
            name: self.name,
            cursor,
            lag: self.log.size().saturating_sub(cursor),
            failures: self.failures.load(Ordering::Relaxed),
            error: self.error.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    fn moved_to(&self, cursor: u64) {
        self.cursor.store(cursor, Ordering::Release);
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn failed(&self, error: &ConsumeError) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        let text = error_chain(error.as_ref());
        tracing::error!(consumer = self.name, error = %text, "consumer failed; it will try again");
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }
}

/// Drives a consumer until the process drains; blocks the calling thread. Before it returns, what is buffered is
/// committed.
pub fn run(
    consumer: &mut dyn Consumer,
    status: &Status,
    settings: &Settings,
    shutdown: &Shutdown,
) -> std::io::Result<()> {
    let waiter = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let mut backoff = Backoff::new(Duration::from_millis(50), settings.backoff_max);
    let mut place = Place::default();
    while shutdown.is_running() {
        match step(consumer, status, settings, &mut place) {
            Ok(took) => {
                backoff.reset();
                if took == settings.batch {
                    continue;
                }
                let gathered = gather(status, settings, (took, place.cursor.unwrap_or(0)));
                waiter.block_on(async {
                    tokio::select! {
                        () = gathered => {}
                        () = shutdown.draining() => {}
                    }
                });
            }
            Err(error) => {
                status.failed(&error);
                place = Place::default();
                let wait = backoff.next_wait();
                waiter.block_on(async {
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = shutdown.draining() => {}
                    }
                });
            }
        }
    }
    if let Err(error) = consumer.idle() {
        status.failed(&error);
    }
    Ok(())
}

/// Waits until there is something to read, and a moment longer for more of it; not for ever.
async fn gather(status: &Status, settings: &Settings, (took, reached): (usize, u64)) {
    if took == 0 {
        let mut tail = status.log.tail();
        let grown = tail.wait_for(|size| *size > reached);
        if tokio::time::timeout(settings.idle, grown).await.is_err() {
            return;
        }
    }
    tokio::time::sleep(settings.gather).await;
}

/// Where a consumer goes on. Forgotten after a failure, and found anew.
#[derive(Debug, Default)]
struct Place {
    cursor: Option<u64>,
    /// The batch that begins there, if it was read already.
    ahead: Option<Vec<Arc<LoggedEvent>>>,
}

/// One batch; how many records it had. Where another whole one waits, that is read meanwhile: who is behind has to open
/// and parse what was written, which takes longer than most of what consumers do with it.
fn step(
    consumer: &mut dyn Consumer,
    status: &Status,
    settings: &Settings,
    place: &mut Place,
) -> Result<usize, ConsumeError> {
    let from = match place.cursor {
        Some(position) => position,
        None => consumer.cursor()?,
    };
    place.cursor = Some(from);
    let batch = match place.ahead.take() {
        Some(batch) => batch,
        None => status.log.batch(from, settings.batch)?,
    };
    let Some(last) = batch.last() else {
        consumer.idle()?;
        status.moved_to(from);
        return Ok(0);
    };
    let whole = u64::try_from(settings.batch).unwrap_or(u64::MAX);
    let (after, waits) = (last.position + 1, status.log.size().saturating_sub(last.position + 1) >= whole);
    let (next, ahead) = if waits {
        std::thread::scope(|scope| {
            let ahead = scope.spawn(|| status.log.batch(after, settings.batch));
            // What cannot be read is told when it is its turn.
            (consumer.apply(&batch), ahead.join().ok().and_then(Result::ok))
        })
    } else {
        (consumer.apply(&batch), None)
    };
    let next = next?;
    place.cursor = Some(next);
    place.ahead = ahead.filter(|_| next == after);
    status.moved_to(next);
    Ok(batch.len())
}
