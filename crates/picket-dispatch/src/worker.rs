//! One destination: its task lives as long as the destination does.
//!
//! It works in sessions, each with one state and one set of what the destination is told. A session that is active sends;
//! one that is paused probes now and then, if it was the program that paused it. Whatever changes ends the session.

mod session;

use crate::Shared;
use crate::progress::Progress;
use crate::save::{RESUMED, SYSTEM};
use crate::settings::{Resume, Settings};
use crate::status::{Failure, Probe, Status};
use picket_db::{Lane, Ticket};
use picket_event::Severity;
use picket_log::AppendError;
use picket_pipeline::Shutdown;
use picket_receivers::Receiver;
use picket_stdx::backoff::Backoff;
use picket_stdx::error_chain;
use picket_store::destinations::{self, Destination, State};
use session::{End, Session};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Longest wait after something failed on this side.
const TROUBLE_MAX: Duration = Duration::from_secs(10);

/// The task of a destination.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: String,
    pub(crate) status: Status,
    /// Tells that something about the destination changed.
    pub(crate) poked: watch::Receiver<u64>,
    pub(crate) shutdown: Shutdown,
}

/// Why a session did not come about.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    /// What the destination is told does not work here and now; somebody has to change something.
    #[error("{0}")]
    Settings(String),
    /// Something of this side.
    #[error("{0}")]
    Store(String),
}

impl Worker {
    /// Works until the destination is gone or the process drains.
    pub(crate) async fn run(mut self) {
        let mut backoff = Backoff::new(Duration::from_millis(250), TROUBLE_MAX);
        while self.shutdown.is_running() {
            self.poked.mark_unchanged();
            match self.session().await {
                Ok(End::Gone | End::Stopped) => return,
                Ok(End::Changed) => backoff.reset(),
                Err(trouble) => {
                    let class = if matches!(trouble, Trouble::Settings(_)) { "settings" } else { "store" };
                    let said = trouble.to_string();
                    tracing::warn!(destination = %self.id, error = %said, "a destination cannot be sent to; it will be tried again");
                    let at = self.shared.log.clock().now();
                    self.status.tell(|health| health.failure = Some(Failure { at, class, status: None, said }));
                    let wait = backoff.next_wait().max(Duration::from_millis(250));
                    self.rest(wait).await;
                }
            }
        }
    }

    /// Waits for a while, or until something changes.
    async fn rest(&mut self, wait: Duration) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            // Who pokes is gone when the process ends.
            _ = self.poked.changed() => {}
            () = self.shutdown.draining() => {}
        }
    }

    async fn session(&mut self) -> Result<End, Trouble> {
        let (shared, id) = (Arc::clone(&self.shared), self.id.clone());
        let read = tokio::task::spawn_blocking(move || shared.look(&id)).await;
        let Some((row, standing)) = read.map_err(|error| Trouble::Store(error.to_string()))?? else {
            return Ok(End::Gone);
        };
        let progress = Progress::read(&standing).map_err(|error| Trouble::Store(error.to_string()))?;
        self.status.tell(|health| {
            health.state = Some(row.state);
            (health.counts, health.pending) = (progress.counts(), progress.pending());
            (health.cursor, health.scanned) = (progress.contiguous(), progress.scanned());
            (health.running, health.faults, health.waits_until) = (0, 0, None);
        });
        let settings: Settings = serde_json::from_str(&row.settings)
            .map_err(|error| Trouble::Settings(format!("what it is told cannot be read: {error}")))?;
        match row.state {
            State::Paused => self.paused(&row, &settings).await,
            State::Active => {
                let receiver = self.open(&row, &settings).await?;
                let mut subscription =
                    settings.wanted.compile().map_err(|error| Trouble::Settings(error.to_string()))?;
                if subscription.has_bodies && !self.shared.bodies {
                    subscription.has_bodies = false;
                    let said = "prompts and answers are left out: the configuration does not let them leave";
                    let at = self.shared.log.clock().now();
                    self.status.tell(|health| health.warning = Some((at, said.to_owned())));
                }
                let session = Session::new(self, progress, (receiver, subscription), settings.requests_max(), &row);
                session.run(&mut self.poked, &self.shutdown).await.map_err(Trouble::Store)
            }
        }
    }

    async fn open(&self, row: &Destination, settings: &Settings) -> Result<Receiver, Trouble> {
        let (shared, row, settings) = (Arc::clone(&self.shared), row.clone(), settings.clone());
        let opened = tokio::task::spawn_blocking(move || shared.receiver(&row, &settings)).await;
        opened.map_err(|error| Trouble::Store(error.to_string()))?.map_err(Trouble::Settings)
    }

    /// Nothing is sent. If it was the program that paused it, probes show whether the receiver is back.
    async fn paused(&mut self, row: &Destination, settings: &Settings) -> Result<End, Trouble> {
        let is_own = row.changed_by == SYSTEM;
        loop {
            tokio::select! {
                () = tokio::time::sleep(self.shared.timing.probe), if is_own => {}
                _ = self.poked.changed() => return Ok(End::Changed),
                () = self.shutdown.draining() => return Ok(End::Stopped),
            }
            let probe = match self.open(row, settings).await {
                Ok(receiver) => {
                    let tested = receiver.test(&picket_render::Subject::new(&self.shared.probe())).await;
                    Probe::of(&tested, self.shared.log.clock().now())
                }
                Err(trouble) => Probe { at: self.shared.log.clock().now(), is_good: false, said: trouble.to_string() },
            };
            let is_good = probe.is_good;
            self.status.tell(|health| health.probe = Some(probe));
            if is_good && settings.resume == Resume::Auto {
                self.resume().await?;
                return Ok(End::Changed);
            }
        }
    }

    async fn resume(&self) -> Result<(), Trouble> {
        let (shared, id) = (Arc::clone(&self.shared), self.id.clone());
        let resumed: Ticket<(), AppendError> = self.shared.db.write(Lane::Consumer, "dispatch.resume", move |tx| {
            let now = shared.log.clock().now();
            let to = (State::Active, None);
            if destinations::set_state(tx, &shared.workspace, &id, to, (SYSTEM, now))? {
                let mut event = shared.event(RESUMED, &id, Severity::Info);
                event.reason = Some("a probe passed".to_owned());
                shared.log.append_in(tx, shared.log.prepare(event, &[]))?;
            }
            Ok(())
        });
        resumed.await.map_err(|error| Trouble::Store(error_chain(&error)))
    }
}

impl Shared {
    /// The row and the standing of a destination.
    fn look(&self, id: &str) -> Result<Option<(Destination, destinations::Standing)>, Trouble> {
        let read = self.db.read(|connection| {
            let row = destinations::get(connection, &self.workspace, id)?;
            let standing = destinations::standing(connection, &self.workspace, id)?;
            Ok::<_, rusqlite::Error>(row.zip(standing))
        });
        read.map_err(|error| Trouble::Store(error_chain(&error)))
    }
}
