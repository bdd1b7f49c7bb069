//! What rules cost on ordinary text, told in bytes that they look at, so that the answer is the same on every machine
//! and on every day. A thousand bytes that an automaton looks at take about a microsecond.

use super::engine::Engine;
use super::{Lane, Part, Refusal, Spec};
use std::collections::HashSet;

/// Ordinary text: prose, mail, code, logs, numbers, several languages. What is rare here is rare elsewhere.
pub(super) const HARMLESS: &str = include_str!("harmless.txt");

/// What rules may cost.
#[derive(Debug)]
pub(super) struct Limits {
    /// Bytes that one entry may look at in each thousand of ordinary text.
    entry: usize,
    /// Bytes that all rules of a check may look at in each thousand of ordinary text.
    total: usize,
    /// An entry without a rare literal looks at every byte. So many of them are let be.
    pub(super) loose: usize,
}

/// While somebody waits: one entry all bytes once.
pub(super) const INLINE: Limits = Limits { entry: 1_024, total: 8 * 1_024, loose: 8 };
/// While nobody does.
pub(super) const LATE: Limits = Limits { entry: 4 * 1_024, total: 512 * 1_024, loose: 128 };

impl Limits {
    /// Those of a lane.
    pub(super) fn of(lane: Lane) -> &'static Self {
        match lane {
            Lane::Inline => &INLINE,
            Lane::Late => &LATE,
        }
    }
}

/// Bytes that each pattern of an engine looks at, in a thousand bytes of ordinary text.
pub(super) fn per_kib(engine: &Engine) -> Vec<(usize, usize)> {
    let looked = engine.looked_at(HARMLESS);
    looked.into_iter().map(|(pattern, bytes)| (pattern, bytes * 1_024 / HARMLESS.len().max(1))).collect()
}

/// Entries that cost too much on ordinary text, and all of them together.
pub(super) fn refusals(engines: &[&Engine], specs: &[Spec], limits: &Limits) -> Vec<Refusal> {
    let Limits { entry: entry_max, total: total_max, loose: loose_max } = limits;
    let (mut refusals, mut total, mut loose) = (Vec::new(), 0, HashSet::new());
    for engine in engines {
        for (number, looked) in per_kib(engine) {
            let Some(pattern) = engine.patterns().get(number) else { continue };
            total += looked;
            let part = part(specs, pattern.rule, pattern.entry);
            if pattern.is_loose() {
                loose.insert((pattern.rule, pattern.entry));
            } else if looked > *entry_max {
                let message = format!(
                    "looks at {looked} bytes of each 1024 of ordinary text, where {entry_max} are allowed; begin with a rarer word"
                );
                refusals.push(Refusal { rule: pattern.rule, part, message });
            }
        }
    }
    let mut loose: Vec<(usize, usize)> = loose.into_iter().collect();
    loose.sort_unstable();
    for (rule, entry) in loose.into_iter().skip(*loose_max) {
        let message = format!(
            "has no text that each match must have, so that it is tried at every byte, and {loose_max} such entries stand before it; write one with a fixed word, or split its alternatives"
        );
        refusals.push(Refusal { rule, part: part(specs, rule, entry), message });
    }
    if refusals.is_empty() && total > *total_max {
        let message = format!(
            "all rules together look at {total} bytes for each 1024 of ordinary text, where {total_max} are allowed; give those with common words rarer ones"
        );
        refusals.push(Refusal { rule: 0, part: Part::Whole, message });
    }
    refusals
}

fn part(specs: &[Spec], rule: usize, entry: usize) -> Part {
    let keywords = specs.get(rule).map_or(0, |spec| spec.keywords.len());
    entry.checked_sub(keywords).map_or(Part::Keyword(entry), Part::Regex)
}
