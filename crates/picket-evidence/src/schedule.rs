//! Schedules: an export after each period, of what the log took since the last one that came to its end.

use crate::export::{ExportError, ExportRequest, Exporter};
use crate::period::{EVERY_MAX, EVERY_MIN, Ended, end_after, next_window, settle};
use picket_db::{Lane, Ticket, Tx};
use picket_event::{Event, EventType, ExportId, ScheduleId};
use picket_log::{AppendError, ReadError};
use picket_stdx::Timestamp;
use picket_store::exports::{self, Export, Planned, Window};
use picket_store::schedules::{self, Schedule};
use std::time::Duration;

/// Schedules of a workspace.
pub const SCHEDULES_MAX: usize = 50;
/// Files of a schedule that are kept, where nobody says.
pub const KEEP: u32 = 100;
/// The most that may be said.
pub const KEEP_MAX: u32 = 1_000;
/// Exports of a schedule that are remembered, files or not.
const REMEMBERED: u32 = 1_000;
/// Files that go at a time.
const STEP: u32 = 64;

/// A schedule that is wanted.
#[derive(Debug, Clone)]
pub struct NewSchedule {
    /// What each export is asked for. It has no times.
    pub request: ExportRequest,
    /// How long a period is.
    pub every: Duration,
    /// How many finished files are kept.
    pub keep: u32,
    /// The first window begins with what the log took then; with what comes from now on when absent.
    pub since: Option<Timestamp>,
    /// Who wants it.
    pub by: String,
}

/// A schedule cannot be as it is wanted.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The period.
    #[error("a period is 1m to 31d long")]
    Every,
    /// Files.
    #[error("a schedule keeps 1 to {KEEP_MAX} files")]
    Keep,
    /// Too many.
    #[error("there are {SCHEDULES_MAX} schedules, which is as many as may be; delete one that is not needed")]
    TooMany,
    /// The log.
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
    /// It cannot be written down.
    #[error("the request cannot be written down")]
    Request(#[from] serde_json::Error),
}

impl Exporter {
    /// A schedule as it is wanted, to be stored.
    pub fn schedule(&self, new: NewSchedule) -> Result<Schedule, ScheduleError> {
        if !(EVERY_MIN..=EVERY_MAX).contains(&new.every) {
            return Err(ScheduleError::Every);
        }
        if !(1..=KEEP_MAX).contains(&new.keep) {
            return Err(ScheduleError::Keep);
        }
        let now = self.log.clock().now();
        let covered = match new.since {
            Some(since) => self.log.position_at(since, self.log.first()?, self.log.size())?,
            None => self.log.size(),
        };
        Ok(Schedule {
            id: ScheduleId::new(now).to_string(),
            request: serde_json::to_string(&new.request)?,
            every: new.every,
            keep: new.keep,
            is_paused: false,
            created_by: new.by.clone(),
            created_at: now,
            changed_by: new.by,
            changed_at: now,
            covered,
            covered_at: new.since.unwrap_or(now),
            next_at: end_after(now, new.every),
            retry_at: None,
            export: None,
            failures: 0,
            error: None,
            revision: 1,
        })
    }

    /// Takes in what became of exports of schedules, and makes those that are due; how many were made.
    pub fn tick(&self) -> Result<usize, ExportError> {
        if !self.shutdown.is_running() {
            return Ok(0);
        }
        let all = self.db.read(|connection| schedules::list(connection, &self.workspace));
        let all = all.map_err(|error| ExportError::Store(error.to_string()))?;
        let mut made = 0;
        for mut schedule in all {
            if schedule.export.is_some() && !self.settle(&mut schedule)? {
                continue;
            }
            made += usize::from(self.make(schedule)?);
        }
        Ok(made)
    }

    /// Takes in what became of the last export of a schedule; whether it ended.
    fn settle(&self, schedule: &mut Schedule) -> Result<bool, ExportError> {
        let Some(id) = schedule.export.clone() else { return Ok(true) };
        let job = self.db.read(|connection| exports::get(connection, &self.workspace, &id));
        let job = job.map_err(|error| ExportError::Store(error.to_string()))?;
        let now = self.log.clock().now();
        let (window, ended) = match job.and_then(|job| job.window.map(|window| (window, job))) {
            Some((window, job)) => match ended(&job) {
                Some(ended) => (window, ended),
                None => return Ok(false),
            },
            // Whoever removed it wants it no more.
            None => (self.nothing(schedule, now), Ended::Stopped),
        };
        settle(schedule, &window, ended, now);
        let (to, log, workspace) = (schedule.clone(), self.log.clone(), self.workspace.clone());
        let settled = self.store("evidence.settle", move |tx| {
            if !schedules::update(tx, &workspace, &to)? {
                return Ok(None);
            }
            let gone = exports::expire_surplus(tx, &workspace, &to.id, (to.keep, STEP))?;
            for id in &gone {
                let mut event = Event::new(EventType::of("export.expired"), workspace.as_str(), now);
                event.target = Some(format!("export:{id}"));
                event.reason = Some(format!("the schedule {} keeps {} files", to.id, to.keep));
                log.append_in(tx, log.prepare(event, &[]))?;
            }
            exports::forget_ended(tx, &workspace, &to.id, REMEMBERED)?;
            Ok(Some(gone.len()))
        })?;
        schedule.revision += 1;
        if settled.is_some_and(|gone| gone > 0) {
            self.sweep()?;
        }
        Ok(settled.is_some())
    }

    /// Makes the next export of a schedule, if it is due; whether it was.
    fn make(&self, mut schedule: Schedule) -> Result<bool, ExportError> {
        let now = self.log.clock().now();
        let begins_at = |at| self.log.position_at(at, schedule.covered, self.log.size().max(schedule.covered));
        let Some(window) = next_window(&schedule, now, begins_at)? else { return Ok(false) };
        let id = ExportId::new(now).to_string();
        schedule.export = Some(id.clone());
        let (log, workspace) = (self.log.clone(), self.workspace.clone());
        let made = self.store("evidence.make", move |tx| {
            // Somebody may have paused or removed it meanwhile.
            if !schedules::update(tx, &workspace, &schedule)? {
                return Ok(false);
            }
            let by = schedule.created_by.as_str();
            let planned = Planned { id: &id, schedule: &schedule.id, request: &schedule.request, window };
            exports::create_planned(tx, &workspace, planned, (by, now))?;
            let mut event = Event::new(EventType::of("export.created"), workspace.as_str(), now);
            (event.actor, event.target) = (Some(by.to_owned()), Some(format!("export:{id}")));
            event.reason = Some(format!("by the schedule {}", schedule.id));
            log.append_in(tx, log.prepare(event, &[]))?;
            Ok(true)
        })?;
        Ok(made)
    }

    /// A window in which nothing is.
    fn nothing(&self, schedule: &Schedule, now: Timestamp) -> Window {
        let (at, to) = (schedule.covered, end_after(now, schedule.every).minus(schedule.every));
        Window { begin: at, until: at, from: to, to }
    }

    fn store<T: Send + 'static>(
        &self,
        name: &'static str,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, AppendError> + Send + 'static,
    ) -> Result<T, ExportError> {
        let ticket: Ticket<T, AppendError> = self.db.write(Lane::Consumer, name, job);
        ticket.wait().map_err(|error| ExportError::Store(picket_stdx::error_chain(&error)))
    }
}

/// How an export ended, if it did.
fn ended(job: &Export) -> Option<Ended> {
    match job.state.as_str() {
        "queued" | "running" => None,
        "done" | "expired" => Some(Ended::Done),
        "cancelled" => Some(Ended::Stopped),
        _ => Some(Ended::Failed(job.error.clone().unwrap_or_else(|| "it failed".to_owned()))),
    }
}
