//! Checks that run beside a request instead of before its answer.
//!
//! ```yaml
//! imported-rules: { kind: custom, lane: late, share: 0.25, unsure: [0.3, 0.6], action: flag, rules: […] }
//! ```

use super::{Kind, action_node};
use crate::document::{Node, Problems, Value};
use picket_content::Check;
use picket_event::Action;

/// Members of a check that say where it runs.
pub(super) const MEMBERS: [&str; 3] = ["lane", "share", "unsure"];

const WORDS: &[(&str, bool)] = &[("late", true), ("request", false)];

/// Which requests and answers a late check examines.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lane {
    /// How many of them, 0 to 1.
    pub(crate) share: f64,
    /// Those besides for which some check inside the request had a score from here to there.
    pub(crate) unsure: Option<(f64, f64)>,
}

/// Whether a check is marked for the lane.
pub(super) fn is_late(config: &Node, problems: &mut Problems) -> bool {
    let lane = config.member("lane").and_then(|node| node.word(WORDS, problems));
    lane == Some(true)
}

impl Lane {
    /// The lane that a check is marked for, if it is.
    pub(crate) fn read(config: &Node, kind: &Kind, problems: &mut Problems) -> Option<Self> {
        let is_late = is_late(config, problems);
        if !is_late {
            if let (Some(node), None) = (config.member("share"), config.member("unsure")) {
                problems.at(node, "this is for checks with `lane: late`, and for prompt-injection with `unsure:`");
            }
            return None;
        }
        let share = config.member("share").and_then(|node| fraction(node, problems));
        let unsure = config.member("unsure").and_then(|node| band(node, problems));
        let lane = Self { share: share.unwrap_or(if unsure.is_some() { 0.0 } else { 1.0 }), unsure };
        let place = config.member("lane").unwrap_or(config);
        match kind {
            Kind::Content { check: Check::PromptLeak, .. } => {
                problems
                    .at(place, "a prompt-leak is found by comparing each answer with its request: it cannot be late");
            }
            kind if !kind.reads_texts() => problems.at(place, "only checks that look into texts can be late"),
            _ if lane.share == 0.0 && lane.unsure.is_none() => {
                problems.at(place, "nothing would ever be examined: write `share:` above 0, or `unsure: [0.3, 0.6]`");
            }
            _ => {}
        }
        if let Some(node) = action_node(config, &mut Problems::default())
            && matches!(&node.value, Value::Text(word) if word.eq_ignore_ascii_case(Action::Redact.as_str()))
        {
            problems.at(node, "a late check cannot redact, since the text is out: take flag, escalate or block");
        }
        Some(lane)
    }

    /// In words, for the difference of two policies.
    pub(crate) fn describe(&self) -> String {
        let unsure = self.unsure.map(|(from, to)| format!(" and where a score is from {from} to {to}"));
        format!("late, for a share of {}{}", self.share, unsure.unwrap_or_default())
    }
}

pub(super) fn fraction(node: &Node, problems: &mut Problems) -> Option<f64> {
    let number = node.number(problems)?;
    if number > 1.0 {
        problems.at(node, "a share is from 0 to 1, such as 0.05 for one in twenty");
    }
    Some(number)
}

/// `[from, to]`.
pub(super) fn band(node: &Node, problems: &mut Problems) -> Option<(f64, f64)> {
    let bounds = match &node.value {
        Value::List(items) => items.iter().filter_map(|item| item.number(problems)).collect(),
        _ => Vec::new(),
    };
    match bounds.as_slice() {
        [from, to] if from <= to && *to <= 1.0 => Some((*from, *to)),
        _ => {
            problems.at(node, "expected two scores from 0 to 1, such as [0.3, 0.6]");
            None
        }
    }
}
