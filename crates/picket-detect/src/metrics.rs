//! What detection counted since the process began.

use crate::engine::{Engine, Judged};
use crate::profiles;
use crate::second_look::Looked;
use crate::view::Unseen;
use picket_event::{Category, Severity};
use picket_rules::Counters;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Upper borders of the times from an event to its finding, in milliseconds.
pub const BORDERS_MS: &[u64] = &[50, 250, 1_000, 5_000, 60_000, 300_000];
/// Rules with counts of their own; of further ones the sum.
const RULES_MAX: usize = 10_000;

/// Findings of one rule, category and severity.
pub type OfRule = (String, Option<Category>, Severity);

/// All counts; they only grow, but for those that say otherwise.
#[derive(Debug, Default)]
pub struct Metrics {
    seen: AtomicU64,
    own: AtomicU64,
    contained: AtomicU64,
    unreadable: AtomicU64,
    matches: AtomicU64,
    suppressed: AtomicU64,
    over_limit: AtomicU64,
    responses: AtomicU64,
    responses_refused: AtomicU64,
    reloads_failed: AtomicU64,
    judging_us: AtomicU64,
    settling_us: AtomicU64,
    groups: AtomicU64,
    evicted: AtomicU64,
    left_out: AtomicU64,
    late_lost: AtomicU64,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    findings: BTreeMap<OfRule, u64>,
    shadow: BTreeMap<String, u64>,
    after: Vec<u64>,
    after_sum_ms: u64,
    counters: Counters,
    looked: Looked,
    profiles: profiles::Counts,
}

/// A copy of all counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that rules saw.
    pub seen: u64,
    /// Events of detection itself, which rules do not see.
    pub own: u64,
    /// Events that containments decided, which rules do not see.
    pub contained: u64,
    /// Events that could not be read.
    pub unreadable: u64,
    /// What rules found.
    pub matches: u64,
    /// What suppressions held back.
    pub suppressed: u64,
    /// New findings that were one too many for their rule.
    pub over_limit: u64,
    /// Containments that rules made.
    pub responses: u64,
    /// Responses that came to nothing.
    pub responses_refused: u64,
    /// Sets of rules that could not be loaded.
    pub reloads_failed: u64,
    /// Time that holding events against rules took, in microseconds.
    pub judging_us: u64,
    /// Time that storing findings took, in microseconds.
    pub settling_us: u64,
    /// Groups of correlations now.
    pub groups: u64,
    /// Groups that were forgotten for want of room.
    pub evicted: u64,
    /// Groups that were lost because their rule changed.
    pub left_out: u64,
    /// Groups about which an event came too late, and for whose second look was no room.
    pub late_lost: u64,
    /// What came of second looks.
    pub looked: Looked,
    /// New findings by rule, category and severity.
    pub findings: BTreeMap<OfRule, u64>,
    /// New findings of rules that watch, by rule.
    pub shadow: BTreeMap<String, u64>,
    /// New findings by the time from event to finding: those within each border of [`BORDERS_MS`], then all.
    pub after: Vec<u64>,
    /// Sum of those times, in milliseconds.
    pub after_sum_ms: u64,
    /// What correlations had to leave out.
    pub counters: Counters,
    /// Profiles, and what they had to leave out.
    pub profiles: profiles::Counts,
}

impl Metrics {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what became of an event.
    pub(crate) fn judged(&self, judged: Judged) {
        let counter = match judged {
            Judged::Seen => &self.seen,
            Judged::Unseen(Unseen::Own) => &self.own,
            Judged::Unseen(Unseen::Contained) => &self.contained,
            Judged::Unreadable => &self.unreadable,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a batch: what was found in it, and how long it took.
    pub(crate) fn batch(&self, matches: usize, judging: Duration, settling: Duration) {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.matches.fetch_add(u64::try_from(matches).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.judging_us.fetch_add(micros(judging), Ordering::Relaxed);
        self.settling_us.fetch_add(micros(settling), Ordering::Relaxed);
    }

    /// Counts a new finding.
    pub(crate) fn found(&self, of: OfRule, is_shadow: bool, after_ms: u64) {
        let mut held = self.held();
        if is_shadow {
            let room = held.shadow.len() < RULES_MAX;
            *held.shadow.entry(if room { of.0 } else { "others".to_owned() }).or_default() += 1;
            return;
        }
        let room = held.findings.len() < RULES_MAX;
        let of = if room { of } else { ("others".to_owned(), of.1, of.2) };
        *held.findings.entry(of).or_default() += 1;
        held.after.resize(BORDERS_MS.len() + 1, 0);
        held.after_sum_ms = held.after_sum_ms.saturating_add(after_ms);
        for (border, count) in BORDERS_MS.iter().chain([&u64::MAX]).zip(&mut held.after) {
            *count += u64::from(after_ms <= *border);
        }
    }

    pub(crate) fn suppressed(&self, hits: u64) {
        self.suppressed.fetch_add(hits, Ordering::Relaxed);
    }

    pub(crate) fn over_limit(&self) {
        self.over_limit.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn responded(&self, is_done: bool) {
        let counter = if is_done { &self.responses } else { &self.responses_refused };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn reload_failed(&self) {
        self.reloads_failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn late_lost(&self) {
        self.late_lost.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn looked(&self, looked: Looked) {
        let sum = &mut self.held().looked;
        sum.changed += looked.changed;
        sum.unchanged += looked.unchanged;
        sum.impossible += looked.impossible;
    }

    pub(crate) fn left_out(&self, groups: usize) {
        self.left_out.fetch_add(u64::try_from(groups).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Takes over where an engine stands.
    pub(crate) fn stands(&self, engine: &Engine) {
        self.groups.store(u64::try_from(engine.groups()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.evicted.store(engine.evicted(), Ordering::Relaxed);
        let mut held = self.held();
        (held.counters, held.profiles) = (engine.counters(), engine.profiles().counts());
    }

    /// All counts.
    pub fn counts(&self) -> Counts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let held = self.held();
        Counts {
            seen: of(&self.seen),
            own: of(&self.own),
            contained: of(&self.contained),
            unreadable: of(&self.unreadable),
            matches: of(&self.matches),
            suppressed: of(&self.suppressed),
            over_limit: of(&self.over_limit),
            responses: of(&self.responses),
            responses_refused: of(&self.responses_refused),
            reloads_failed: of(&self.reloads_failed),
            judging_us: of(&self.judging_us),
            settling_us: of(&self.settling_us),
            groups: of(&self.groups),
            evicted: of(&self.evicted),
            left_out: of(&self.left_out),
            late_lost: of(&self.late_lost),
            looked: held.looked,
            findings: held.findings.clone(),
            shadow: held.shadow.clone(),
            after: held.after.clone(),
            after_sum_ms: held.after_sum_ms,
            counters: held.counters,
            profiles: held.profiles,
        }
    }
}
