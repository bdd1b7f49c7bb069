//! Rules of customers in the guard of streams.

use super::{Mode, Patterns};
use crate::custom::Rules;
use picket_text::{Check, Hit, disjoint};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rules, and what to do with a hit of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custom {
    /// The rules.
    pub rules: Arc<Rules>,
    /// By the rule's number; [`Mode::Watch`] where there is none.
    pub modes: Vec<Mode>,
}

impl Patterns {
    /// What to do with a hit of a rule: of several rules with one name, the strictest counts.
    pub(super) fn custom_mode(&self, kind: &str) -> Option<Mode> {
        let mode = |custom: &Custom| custom.modes.get(custom.rules.number(kind)?).copied();
        self.custom.iter().filter_map(mode).max()
    }

    /// Where in a window what may still become a match of a rule begins.
    pub(super) fn live(&self, window: &str, held: usize) -> usize {
        self.custom.iter().map(|custom| custom.rules.live(window, held)).min().unwrap_or(window.len())
    }

    /// Adds what rules find from `from` on.
    pub(super) fn find_custom(&self, text: &str, from: usize, hits: &mut Vec<Hit>) {
        self.custom.iter().for_each(|custom| custom.rules.find_streamed(text, from, hits));
    }

    /// What is done with hits, in order and without overlap. Where hits overlap that ask for different things, or a rule's
    /// hit and another, the stricter mode counts for both; what is only watched beside it is `noted`.
    pub(super) fn settled(&self, hits: Vec<Hit>, noted: &mut Vec<Hit>) -> Vec<Hit> {
        let mode = |hit: &Hit| self.mode(hit.check, hit.kind);
        let is_plain = |hit: &Hit| hit.check != Check::Custom;
        let first = hits.first().map(mode);
        if hits.iter().all(|hit| is_plain(hit) && Some(mode(hit)) == first) {
            return disjoint(hits);
        }
        let mut by_mode: BTreeMap<Reverse<Mode>, Vec<Hit>> = BTreeMap::new();
        for hit in hits {
            by_mode.entry(Reverse(mode(&hit))).or_default().push(hit);
        }
        for hits in by_mode.values_mut() {
            let (others, custom): (Vec<Hit>, Vec<Hit>) = std::mem::take(hits).into_iter().partition(is_plain);
            *hits = disjoint(others);
            hits.extend(custom);
        }
        let mut settled: BTreeMap<usize, Hit> = BTreeMap::new();
        for (Reverse(mode), hits) in by_mode {
            for hit in stable(hits) {
                let touched = overlapping(&settled, &hit);
                if touched.is_empty() {
                    settled.insert(hit.start, hit);
                    continue;
                }
                if mode > Mode::Watch {
                    self.join(&mut settled, &touched, &hit);
                }
                noted.push(hit);
            }
        }
        settled.into_values().collect()
    }

    /// Makes one of hits that overlap, with the name of the strictest of those that were there.
    fn join(&self, settled: &mut BTreeMap<usize, Hit>, touched: &[usize], hit: &Hit) {
        let parts: Vec<Hit> = touched.iter().filter_map(|start| settled.remove(start)).collect();
        let start = parts.iter().map(|part| part.start).fold(hit.start, usize::min);
        let end = parts.iter().map(|part| part.end).fold(hit.end, usize::max);
        let strictest = parts.into_iter().max_by_key(|part| (self.mode(part.check, part.kind), Reverse(part.start)));
        if let Some(part) = strictest {
            settled.insert(start, Hit { start, end, ..part });
        }
    }
}

/// Hits of one mode: the surer and the longer first.
fn stable(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then((b.end - b.start).cmp(&(a.end - a.start))).then(a.start.cmp(&b.start))
    });
    hits
}

/// Where the hits begin that overlap with this one, ascending.
fn overlapping(settled: &BTreeMap<usize, Hit>, hit: &Hit) -> Vec<usize> {
    let before = settled.range(..hit.end).rev().take_while(|(_, other)| other.end > hit.start);
    let mut starts: Vec<usize> = before.map(|(start, _)| *start).collect();
    starts.reverse();
    starts
}
