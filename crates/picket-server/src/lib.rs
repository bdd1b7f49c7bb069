//! The composition root: the only crate that knows all others.
//!
//! [`Config`] is what the operator wrote; [`Server::start`] builds everything from it, in an order that fails early:
//! ports first, then keys, log, index. [`Server::run`] waits for signals: the first drains, the second stops.

mod approval;
mod build;
mod callers;
mod config;
mod configured;
mod control;
mod infrastructure;
mod lifecycle;
mod metrics;
#[cfg(feature = "names")]
mod names;
mod open;
mod past;
mod policy;
#[cfg(feature = "encoder")]
mod second;
mod tasks;
mod telemetry;
mod tls;

pub use build::{Server, StartError, slow_checks};
pub use config::{Config, ConfigError, Destinations};
pub use lifecycle::Signals;
pub use open::{Opened, SetupToken, rebuild_index, set_up, verify};
pub use telemetry::init as init_telemetry;
