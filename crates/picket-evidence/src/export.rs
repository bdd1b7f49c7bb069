//! Export jobs: queued in the store, written by one worker, served as files.

use crate::contents::{ContentsError, events_with_contents};
use crate::output::Output;
use crate::sink::Sink;
use picket_columns::ColumnsError;
use picket_db::{Db, Lane, WriteError};
use picket_event::{Event, EventType, Workspace};
use picket_log::{AppendError, EventLog, ReadError};
use picket_pipeline::Shutdown;
use picket_query::Query;
use picket_search::{Index, Order, Request, SearchError};
use picket_stdx::{Timestamp, fs};
use picket_store::exports::{self, Export, Part};
use picket_store::{escalations, policies};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Events that are read at a time with their prompts and answers, which are long.
const WITH_BODIES: usize = 64;

/// Longest description.
const DESCRIPTION_CHARS_MAX: usize = 500;

/// What a job exports; stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequest {
    /// `json`, `ndjson`, `csv` or `parquet`.
    pub format: String,
    /// Filter in its normal form.
    pub filter: String,
    /// Recorded since.
    pub since: Option<Timestamp>,
    /// Happened from.
    pub from: Option<Timestamp>,
    /// Happened before.
    pub to: Option<Timestamp>,
    /// Why.
    pub description: Option<String>,
    /// Whether prompts and answers are in it.
    pub include_bodies: bool,
}

impl ExportRequest {
    /// The same, with why.
    #[must_use]
    pub fn described(self, description: Option<String>) -> Self {
        let description = description.map(|text| text.chars().take(DESCRIPTION_CHARS_MAX).collect());
        Self { description, ..self }
    }
}

/// A job failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The search failed.
    #[error("the search failed")]
    Search(#[from] SearchError),
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// Prompts and answers cannot be read.
    #[error("prompts and answers cannot be read")]
    Contents(#[from] ContentsError),
    /// Columns cannot be written.
    #[error("the events cannot be written as columns")]
    Columns(#[from] ColumnsError),
    /// The file cannot be written.
    #[error("the file cannot be written; make room or mend the volume, and start the export again")]
    File(#[from] std::io::Error),
    /// The store refused.
    #[error("the store refused: {0}")]
    Store(String),
    /// Somebody cancelled it.
    #[error("it was cancelled")]
    Cancelled,
    /// The process stops; the job goes on with the next start.
    #[error("the server stops")]
    Stopped,
    /// The request cannot be read.
    #[error("the stored request cannot be read: {0}")]
    Request(String),
}

/// Runs the jobs of a workspace, one at a time.
#[derive(Debug, Clone)]
pub struct Exporter {
    /// Database.
    pub db: Db,
    /// Log.
    pub log: EventLog,
    /// Index.
    pub index: Index,
    /// Workspace.
    pub workspace: Workspace,
    /// Where files go.
    pub folder: PathBuf,
    /// How long the files of a finished job are kept.
    pub keep: Duration,
    /// Sees when the process drains: a job that runs then goes on with the next start.
    pub shutdown: Shutdown,
}

/// The file of a job.
pub fn file_of(folder: &Path, id: &str, format: &str) -> PathBuf {
    folder.join(format!("{id}.{format}"))
}

/// What is needed to go on with the file of a job, where the file alone does not tell.
fn end_of(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.end"))
}

/// The name of the file that says what a job's events were judged by.
pub fn context_of(id: &str) -> String {
    format!("{id}.context.json")
}

impl Exporter {
    /// Runs the next job, if there is one; whether there was.
    pub fn step(&self) -> Result<bool, ExportError> {
        if !self.shutdown.is_running() {
            return Ok(false);
        }
        let job = self
            .db
            .read(|connection| exports::next(connection, &self.workspace))
            .map_err(|error| ExportError::Store(error.to_string()))?;
        let Some(mut job) = job else { return Ok(false) };
        if !self.is_covered(&mut job)? {
            return Ok(false);
        }
        let ended =
            self.begin(&mut job).and_then(|(request, file)| self.write(&mut job, &request, file)).and_then(|()| {
                (job.state, job.part) = ("done".to_owned(), None);
                job.finished_at = Some(self.log.clock().now());
                self.update(&job, Some(EventType::of("export.completed")))
            });
        match ended {
            Ok(()) => Ok(true),
            Err(ExportError::Stopped) => Ok(false),
            Err(ExportError::Cancelled) => {
                self.remove(&job.id);
                Ok(true)
            }
            Err(error) => {
                self.remove(&job.id);
                job.error = Some(picket_stdx::error_chain(&error));
                (job.state, job.part) = ("failed".to_owned(), None);
                job.finished_at = Some(self.log.clock().now());
                match self.update(&job, Some(EventType::of("export.failed"))) {
                    Err(ExportError::Cancelled) => Ok(true),
                    updated => updated.map(|()| true),
                }
            }
        }
    }

    /// Whether the index covers what a job is about: its window, or all that the log held when it was first looked at. So a
    /// job holds the same, however often it is interrupted, and an index that is behind leaves nothing out.
    fn is_covered(&self, job: &mut Export) -> Result<bool, ExportError> {
        let until = match &job.part {
            Some(part) => part.until,
            None => {
                let until = job.window.map_or_else(|| self.log.size(), |window| window.until);
                job.part = Some(Part { next: 0, until, sha256: String::new() });
                match self.update(job, None) {
                    Err(ExportError::Cancelled) => return Ok(false),
                    updated => updated?,
                }
                until
            }
        };
        Ok(self.index.cursor() >= until)
    }

    /// Removes what a job wrote before it came to nothing.
    pub fn remove(&self, id: &str) {
        let extensions = ["json", "ndjson", "csv", "parquet", "part", "end", "context.json"];
        for name in extensions.map(|extension| format!("{id}.{extension}")) {
            std::fs::remove_file(self.folder.join(name)).unwrap_or_default();
        }
    }

    /// The file of a job, after what is safely in it, and the job in the state `running`.
    fn begin(&self, job: &mut Export) -> Result<(ExportRequest, (Sink, Output)), ExportError> {
        let request: ExportRequest =
            serde_json::from_str(&job.request).map_err(|error| ExportError::Request(error.to_string()))?;
        fs::create_private_folder(&self.folder)?;
        // One that runs already did so when the process ended.
        let was_running = std::mem::replace(&mut job.state, "running".to_owned()) == "running";
        let file = match self.kept(job, &request)?.filter(|_| was_running) {
            Some(file) => file,
            None => {
                (job.bytes, job.rows) = (0, 0);
                let begin = job.window.map_or(0, |window| window.begin);
                job.part.iter_mut().for_each(|part| part.next = begin);
                (Sink::create(&file_of(&self.folder, &job.id, &request.format))?, Output::new(&request)?)
            }
        };
        if was_running {
            job.restarts += 1;
            job.restarted_at = Some(self.log.clock().now());
            tracing::warn!(id = %job.id, restarts = job.restarts, rows = job.rows, "an export that the last stop interrupted goes on");
        }
        self.update(job, was_running.then(|| EventType::of("export.restarted")))?;
        Ok((request, file))
    }

    /// What an interrupted job has safely in its file, if it can be gone on with.
    fn kept(&self, job: &Export, request: &ExportRequest) -> Result<Option<(Sink, Output)>, ExportError> {
        let Some(part) = job.part.as_ref().filter(|part| !part.sha256.is_empty()) else { return Ok(None) };
        let Some(output) = Output::resume(request, job, &end_of(&self.folder, &job.id)) else { return Ok(None) };
        let sink = Sink::resume(&file_of(&self.folder, &job.id, &request.format), job.bytes, &part.sha256)?;
        Ok(sink.map(|sink| (sink, output)))
    }

    fn write(
        &self,
        job: &mut Export,
        request: &ExportRequest,
        (mut sink, mut output): (Sink, Output),
    ) -> Result<(), ExportError> {
        let filter = Query::parse(&request.filter).map_err(|error| ExportError::Request(error.to_string()))?;
        let wanted = Request {
            // Relative times are those of the order, also after a restart.
            filter: filter.stored().at(job.created_at),
            since: request.since,
            from: request.from,
            to: request.to,
            positions: job.window.map(|window| window.begin..window.until),
            order: Order::Ascending,
            ..Request::default()
        };
        let found = self.index.list(&wanted)?;
        let (next, until) = job.part.as_ref().map_or((0, 0), |part| (part.next, part.until));
        if sink.bytes() == 0 {
            job.total = found.total.unwrap_or(0);
            sink.write(&output.head())?;
        }
        let end = end_of(&self.folder, &job.id);
        for slice in found.positions {
            let mut slice = slice?;
            slice.retain(|position| (next..until).contains(position));
            let most = if request.include_bodies { WITH_BODIES } else { slice.len().max(1) };
            for piece in slice.chunks(most) {
                if !self.shutdown.is_running() {
                    return Err(ExportError::Stopped);
                }
                let events = if request.include_bodies {
                    events_with_contents(&self.log, piece)?
                } else {
                    self.log.events_json(piece)?
                };
                let (due, last) = output.add(piece, &events)?;
                let Some(last) = last else { continue };
                sink.write(&due)?;
                output.remember(&end)?;
                (job.bytes, job.rows) = (sink.bytes(), output.rows());
                job.part = Some(Part { next: last + 1, until, sha256: sink.settle()? });
                self.update(job, None)?;
            }
        }
        sink.write(&output.tail()?)?;
        (job.bytes, job.rows) = (sink.bytes(), output.rows());
        job.sha256 = Some(sink.finish()?);
        match std::fs::remove_file(end) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        self.context(&job.id)
    }

    /// What an export needs to be understood later: policies and decisions of reviewers, beside it.
    fn context(&self, id: &str) -> Result<(), ExportError> {
        let context = self.db.read(|connection| {
            let policies = policies::history(connection, &self.workspace)?;
            let filter = escalations::Filter { limit: 10_000, ..escalations::Filter::default() };
            let escalations = escalations::list(connection, &self.workspace, &filter)?;
            let policies: Vec<_> = policies.iter().map(|policy| json!({"version": policy.version, "digest": policy.digest, "text": policy.text, "created_at": policy.created_at})).collect();
            let decisions: Vec<_> = escalations
                .iter()
                .map(|entry| json!({"id": entry.id, "event_id": entry.event_id, "status": entry.status, "resolution": entry.resolution, "verdict": entry.verdict, "notes": entry.notes, "resolved_at": entry.resolved_at, "resolved_by": entry.resolved_by}))
                .collect();
            Ok::<_, rusqlite::Error>(json!({"policies": policies, "escalations": decisions}))
        });
        let context = context.map_err(|error| ExportError::Store(error.to_string()))?;
        Ok(fs::write_durably(&self.folder.join(context_of(id)), context.to_string().as_bytes())?)
    }

    /// Writes where a job stands, with the event that says so; an error when it was cancelled meanwhile.
    fn update(&self, job: &Export, event_type: Option<EventType>) -> Result<(), ExportError> {
        let (log, job, workspace) = (self.log.clone(), job.clone(), self.workspace.clone());
        let ticket = self.db.write(Lane::Consumer, "evidence.update", move |tx| {
            let runs = exports::update(tx, &workspace, &job)?;
            if let Some(event_type) = event_type.filter(|_type| runs) {
                let mut event = Event::new(event_type, workspace.as_str(), log.clock().now());
                event.target = Some(format!("export:{}", job.id));
                event.count = Some(job.rows);
                event.reason = job.schedule.map(|schedule| format!("by the schedule {schedule}"));
                event.actor = Some(job.created_by);
                log.append_in(tx, log.prepare(event, &[]))?;
            }
            Ok::<bool, AppendError>(runs)
        });
        let done: Result<bool, WriteError<AppendError>> = ticket.wait();
        match done {
            Ok(true) => Ok(()),
            Ok(false) => Err(ExportError::Cancelled),
            Err(error) => Err(ExportError::Store(picket_stdx::error_chain(&error))),
        }
    }
}
