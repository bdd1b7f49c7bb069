//! Many rules as one: an event in, the rules that it matches out.
//!
//! A rule is looked at only if one of its witnesses is true: leaves of which one has to be. They are found for all rules
//! at once, field by field. What else a rule asks is answered when it is asked, and once for all rules.

use crate::build::Builder;
use crate::event::{EventError, Values};
use crate::expr::Expr;
use crate::fields::{ANY_TEXT, Fields, Slot};
use crate::index::SlotIndex;
use crate::leaf::Leaf;

/// Rules made ready for events. It is never changed, and may be shared.
#[derive(Debug, Clone)]
pub(crate) struct Matcher {
    pub(crate) fields: Fields,
    leaves: Vec<Leaf>,
    exprs: Vec<Expr>,
    /// By slot.
    indexes: Vec<Option<SlotIndex>>,
    /// By leaf: the rules that it is a witness of.
    found_by: Vec<Vec<usize>>,
    /// Rules without witnesses.
    always: Vec<usize>,
    any_text: bool,
}

/// What is known of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Answer {
    #[default]
    Unknown,
    Yes,
    No,
}

/// Buffers for one event after another, of one thread.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) values: Values,
    answers: Vec<Answer>,
    answered: Vec<usize>,
    is_candidate: Vec<bool>,
    candidates: Vec<usize>,
    pub(crate) matched: Vec<usize>,
}

impl Matcher {
    /// One expression for each rule.
    pub(crate) fn new(builder: Builder, mut exprs: Vec<Expr>) -> Result<Self, String> {
        let Builder { fields, leaves, .. } = builder;
        let mut found_by = vec![Vec::new(); leaves.len()];
        let mut always = Vec::new();
        let mut by_slot: Vec<Vec<usize>> = vec![Vec::new(); fields.len()];
        for (rule, expr) in exprs.iter_mut().enumerate() {
            if *expr == Expr::NEVER {
                continue;
            }
            expr.sort(&leaves);
            let Some((_, mut witnesses)) = expr.witnesses(&leaves) else {
                always.push(rule);
                continue;
            };
            witnesses.sort_unstable();
            witnesses.dedup();
            for leaf in witnesses {
                if let Some(rules) = found_by.get_mut(leaf) {
                    rules.push(rule);
                }
            }
        }
        for (id, leaf) in leaves.iter().enumerate() {
            let is_wanted = found_by.get(id).is_some_and(|rules| !rules.is_empty());
            if let Some(wanted) = by_slot.get_mut(leaf.slot).filter(|_| is_wanted) {
                wanted.push(id);
            }
        }
        let mut indexes = Vec::with_capacity(by_slot.len());
        for wanted in &by_slot {
            indexes.push(if wanted.is_empty() { None } else { Some(SlotIndex::build(wanted, &leaves)?) });
        }
        let any_text = leaves.iter().any(|leaf| leaf.slot == ANY_TEXT);
        Ok(Self { fields, leaves, exprs, indexes, found_by, always, any_text })
    }

    /// No rule at all.
    pub(crate) fn nothing() -> Self {
        Self {
            fields: Fields::default(),
            leaves: Vec::new(),
            exprs: Vec::new(),
            indexes: Vec::new(),
            found_by: Vec::new(),
            always: Vec::new(),
            any_text: false,
        }
    }

    /// Rules that are looked at for every event.
    pub(crate) fn always(&self) -> &[usize] {
        &self.always
    }

    pub(crate) fn scratch(&self) -> Scratch {
        Scratch {
            values: Values::new(&self.fields),
            answers: vec![Answer::Unknown; self.leaves.len()],
            is_candidate: vec![false; self.exprs.len()],
            ..Scratch::default()
        }
    }

    /// Puts the rules that an event matches into `scratch.matched`, in order.
    pub(crate) fn find(&self, event: &str, scratch: &mut Scratch) -> Result<(), EventError> {
        scratch.clear();
        scratch.values.read(event, &self.fields, self.any_text)?;
        let Scratch { values, answers, answered, is_candidate, candidates, matched } = scratch;
        let mut hit = |leaf: usize| {
            let Some(answer) = answers.get_mut(leaf).filter(|answer| **answer == Answer::Unknown) else { return };
            *answer = Answer::Yes;
            answered.push(leaf);
            for rule in self.found_by.get(leaf).into_iter().flatten() {
                if let Some(is_candidate) = is_candidate.get_mut(*rule).filter(|is_candidate| !**is_candidate) {
                    *is_candidate = true;
                    candidates.push(*rule);
                }
            }
        };
        for at in 0..values.touched().len() {
            let Some(slot) = values.touched().get(at).copied() else { continue };
            if let Some(index) = self.index(slot) {
                index.find(slot, event, values, &self.leaves, &mut hit);
            }
        }
        let mut answer = |leaf: usize| {
            let Some(known) = answers.get_mut(leaf) else { return false };
            if *known == Answer::Unknown {
                // A witness that was not found is not there.
                let is_witness = self.found_by.get(leaf).is_some_and(|rules| !rules.is_empty());
                let holds = !is_witness && self.leaves.get(leaf).is_some_and(|leaf| leaf.holds(event, values));
                *known = if holds { Answer::Yes } else { Answer::No };
                answered.push(leaf);
            }
            *known == Answer::Yes
        };
        for rule in candidates.iter().chain(&self.always) {
            if self.exprs.get(*rule).is_some_and(|expr| expr.holds(&mut answer)) {
                matched.push(*rule);
            }
        }
        matched.sort_unstable();
        Ok(())
    }

    /// The rules that an event matches, found without any index: what [`Matcher::find`] has to agree with.
    #[cfg(test)]
    pub(crate) fn find_slowly(&self, event: &str) -> Vec<usize> {
        let mut values = Values::new(&self.fields);
        values.read(event, &self.fields, self.any_text).unwrap();
        let mut answer = |leaf: usize| self.leaves[leaf].holds(event, &mut values);
        (0..self.exprs.len()).filter(|rule| self.exprs[*rule].holds(&mut answer)).collect()
    }

    fn index(&self, slot: Slot) -> Option<&SlotIndex> {
        self.indexes.get(slot)?.as_ref()
    }
}

impl Scratch {
    fn clear(&mut self) {
        for leaf in self.answered.drain(..) {
            if let Some(answer) = self.answers.get_mut(leaf) {
                *answer = Answer::Unknown;
            }
        }
        for rule in self.candidates.drain(..) {
            if let Some(is_candidate) = self.is_candidate.get_mut(rule) {
                *is_candidate = false;
            }
        }
        self.matched.clear();
    }
}
