//! The thread that writes: one transaction a batch, one savepoint a job.

use crate::condition::{Condition, Failure};
use crate::open;
use crate::queue::{Ack, Job, Queue};
use crate::tx::{Hooks, Tx};
use fail::fail_point;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) fn spawn(
    connection: Connection,
    path: PathBuf,
    queue: Arc<Queue>,
    condition: Condition,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("db-writer".to_owned()).spawn(move || {
        let mut writer = Writer { connection: Some(connection), path, jobs: 0, condition };
        while let Some(batch) = queue.next_batch() {
            writer.write(batch);
        }
    })
}

struct Writer {
    /// Absent after a failure, until it can be opened again.
    connection: Option<Connection>,
    path: PathBuf,
    /// Jobs so far.
    jobs: u64,
    condition: Condition,
}

/// What ran of a batch.
#[derive(Default)]
struct Ran {
    hooks: Hooks,
    acks: Vec<Ack>,
}

impl Writer {
    /// Writes a batch and tells every ticket.
    fn write(&mut self, batch: Vec<Job>) {
        let mut numbers = self.jobs..;
        self.jobs += u64::try_from(batch.len()).unwrap_or(0);
        let mut jobs = batch.into_iter().map(|job| (numbers.next().unwrap_or(u64::MAX), job));
        let mut ran = Ran::default();
        let failure = match self.condition.failure().filter(|failure| failure.lasting) {
            Some(failure) => Some(failure),
            None => {
                let result = open_if_needed(&mut self.connection, &self.path);
                let failed = result.and_then(|connection| commit(connection, &mut jobs, &mut ran)).err();
                failed.map(|error| Failure::of(&error))
            }
        };
        self.condition.set(failure.clone());
        let cause = failure.map(|failure| failure.cause);
        if cause.is_some() {
            // Whatever the connection believes is void: begin with a new one.
            self.connection = None;
            // The newest first, as memory was changed.
            ran.hooks.rollback.into_iter().rev().for_each(|hook| hook());
        } else {
            ran.hooks.commit.into_iter().for_each(|hook| hook());
        }
        fail_point!("db::before_ack");
        ran.acks.into_iter().for_each(|ack| ack(cause.as_ref()));
        if let Some(cause) = cause {
            jobs.for_each(|(_, job)| job.refuse(&cause));
        }
    }
}

fn open_if_needed<'a>(slot: &'a mut Option<Connection>, path: &Path) -> Result<&'a Connection, rusqlite::Error> {
    let connection = match slot.take() {
        Some(connection) => connection,
        None => open::writer_again(path)?,
    };
    Ok(slot.insert(connection))
}

fn commit(
    connection: &Connection,
    jobs: &mut impl Iterator<Item = (u64, Job)>,
    ran: &mut Ran,
) -> Result<(), rusqlite::Error> {
    run(connection, "BEGIN IMMEDIATE")?;
    fail_point!("db::after_begin", |_| Err(rusqlite::Error::InvalidQuery));
    for (number, job) in jobs {
        one(connection, number, job, ran)?;
    }
    for write in ran.hooks.last.drain(..) {
        catch_unwind(AssertUnwindSafe(|| write(connection))).unwrap_or(Err(rusqlite::Error::UnwindingPanic))?;
    }
    // As the file system would fail: by errors of its own, or by nobody's.
    fail_point!("db::before_commit", |what| {
        use rusqlite::ffi::{Error, SQLITE_FULL, SQLITE_IOERR_WRITE};
        Err(match what.as_deref() {
            Some("write") => rusqlite::Error::SqliteFailure(Error::new(SQLITE_IOERR_WRITE), None),
            Some("full") => rusqlite::Error::SqliteFailure(Error::new(SQLITE_FULL), None),
            _ => rusqlite::Error::InvalidQuery,
        })
    });
    run(connection, "COMMIT")?;
    // When a sync fails, what was written may be there all the same.
    fail_point!("db::after_commit", |_| {
        use rusqlite::ffi::{Error, SQLITE_IOERR_FSYNC};
        Err(rusqlite::Error::SqliteFailure(Error::new(SQLITE_IOERR_FSYNC), None))
    });
    Ok(())
}

/// Runs one job in its savepoint.
fn one(connection: &Connection, number: u64, job: Job, ran: &mut Ran) -> Result<(), rusqlite::Error> {
    let name = job.name;
    let mut tx = Tx::new(connection, number);
    let begun = run(connection, "SAVEPOINT job");
    fail_point!("db::before_job");
    if let Err(error) = begun {
        job.refuse(&Failure::of(&error).cause);
        return Err(error);
    }
    let (succeeded, ack) = job.run(&mut tx);
    ran.acks.push(ack);
    fail_point!("db::after_job");
    if succeeded {
        ran.hooks.extend(tx.hooks);
        run(connection, "RELEASE job")
    } else {
        tracing::debug!(name, "a write undid itself");
        tx.hooks.rollback.into_iter().rev().for_each(|hook| hook());
        undo(connection)
    }
}

fn undo(connection: &Connection) -> Result<(), rusqlite::Error> {
    run(connection, "ROLLBACK TO job").and_then(|()| run(connection, "RELEASE job"))
}

fn run(connection: &Connection, statement: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}
