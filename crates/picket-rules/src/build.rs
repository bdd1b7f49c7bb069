//! From documents to expressions.

use crate::expr::Expr;
use crate::fields::{ANY_TEXT, Fields, Slot};
use crate::issue::Place;
use crate::leaf::{Check, Leaf};
use crate::model::{Condition, Detection, Item, Selection, Test};
use crate::pattern::{How, Pattern};
use crate::regexes;
use std::collections::{BTreeMap, HashMap};

/// Values for `%names%` in rules with `expand`.
pub type Placeholders = BTreeMap<String, Vec<String>>;

/// Values that one text with placeholders may stand for.
const EXPANDED_MAX: usize = 100_000;

/// Leaves and fields of all rules so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Builder {
    pub(crate) fields: Fields,
    pub(crate) leaves: Vec<Leaf>,
    known: HashMap<(Slot, String), usize>,
    placeholders: Placeholders,
    /// What fields are called in the events of the rule that is built.
    pub(crate) names: BTreeMap<String, String>,
    /// What was wrong since this was last taken.
    pub(crate) problems: Vec<(Place, String)>,
}

impl Builder {
    pub(crate) fn new(placeholders: &Placeholders) -> Self {
        Self { placeholders: placeholders.clone(), ..Self::default() }
    }

    /// The slot of a field of a rule.
    pub(crate) fn slot(&mut self, field: &str) -> Slot {
        let name = self.names.get(field).map_or(field, String::as_str);
        self.fields.add(name)
    }

    pub(crate) fn leaf(&mut self, slot: Slot, check: Check) -> Expr {
        let next = self.leaves.len();
        let leaf = *self.known.entry((slot, check.key())).or_insert(next);
        if leaf == next {
            self.leaves.push(Leaf { slot, check });
        }
        Expr::Leaf(leaf)
    }

    /// Any of the conditions of a detection.
    pub(crate) fn detection(&mut self, detection: &Detection) -> Expr {
        let parts: Vec<Expr> =
            detection.conditions.iter().map(|condition| self.condition(condition, detection)).collect();
        Expr::or(parts)
    }

    fn condition(&mut self, condition: &Condition, detection: &Detection) -> Expr {
        match condition {
            Condition::Name(name) => {
                detection.selection(name).map_or(Expr::NEVER, |selection| self.selection(selection))
            }
            Condition::And(parts) => {
                let parts: Vec<Expr> = parts.iter().map(|part| self.condition(part, detection)).collect();
                Expr::and(parts)
            }
            Condition::Or(parts) => {
                let parts: Vec<Expr> = parts.iter().map(|part| self.condition(part, detection)).collect();
                Expr::or(parts)
            }
            Condition::Not(inner) => self.condition(inner, detection).not(),
            Condition::Of(count, them) => {
                let parts: Vec<Expr> =
                    detection.selected(them).map(|(_, selection)| self.selection(selection)).collect();
                Expr::some(count.unwrap_or(parts.len()), parts)
            }
        }
    }

    pub(crate) fn selection(&mut self, selection: &Selection) -> Expr {
        match selection {
            Selection::All(items) => {
                let parts: Vec<Expr> = items.iter().map(|item| self.item(item)).collect();
                Expr::and(parts)
            }
            Selection::Any(selections) => {
                let parts: Vec<Expr> = selections.iter().map(|selection| self.selection(selection)).collect();
                Expr::or(parts)
            }
        }
    }

    pub(crate) fn item(&mut self, item: &Item) -> Expr {
        let slot = item.field.as_ref().map_or(ANY_TEXT, |field| self.slot(field));
        let values: Vec<Expr> = item.values.iter().map(|test| self.test(slot, test, &item.place)).collect();
        let joined = if item.all { Expr::and(values) } else { Expr::or(values) };
        if !item.differs {
            return joined;
        }
        // A field that is not there differs from nothing.
        let other = joined.not();
        if slot == ANY_TEXT { other } else { Expr::and([self.leaf(slot, Check::Exists), other]) }
    }

    fn test(&mut self, slot: Slot, test: &Test, place: &Place) -> Expr {
        match test {
            Test::Text { pattern, cased } => self.pattern(slot, pattern, *cased),
            Test::Texts { patterns, cased } => {
                let parts: Vec<Expr> = patterns.iter().map(|pattern| self.pattern(slot, pattern, *cased)).collect();
                Expr::or(parts)
            }
            Test::Regex(regex) => {
                let gate = regexes::required(regex);
                let check = self.leaf(slot, Check::Regex(regex.clone()));
                let Some(literals) = gate else { return check };
                let literals: Vec<Expr> =
                    literals.iter().map(|text| self.leaf(slot, Check::literal(text, How::Contains, false))).collect();
                Expr::and([Expr::or(literals), check])
            }
            Test::Network(network) => self.leaf(slot, Check::Network(*network)),
            Test::Compare(order, bound) => self.leaf(slot, Check::Compare(*order, *bound)),
            Test::Number(number) => self.leaf(slot, Check::Number(*number)),
            Test::Bool(value) => self.leaf(slot, Check::Bool(*value)),
            Test::Null => self.leaf(slot, Check::Null),
            Test::Exists(expected) => {
                let exists = self.leaf(slot, Check::Exists);
                if *expected { exists } else { exists.not() }
            }
            Test::Field { name, how, cased } => {
                let other = self.slot(name);
                self.leaf(slot, Check::Field { how: *how, other, cased: *cased })
            }
            Test::Time(part, value) => self.leaf(slot, Check::Time(*part, *value)),
            Test::Placeholder { text, how, cased } => match self.expand(text) {
                Ok(texts) => {
                    let parts: Vec<Expr> = texts
                        .iter()
                        .map(|text| {
                            let pattern = Pattern::parse(text, *how);
                            self.pattern(slot, &if *cased { pattern } else { pattern.folded() }, *cased)
                        })
                        .collect();
                    Expr::or(parts)
                }
                Err(message) => {
                    self.problems.push((place.clone(), message));
                    Expr::NEVER
                }
            },
        }
    }

    /// A pattern; one with wildcards inside is looked at only where its longest literal stands.
    fn pattern(&mut self, slot: Slot, pattern: &Pattern, cased: bool) -> Expr {
        if let Some(text) = pattern.plain() {
            return self.leaf(slot, Check::literal(text, pattern.how, cased));
        }
        let gate = pattern.literals().max_by_key(|text| text.len()).map(str::to_owned);
        let check = self.leaf(slot, Check::Pattern { pattern: pattern.clone(), cased });
        match gate {
            Some(text) => Expr::and([self.leaf(slot, Check::literal(&text, How::Contains, cased)), check]),
            None => check,
        }
    }

    /// All texts that one with placeholders stands for.
    fn expand(&self, text: &str) -> Result<Vec<String>, String> {
        let mut texts = vec![String::new()];
        let mut rest = text;
        while let Some((before, name, after)) = placeholder(rest) {
            let Some(values) = self.placeholders.get(name) else {
                let name = crate::issue::shown(name);
                return Err(format!(
                    "there are no values for the placeholder `%{name}%`; give them in a file of placeholders, or leave the rule out"
                ));
            };
            if texts.len().saturating_mul(values.len()) > EXPANDED_MAX {
                return Err(format!(
                    "the placeholders stand for more than {EXPANDED_MAX} texts; use fewer in one value"
                ));
            }
            texts = texts
                .iter()
                .flat_map(|text| values.iter().map(move |value| format!("{text}{before}{value}")))
                .collect();
            rest = after;
        }
        texts.iter_mut().for_each(|text| text.push_str(rest));
        Ok(texts)
    }
}

/// The first `%name%` of a text, with what stands before and behind.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('%')?;
    let (name, after) = rest.split_once('%')?;
    Some((before, name, after))
}
