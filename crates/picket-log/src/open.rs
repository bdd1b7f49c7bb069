//! All logs of a store: opened, checked against what was signed, created.

use crate::checkpoint::LogSigner;
use crate::failure::{AppendError, OpenError, ReadError};
use crate::highwater::HighWater;
use crate::{EventLog, Inner, recovery};
use picket_bodies::Bodies;
use picket_db::{Db, Lane, Ticket, WriteError};
use picket_event::{EventType, Workspace};
use picket_keys::Keyring;
use picket_stdx::encode::base32;
use picket_stdx::{Clock, error_chain, random};
use rusqlite::params;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// What a log is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogKind {
    /// The instance itself: starts, stops, keys.
    System,
    /// A workspace.
    Workspace,
}

impl LogKind {
    /// `system` or `workspace`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Workspace => "workspace",
        }
    }
}

/// What a log is.
#[derive(Debug, Clone)]
pub struct LogInfo {
    /// `t_` and 16 random letters or digits.
    pub id: String,
    /// What it is for.
    pub kind: LogKind,
    /// The workspace that owns it.
    pub workspace: Option<Workspace>,
    /// Origin line of its checkpoints.
    pub origin: String,
    /// Verifier key of its checkpoints.
    pub vkey: String,
}

/// What logs need besides the database.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of the instance, the first part of every origin.
    pub host: String,
    /// Folder of the high-water file; better on another volume than the data.
    pub state: PathBuf,
    /// The clock that dates entries.
    pub clock: Clock,
}

/// All logs of a store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Logs {
    pub(crate) db: Db,
    logs: Arc<[EventLog]>,
    pub(crate) marks: Arc<HighWater>,
}

impl Logs {
    /// Whether a store was set up. Its logs are the last thing that setting up makes.
    pub fn exist(db: &Db) -> Result<bool, OpenError> {
        let found = db.read(|connection| {
            Ok::<_, ReadError>(connection.query_row("SELECT EXISTS (SELECT 1 FROM log)", [], |row| row.get(0))?)
        });
        Ok(found.map_err(ReadError::from)?)
    }

    /// Creates the logs of a new store: the system's, and one for `workspace`. An explicit act: opening never creates.
    /// Both logs and their first entries are one transaction.
    pub fn create(db: &Db, keyring: &Keyring, options: &Options, workspace: &Workspace) -> Result<(), OpenError> {
        let bodies = Bodies::new(db, keyring);
        let marks = Arc::new(HighWater::open(&options.state)?);
        let parts = Parts { db, bodies: &bodies, clock: &options.clock, marks: &marks };
        let mut created = Vec::new();
        for (kind, workspace) in [(LogKind::System, None), (LogKind::Workspace, Some(workspace.clone()))] {
            let id = format!("t_{}", base32(&random::bytes::<10>()));
            let origin = format!("{}/audit/{id}", options.host);
            let signer = LogSigner::new(&origin, &keyring.log_seed(&id)?)?;
            let info = LogInfo { vkey: signer.vkey().to_owned(), id, kind, workspace, origin };
            let log = EventLog::new(&parts, info, signer, 0);
            let mut event = log.own_event(EventType::LOG_CREATED);
            event.reason = Some(format!("log created, verifier key {}", log.info().vkey));
            let record = log.prepare(event, &[]);
            created.push((log, record));
        }
        let written: Ticket<(), CreateError> = db.write(Lane::Admin, "log.create", move |tx| {
            let logs: u64 = tx.connection().query_row("SELECT count(*) FROM log", [], |row| row.get(0))?;
            if logs > 0 {
                return Err(CreateError::Exists);
            }
            for (log, record) in created {
                let info = log.info();
                tx.connection().execute(
                    "INSERT INTO log (id, kind, workspace, origin) VALUES (?1, ?2, ?3, ?4)",
                    params![info.id, info.kind.as_str(), info.workspace.as_ref().map(Workspace::as_str), info.origin],
                )?;
                log.append_in(tx, record)?;
            }
            Ok(())
        });
        written.wait().map_err(|error| match error {
            WriteError::Job(CreateError::Exists) => OpenError::Exists,
            other => OpenError::Create(error_chain(&other)),
        })
    }

    /// Opens the logs of a store, and refuses one that is not the continuation of what was signed.
    pub fn open(db: &Db, keyring: &Keyring, bodies: &Bodies, options: &Options) -> Result<Self, OpenError> {
        let marks = Arc::new(HighWater::open(&options.state)?);
        let parts = Parts { db, bodies, clock: &options.clock, marks: &marks };
        let found = db.read(|connection| {
            let mut statement = connection.prepare("SELECT id, kind, workspace, origin FROM log ORDER BY kind, id")?;
            let rows = statement.query_map([], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, Option<String>>(2)?,
                    row.get::<_, String>(3)?,
                ))
            })?;
            Ok::<_, ReadError>(rows.collect::<Result<Vec<_>, _>>()?)
        });
        let mut logs = Vec::new();
        for (id, kind, workspace, origin) in found.map_err(ReadError::from)? {
            let workspace = workspace.as_deref().map(Workspace::parse).transpose()?;
            let kind = if kind == "system" { LogKind::System } else { LogKind::Workspace };
            let signer = LogSigner::new(&origin, &keyring.log_seed(&id)?)?;
            let info = LogInfo { vkey: signer.vkey().to_owned(), id, kind, workspace, origin };
            let size = recovery::checked_size(db, &info.id, &marks)?;
            logs.push(EventLog::new(&parts, info, signer, size));
        }
        recovery::refuse_missing(&logs, &marks)?;
        Ok(Self { db: db.clone(), logs: logs.into(), marks })
    }

    /// Every log, whoever owns it: for what the store does by itself, such as signing and retention.
    pub fn all(&self) -> &[EventLog] {
        &self.logs
    }

    /// The logs that are there for a workspace: its own and the system's.
    pub fn seen_by<'a>(&'a self, workspace: &'a Workspace) -> impl Iterator<Item = &'a EventLog> {
        self.logs.iter().filter(move |log| log.info().workspace.as_ref().is_none_or(|owner| owner == workspace))
    }

    /// The system's log.
    pub fn system(&self) -> Result<&EventLog, OpenError> {
        self.logs.iter().find(|log| log.info().kind == LogKind::System).ok_or(OpenError::NoLog)
    }

    /// The log of a workspace.
    pub fn workspace(&self, workspace: &Workspace) -> Result<&EventLog, OpenError> {
        self.logs.iter().find(|log| log.info().workspace.as_ref() == Some(workspace)).ok_or(OpenError::NoLog)
    }
}

/// What all logs share.
struct Parts<'a> {
    db: &'a Db,
    bodies: &'a Bodies,
    clock: &'a Clock,
    marks: &'a Arc<HighWater>,
}

impl EventLog {
    fn new(parts: &Parts<'_>, info: LogInfo, signer: LogSigner, size: u64) -> Self {
        Self(Arc::new(Inner {
            info,
            db: parts.db.clone(),
            bodies: parts.bodies.clone(),
            clock: parts.clock.clone(),
            signer,
            state: Mutex::default(),
            recent: Mutex::default(),
            marks: Arc::clone(parts.marks),
            tail: watch::Sender::new(size),
        }))
    }
}

#[derive(Debug, thiserror::Error)]
enum CreateError {
    #[error("the store has logs already")]
    Exists,
    #[error("the database refused")]
    Database(#[from] rusqlite::Error),
    #[error("the first entry cannot be appended")]
    Append(#[from] AppendError),
}
