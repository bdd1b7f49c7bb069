//! What a job sees of the transaction that it runs in.

use rusqlite::Connection;
use std::fmt;

type Hook = Box<dyn FnOnce() + Send>;
type LastWrite = Box<dyn FnOnce(&Connection) -> Result<(), rusqlite::Error> + Send>;

/// A savepoint inside the batch's transaction.
pub struct Tx<'a> {
    connection: &'a Connection,
    job: u64,
    pub(crate) hooks: Hooks,
}

/// What to run when the fate of a job is known.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) last: Vec<LastWrite>,
    pub(crate) commit: Vec<Hook>,
    pub(crate) rollback: Vec<Hook>,
}

impl Hooks {
    pub(crate) fn extend(&mut self, other: Self) {
        self.last.extend(other.last);
        self.commit.extend(other.commit);
        self.rollback.extend(other.rollback);
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(connection: &'a Connection, job: u64) -> Self {
        Self { connection, job, hooks: Hooks::default() }
    }

    /// A number that no other job of this database has, so that whoever keeps state in memory sees where one begins.
    pub fn job(&self) -> u64 {
        self.job
    }

    /// Runs `write` after all jobs of the batch, in their transaction, right before COMMIT: for rows that are cheaper to
    /// write for a whole batch than job by job. If it fails, the batch fails. It does not run if the job is undone.
    pub fn before_commit(&mut self, write: impl FnOnce(&Connection) -> Result<(), rusqlite::Error> + Send + 'static) {
        self.hooks.last.push(Box::new(write));
    }

    /// The connection. Do not begin or end transactions on it.
    pub fn connection(&self) -> &'a Connection {
        self.connection
    }

    /// Runs `hook` after the batch is durable, before any ticket of it resolves.
    pub fn on_commit(&mut self, hook: impl FnOnce() + Send + 'static) {
        self.hooks.commit.push(Box::new(hook));
    }

    /// Runs `hook` when this job, or its whole batch, is undone: whoever keeps state in memory forgets it.
    pub fn on_rollback(&mut self, hook: impl FnOnce() + Send + 'static) {
        self.hooks.rollback.push(Box::new(hook));
    }
}

impl fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tx")
    }
}
