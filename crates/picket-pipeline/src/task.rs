//! Every background task and thread of the process, by name.

use crate::{Shutdown, Stage, Trigger};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What runs in the background. One line for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskKind {
    /// A data-plane thread of the gateway.
    Gateway,
    /// Examines beside the requests what is late.
    Late,
    /// The listener of the control API.
    Api,
    /// Signs checkpoints.
    Notary,
    /// A consumer of the log.
    Consumer(&'static str),
    /// Deletes what is older than its retention.
    Retention,
    /// Goes on erasing persons after a stop.
    Erasure,
    /// Builds export files.
    Exports,
    /// Expires escalations and approvals.
    Expiry,
    /// Ends exceptions from the policy.
    Exceptions,
    /// Writes counters (last use, spend) that need not be durable at once.
    Accounting,
    /// Closes requests whose end is lost.
    Closing,
    /// Tries again to write down the ends of requests that the log could not take.
    Unclosed,
    /// Looks at what the machine does.
    Infrastructure,
    /// Reacts to signals.
    Signals,
    /// Looks whether files of detection rules changed.
    Rules,
    /// Sends events to destinations.
    Delivery,
    /// Looks again at what events change that came late.
    SecondLook,
    /// Sends to ticket systems and chat.
    Tickets,
    /// Looks at tickets that are open there.
    Lookout,
    /// Sends webhooks.
    Webhooks,
    /// Tells when the gateway becomes ready, or is no longer.
    Health,
    /// Plays the traffic of the demo.
    Demo,
}

/// What happens to the process when a task fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// Nobody is served without it: the process drains.
    Stop,
    /// The rest goes on; the failure is logged and visible in `/readyz`.
    Report,
}

impl TaskKind {
    /// What happens when this task fails.
    pub fn on_failure(self) -> OnFailure {
        match self {
            Self::Gateway | Self::Api | Self::Notary | Self::Signals => OnFailure::Stop,
            Self::Consumer(_)
            | Self::Late
            | Self::Retention
            | Self::Erasure
            | Self::Exports
            | Self::Expiry
            | Self::Exceptions
            | Self::Infrastructure
            | Self::Closing
            | Self::Unclosed
            | Self::Accounting
            | Self::Rules
            | Self::Delivery
            | Self::SecondLook
            | Self::Tickets
            | Self::Lookout
            | Self::Webhooks
            | Self::Health
            | Self::Demo => OnFailure::Report,
        }
    }
}

impl fmt::Display for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Consumer(name) => write!(f, "consumer {name}"),
            other => write!(f, "{}", format!("{other:?}").to_lowercase()),
        }
    }
}

/// Owns the background work of a process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tasks {
    trigger: Trigger,
    runtime: tokio::runtime::Handle,
    running: Arc<Mutex<Vec<Running>>>,
    failed: Arc<Mutex<Vec<String>>>,
}

#[derive(Debug)]
struct Running {
    kind: TaskKind,
    handle: Handle,
}

#[derive(Debug)]
enum Handle {
    Task(tokio::task::JoinHandle<()>),
    Thread(std::thread::JoinHandle<()>),
}

/// What had not ended when the time to drain was over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished(pub Vec<String>);

impl Tasks {
    /// A supervisor whose asynchronous tasks run on `runtime`.
    pub fn new(trigger: Trigger, runtime: tokio::runtime::Handle) -> Self {
        Self { trigger, runtime, running: Arc::default(), failed: Arc::default() }
    }

    /// Sees when the process drains and stops.
    pub fn shutdown(&self) -> Shutdown {
        self.trigger.shutdown()
    }

    /// Starts an asynchronous task.
    pub fn spawn<E>(&self, kind: TaskKind, work: impl Future<Output = Result<(), E>> + Send + 'static)
    where
        E: fmt::Display + Send + 'static,
    {
        let report = self.reporter(kind);
        let handle = self.runtime.spawn(async move { report(work.await.map_err(|error| error.to_string())) });
        self.keep(kind, Handle::Task(handle));
    }

    /// Starts a thread. A panic in it counts as a failure.
    pub fn thread<E>(
        &self,
        kind: TaskKind,
        work: impl FnOnce() -> Result<(), E> + Send + 'static,
    ) -> std::io::Result<()>
    where
        E: fmt::Display + Send + 'static,
    {
        let report = self.reporter(kind);
        let handle =
            std::thread::Builder::new().name(kind.to_string().chars().take(15).collect()).spawn(move || {
                let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
                report(result.map_or_else(
                    |_panic| Err("it panicked".to_owned()),
                    |done| done.map_err(|error| error.to_string()),
                ));
            })?;
        self.keep(kind, Handle::Thread(handle));
        Ok(())
    }

    /// Failures so far, as `task: cause`.
    pub fn failures(&self) -> Vec<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until everything has ended, at most `limit`, and says what has not.
    pub async fn drained(&self, limit: Duration) -> Result<(), Unfinished> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            let names: Vec<String> = {
                let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
                running.retain(|task| !task.is_finished());
                running.iter().map(|task| task.kind.to_string()).collect()
            };
            if names.is_empty() {
                return Ok(());
            }
            if tokio::time::Instant::now() >= deadline {
                return Err(Unfinished(names));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn keep(&self, kind: TaskKind, handle: Handle) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|task| !task.is_finished());
        running.push(Running { kind, handle });
    }

    fn reporter(&self, kind: TaskKind) -> impl FnOnce(Result<(), String>) + Send + 'static {
        let (trigger, failed) = (self.trigger.clone(), Arc::clone(&self.failed));
        move |result| {
            let Err(cause) = result else { return };
            tracing::error!(task = %kind, %cause, "background task failed");
            failed.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{kind}: {cause}"));
            if kind.on_failure() == OnFailure::Stop {
                trigger.advance(Stage::Draining);
            }
        }
    }
}

impl Running {
    fn is_finished(&self) -> bool {
        match &self.handle {
            Handle::Task(task) => task.is_finished(),
            Handle::Thread(thread) => thread.is_finished(),
        }
    }
}
