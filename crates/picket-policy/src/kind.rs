//! The kinds of checks, and how each is written in a document.

mod custom;
mod guards;
mod lane;
mod remote;
mod unsure;

pub use custom::Custom;
pub(crate) use lane::Lane;
pub use remote::{Remote, Token, TokenSource};
pub(crate) use unsure::Unsure;

use crate::document::{Node, Problems, Value, suggestion};
use crate::duplicates::Duplicates;
use picket_content::{Check, LEARNED_PII_KINDS, PII_KINDS, Settings};
use picket_event::{Action, Role};
use picket_stdx::Glob;
use std::sync::Arc;
use std::time::Duration;

/// A configured check.
#[derive(Debug, Clone)]
pub enum Kind {
    /// `prompt-injection`, `pii-detector`, `secret-detector`, `exfiltration-guard`, `prompt-leak`, `safety-filter`,
    /// `topic-filter`: look into every text.
    Content {
        /// What to look for.
        check: Check,
        /// What to do about it.
        action: Action,
        /// Kinds of personal data; empty means all.
        entities: Vec<&'static str>,
        /// Score from which on it counts, where the document sets one.
        threshold: Option<f32>,
        /// What else the document says about the check.
        settings: Settings,
    },
    /// `custom`: rules of a customer, in every text.
    Custom(Custom),
    /// `remote`: a service of a customer, asked about every text.
    Remote(Arc<Remote>),
    /// `model-filter`: models by name.
    Model {
        /// Allowed; empty means all.
        allow: Vec<Glob>,
        /// Denied.
        deny: Vec<Glob>,
        /// What to do.
        action: Action,
    },
    /// `tool-guard`: tools by name, in definitions, calls and results.
    Tool {
        /// Allowed; empty means all.
        allow: Vec<Glob>,
        /// Denied.
        deny: Vec<Glob>,
        /// What to do.
        action: Action,
    },
    /// `rate-limit`: how much in a window.
    Rate {
        /// Whose use is counted together.
        per: Per,
        /// Requests.
        requests: Option<f64>,
        /// Tokens.
        tokens: Option<f64>,
        /// US dollars.
        cost: Option<f64>,
        /// Length of the window.
        window: Duration,
    },
    /// `duplicate-guard`: the same prompt, or nearly the same, again and again.
    Duplicate {
        /// How often, by whom, and how long.
        limits: Duplicates,
        /// What to do.
        action: Action,
    },
    /// `human-oversight`: what happens with what is escalated.
    Human,
    /// `audit-logger`: everything is recorded, whatever the document says; it may say so.
    Audit,
}

/// Whose use a limit counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Each key.
    Key,
    /// Each user.
    User,
    /// Each team.
    Team,
    /// Each address that requests come from.
    Address,
}

/// Names of the kinds that this version has, aliases included.
pub(crate) const NAMES: &[&str] = &[
    "prompt-injection",
    "pii-detector",
    "secret-detector",
    "dlp-filter",
    "exfiltration-guard",
    "prompt-leak",
    "safety-filter",
    "topic-filter",
    "duplicate-guard",
    "custom",
    "remote",
    "model-filter",
    "tool-guard",
    "agent-firewall",
    "rate-limit",
    "human-oversight",
    "audit-logger",
];

/// Services that one chain asks.
pub(crate) const REMOTES_MAX: usize = 16;

const ACTIONS: &[(&str, Action)] = &[
    ("allow", Action::Allow),
    ("flag", Action::Flag),
    ("redact", Action::Redact),
    ("escalate", Action::Escalate),
    ("block", Action::Block),
    ("deny", Action::Block),
];

const ROLES: &[(&str, Role)] = &[
    ("system", Role::System),
    ("user", Role::User),
    ("assistant", Role::Assistant),
    ("reasoning", Role::Reasoning),
    ("tool", Role::Tool),
    ("document", Role::Document),
    ("definition", Role::Definition),
    ("other", Role::Other),
];

/// Members that every kind understands.
const COMMON: &[&str] = &["action", "response", "mode", "on_error", "on_unscanned", "when", "kind"];

/// The canonical name of a kind.
pub(crate) fn canonical(name: &str) -> Option<&'static str> {
    let folded = name.to_ascii_lowercase().replace('_', "-");
    let folded = match folded.as_str() {
        "dlp-filter" => "secret-detector",
        "agent-firewall" => "tool-guard",
        other => other,
    };
    NAMES.iter().find(|known| **known == folded).copied()
}

impl Kind {
    /// A kind by its canonical name, from its members.
    pub(crate) fn read(name: &str, config: Option<&Node>, problems: &mut Problems) -> Option<Self> {
        let action = config.and_then(|config| action(config, problems));
        let content = |check, fallback, entities, threshold| Self::Content {
            check,
            action: action.unwrap_or(fallback),
            entities,
            threshold,
            settings: Settings::Usual,
        };
        let mut members = Members { config, problems, known: Vec::new() };
        let kind = match name {
            "prompt-injection" => {
                members.refuse_redact("a part of an attack is still an attack; take flag, escalate or block");
                members.known.push("timeout");
                content(Check::PromptInjection, Action::Block, Vec::new(), members.threshold())
            }
            "pii-detector" => content(Check::Pii, Action::Redact, members.entities(), None),
            "secret-detector" => content(Check::Secret, Action::Block, Vec::new(), None),
            "exfiltration-guard" | "prompt-leak" | "safety-filter" | "topic-filter" => members.guard(name, action),
            "custom" => Self::Custom(members.custom(action)),
            "remote" => Self::Remote(Arc::new(members.remote(action))),
            "model-filter" => {
                members.refuse_redact("there is no text to remove; take flag, escalate or block");
                Self::Model {
                    allow: members.globs("allow"),
                    deny: members.globs("deny"),
                    action: action.unwrap_or(Action::Block),
                }
            }
            "tool-guard" => {
                members.refuse_redact("there is no text to remove; take flag, escalate or block");
                Self::Tool {
                    allow: members.globs("allow"),
                    deny: members.globs("deny"),
                    action: action.unwrap_or(Action::Block),
                }
            }
            "rate-limit" => members.rate(),
            "duplicate-guard" => members.duplicates(action),
            "human-oversight" => {
                members.known.extend(["require_review", "escalation_priority", "expires", "bands", "thresholds"]);
                Self::Human
            }
            "audit-logger" => {
                members.known.push("immutable");
                Self::Audit
            }
            _ => return None,
        };
        members.refuse_unknown();
        Some(kind)
    }
}

impl Kind {
    /// Whether what it finds has a score.
    pub(crate) fn has_scores(&self) -> bool {
        self.reads_texts()
    }

    /// Whether it looks into texts.
    pub(crate) fn reads_texts(&self) -> bool {
        matches!(self, Self::Content { .. } | Self::Custom(_) | Self::Remote(_))
    }
}

/// Whether a check, or a rule of it, says what it asks for.
pub(crate) fn states_action(config: &Node) -> bool {
    let of_rules = config.member("rules").map(Node::items).unwrap_or_default();
    action_node(config, &mut Problems::default()).is_some()
        || of_rules.iter().any(|rule| rule.member("action").is_some())
}

/// The action of a kind: `action:` or `response: { action: }`.
fn action(config: &Node, problems: &mut Problems) -> Option<Action> {
    action_node(config, problems).and_then(|node| node.word(ACTIONS, problems))
}

fn action_node<'a>(config: &'a Node, problems: &mut Problems) -> Option<&'a Node> {
    let mut scratch = Problems::default();
    let members = config.map(&mut scratch);
    let direct = members.iter().find(|(key, _)| key.name == "action").map(|(_, node)| node);
    let response = members.iter().find(|(key, _)| key.name == "response").map(|(_, node)| node);
    let nested =
        response.and_then(|node| node.map(problems).iter().find(|(key, _)| key.name == "action").map(|(_, node)| node));
    direct.or(nested)
}

/// Reads the members of one kind and notes which are known.
struct Members<'a> {
    config: Option<&'a Node>,
    problems: &'a mut Problems,
    known: Vec<&'static str>,
}

impl Members<'_> {
    fn get(&mut self, name: &'static str) -> Option<Node> {
        self.known.push(name);
        let mut scratch = Problems::default();
        self.config?.map(&mut scratch).iter().find(|(key, _)| key.name == name).map(|(_, node)| node.clone())
    }

    fn texts(&mut self, name: &'static str) -> Vec<String> {
        self.get(name).map(|node| node.texts(self.problems)).unwrap_or_default()
    }

    /// Kinds of personal data. A name that is none would silently find nothing, so it is refused.
    fn entities(&mut self) -> Vec<&'static str> {
        let Some(node) = self.get("entities") else { return Vec::new() };
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&node),
        };
        let is_late = self.config.is_some_and(|config| lane::is_late(config, &mut Problems::default()));
        let mut kinds = Vec::new();
        for item in items {
            let Some(name) = item.text(self.problems).map(str::to_owned) else { continue };
            match (picket_content::pii_kind(&name), picket_content::learned_pii_kind(&name)) {
                (Some(kind), _) => kinds.push(kind),
                (None, Some(kind)) if is_late => kinds.push(kind),
                (None, Some(kind)) => self.problems.at(
                    item,
                    format!(
                        "only a model finds {kind}, which is too slow for requests: write `lane: late` for this check, \
                         and keep another one for what patterns find"
                    ),
                ),
                (None, None) => {
                    let shown: String = name.to_uppercase().chars().take(40).collect();
                    let known: Vec<&str> = PII_KINDS.iter().chain(LEARNED_PII_KINDS).copied().collect();
                    let near = suggestion(&shown, &known);
                    let all = known.len();
                    self.problems.at(item, format!("unknown entity; docs/reference/pii.md lists all {all}{near}"));
                }
            }
        }
        kinds
    }

    /// Refuses `redact` where it would let through what it found.
    fn refuse_redact(&mut self, remedy: &str) {
        let Some(node) = self.config.and_then(|config| action_node(config, &mut Problems::default())) else { return };
        if node.word(ACTIONS, &mut Problems::default()) == Some(Action::Redact) {
            self.problems.at(node, format!("this kind cannot redact: {remedy}"));
        }
    }

    fn globs(&mut self, name: &'static str) -> Vec<Glob> {
        self.texts(name).iter().map(|pattern| Glob::new(pattern)).collect()
    }

    fn threshold(&mut self) -> Option<f32> {
        let node = self.get("threshold")?;
        self.share(&node)
    }

    /// A number between 0 and 1.
    fn share(&mut self, node: &Node) -> Option<f32> {
        let number = node.number(self.problems)?;
        if number > 1.0 {
            self.problems.at(node, "a threshold is between 0 and 1");
        }
        #[expect(clippy::cast_possible_truncation, reason = "a score needs no more precision")]
        let threshold = number as f32;
        Some(threshold)
    }

    fn rate(&mut self) -> Kind {
        let words = [("key", Per::Key), ("user", Per::User), ("team", Per::Team), ("address", Per::Address)];
        let per = self.get("per").and_then(|node| node.word(&words, self.problems));
        let mut number = |name| self.get(name).and_then(|node| node.number(self.problems));
        let (requests, tokens, cost) = (number("requests"), number("tokens"), number("cost"));
        let window = self.get("window").and_then(|node| node.duration(self.problems));
        if let (None, None, None, Some(config)) = (requests, tokens, cost, self.config) {
            self.problems.at(config, "a rate-limit needs `requests`, `tokens` or `cost`");
        }
        Kind::Rate {
            per: per.unwrap_or(Per::Key),
            requests,
            tokens,
            cost,
            window: window.unwrap_or(Duration::from_secs(60)).max(Duration::from_secs(1)),
        }
    }

    fn refuse_unknown(self) {
        let Some(config) = self.config else { return };
        let valid: Vec<&str> = COMMON.iter().copied().chain(lane::MEMBERS).chain(self.known.iter().copied()).collect();
        for (key, _) in config.map(self.problems) {
            if !valid.contains(&key.name.as_str()) {
                key.unknown(&valid, self.problems);
            }
        }
    }
}
