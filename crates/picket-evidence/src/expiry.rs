//! The end of finished exports: their files hold what retention takes from the log, so they go too.

use crate::export::{ExportError, Exporter};
use picket_db::{Lane, Ticket};
use picket_event::{Event, EventType};
use picket_log::AppendError;
use picket_store::exports;
use std::io::ErrorKind;

/// Jobs that end in one step, so that no step holds up traffic.
const STEP: u32 = 64;
const EXPIRED: EventType = EventType::of("export.expired");

impl Exporter {
    /// Ends the jobs that were finished longer ago than [`Exporter::keep`], with an event each, and removes every file that
    /// belongs to no job that has one. How many jobs ended. Nothing ends after the clock ran ahead of the time that
    /// passed, as with all retention.
    pub fn expire(&self) -> Result<usize, ExportError> {
        let mut expired = 0;
        while self.log.trusts_clock() {
            let step = self.expire_step()?;
            expired += step;
            if step == 0 {
                break;
            }
        }
        self.sweep()?;
        Ok(expired)
    }

    fn expire_step(&self) -> Result<usize, ExportError> {
        let (log, workspace) = (self.log.clone(), self.workspace.clone());
        let now = log.clock().now();
        let before = now.minus(self.keep);
        let ticket: Ticket<usize, AppendError> = self.db.write(Lane::Consumer, "evidence.expire", move |tx| {
            let ended = exports::expire(tx, &workspace, before, STEP)?;
            for id in &ended {
                let mut event = Event::new(EXPIRED, workspace.as_str(), now);
                event.target = Some(format!("export:{id}"));
                log.append_in(tx, log.prepare(event, &[]))?;
            }
            Ok(ended.len())
        });
        ticket.wait().map_err(|error| ExportError::Store(picket_stdx::error_chain(&error)))
    }

    /// Removes files of jobs that have none any more. A process that was killed between the end of a job and the end of
    /// its files leaves them to the next sweep.
    pub(crate) fn sweep(&self) -> Result<(), ExportError> {
        let files = match std::fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for file in files {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // Other files are not ours to remove.
            let Some(id) = name.split('.').next().filter(|id| id.starts_with("exp_")) else { continue };
            let job = self.db.read(|connection| exports::get(connection, &self.workspace, id));
            let job = job.map_err(|error| ExportError::Store(error.to_string()))?;
            if !job.is_some_and(|job| matches!(job.state.as_str(), "queued" | "running" | "done")) {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}
