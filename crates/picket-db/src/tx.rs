//! What a job sees of the transaction that it runs in.

use rusqlite::Connection;
use std::fmt;

type Hook = Box<dyn FnOnce() + Send>;

/// A savepoint inside the batch's transaction.
pub struct Tx<'a> {
    connection: &'a Connection,
    pub(crate) hooks: Hooks,
}

/// What to run when the fate of a job is known.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) commit: Vec<Hook>,
    pub(crate) rollback: Vec<Hook>,
}

impl Hooks {
    pub(crate) fn extend(&mut self, other: Self) {
        self.commit.extend(other.commit);
        self.rollback.extend(other.rollback);
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(connection: &'a Connection) -> Self {
        Self { connection, hooks: Hooks::default() }
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
