//! All logs of a store: opened, checked against what was signed, created.

use crate::checkpoint::LogSigner;
use crate::failure::{OpenError, ReadError};
use crate::hashes::Hashes;
use crate::highwater::HighWater;
use crate::{EventLog, Inner, rows};
use picket_bodies::Bodies;
use picket_db::{Db, Lane, Ticket};
use picket_event::{Event, EventType};
use picket_keys::Keyring;
use picket_stdx::encode::base32;
use picket_stdx::{Clock, random};
use rusqlite::params;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tlog_tiles::tlog::tree_hash;
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
    pub workspace: Option<String>,
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
    /// Creates the logs of a new store: the system's, and one for `workspace`. An explicit act: opening never creates.
    pub fn create(db: &Db, keyring: &Keyring, options: &Options, workspace: &str) -> Result<(), OpenError> {
        for (kind, workspace) in [(LogKind::System, None), (LogKind::Workspace, Some(workspace.to_owned()))] {
            let id = format!("t_{}", base32(&random::bytes::<10>()));
            let origin = format!("{}/audit/{id}", options.host);
            let row = (id.clone(), origin.clone());
            let created: Ticket<(), rusqlite::Error> = db.write(Lane::Admin, "log.create", move |tx| {
                let (id, origin) = row;
                tx.connection()
                    .execute(
                        "INSERT INTO log (id, kind, workspace, origin) VALUES (?1, ?2, ?3, ?4)",
                        params![id, kind.as_str(), workspace, origin],
                    )
                    .map(drop)
            });
            created.wait().map_err(|error| OpenError::Create(error.to_string()))?;
            keyring.log_seed(&id)?;
        }
        let bodies = Bodies::new(db, keyring);
        for log in Self::open(db, keyring, &bodies, options)?.logs.iter() {
            let workspace = log.info().workspace.clone().unwrap_or_default();
            let mut event = Event::new(EventType::LOG_CREATED, &workspace, options.clock.now());
            event.target = Some(format!("log:{}", log.id()));
            event.reason = Some(format!("log created, verifier key {}", log.info().vkey));
            log.append(Lane::Admin, log.prepare(event, &[]))
                .wait()
                .map_err(|error| OpenError::Create(error.to_string()))?;
        }
        Ok(())
    }

    /// Opens the logs of a store, and refuses one that is not the continuation of what was signed.
    pub fn open(db: &Db, keyring: &Keyring, bodies: &Bodies, options: &Options) -> Result<Self, OpenError> {
        let marks = Arc::new(HighWater::open(&options.state)?);
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
            let kind = if kind == "system" { LogKind::System } else { LogKind::Workspace };
            let signer = LogSigner::new(&origin, &keyring.log_seed(&id)?)?;
            let info = LogInfo { vkey: signer.vkey().to_owned(), id, kind, workspace, origin };
            let size =
                db.read(|connection| Ok::<_, ReadError>(rows::size(connection, &info.id)?)).map_err(ReadError::from)?;
            refuse_rollback(db, &info.id, size, &marks)?;
            let tail = watch::Sender::new(size);
            let (db, bodies, clock) = (db.clone(), bodies.clone(), options.clock.clone());
            logs.push(EventLog(Arc::new(Inner { info, db, bodies, clock, signer, state: Mutex::default(), tail })));
        }
        if logs.is_empty() && marks_exist(&marks) {
            let signed = OpenError::Rollback {
                log: "of the system".to_owned(),
                size: 0,
                signed: 1,
                state: marks.path().to_owned(),
            };
            return Err(signed);
        }
        Ok(Self { db: db.clone(), logs: logs.into(), marks })
    }

    /// Every log.
    pub fn all(&self) -> &[EventLog] {
        &self.logs
    }

    /// A log by its id.
    pub fn get(&self, id: &str) -> Option<&EventLog> {
        self.logs.iter().find(|log| log.id() == id)
    }

    /// The system's log.
    pub fn system(&self) -> Result<&EventLog, OpenError> {
        self.logs.iter().find(|log| log.info().kind == LogKind::System).ok_or(OpenError::NoLog)
    }

    /// The log of a workspace.
    pub fn workspace(&self, workspace: &str) -> Result<&EventLog, OpenError> {
        self.logs.iter().find(|log| log.info().workspace.as_deref() == Some(workspace)).ok_or(OpenError::NoLog)
    }
}

fn marks_exist(marks: &HighWater) -> bool {
    std::fs::metadata(marks.path()).is_ok_and(|file| file.len() > 2)
}

fn refuse_rollback(db: &Db, log: &str, size: u64, marks: &HighWater) -> Result<(), OpenError> {
    let Some(mark) = marks.get(log) else { return Ok(()) };
    let same = size >= mark.size
        && db
            .read(|connection| {
                let hashes = Hashes::new(connection, log)?;
                let root = tree_hash(mark.size, &hashes).map_err(|error| ReadError::Checkpoint(error.to_string()))?;
                Ok::<_, ReadError>(root.to_string() == mark.root)
            })
            .map_err(ReadError::from)?;
    if same {
        Ok(())
    } else {
        Err(OpenError::Rollback { log: log.to_owned(), size, signed: mark.size, state: marks.path().to_owned() })
    }
}
