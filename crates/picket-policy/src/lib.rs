//! Policy documents and the chain of checks.
//!
//! A document is compiled once into a [`Policy`]; requests and answers are judged by it. **Invariants:** a judgement is
//! a description, and the gateway carries it out; every check of a phase runs, so that the record shows each; the
//! strictest verdict wins; a service outside is not asked here, but named in the judgement; all problems of a document are reported at once, and none repeats a value that may be secret.

mod chain;
mod compile;
mod confidence;
mod diff;
mod duplicates;
mod exception;
mod inquiry;
mod judgement;
mod kind;
mod limits;
mod oversight;
mod repeat;
pub mod testing;

pub use chain::{SlowCheck, Toolbox, Watch};
pub use compile::{Policy, compile};
pub use diff::diff;
pub use duplicates::Duplicates;
pub use exception::{Digest, Excepted, Exception, Exceptions, Scope};
pub use inquiry::{ANSWER_BYTES_MAX, Answer, Inquiry, Unanswered};
pub use judgement::{Excerpt, Judgement, Subject};
pub use kind::{Custom, Kind, Remote, Token, TokenSource};
pub use limits::Limiter;
pub use oversight::{Bands, HumanOversight};
pub use picket_stdx::Glob;
pub use picket_yaml as document;
pub use picket_yaml::{Problem, Problems};
pub use repeat::{Judged, Past};

/// The policy of a store that was given none: injections and secrets in answers are flagged, nothing is refused.
pub const DEFAULT: &str = "\
policies:
  chain: [prompt-injection, pii-detector, secret-detector, audit-logger]
policy:
  prompt-injection: { action: flag }
  pii-detector: { action: flag }
  secret-detector: { action: redact }
  audit-logger: { immutable: true }
";

#[cfg(test)]
mod tests;
