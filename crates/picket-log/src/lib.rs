//! The append-only log: one for each workspace and one for the system.
//!
//! An event becomes a canonical entry (the leaf) and bodies behind commitments, in one transaction of the database.
//! Over the leaves stands an RFC 6962 tree, served as C2SP tiles; a notary signs its size and root each second.
//! **Invariants:** positions are contiguous; an acknowledged entry is durable; a checkpoint is visible only after its
//! entries and its high-water mark are durable; a log smaller than its high-water mark does not open.

mod append;
mod checkpoint;
mod contents;
mod dictionary;
mod erasure;
mod failure;
mod hashes;
mod highwater;
mod notary;
mod open;
mod open_requests;
mod pace;
mod pending;
mod proof;
mod read;
mod recent;
mod record;
mod recovery;
mod retention;
mod rows;
mod schema;
mod tiles;
mod tree;
mod verify;

pub use append::Appended;
pub use checkpoint::{SignedHead, verify_checkpoint};
pub use contents::{Content, contents};
pub use failure::{AppendError, OpenError, ProofError, ReadError, VerifyError};
pub use notary::Notary;
pub use open::{LogInfo, LogKind, Logs, Options};
pub use picket_bodies::KEPT_MAX;
pub use proof::{Proven, verify_consistency, verify_inclusion, verify_proof};
pub use read::{LoggedEvent, Stored};
pub use record::{Record, TakeBack};
pub use retention::{Expired, Forecast};
pub use schema::MIGRATIONS;
pub use verify::Report;

use checkpoint::LogSigner;
use highwater::HighWater;
use pending::State;
use picket_bodies::Bodies;
use picket_db::Db;
use picket_stdx::Clock;
use recent::Recent;
use std::fmt;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// One log. Cheap to clone.
#[derive(Clone)]
pub struct EventLog(Arc<Inner>);

struct Inner {
    info: LogInfo,
    db: Db,
    bodies: Bodies,
    clock: Clock,
    signer: LogSigner,
    state: Mutex<State>,
    recent: Mutex<Recent>,
    marks: Arc<HighWater>,
    tail: watch::Sender<u64>,
}

impl fmt::Debug for EventLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventLog({}, {} entries)", self.id(), self.size())
    }
}

impl EventLog {
    /// The log's id, `t_…`.
    pub fn id(&self) -> &str {
        &self.0.info.id
    }

    /// What the log is.
    pub fn info(&self) -> &LogInfo {
        &self.0.info
    }

    /// Durable entries.
    pub fn size(&self) -> u64 {
        *self.0.tail.borrow()
    }

    /// Follows the durable size.
    pub fn tail(&self) -> watch::Receiver<u64> {
        self.0.tail.subscribe()
    }

    /// The clock that dates entries.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The database that holds the log, for a caller whose effect and record are one transaction.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The bodies behind the entries.
    pub fn bodies(&self) -> &Bodies {
        &self.0.bodies
    }
}

#[cfg(test)]
mod tests;
