//! Consumers of the log, and the supervisor of background work.
//!
//! A [`Consumer`] reads the log in order and commits its cursor with its effect. [`run`] drives one on its own thread:
//! bounded batches, back-off after failures, a visible lag. [`Tasks`] owns every background task and thread of the
//! process, so that reading [`TaskKind`] is reading what runs. **Invariants:** consumers never call each other, they
//! meet only in the log; no record is skipped: a failing batch is tried again until it succeeds or the process stops.

mod consumer;
mod pool;
mod shutdown;
mod task;

pub use consumer::{ConsumeError, Consumer, Settings, Status, StatusReport, run};
pub use pool::{Bell, Due, Outbox, PoolSettings, UnderWay, work};
pub use shutdown::{Shutdown, Stage, Trigger};
pub use task::{OnFailure, TaskKind, Tasks, Unfinished};
