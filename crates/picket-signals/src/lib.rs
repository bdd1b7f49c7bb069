//! Signals: what other systems know, as events beside those of the gateway.
//!
//! [`Signal::read`] takes one as JSON; [`files`] reads those of tables, lines and STIX 2.1. [`Intake::take`] makes events of
//! them. **Invariants:** a signal that is not wholly understood is refused, with the member and the remedy; whatever is
//! read is bounded; the same signal is one event, however often it comes; only a name that the sender vouches for stands in
//! an event as the user's.

pub mod files;
mod intake;
mod kind;
mod signal;

pub use files::FileError;
pub use intake::{Intake, Taken};
pub use kind::SignalType;
pub use signal::{ATTRIBUTES_MAX, Misfit, SIGNALS_MAX, Signal};

#[cfg(test)]
mod tests;
