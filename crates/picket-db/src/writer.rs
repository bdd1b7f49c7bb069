//! The thread that writes: one transaction a batch, one savepoint a job.

use crate::open;
use crate::queue::{Ack, Job, Queue};
use crate::tx::{Hooks, Tx};
use fail::fail_point;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) fn spawn(
    connection: Connection,
    path: PathBuf,
    queue: Arc<Queue>,
    blocked: Arc<Mutex<Option<String>>>,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("db-writer".to_owned()).spawn(move || {
        let mut writer = Writer { connection: Some(connection), path };
        while let Some(batch) = queue.next_batch() {
            let failure = writer.write(batch);
            let mut blocked = blocked.lock().unwrap_or_else(PoisonError::into_inner);
            match (&failure, blocked.is_some()) {
                (Some(cause), false) => tracing::error!(%cause, "writes cannot be made durable"),
                (None, true) => tracing::info!("writes are durable again"),
                _ => {}
            }
            *blocked = failure;
        }
    })
}

struct Writer {
    /// Absent after a failure, until it can be opened again.
    connection: Option<Connection>,
    path: PathBuf,
}

impl Writer {
    /// Writes a batch and tells every ticket; why nothing of it happened, if nothing did.
    fn write(&mut self, batch: Vec<Job>) -> Option<String> {
        let mut hooks = Hooks::default();
        let mut acks = Vec::with_capacity(batch.len());
        let result = self.connection().and_then(|connection| commit(connection, batch, &mut hooks, &mut acks));
        let failure = result.err().map(|error| error.to_string());
        let cause = failure.as_deref().map(Arc::from);
        let told = if cause.is_some() { hooks.rollback } else { hooks.commit };
        for hook in told {
            hook();
        }
        fail_point!("db::before_ack");
        for ack in acks {
            ack(cause.as_ref());
        }
        if failure.is_some() {
            // After a failed sync nobody knows what the connection believes: begin with a new one.
            self.connection = None;
        }
        failure
    }

    fn connection(&mut self) -> Result<&Connection, rusqlite::Error> {
        open_if_needed(&mut self.connection, &self.path)
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
    batch: Vec<Job>,
    hooks: &mut Hooks,
    acks: &mut Vec<Ack>,
) -> Result<(), rusqlite::Error> {
    let mut waiting = batch.into_iter();
    let begun = run(connection, "BEGIN IMMEDIATE");
    if let Err(error) = begun {
        acks.extend(waiting.map(never_ran));
        return Err(error);
    }
    fail_point!("db::after_begin");
    for job in waiting.by_ref() {
        let name = job.name;
        if let Err(error) = run(connection, "SAVEPOINT job") {
            acks.push(never_ran(job));
            acks.extend(waiting.map(never_ran));
            return Err(error);
        }
        let mut tx = Tx::new(connection);
        let (succeeded, ack) = job.run(&mut tx);
        acks.push(ack);
        let ended = if succeeded { run(connection, "RELEASE job") } else { undo(connection) };
        if succeeded {
            hooks.extend(tx.hooks);
        } else {
            tracing::debug!(name, "a write undid itself");
            for hook in tx.hooks.rollback {
                hook();
            }
        }
        if let Err(error) = ended {
            acks.extend(waiting.map(never_ran));
            return Err(error);
        }
    }
    fail_point!("db::before_commit");
    run(connection, "COMMIT")?;
    fail_point!("db::after_commit");
    Ok(())
}

/// The ack of a job that did not get its turn: as if it had failed with its batch.
fn never_ran(job: Job) -> Ack {
    drop(job);
    // The dropped sender tells the ticket that nothing happened.
    Box::new(|_failure| {})
}

fn undo(connection: &Connection) -> Result<(), rusqlite::Error> {
    run(connection, "ROLLBACK TO job").and_then(|()| run(connection, "RELEASE job"))
}

fn run(connection: &Connection, statement: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}
