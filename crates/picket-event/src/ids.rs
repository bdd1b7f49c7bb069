//! Typed identifiers: a prefix that names the kind, then a ULID, so that ids sort by time and cannot be confused.

use picket_stdx::{Timestamp, random};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;
use ulid::Ulid;

/// What an [`Id`] identifies.
pub trait Kind {
    /// The text before the underscore, such as `evt`.
    const PREFIX: &'static str;
}

/// An identifier such as `evt_01JZ…`. Reads `-` for `_` after the prefix, and either case.
pub struct Id<K> {
    ulid: Ulid,
    kind: PhantomData<fn() -> K>,
}

/// A text is no identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an identifier of the form `{prefix}_` and 26 letters or digits")]
pub struct ParseIdError {
    text: String,
    prefix: &'static str,
}

impl<K: Kind> Id<K> {
    /// A new id, ordered by `at`, with 80 random bits.
    pub fn new(at: Timestamp) -> Self {
        let millis = u64::try_from(at.as_millis()).unwrap_or(0);
        let random = u128::from_le_bytes(random::bytes::<16>());
        Self { ulid: Ulid::from_parts(millis, random), kind: PhantomData }
    }

    /// The 128 bits of the id, for storage.
    pub fn to_bits(self) -> u128 {
        self.ulid.0
    }

    /// The id of these 128 bits.
    pub fn from_bits(bits: u128) -> Self {
        Self { ulid: Ulid(bits), kind: PhantomData }
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.ulid == other.ulid
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.ulid.cmp(&other.ulid)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.ulid.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.ulid)
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ParseIdError { text: text.chars().take(64).collect(), prefix: K::PREFIX };
        let rest = text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix(['_', '-'])).ok_or_else(refuse)?;
        let ulid = Ulid::from_string(rest).map_err(|_error| refuse())?;
        Ok(Self { ulid, kind: PhantomData })
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Events.
#[derive(Debug, Clone, Copy)]
pub enum OfEvent {}
/// Escalations.
#[derive(Debug, Clone, Copy)]
pub enum OfEscalation {}
/// Export jobs.
#[derive(Debug, Clone, Copy)]
pub enum OfExport {}
/// Schedules of exports.
#[derive(Debug, Clone, Copy)]
pub enum OfSchedule {}
/// Incidents.
#[derive(Debug, Clone, Copy)]
pub enum OfIncident {}
/// Exceptions from the policy.
#[derive(Debug, Clone, Copy)]
pub enum OfException {}
/// Policies that wait for a second person.
#[derive(Debug, Clone, Copy)]
pub enum OfProposal {}
/// Containments.
#[derive(Debug, Clone, Copy)]
pub enum OfContainment {}
/// Findings.
#[derive(Debug, Clone, Copy)]
pub enum OfFinding {}
/// Suppressions of findings.
#[derive(Debug, Clone, Copy)]
pub enum OfSuppression {}
/// Destinations of events.
#[derive(Debug, Clone, Copy)]
pub enum OfDestination {}
/// Places where tickets are opened.
#[derive(Debug, Clone, Copy)]
pub enum OfPlace {}
/// Tickets.
#[derive(Debug, Clone, Copy)]
pub enum OfTicket {}
/// Webhooks.
#[derive(Debug, Clone, Copy)]
pub enum OfWebhook {}
/// Messages of webhooks.
#[derive(Debug, Clone, Copy)]
pub enum OfMessage {}
/// Requests, where the caller gave no id of its own.
#[derive(Debug, Clone, Copy)]
pub enum OfRequest {}

impl Kind for OfEvent {
    const PREFIX: &'static str = "evt";
}
impl Kind for OfEscalation {
    const PREFIX: &'static str = "esc";
}
impl Kind for OfExport {
    const PREFIX: &'static str = "exp";
}
impl Kind for OfSchedule {
    const PREFIX: &'static str = "exs";
}
impl Kind for OfIncident {
    const PREFIX: &'static str = "inc";
}
impl Kind for OfException {
    const PREFIX: &'static str = "exc";
}
impl Kind for OfProposal {
    const PREFIX: &'static str = "prp";
}
impl Kind for OfContainment {
    const PREFIX: &'static str = "cnt";
}
impl Kind for OfFinding {
    const PREFIX: &'static str = "fnd";
}
impl Kind for OfSuppression {
    const PREFIX: &'static str = "sup";
}
impl Kind for OfDestination {
    const PREFIX: &'static str = "dst";
}
impl Kind for OfPlace {
    const PREFIX: &'static str = "tkp";
}
impl Kind for OfTicket {
    const PREFIX: &'static str = "tkt";
}
impl Kind for OfWebhook {
    const PREFIX: &'static str = "whk";
}
impl Kind for OfMessage {
    const PREFIX: &'static str = "msg";
}
impl Kind for OfRequest {
    const PREFIX: &'static str = "req";
}

/// The id of an event.
pub type EventId = Id<OfEvent>;
/// The id of an escalation.
pub type EscalationId = Id<OfEscalation>;
/// The id of an export job.
pub type ExportId = Id<OfExport>;
/// The id of a schedule of exports.
pub type ScheduleId = Id<OfSchedule>;
/// The id of an incident.
pub type IncidentId = Id<OfIncident>;
/// The id of an exception from the policy.
pub type ExceptionId = Id<OfException>;
/// The id of a policy that waits for a second person.
pub type ProposalId = Id<OfProposal>;
/// The id of a containment.
pub type ContainmentId = Id<OfContainment>;
/// The id of a finding.
pub type FindingId = Id<OfFinding>;
/// The id of a suppression.
pub type SuppressionId = Id<OfSuppression>;
/// The id of a destination.
pub type DestinationId = Id<OfDestination>;
/// The id of a place where tickets are opened.
pub type PlaceId = Id<OfPlace>;
/// The id of a ticket.
pub type TicketId = Id<OfTicket>;
/// The id of a webhook.
pub type WebhookId = Id<OfWebhook>;
/// The id of a message of webhooks.
pub type MessageId = Id<OfMessage>;
/// A request id that Picket minted.
pub type RequestId = Id<OfRequest>;

#[cfg(test)]
mod tests;
