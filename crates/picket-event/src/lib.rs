//! The event schema: what every other part of Picket speaks.
//!
//! * [`Event`]: the flat JSON object of the API, the CLI, exports and renderings.
//! * [`Entry`]: its canonical, immutable form in the log. It holds closed words, random ids, numbers and commitments,
//!   and no value that a caller chose.
//! * [`types`]: every type of event by name, and what happened.
//! * [`vocabulary`]: the closed words (decisions, severities, outcomes, categories, roles of text).
//! * [`ids`]: typed, time-ordered identifiers.
//! * [`Workspace`]: whose something is.
//!
//! An event becomes an entry plus *facts*: [`Event`] as JSON is the facts body, encrypted behind a salted commitment,
//! so that erasing it leaves the log intact. **Invariant:** this crate does no I/O and knows only `picket-stdx`.

mod attribute;
pub mod entry;
mod event;
pub mod fields;
pub mod ids;
pub mod kind;
pub mod score;
pub mod types;
pub mod vocabulary;
mod workspace;

pub use attribute::Attribute;
pub use entry::{BodyRef, Entry};
pub use event::{Event, LogPlace, PolicyResult, SpanRef};
pub use ids::{
    ContainmentId, DestinationId, EscalationId, EventId, ExceptionId, ExportId, FindingId, Id, IncidentId, MessageId,
    PlaceId, ProposalId, ScheduleId, SuppressionId, TicketId, WebhookId,
};
pub use kind::EventType;
pub use vocabulary::{
    Action, BodyClass, Category, Decision, GuardrailResult, Identity, Outcome, Phase, RiskBand, Role, Scanned, Severity,
};
pub use workspace::{ParseWorkspaceError, Workspace};
