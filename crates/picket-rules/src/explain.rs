//! Why a rule matches an event, or how far it is from it.

use crate::build::Builder;
use crate::event::{EventError, Values};
use crate::expr::Expr;
use crate::fields::{ANY_TEXT, Slot};
use crate::model::{Condition, Detection, Item, Selection};
use crate::ruleset::{Rules, applies};

/// Bytes of a value that are shown.
const SHOWN_BYTES: usize = 160;
/// Values of a field that are shown.
const SHOWN_VALUES: usize = 4;

/// Why a rule matches an event, or does not.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Place of the rule in [`Rules::rules`].
    pub rule: usize,
    /// Whether it matches.
    pub matches: bool,
    /// At least so many fields would have to be otherwise for it to match.
    pub lacking: usize,
    /// Everything that was looked at, with conditions before what they join.
    pub steps: Vec<Step>,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How deep it stands.
    pub depth: usize,
    /// What was asked: a selection, a field with its modifiers, or words of a condition.
    pub asked: String,
    /// Whether it holds.
    pub holds: bool,
    /// Values of the field in the event, cut; empty if nothing stands there, none if no field was asked.
    pub values: Option<Vec<String>>,
}

struct Explainer<'a> {
    event: &'a str,
    values: Values,
    builder: Builder,
    steps: Vec<Step>,
}

impl Rules {
    /// Explains what a rule makes of an event; nothing if there is no such rule.
    pub fn explain(&self, rule: usize, event: &str) -> Result<Option<Explanation>, EventError> {
        let Some(document) = self.rules.get(rule) else { return Ok(None) };
        let mut scratch = self.scratch();
        let matches = self.find(event, &mut scratch)?.contains(&rule);
        let mut builder = Builder::new(&self.data.placeholders);
        // Everything that is asked has to be known before the event is read.
        builder.names = self.data.names(&document.logsource);
        let filters: Vec<_> = self.filters.iter().filter(|filter| applies(filter, document)).collect();
        let detections = std::iter::once(&document.detection).chain(filters.iter().map(|filter| &filter.detection));
        for detection in detections.clone() {
            builder.detection(detection);
            detection.selections.iter().for_each(|(_, selection)| drop(builder.selection(selection)));
        }
        let sources = self.data.of(&document.logsource).filter_map(|source| source.holds.as_ref());
        builder.names.clear();
        sources.clone().for_each(|selection| drop(builder.selection(selection)));
        let mut values = Values::new(&builder.fields);
        values.read(event, &builder.fields, true)?;
        let mut explainer = Explainer { event, values, builder, steps: Vec::new() };
        let mut lacking = 0;
        for selection in sources {
            let at = explainer.step(0, "log source".to_owned());
            lacking += explainer.selection(selection, 1, at);
        }
        if let Some(schedule) = &document.about.extension.schedule {
            let at = self.time(event, &scratch);
            let holds = at.is_some_and(|at| schedule.holds(at));
            let values = Some(at.map(|at| schedule.show(at)).into_iter().collect());
            explainer.steps.push(Step { depth: 0, asked: schedule.wanted(), holds, values });
            lacking += usize::from(!holds);
        }
        explainer.builder.names = self.data.names(&document.logsource);
        for (number, detection) in detections.enumerate() {
            if let Some(filter) = number.checked_sub(1).and_then(|at| filters.get(at)) {
                explainer.step(0, format!("filter {}", filter.about.key()));
            }
            lacking += explainer.detection(detection);
        }
        Ok(Some(Explanation {
            rule,
            matches,
            lacking: if matches { 0 } else { lacking.max(1) },
            steps: explainer.steps,
        }))
    }
}

impl Explainer<'_> {
    fn step(&mut self, depth: usize, asked: String) -> usize {
        self.steps.push(Step { depth, asked, holds: true, values: None });
        self.steps.len() - 1
    }

    /// Sets whether a step holds.
    fn settle(&mut self, at: usize, lacking: usize) -> usize {
        if let Some(step) = self.steps.get_mut(at) {
            step.holds = lacking == 0;
        }
        lacking
    }

    /// How many fields would have to be otherwise at least.
    fn detection(&mut self, detection: &Detection) -> usize {
        if let [condition] = detection.conditions.as_slice() {
            return self.condition(condition, detection, true, 0);
        }
        let at = self.step(0, "one of".to_owned());
        let lacking = detection.conditions.iter().map(|condition| self.condition(condition, detection, true, 1));
        let lacking = lacking.min().unwrap_or(0);
        self.settle(at, lacking)
    }

    /// The same for a condition that should, or should not, hold.
    fn condition(&mut self, condition: &Condition, detection: &Detection, wanted: bool, depth: usize) -> usize {
        match condition {
            Condition::Name(name) => {
                let Some(selection) = detection.selection(name) else { return 1 };
                let word = if wanted { "" } else { "not " };
                let at = self.step(depth, format!("{word}{name}"));
                let lacking = self.selection(selection, depth + 1, at);
                // To break a selection, one field is enough.
                let lacking = if wanted { lacking } else { usize::from(lacking == 0) };
                self.settle(at, lacking)
            }
            Condition::Not(inner) => self.condition(inner, detection, !wanted, depth),
            Condition::And(parts) | Condition::Or(parts) => {
                let is_all = matches!(condition, Condition::And(_)) == wanted;
                let at = self.step(depth, if is_all { "all of" } else { "one of" }.to_owned());
                let lacking: Vec<usize> =
                    parts.iter().map(|part| self.condition(part, detection, wanted, depth + 1)).collect();
                let count = if is_all { lacking.len() } else { 1 };
                let lacking = of_best(lacking, count);
                self.settle(at, lacking)
            }
            Condition::Of(count, them) => {
                let names: Vec<&String> = detection.selected(them).map(|(name, _)| name).collect();
                let count = count.unwrap_or(names.len());
                // Not so many is so many less one of the opposite.
                let count = if wanted { count } else { (names.len() + 1).saturating_sub(count) };
                let at = self.step(depth, format!("{count} of {}", names.len()));
                let lacking = names
                    .iter()
                    .map(|name| self.condition(&Condition::Name((*name).clone()), detection, wanted, depth + 1));
                let lacking = of_best(lacking.collect(), count);
                self.settle(at, lacking)
            }
        }
    }

    fn selection(&mut self, selection: &Selection, depth: usize, at: usize) -> usize {
        let lacking = match selection {
            Selection::All(items) => items.iter().map(|item| self.item(item, depth)).sum(),
            Selection::Any(selections) => {
                let lacking = selections.iter().map(|selection| {
                    let at = self.step(depth, "one of".to_owned());
                    self.selection(selection, depth + 1, at)
                });
                lacking.min().unwrap_or(0)
            }
        };
        self.settle(at, lacking)
    }

    fn item(&mut self, item: &Item, depth: usize) -> usize {
        let slot = item.field.as_ref().map_or(ANY_TEXT, |field| self.builder.slot(field));
        let expr = self.builder.item(item);
        let holds = self.holds(&expr);
        let asked = if item.key.is_empty() { "any text".to_owned() } else { item.key.clone() };
        let values = if item.field.is_some() { Some(self.shown(slot)) } else { None };
        self.steps.push(Step { depth, asked, holds, values });
        usize::from(!holds)
    }

    fn holds(&mut self, expr: &Expr) -> bool {
        let Self { event, values, builder, .. } = self;
        expr.holds(&mut |leaf| builder.leaves.get(leaf).is_some_and(|leaf| leaf.holds(event, values)))
    }

    fn shown(&self, slot: Slot) -> Vec<String> {
        let values = self.values.atoms(slot).take(SHOWN_VALUES).map(|atom| {
            let text = self.values.text(self.event, atom);
            let end = (0..=SHOWN_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            let cut = text.get(..end).unwrap_or_default();
            if cut.len() < text.len() { format!("{cut}…") } else { cut.to_owned() }
        });
        values.collect()
    }
}

/// What the best so many of several lack together.
fn of_best(mut lacking: Vec<usize>, count: usize) -> usize {
    lacking.sort_unstable();
    lacking.iter().take(count).sum()
}
