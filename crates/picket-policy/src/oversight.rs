//! `human-oversight`: what happens with what is escalated, and what the band of a risk asks for.
//!
//! ```yaml
//! human-oversight:
//!   require_review: true
//!   escalation_priority: high
//!   expires: 30m
//!   thresholds: { medium: 0.4, high: 0.8 }
//!   bands: { high: escalate, medium: flag }
//! ```

use crate::compile::Check;
use crate::document::{Key, Node, Problem, Problems};
use picket_event::{Action, RiskBand, Severity};
use std::fmt;
use std::time::Duration;

/// What a band may ask for. There may be nothing that could be removed.
const ACTIONS: &[(&str, Action)] = &[
    ("allow", Action::Allow),
    ("flag", Action::Flag),
    ("escalate", Action::Escalate),
    ("block", Action::Block),
    ("deny", Action::Block),
];
const BANDS: &[&str] = &["low", "medium", "high"];

/// What happens with what is escalated.
#[derive(Debug, Clone, PartialEq)]
pub struct HumanOversight {
    /// Whether a request waits for a person; otherwise it passes, and the escalation is for the analyst.
    pub require_review: bool,
    /// Least urgency of escalations.
    pub priority: Option<Severity>,
    /// When an undecided escalation ends.
    pub expires: Duration,
    /// The bands of risk.
    pub bands: Bands,
}

impl Default for HumanOversight {
    fn default() -> Self {
        Self { require_review: false, priority: None, expires: Duration::from_secs(30 * 60), bands: Bands::default() }
    }
}

/// Bands of risk: where they begin, and what they ask for where a check does not say itself. Without an action, a band
/// only labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bands {
    medium: f64,
    high: f64,
    /// Of low, medium and high.
    actions: [Option<Action>; 3],
}

impl Default for Bands {
    fn default() -> Self {
        Self { medium: 0.4, high: 0.8, actions: [None; 3] }
    }
}

impl Bands {
    /// The band of a score.
    pub fn of(&self, score: f64) -> RiskBand {
        if score < self.medium {
            RiskBand::Low
        } else if score < self.high {
            RiskBand::Medium
        } else {
            RiskBand::High
        }
    }

    /// What a band asks for.
    fn action(&self, band: RiskBand) -> Option<Action> {
        let [low, medium, high] = self.actions;
        match band {
            RiskBand::Low => low,
            RiskBand::Medium => medium,
            RiskBand::High => high,
        }
    }

    /// Whether any asks for something.
    pub(crate) fn act(&self) -> bool {
        self.actions.iter().any(Option::is_some)
    }
}

impl fmt::Display for Bands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bands from {} and {}", self.medium, self.high)?;
        let named = RiskBand::ALL.iter().filter_map(|band| Some((band, self.action(*band)?)));
        named.into_iter().try_for_each(|(band, action)| write!(f, ", {band}: {action}"))
    }
}

impl Check {
    /// What the check asks for, where it found something with a score: what it says itself wins over a band.
    pub(crate) fn asked(&self, action: Action, score: f32) -> Action {
        let bands = self.bands.filter(|_| !self.is_explicit);
        bands.and_then(|bands| bands.action(bands.of(picket_event::score::rounded(f64::from(score))))).unwrap_or(action)
    }

    /// The strictest that it may ask for: for what is decided before there is a score.
    pub(crate) fn strictest(&self, action: Action) -> Action {
        let Some(bands) = self.bands.filter(|_| !self.is_explicit) else { return action };
        RiskBand::ALL.iter().map(|band| bands.action(*band).unwrap_or(action)).max().unwrap_or(action)
    }
}

/// The settings of `human-oversight`, whether or not it is in the chain.
pub(crate) fn read(configs: &[(Key, Node)], problems: &mut Problems) -> HumanOversight {
    let mut oversight = HumanOversight::default();
    let Some((_, config)) = configs.iter().find(|(key, _)| key.name.replace('_', "-") == "human-oversight") else {
        return oversight;
    };
    let words = [
        ("low", Severity::Low),
        ("medium", Severity::Medium),
        ("high", Severity::High),
        ("critical", Severity::Critical),
    ];
    if let Some(node) = config.member("require_review") {
        oversight.require_review = node.bool(problems).unwrap_or(false);
    }
    if let Some(node) = config.member("escalation_priority") {
        oversight.priority = node.word(&words, problems);
    }
    if let Some(node) = config.member("expires") {
        oversight.expires = node.duration(problems).unwrap_or(oversight.expires);
    }
    let Bands { medium, high, actions } = &mut oversight.bands;
    if let Some(node) = config.member("thresholds") {
        thresholds(node, (medium, high), problems);
    }
    for (key, node) in config.member("bands").map(|node| node.map(problems)).unwrap_or_default() {
        match (BANDS.iter().position(|band| *band == key.name), node.text(&mut Problems::default())) {
            (None, _) => key.unknown(BANDS, problems),
            (Some(_), Some("redact")) => {
                problems.at(
                    node,
                    "a band cannot redact, since there may be nothing to remove: take flag, escalate or block",
                );
            }
            (Some(at), _) => {
                let action = node.word(ACTIONS, problems);
                actions.iter_mut().skip(at).take(1).for_each(|place| *place = action);
            }
        }
    }
    oversight
}

fn thresholds(node: &Node, (medium, high): (&mut f64, &mut f64), problems: &mut Problems) {
    for (key, node) in node.map(problems) {
        let place = match key.name.as_str() {
            "medium" => &mut *medium,
            "high" => &mut *high,
            _ => {
                key.unknown(&["medium", "high"], problems);
                continue;
            }
        };
        let number = node.number(problems).unwrap_or(*place);
        if number > 1.0 {
            problems.at(node, "a threshold is between 0 and 1");
        }
        *place = number;
    }
    if *medium >= *high {
        problems.at(node, format!("medium begins at {medium} and high at {high}: high has to begin later"));
    }
}

/// What is valid, but deserves a look.
pub(crate) fn warnings(configs: &[(Key, Node)], checks: &[Check], bands: &Bands) -> Vec<Problem> {
    let config = configs.iter().find(|(key, _)| key.name.replace('_', "-") == "human-oversight");
    let Some(node) = config.and_then(|(_, config)| config.member("bands")).filter(|_| bands.act()) else {
        return Vec::new();
    };
    let at = |message: &str| Problem { line: node.line, column: node.column, message: message.to_owned() };
    let mut warnings = Vec::new();
    let named: Vec<Action> = bands.actions.iter().flatten().copied().collect();
    if !named.is_sorted() {
        warnings.push(at("a higher band asks for less than a lower one"));
    }
    if !checks.iter().any(|check| check.kind.has_scores() && !check.is_explicit) {
        warnings.push(at("every check states its own action, which wins over bands: these do nothing"));
    }
    warnings
}

#[cfg(test)]
mod tests;
