//! What a policy says about a request or an answer.

use crate::exception::Excepted;
use crate::inquiry::Inquiry;
use picket_content::leak::Confidence;
use picket_event::{Action, Category, GuardrailResult, PolicyResult, Scanned, Severity};
use picket_llm::Edit;
use std::sync::Arc;
use std::time::Duration;

/// Who asks, as the checks see it, and what the answer must not repeat.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// User.
    pub user: Option<&'a str>,
    /// Team.
    pub team: Option<&'a str>,
    /// Application.
    pub application: Option<&'a str>,
    /// Gateway key.
    pub key_id: Option<&'a str>,
    /// Address that the request comes from; behind trusted proxies, the one that they name.
    pub address: Option<&'a str>,
    /// Model.
    pub model: Option<&'a str>,
    /// Session, or what stands for it.
    pub session: Option<&'a str>,
    /// What the request told its model in confidence; see [`Policy::confidence`](crate::Policy::confidence).
    pub confidence: Option<&'a Confidence>,
    /// The exceptions that concern it.
    pub excepted: Option<&'a Arc<Excepted>>,
    /// What decides which late checks examine it: the same for the same request, and nobody outside can foretell it.
    /// Without one, all do.
    pub draw: Option<[u8; 16]>,
}

/// A description of what to do. The gateway does it.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// The strictest action of all checks.
    pub action: Option<Action>,
    /// Whether the request waits for a person.
    pub held: bool,
    /// What each check found.
    pub results: Vec<PolicyResult>,
    /// Names of the checks that found something.
    pub triggered: Vec<String>,
    /// The check that decided.
    pub violated: Option<String>,
    /// What was found, in the words of events.
    pub finding_type: Option<String>,
    /// Place in the alert taxonomy.
    pub category: Option<Category>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Highest score.
    pub risk_score: Option<f64>,
    /// What to remove.
    pub edits: Vec<Edit>,
    /// Why, from a template.
    pub reason: Option<String>,
    /// A stable code for the caller.
    pub code: &'static str,
    /// When to come again, for limits.
    pub retry_after: Option<Duration>,
    /// Urgency of an escalation.
    pub priority: Option<Severity>,
    /// When an undecided escalation ends.
    pub expires: Option<Duration>,
    /// How much of the text was scanned.
    pub scanned: Option<Scanned>,
    /// What was not.
    pub unscanned: Vec<String>,
    /// A tool that is not allowed, if one was offered or called.
    pub tool: Option<String>,
    /// Masked excerpts.
    pub evidence: Vec<Excerpt>,
    /// Whether only content that was judged before in this session was found.
    pub repeat: bool,
    /// What services have to be asked before the judgement is whole; see [`Policy::answered`](crate::Policy::answered).
    pub inquiries: Vec<Inquiry>,
    /// What is to be examined beside the request; see [`Policy::examine`](crate::Policy::examine).
    pub later: Vec<Inquiry>,
}

/// A masked piece of text around a finding.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Excerpt {
    /// The check.
    pub policy: String,
    /// Where.
    pub at: String,
    /// What.
    #[serde(rename = "type")]
    pub kind: String,
    /// The masked text.
    pub excerpt: String,
}

impl Judgement {
    /// The strictest action; `Allow` when nothing was found.
    pub fn action(&self) -> Action {
        self.action.unwrap_or(Action::Allow)
    }

    /// Summary of the guardrails.
    pub fn guardrail(&self) -> GuardrailResult {
        match self.action() {
            Action::Allow => GuardrailResult::Pass,
            Action::Flag | Action::Redact | Action::Escalate => GuardrailResult::Flag,
            Action::Block => GuardrailResult::Block,
        }
    }

    /// A person let the request pass: what asked for one only flags it now. What is removed is removed all the same.
    pub fn approve(&mut self, reason: String) {
        self.action = Some(if self.edits.is_empty() { Action::Flag } else { Action::Redact });
        (self.held, self.code, self.reason) = (false, "allowed", Some(reason));
    }

    /// Takes a later judgement (of the answer) into this one (of the request): the stricter decides.
    pub fn absorb(&mut self, other: Self) {
        if other.action() > self.action() || self.action.is_none() {
            (self.action, self.violated, self.reason, self.code) =
                (other.action, other.violated, other.reason, other.code);
            (self.finding_type, self.category) = (other.finding_type, other.category);
            (self.priority, self.expires) = (other.priority.or(self.priority), other.expires.or(self.expires));
        }
        self.severity = self.severity.max(other.severity);
        self.risk_score = match (self.risk_score, other.risk_score) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        self.results.extend(other.results);
        for name in other.triggered {
            if !self.triggered.contains(&name) {
                self.triggered.push(name);
            }
        }
        self.tool = self.tool.take().or(other.tool);
        self.evidence.extend(other.evidence);
        self.inquiries.extend(other.inquiries);
        self.later.extend(other.later);
        for place in other.unscanned {
            if !self.unscanned.contains(&place) {
                self.unscanned.push(place);
            }
        }
        self.scanned = match (self.scanned, other.scanned) {
            (Some(one), Some(other)) if one == other => Some(one),
            (a, None) => a,
            (None, b) => b,
            _ => Some(Scanned::Partial),
        };
    }
}
