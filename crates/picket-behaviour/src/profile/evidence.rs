//! Why something is unusual, in numbers and in words, and how unusual it is as a whole.

use super::metric::Metric;
use crate::number::{length, real};
use crate::tail;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// A number, against what is usual.
    Metric(Metric),
    /// The hour of the week, against the hours in which something happens.
    Hour,
    /// A model that was not there before.
    Model,
    /// The same of an application.
    Application,
    /// The same of a network.
    Network,
    /// Days with sensitive data, of which there are ever more.
    Rising,
}

/// How many aspects there are.
const ASPECTS: usize = 6;
/// What is not unusual is taken for as likely as not.
const USUAL: f64 = 0.5;
/// Aspects of one request hang together: half as much again is allowed for that (Brown).
const TOGETHER: f64 = 1.5;
/// No chance is believed to be smaller.
const TAIL_MIN: f64 = 1e-30;

impl Look {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.as_str(),
            Self::Hour => "hour",
            Self::Model => "model",
            Self::Application => "application",
            Self::Network => "network",
            Self::Rising => "sensitive_rising",
        }
    }

    /// Looks of one aspect say nearly the same: sizes, rates, the time, the place, the means, slow change.
    const fn aspect(self) -> usize {
        match self {
            Self::Metric(Metric::TokensIn | Metric::TokensOut | Metric::Cost | Metric::Latency) => 0,
            Self::Metric(_) => 1,
            Self::Hour => 2,
            Self::Network => 3,
            Self::Model | Self::Application => 4,
            Self::Rising => 5,
        }
    }
}

/// Why something is unusual: what it is, what was seen, what is usual, and how likely that is by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// What was looked at.
    pub look: Look,
    /// What was seen.
    pub seen: f64,
    /// What is usual.
    pub expected: f64,
    /// How likely as much, or more, is by chance.
    pub tail: f64,
}

impl Evidence {
    /// In plain words.
    pub fn text(&self) -> String {
        let (seen, expected) = (shown(self.seen), shown(self.expected));
        let what = match self.look {
            Look::Metric(metric) => format!("{seen} {}, usual are {expected}", metric.words()),
            Look::Hour => format!("at an hour of the week that had something in {seen} of the weeks before"),
            Look::Model => format!("a model that is new, beside {expected} that are known"),
            Look::Application => format!("an application that is new, beside {expected} that are known"),
            Look::Network => format!("a network that is new, beside {expected} that are known"),
            Look::Rising => format!("sensitive data on more and more days: {seen} today, usual are {expected}"),
        };
        format!("{what} ({})", chance(self.tail))
    }
}

/// How likely something is, in words.
pub fn chance(tail: f64) -> String {
    match tail.max(TAIL_MIN).recip() {
        times if times < 10.0 => "as is usual".to_owned(),
        times if times < 1e9 => format!("by chance once in {}", shown(times)),
        _ => "never by chance".to_owned(),
    }
}

/// A number with as many digits as say something.
pub fn shown(number: f64) -> String {
    let digits = match number.abs() {
        size if size >= 10.0 || size == 0.0 => 0,
        size if size >= 1.0 => 1,
        size if size >= 0.01 => 2,
        _ => 4,
    };
    let text = format!("{number:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// What was found about one request, or about the present hour.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judgement {
    /// What is unusual.
    pub evidence: Vec<Evidence>,
    /// How often each aspect was looked at.
    looks: [u8; ASPECTS],
    surprise: f64,
    /// It belongs to an hour that is closed: it counts for everything but for its hour.
    pub is_late: bool,
}

impl Judgement {
    /// Something was looked at.
    pub(super) fn look(&mut self, look: Look) {
        if let Some(looks) = self.looks.get_mut(look.aspect()) {
            *looks = looks.saturating_add(1);
        }
    }

    pub(super) fn find(&mut self, look: Look, seen: f64, expected: f64, tail: f64) {
        self.evidence.push(Evidence { look, seen, expected, tail: tail.clamp(TAIL_MIN, 1.0) });
    }

    /// How likely it all is by chance: the least likely aspect, given how many were looked at (Šidák), or all of them
    /// together where several are unusual (Fisher, after Brown); whichever is less likely, for which twice as much is
    /// allowed. 1 where nothing is unusual.
    pub fn tail(&self) -> f64 {
        if self.evidence.is_empty() {
            return 1.0;
        }
        let (mut least, mut sum, mut aspects) = (1.0_f64, 0.0, 0_u32);
        for (aspect, looks) in self.looks.iter().enumerate().filter(|(_, looks)| **looks > 0) {
            let of_aspect = self.evidence.iter().filter(|evidence| evidence.look.aspect() == aspect);
            let smallest = of_aspect.map(|evidence| evidence.tail).fold(1.0, f64::min);
            let tail = if smallest < USUAL { least_of(smallest, f64::from(*looks)) } else { USUAL };
            (least, aspects) = (least.min(tail), aspects + 1);
            sum -= 2.0 * tail.max(TAIL_MIN).ln();
        }
        let aspects = f64::from(aspects);
        let together = tail::upper_gamma(aspects / TOGETHER, sum / (2.0 * TOGETHER));
        (2.0 * least_of(least, aspects).min(together)).clamp(TAIL_MIN, 1.0)
    }

    /// How unusual it all is: 3 is what happens by chance once in a thousand times, 6 once in a million, 0 nothing.
    pub fn surprise(&self) -> f64 {
        self.surprise
    }

    /// How many aspects are unusual: what happens by chance once in a hundred times.
    pub fn aspects(&self) -> usize {
        let is_unusual = |aspect: &usize| {
            self.evidence.iter().any(|evidence| evidence.look.aspect() == *aspect && evidence.tail <= 0.01)
        };
        (0..ASPECTS).filter(is_unusual).count()
    }

    /// Everything was looked at: the least likely stands first.
    pub(super) fn settle(&mut self) {
        self.evidence.sort_by(|one, other| one.tail.total_cmp(&other.tail));
        // Nothing is unusual by less than nothing.
        self.surprise = (-self.tail().log10()).max(0.0);
    }

    /// In plain words, the least likely first; at most so many of them.
    pub fn text(&self, most: usize) -> String {
        let texts: Vec<String> = self.evidence.iter().take(most).map(Evidence::text).collect();
        texts.join("; ")
    }
}

/// How likely the smallest of so many is as small as this. For small ones one less a power of nearly one loses all digits.
fn least_of(smallest: f64, many: f64) -> f64 {
    -f64::exp_m1(many * (-smallest.min(1.0)).ln_1p())
}

/// How much more one thing is than another, in words.
pub fn compared(own: f64, other: f64) -> String {
    let ratio = own / other.max(1e-9);
    match ratio {
        _ if own <= 0.0 && other <= 0.0 => "as much".to_owned(),
        _ if ratio >= 1.25 => format!("{} times as much", shown((ratio * 10.0).round() / 10.0)),
        _ if ratio <= 0.8 => format!("{} per cent of that", shown((ratio * real(100)).round())),
        _ => "about as much".to_owned(),
    }
}

/// A count as evidence shows it.
pub(super) fn of_count(count: usize) -> f64 {
    length(count)
}
