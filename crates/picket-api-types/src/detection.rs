//! Findings, rules, suppressions, entities and the alert taxonomy.

use picket_event::{Category, Severity};
use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Finding {
    /// `fnd_…`.
    pub id: String,
    /// `open`, `acknowledged` or `closed`.
    pub status: String,
    /// How bad it is.
    pub severity: Severity,
    /// Place in the alert taxonomy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// Title of the rule.
    pub title: String,
    /// Why, in plain words.
    pub reason: String,
    /// What it is about: `user`, `key`, `address`, `application`, `agent`, `session`, `model` or `workspace`.
    pub entity_kind: String,
    /// Whom it is about.
    pub entity: String,
    /// How likely it is real, 0 to 1.
    pub confidence: f64,
    /// Points of risk that it gave its entity.
    pub risk: f64,
    /// How often the rule said it.
    pub count: u64,
    /// Time of the first event.
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    /// Time of the newest event.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// When it was found.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// From the event to the finding, in milliseconds.
    pub detected_after_ms: u64,
    /// When somebody must have looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// Id, else name, of the rule.
    pub rule_id: String,
    /// SHA-256 of the rule's text: its version.
    pub rule_digest: String,
    /// Whether the rule only watches.
    pub shadow: bool,
    /// Whether an event that came late changed it.
    pub amended: bool,
    /// What binds equal findings.
    pub fingerprint: String,
    /// Ids of the newest events that it rests on.
    pub evidence: Vec<String>,
    /// Ids of frameworks.
    pub frameworks: FrameworkIds,
    /// What was done at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responses: Vec<FindingResponse>,
    /// `true_positive`, `false_positive`, `benign` or `undetermined`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Who took it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<Timestamp>,
    /// Who closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// What people said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<FindingNote>,
    /// Grows with each change by a person.
    pub version: u64,
    /// The incident that it opened, or that was open about the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_id: Option<String>,
    /// Tickets about it elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<crate::Ticket>,
}

/// Ids by framework, with the releases that they are of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FrameworkIds {
    /// Release of MITRE ATLAS.
    pub atlas_version: String,
    /// MITRE ATLAS.
    pub atlas: Vec<String>,
    /// Edition of OWASP's list for LLM applications.
    pub owasp_llm_version: String,
    /// OWASP Top 10 for LLM applications.
    pub owasp_llm: Vec<String>,
    /// Edition of OWASP's list for agentic applications.
    pub owasp_agentic_version: String,
    /// OWASP Top 10 for agentic applications.
    pub owasp_agentic: Vec<String>,
    /// MITRE ATT&CK.
    pub attack: Vec<String>,
}

/// What a rule's response did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FindingResponse {
    /// Such as `block`.
    pub effect: String,
    /// Such as `user`.
    pub kind: String,
    /// Whom.
    pub target: String,
    /// The containment that it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containment_id: Option<String>,
    /// Why nothing was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What a person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FindingNote {
    /// Who.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// Says something about a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteRequest {
    /// What.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Closes a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseFinding {
    /// `true_positive`, `false_positive`, `benign` (real, and authorised) or `undetermined`.
    #[schema(example = "false_positive")]
    pub verdict: String,
    /// What is said with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// So long the rule says nothing more of that entity, such as `7d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppress: Option<String>,
}

/// A rule, and what it does here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rule {
    /// Id, else name, else title.
    pub id: String,
    /// Title.
    pub title: String,
    /// `enabled`, `shadow`, `disabled`, or `part`: it finds nothing by itself, others are made of it.
    pub state: String,
    /// Whether its response is carried out.
    pub responds: bool,
    /// What its response would do, such as `block user`.
    pub responses: Vec<String>,
    /// `shipped` or `configured`.
    pub source: String,
    /// File and line.
    pub place: String,
    /// `single` or `correlation`.
    pub kind: String,
    /// How bad what it finds is.
    pub severity: Severity,
    /// Place of what it finds in the alert taxonomy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// How mature it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What it detects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// SHA-256 of its text: its version.
    pub digest: String,
    /// Tests that stand in it.
    pub tests: u64,
    /// What keeps it from being trusted.
    pub lacks: Vec<String>,
    /// Findings of the last 90 days, those of the time when it watched included.
    pub findings: u64,
    /// How often it said them.
    pub matches: u64,
    /// Closed as real, authorised ones included.
    pub true_positives: u64,
    /// Closed as nothing.
    pub false_positives: u64,
    /// Not decided.
    pub undecided: u64,
    /// Time of the newest event that it found something at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_fired_at: Option<Timestamp>,
    /// Who decided what it does; absent when nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub changed_at: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_reason: Option<String>,
    /// Ids of frameworks.
    pub frameworks: FrameworkIds,
    /// Public rules that it covers, as `source:name`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equivalents: Vec<String>,
}

/// Decides what a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleChange {
    /// Why.
    #[schema(example = "two weeks in shadow, no false alarm")]
    pub reason: String,
    /// With `enable`: whether its response is carried out; as before when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond: Option<bool>,
}

/// How the set of rules stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RulesStatus {
    /// Rules about single events.
    pub rules: u64,
    /// Rules about several.
    pub correlations: u64,
    /// When they were read last.
    #[schema(value_type = String, format = DateTime)]
    pub read_at: Timestamp,
    /// What was wrong then: the set before is in force.
    pub problems: Vec<String>,
    /// What is allowed, and probably not meant.
    pub warnings: Vec<String>,
}

/// The rules were read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RulesReloaded {
    /// Whether something changed.
    pub changed: bool,
    /// Rules that are in force.
    pub rules: u64,
}

/// What a person does not want to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Suppression {
    /// `sup_…`.
    pub id: String,
    /// Whether it counts.
    pub active: bool,
    /// The rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_id: Option<String>,
    /// What the entity is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_kind: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when it counts.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Who ended it before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// What it held back.
    pub hits: u64,
}

/// A suppression that is wanted: of a rule, an entity, or a rule for an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSuppression {
    /// The rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_id: Option<String>,
    /// What the entity is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_kind: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// How long, such as `7d`, which is the default; 90 days at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// Somebody or something that findings are about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Entity {
    /// What it is, such as `user`.
    pub kind: String,
    /// Its name.
    pub id: String,
    /// Points of risk now.
    pub risk: f64,
    /// When findings last changed that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub changed_at: Option<Timestamp>,
    /// What gave the points, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<EntityPoints>,
    /// Findings that are not closed, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Containments that are in force or wait.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containments: Vec<crate::Containment>,
    /// What is usual of it, of a user, key, application, model or the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Box<EntityProfile>>,
}

/// What is usual of one, and how the present hour stands against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityProfile {
    /// The hour of the first request that is known.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// The hour of the newest.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// Requests in that time.
    pub requests: u64,
    /// About how many different prompts there were, of those with a hash (13 per cent off on average).
    pub prompts: u64,
    /// What is known is too little to call much unusual.
    pub learning: bool,
    /// How unusual the present hour is: 0 not at all, 3 what happens by chance once in a thousand times, 6 once in a million.
    pub surprise: f64,
    /// The most unusual request of the last day with one.
    pub peak: EntityPeak,
    /// Hours of the week in which it is active, in UTC, such as `Mon 09:00-17:00`.
    pub usual_hours: Vec<String>,
    /// In how many weeks it was active in each hour of the week, from Monday 00:00 UTC on; halved together now and then.
    #[schema(value_type = Vec<u8>)]
    pub hours: Vec<u8>,
    /// Sizes of requests, and rates of hours with requests.
    pub rates: Vec<EntityRate>,
    /// Models that were used last.
    pub models: Vec<EntityUse>,
    /// Applications that were used last.
    pub applications: Vec<EntityUse>,
    /// Networks that requests came from last.
    pub networks: Vec<EntityUse>,
    /// How it stands among its peers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peers: Option<EntityPeers>,
    /// What is looked at now, the least likely first.
    pub scores: Vec<EntityScore>,
}

/// The most unusual of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityPeak {
    /// As above.
    pub surprise: f64,
    /// The hour.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// A size or rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityRate {
    /// `tokens_in`, `tokens_out`, `cost` (USD) and `latency_ms` of a request; `requests_per_hour`, `blocked_per_hour`,
    /// `sensitive_per_hour`, `tokens_per_hour` and `cost_per_hour` of hours with requests.
    pub metric: String,
    /// In the present hour; sizes have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<f64>,
    /// What is usual.
    pub usual: f64,
    /// From where on it is unusual.
    pub unusual_from: f64,
    /// What is usual of its peers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peers: Option<f64>,
    /// How many values that is known from.
    pub values: u64,
    /// All that in words.
    pub text: String,
}

/// Something that was used, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityUse {
    /// Its name.
    pub name: String,
    /// The day of its first use without a gap of 90 days.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// The day of its last.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

/// How one stands among its peers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityPeers {
    /// The team; absent where all of a kind are peers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// In words.
    pub text: String,
}

/// Something that is looked at, and how unusual it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityScore {
    /// What: a metric, `hour`, `model`, `application`, `network` or `sensitive_rising`.
    pub what: String,
    /// What is there now.
    pub seen: f64,
    /// What is usual.
    pub expected: f64,
    /// 3 is what happens by chance once in a thousand times.
    pub surprise: f64,
    /// In words.
    pub text: String,
}

/// Points that a finding gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntityPoints {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How many.
    pub points: f64,
    /// What is left of them.
    pub left: f64,
    /// The time in which they halve.
    pub half_life: String,
    /// The rule.
    pub rule_id: String,
    /// The finding.
    pub finding_id: String,
}

/// The alert taxonomy of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Taxonomy {
    /// What severities mean, the mildest first.
    pub severities: Vec<TaxonomyLevel>,
    /// The categories.
    pub categories: Vec<TaxonomyCategory>,
}

/// What a severity means for those who answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TaxonomyLevel {
    /// The severity.
    pub severity: Severity,
    /// What a SOC calls it.
    pub soc_level: String,
    /// How soon somebody must have looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_within: Option<String>,
    /// What is done.
    pub response: String,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TaxonomyCategory {
    /// Its word.
    pub category: Category,
    /// Its name for people.
    pub title: String,
    /// What sees it.
    pub source: String,
    /// How bad one usually is, at least.
    pub severity: Severity,
    /// And at most.
    pub severity_max: Severity,
    /// What it looks like.
    pub examples: Vec<String>,
    /// Who answers for it.
    pub owner: String,
    /// Ids of frameworks.
    pub frameworks: FrameworkIds,
    /// How it is triaged.
    pub triage: Vec<TriageStep>,
}

/// A step of a triage procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TriageStep {
    /// What to do, or to ask.
    pub ask: String,
    /// Answers, and what follows; empty where there is nothing to decide.
    pub answers: Vec<TriageAnswer>,
}

/// An answer, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TriageAnswer {
    /// The answer.
    pub answer: String,
    /// What to do then.
    pub then: String,
}
