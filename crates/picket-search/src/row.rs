//! What a list shows of an event, kept in the index itself.

use picket_event::Entry;
use picket_event::{Category, Decision, Event, EventId, Outcome, Severity};
use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// Policies that a row names.
const POLICIES_MAX: usize = 8;

/// What a list shows of an event. Users, teams, applications and models are dictionary ids:
/// [`crate::Index::names`] resolves them.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Position of the closing entry.
    pub position: u64,
    /// `event_id`
    pub event_id: EventId,
    /// `timestamp`
    pub timestamp: Timestamp,
    /// `recorded_at`
    pub recorded_at: Timestamp,
    /// `event_type`
    pub event_type: String,
    /// `decision`
    pub decision: Decision,
    /// `severity`
    pub severity: Severity,
    /// `type`
    pub finding_type: Option<String>,
    /// `category`
    pub category: Option<Category>,
    /// `held`
    pub held: bool,
    /// `outcome`
    pub outcome: Option<Outcome>,
    /// `risk_score`
    pub risk_score: Option<f64>,
    /// Dictionary id of `user`.
    pub user: Option<String>,
    /// Dictionary id of `team`.
    pub team: Option<String>,
    /// Dictionary id of `application`.
    pub application: Option<String>,
    /// Dictionary id of `model`.
    pub model: Option<String>,
    /// `provider`
    pub provider: Option<String>,
    /// The first few of `policies_triggered`.
    pub policies: Vec<String>,
    /// `tokens_in`
    pub tokens_in: Option<u64>,
    /// `tokens_out`
    pub tokens_out: Option<u64>,
    /// `cost`
    pub cost: Option<f64>,
    /// `latency_ms`
    pub latency_ms: Option<u64>,
}

/// The stored form: short, since there are many.
#[derive(Serialize, Deserialize)]
struct Stored(What, Who, Numbers);

#[derive(Serialize, Deserialize)]
struct What(
    u64,
    EventId,
    i64,
    i64,
    String,
    Decision,
    Severity,
    Option<String>,
    Option<Category>,
    bool,
    Option<Outcome>,
);

#[derive(Serialize, Deserialize)]
struct Who(Option<String>, Option<String>, Option<String>, Option<String>, Option<String>, Vec<String>);

#[derive(Serialize, Deserialize)]
struct Numbers(Option<f64>, Option<u64>, Option<u64>, Option<f64>, Option<u64>);

impl Row {
    /// The stored row of an event.
    pub(crate) fn bytes_of(position: u64, event: &Event, entry: &Entry) -> Vec<u8> {
        let policies = event.policies_triggered.iter().take(POLICIES_MAX).cloned().collect();
        let stored = Stored(
            What(
                position,
                event.event_id,
                event.timestamp.as_micros(),
                event.recorded_at.unwrap_or_default().as_micros(),
                event.event_type.as_str().to_owned(),
                event.decision,
                event.severity,
                event.finding_type.clone(),
                event.category,
                event.held.unwrap_or(false),
                event.outcome,
            ),
            Who(
                entry.user.clone(),
                entry.team.clone(),
                entry.application.clone(),
                entry.model.clone(),
                event.provider.clone(),
                policies,
            ),
            Numbers(
                event.risk_score.map(picket_event::score::rounded),
                event.tokens_in,
                event.tokens_out,
                event.cost,
                event.latency_ms,
            ),
        );
        // Nothing in it can fail to serialise.
        serde_json::to_vec(&stored).unwrap_or_default()
    }

    /// Reads a stored row.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let Stored(what, who, numbers) = serde_json::from_slice(bytes)?;
        Ok(Self {
            position: what.0,
            event_id: what.1,
            timestamp: Timestamp::from_micros(what.2),
            recorded_at: Timestamp::from_micros(what.3),
            event_type: what.4,
            decision: what.5,
            severity: what.6,
            finding_type: what.7,
            category: what.8,
            held: what.9,
            outcome: what.10,
            risk_score: numbers.0,
            user: who.0,
            team: who.1,
            application: who.2,
            model: who.3,
            provider: who.4,
            policies: who.5,
            tokens_in: numbers.1,
            tokens_out: numbers.2,
            cost: numbers.3,
            latency_ms: numbers.4,
        })
    }

    /// The dictionary ids in it.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &String> {
        [&self.user, &self.team, &self.application, &self.model].into_iter().flatten()
    }
}
