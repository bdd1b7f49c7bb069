//! Requests and answers of the control API, shared with the command line.
//!
//! Plain data: what stands here is what travels. Lists are bare JSON arrays; errors are [`Problem`] documents.
//! **Invariant:** this crate knows the event schema and nothing of how it is served or stored.

mod body;
mod containment;
mod destination;
mod detection;
mod entity;
mod escalation;
mod exception;
mod export;
mod key;
mod log;
mod policy;
mod problem;
mod security;
mod session;
mod signal;
mod stats;
mod subject;
mod system;
mod ticket;
mod token;
mod user;
mod webhook;

pub use body::{BodyState, BodyView, Excerpt, RevealRequest};
pub use containment::{Containment, ContainmentChange, CreateContainment};
pub use destination::{
    ActedLetters, ChangeDestination, ChosenLetters, Counted, CoveredHour, CreateDestination, DeadLetter, Destination,
    DestinationBalance, DestinationCoverage, DestinationCredentials, DestinationFailure, DestinationHealth,
    DestinationProbe, DestinationRecount, HeldCredential, PauseDestination, PreviewedEvent, RotateDestination,
    TestedDestination,
};
pub use detection::{
    CloseFinding, CreateSuppression, Finding, FindingNote, FindingResponse, FrameworkIds, NoteRequest, Rule,
    RuleChange, RulesReloaded, RulesStatus, Suppression, Taxonomy, TaxonomyCategory, TaxonomyLevel, TriageAnswer,
    TriageStep,
};
pub use entity::{Entity, EntityPeak, EntityPeers, EntityPoints, EntityProfile, EntityRate, EntityScore, EntityUse};
pub use escalation::{
    ActRequest, ActWord, BulkRequest, BulkResult, Escalation, EscalationGroup, Incident, Note, Precedent, Resolution,
    ResolveRequest, TriagePath, Trial, TrialRequest,
};
pub use exception::{CreateException, Exception, ExceptionCover, ExceptionProposal, ExceptionScope};
pub use export::{CreateExport, CreateExportSchedule, Export, ExportFormat, ExportSchedule, ExportState, ExportWindow};
pub use key::{CreateKey, CreatedKey, Key};
pub use log::{LogSummary, Proof, TreeHead};
pub use policy::{
    ApplyPolicy, CaseResult, DecideProposal, MonitorRequest, PolicyDiff, PolicyProposal, PolicyText, PolicyVersion,
    RollbackRequest, TestReport, TestRequest,
};
pub use problem::Problem;
pub use security::{SecurityMetric, SecurityMetrics};
pub use session::{
    ChangePassword, ConfirmRequest, LoginRequest, Renewed, Session, SignedIn, SsoSession, TotpBegun, TotpCode,
};
pub use signal::{NewSignal, NewSignals, SignalResult};
pub use stats::{Bucket, Group, Stats};
pub use subject::{EraseSubject, ErasedSubject};
pub use system::{ConsumerHealth, Health, ProviderHealth, Reloaded};
pub use ticket::{
    ChangeRunbookLine, ChangeTicketPlace, CloseIncident, CreateTicketPlace, DeadTicket, PlaceCredentials,
    ReplayTickets, Replayed, RunbookLine, Ticket, TicketPlace, TicketTest, TicketTestStep,
};
pub use token::{CreateToken, CreatedToken, SetupRequest, Token, WhoAmI};
pub use user::{ChangeUser, CreateTeam, CreateUser, CreatedUser, ExternalUser, NewPassword, Team, User};
pub use webhook::{
    ChangeWebhook, CreateWebhook, CreatedWebhook, ReplayWebhook, RotateWebhook, Webhook, WebhookAttempt, WebhookTest,
};
