//! Detection rules: Sigma 2.1 documents in, matches out. Without I/O, clock or runtime.
//!
//! Files are parsed with the place of everything that is wrong ([`Rules::load`]), compiled into one matcher for all rules
//! ([`Rules::find`]), and what matched is correlated on event time. **Invariants:** a rule that is not wholly understood is
//! refused, never passed over in part; what the matcher finds is what asking every rule one by one finds; the time that an
//! event costs is bounded by its length and by the rules that one of its values is a witness of.

mod behaviour;
mod build;
mod correlate;
mod data;
mod doubts;
mod event;
mod explain;
mod expr;
mod extension;
mod fields;
mod index;
mod issue;
mod leaf;
mod matcher;
mod model;
mod parse;
mod pattern;
mod regexes;
mod ruleset;
mod schedule;
mod selftest;
mod timepart;

pub use behaviour::{Absent, Baseline, Behaviour, FirstSeen, Measure, NearDuplicate, Trend};
pub use build::Placeholders;
pub use correlate::{Correlator, Counters, Late, Outcome, Past, Restored, Settings, SnapshotError, Standing, Told};
pub use data::Data;
pub use doubts::is_known_field;
pub use event::{EVENT_BYTES_MAX, EventError};
pub use explain::{Explanation, Step};
pub use extension::{Effect, Entity, EntityKind, Extension, Extent, Reason, Response, Risk, Suppress};
pub use issue::{Issue, Issues, Place};
pub use model::{About, Correlation, Level, LogSource, Rule, Status};
pub use parse::FILE_BYTES_MAX;
pub use ruleset::{Loaded, Rules, Scratch};
pub use schedule::Schedule;
pub use selftest::TestResult;

#[cfg(test)]
mod tests;
