//! A task for each destination, on threads of their own: what is sent takes no time of the control API.

use crate::status::{Health, Status};
use crate::worker::Worker;
use crate::{Dispatch, Inner};
use picket_pipeline::Shutdown;
use picket_store::destinations;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Threads that send.
const THREADS: usize = 2;
/// How often it is looked for destinations although nobody told of one.
const LOOK: Duration = Duration::from_secs(30);

/// A destination that has a task.
#[derive(Debug)]
pub(crate) struct Handle {
    poke: watch::Sender<u64>,
    status: Status,
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, BTreeMap<String, Handle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dispatch {
    /// Sends until the process drains; blocks the calling thread. Before it returns, all progress is durable that can be.
    pub fn serve(&self, shutdown: &Shutdown) -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .enable_all()
            .thread_name("picket-send")
            .build()?;
        runtime.block_on(self.supervise(shutdown));
        // Receivers that never answer are not waited for.
        runtime.shutdown_timeout(Duration::from_millis(500));
        Ok(())
    }

    async fn supervise(&self, shutdown: &Shutdown) {
        let mut workers: JoinSet<String> = JoinSet::new();
        while shutdown.is_running() {
            self.begin_missing(&mut workers, shutdown).await;
            tokio::select! {
                () = self.0.changed.notified() => {}
                Some(ended) = workers.join_next() => self.ended(ended),
                () = tokio::time::sleep(LOOK) => {}
                () = shutdown.draining() => {}
            }
        }
        while let Some(ended) = workers.join_next().await {
            self.ended(ended);
        }
    }

    /// Begins tasks for destinations that have none.
    async fn begin_missing(&self, workers: &mut JoinSet<String>, shutdown: &Shutdown) {
        let shared = self.shared().clone();
        let read = tokio::task::spawn_blocking(move || {
            shared.db.read(|connection| destinations::list(connection, &shared.workspace))
        });
        let all = match read.await {
            Ok(Ok(all)) => all,
            Ok(Err(error)) => return tracing::error!(%error, "the destinations cannot be read; they will be again"),
            Err(error) => return tracing::error!(%error, "the destinations could not be read"),
        };
        let mut running = self.0.running();
        for row in all {
            if running.contains_key(&row.id) {
                continue;
            }
            let (poke, poked) = watch::channel(0);
            let status = Status::default();
            let worker = Worker {
                shared: self.shared().clone(),
                id: row.id.clone(),
                status: status.clone(),
                poked,
                shutdown: shutdown.clone(),
            };
            let id = row.id.clone();
            workers.spawn(async move {
                worker.run().await;
                id
            });
            running.insert(row.id, Handle { poke, status });
        }
    }

    /// A task ended: its destination is gone, or the process drains, or it failed inside and begins anew.
    fn ended(&self, ended: Result<String, tokio::task::JoinError>) {
        match ended {
            Ok(id) => drop(self.0.running().remove(&id)),
            Err(error) => {
                tracing::error!(%error, "the task of a destination failed inside; it begins anew");
                let gone: BTreeSet<String> = self
                    .0
                    .running()
                    .iter()
                    .filter(|(_, handle)| handle.poke.is_closed())
                    .map(|(id, _)| id.clone())
                    .collect();
                self.0.running().retain(|id, _| !gone.contains(id));
            }
        }
    }

    /// Has the task of a destination look what changed.
    pub(crate) fn poke(&self, id: &str) {
        match self.0.running().get(id) {
            Some(handle) => handle.poke.send_modify(|count| *count += 1),
            None => self.0.changed.notify_one(),
        }
    }

    /// The same for all.
    pub(crate) fn poke_all(&self) {
        self.0.running().values().for_each(|handle| handle.poke.send_modify(|count| *count += 1));
    }

    /// How a destination stands, if it has a task.
    pub(crate) fn health_of(&self, id: &str) -> Option<Health> {
        self.0.running().get(id).map(|handle| handle.status.report())
    }
}
