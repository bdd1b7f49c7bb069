//! Asking a slower detector inside a request, about the texts that the quick one is unsure of.
//!
//! ```yaml
//! prompt-injection: { action: block, unsure: [0.3, 0.8], timeout: 250ms, share: 0.05 }
//! ```

use super::lane::{band, fraction};
use super::{Kind, lane};
use crate::document::{Node, Problems};
use picket_content::Check;
use picket_stdx::duration;
use std::ops::RangeInclusive;
use std::time::Duration;

/// How long a request waits, unless the document says otherwise.
const TIMEOUT: Duration = Duration::from_millis(250);
const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(30);

/// When a slower detector is asked before anything leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unsure {
    /// Scores of a text about which the quick detector is unsure.
    band: (f32, f32),
    /// How long a request waits for the answer.
    pub(crate) timeout: Duration,
    /// How many of the requests that it is not asked about inside it looks at later, 0 to 1.
    pub(crate) share: f64,
}

/// Whether checks of a kind have a slower detector for what they are unsure of.
fn has_one(kind: &Kind) -> bool {
    matches!(kind, Kind::Content { check: Check::PromptInjection, .. })
}

impl Unsure {
    /// What a check says about it, if it says anything. Late checks have their own.
    pub(crate) fn read(config: &Node, kind: &Kind, problems: &mut Problems) -> Option<Self> {
        let is_late = lane::is_late(config, &mut Problems::default());
        let timeout = config.member("timeout").filter(|_| has_one(kind));
        let Some(node) = config.member("unsure").filter(|_| !is_late) else {
            if let Some(node) = timeout {
                problems.at(node, "nobody is waited for: write `unsure: [0.3, 0.8]` too, without `lane: late`");
            }
            return None;
        };
        if !has_one(kind) {
            problems.at(node, "only prompt-injection is unsure inside requests; elsewhere this is for `lane: late`");
            return None;
        }
        let (from, to) = band(node, problems)?;
        let within = timeout.and_then(|node| {
            let time = node.duration(problems)?;
            if !TIMEOUTS.contains(&time) {
                let [least, most, usual] = [*TIMEOUTS.start(), *TIMEOUTS.end(), TIMEOUT].map(duration::display);
                problems.at(node, format!("write a time from {least} to {most}, or leave it out for {usual}"));
            }
            Some(time)
        });
        let share = config.member("share").and_then(|node| fraction(node, problems)).unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, reason = "a score needs no more precision")]
        let band = (from as f32, to as f32);
        Some(Self { band, timeout: within.unwrap_or(TIMEOUT), share })
    }

    /// Whether a text with that score is one of those.
    pub(crate) fn is_about(&self, score: f32) -> bool {
        (self.band.0..=self.band.1).contains(&score)
    }

    /// In words, for the difference of two policies.
    pub(crate) fn describe(&self) -> String {
        let Self { band: (from, to), timeout, share } = self;
        let later = if *share > 0.0 { format!(", and later for a share of {share}") } else { String::new() };
        format!(
            "a second tier is asked where a score is from {from} to {to}, for {}{later}",
            duration::display(*timeout)
        )
    }
}
