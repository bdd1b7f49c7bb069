//! What other systems receive of an event, and how it is written on the wire.
//!
//! * [`Renderer`]: an event in the language of its receiver: `canonical`, `ai_security`, `mapped`, `ecs`, `ocsf`, `otel`,
//!   `cef`, `leef`, or a table of the operator's own ([`Mapping`]).
//! * [`wire`]: the formats that carry renderings: CEF and LEEF lines, syslog frames, HEC envelopes, `_bulk` lines, OTLP,
//!   rows of the Logs Ingestion API, records of Kafka, and the signatures of webhooks and of Azure.
//! * [`message`]: what webhooks tell of product events.
//! * [`raw`]: fields of a test in, bytes of these formats out.
//! * [`Batches`]: requests of at most so many bytes, counted as they are sent.
//!
//! All of it is pure: an event goes in, bytes are appended to a buffer of the caller's. **Invariant:** no value of an
//! event ends the field that it stands in, whatever its bytes are; a parser of the format reads it back as it was, or as
//! the format's documented substitute.

mod batch;
mod field;
mod json;
mod mapping;
pub mod message;
pub mod raw;
mod rendering;
mod subject;
mod table;
pub mod wire;

pub use batch::{Batch, Batches, Fixed, Framing, Limits, TooLarge};
pub use field::Field;
pub use mapping::{Mapping, MappingProblem, Place, Previewed, Rule, Target};
pub use rendering::{Format, Maker, OcsfVersion, Profile, Renderer, UnknownFormatError};
pub use subject::{Body, Subject};
pub use table::Table;

#[cfg(test)]
mod tests;
