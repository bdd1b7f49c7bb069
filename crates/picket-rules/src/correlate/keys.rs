//! Keys of groups, and values, read from what feeds a correlation.

use super::gauge::{self, NUMBER_MAX, What as Measured, cell};
use super::plan::{From, Input};
use crate::behaviour::{Baseline, Measure, Trend};
use crate::event::{Values, What};
use crate::leaf;
use crate::ruleset::Rules;
use crate::timepart;
use picket_behaviour::near;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The longest part of a group's key that is kept as it is; of longer ones a digest is.
const KEY_BYTES_MAX: usize = 256;

/// What feeds a correlation.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    /// An event, and the rules that it matches.
    Event(&'a str, &'a Values, &'a [usize]),
    /// The group of a correlation.
    Group(&'a [&'a str]),
}

impl<'a> Origin<'a> {
    /// The text that stands there.
    pub(super) fn text(&self, from: &From) -> Option<&'a str> {
        match (self, from) {
            (Self::Event(event, values, _), From::Slot(slot)) => {
                values.atoms(*slot).next().map(|atom| values.text(event, atom))
            }
            (Self::Group(parts), From::Key(at)) => parts.get(*at).copied(),
            _ => None,
        }
    }

    /// The number that stands there.
    pub(super) fn number(&self, from: &From) -> Option<f64> {
        match (self, from) {
            (Self::Event(event, values, _), From::Slot(slot)) => {
                values.atoms(*slot).next().and_then(|atom| leaf::number(values, event, atom))
            }
            (Self::Event(.., matched), From::Rule(rule)) => Some(f64::from(u8::from(matched.contains(rule)))),
            (Self::Group(_), _) => self.text(from)?.parse().ok(),
            _ => None,
        }
    }

    /// Appends what stands there to a key; whether something does.
    pub(super) fn part(&self, from: &From, key: &mut String) -> bool {
        self.text(from).map(|text| part(text, key)).is_some()
    }

    /// What tells values apart, and costs the same for all of them.
    pub(super) fn fingerprint(&self, values: &[From]) -> Option<u128> {
        let mut text = String::new();
        if !values.iter().all(|from| self.part(from, &mut text)) {
            return None;
        }
        Sha256::digest(text.as_bytes()).first_chunk().map(|bytes| u128::from_le_bytes(*bytes))
    }
}

/// Appends a part of a key: its length, and it.
pub(super) fn part(text: &str, key: &mut String) {
    if text.len() <= KEY_BYTES_MAX {
        key.push_str(itoa::Buffer::new().format(text.len()));
        key.push(':');
        key.push_str(text);
        return;
    }
    let digest = Sha256::digest(text.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    write!(key, "{}:sha256:{digest}", digest.len() + 7).unwrap_or_default();
}

/// The value that a match brings to a gauge.
pub(super) fn value(
    what: &Measured,
    input: &Input,
    origin: Origin<'_>,
    prints: &mut Vec<(usize, Option<u128>)>,
) -> Option<u128> {
    // Several correlations tell the same values of an event apart.
    let mut fingerprint = || {
        if !matches!(origin, Origin::Event(..)) {
            return origin.fingerprint(&input.values);
        }
        if let Some((_, known)) = prints.iter().find(|(brings, _)| *brings == input.brings) {
            return *known;
        }
        let print = origin.fingerprint(&input.values);
        prints.push((input.brings, print));
        print
    };
    let number =
        || input.values.first().and_then(|from| origin.number(from)).filter(|number| number.abs() <= NUMBER_MAX);
    match what {
        Measured::Distinct(_) | Measured::FirstSeen(_) => fingerprint(),
        Measured::Sum | Measured::Average | Measured::Percentile(_) => number().map(gauge::carried),
        Measured::Count(_) | Measured::Temporal(..) | Measured::Ordered(_) | Measured::Absent(_) => Some(0),
        Measured::Near(near) => {
            let text = input.values.first().and_then(|from| origin.text(from))?;
            let hash = if near.is_hash { near::parse(text)? } else { near::hash(text) };
            Some(u128::from(hash))
        }
        Measured::Baseline(Baseline { measure, .. }) | Measured::Rising(Trend { measure, .. }) => match measure {
            Measure::Count => Some(0),
            Measure::Sum(_) | Measure::Avg(_) | Measure::Share(_) => number().map(gauge::carried),
            Measure::Distinct(_) => fingerprint(),
            // Sizes by their magnitude, words by their hash.
            Measure::Shift(_) => match number() {
                Some(number) => Some(cell::magnitude(number)),
                None => fingerprint(),
            },
        },
    }
}

/// The parts of a key.
pub(super) fn parts(key: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = key;
    while let Some((length, after)) = rest.split_once(':') {
        let Some((text, after)) = length.parse().ok().and_then(|length| after.split_at_checked(length)) else { break };
        parts.push(text);
        rest = after;
    }
    parts
}

/// The fields of a group with their values.
pub(super) fn named(rules: &Rules, correlation: usize, key: &str) -> Vec<(String, String)> {
    let names =
        rules.correlations.get(correlation).map(|correlation| correlation.group_by.as_slice()).unwrap_or_default();
    names.iter().cloned().zip(parts(key).into_iter().map(str::to_owned)).collect()
}

/// The moment that a field says.
pub(super) fn time(event: &str, values: &Values, slot: usize) -> Option<i64> {
    let atom = values.atoms(slot).next()?;
    match atom.what {
        What::Text => timepart::moment(values.text(event, atom)),
        What::Number(number) => timepart::moment_of_number(number),
        What::Bool(_) => None,
    }
}
