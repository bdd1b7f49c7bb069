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
    /// Only requests of this feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// Only requests for this model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
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
