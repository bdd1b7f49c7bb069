//! Every check by its name.

use crate::{Reading, exfiltration, injection, safety, topic};
use picket_text::{Check, Context, Hit, Report, disjoint};
use std::sync::Arc;

/// What an operator says about a check, besides which kinds of findings count.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Settings {
    /// Nothing: the check's own defaults.
    #[default]
    Usual,
    /// Of [`Check::Exfiltration`].
    Exfiltration(exfiltration::Limits),
    /// Of [`Check::PromptLeak`]: tokens that no answer may have.
    Canaries(Vec<String>),
    /// Of [`Check::Safety`].
    Safety(safety::Thresholds),
    /// Of [`Check::Topic`].
    Topics(Arc<topic::Topics>),
}

/// The detectors, compiled once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detectors;

impl Detectors {
    /// Looks for one thing in a text.
    pub fn scan(&self, check: Check, text: &str, context: &Context) -> Report {
        self.scan_for(check, &[], text, context)
    }

    /// Looks for some kinds of one thing in a text; for all of them where none is named. What is not looked for covers
    /// nothing up.
    pub fn scan_for(&self, check: Check, kinds: &[&str], text: &str, context: &Context) -> Report {
        self.scan_with(check, kinds, &Settings::Usual, &Reading::of(text), context)
    }

    /// The same by what an operator set, of a text that several checks read.
    pub fn scan_with(
        &self,
        check: Check,
        kinds: &[&str],
        settings: &Settings,
        reading: &Reading<'_>,
        context: &Context,
    ) -> Report {
        let text = reading.text();
        let wanted = |hit: &Hit| kinds.is_empty() || kinds.contains(&hit.kind);
        let of = |hits: Vec<Hit>| hits.into_iter().filter(wanted).collect();
        match check {
            Check::PromptInjection => injection::scan(reading, *context),
            Check::Pii => report("pii", of(reading.personal().to_vec())),
            Check::Secret => report("secret", of(picket_secret::scan(text))),
            Check::Exfiltration => match settings {
                Settings::Exfiltration(limits) => exfiltration::scan(reading, limits, *context),
                _ => exfiltration::scan(reading, &exfiltration::Limits::default(), *context),
            },
            Check::Safety => match settings {
                Settings::Safety(thresholds) => safety::scan(reading, thresholds, *context),
                _ => safety::scan(reading, &safety::Thresholds::default(), *context),
            },
            Check::Topic => match settings {
                Settings::Topics(topics) => topic::scan(text, topics, *context),
                _ => Report::default(),
            },
            // Without the prompt or the rules there is nothing to compare with.
            Check::PromptLeak | Check::Custom => Report::default(),
        }
    }

    /// What is left to look for in a text that came in pieces, and whose pieces were watched as they came.
    pub fn scan_late(&self, check: Check, settings: &Settings, text: &str, context: &Context) -> Report {
        match (check, settings) {
            (Check::Exfiltration, Settings::Exfiltration(limits)) => exfiltration::scan_late(text, limits),
            (Check::Exfiltration, _) => exfiltration::scan_late(text, &exfiltration::Limits::default()),
            _ => self.scan_with(check, &[], settings, &Reading::of(text), context),
        }
    }

    /// The score from which on a finding counts.
    pub fn threshold(&self, check: Check) -> f32 {
        match check {
            Check::PromptInjection => 0.6,
            Check::Pii
            | Check::Secret
            | Check::Exfiltration
            | Check::PromptLeak
            | Check::Safety
            | Check::Topic
            | Check::Custom => 0.5,
        }
    }
}

fn report(kind: &'static str, hits: Vec<Hit>) -> Report {
    let hits = disjoint(hits);
    let score = hits.iter().map(|hit| hit.score).fold(0.0, f32::max);
    Report { score, kind: (!hits.is_empty()).then_some(kind), hits }
}

#[cfg(test)]
mod tests;
