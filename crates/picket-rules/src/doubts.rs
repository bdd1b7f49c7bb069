//! What is allowed in a rule, and probably not meant: fields and types that no event of Picket has, and detections that
//! every event matches.

use crate::data::Data;
use crate::issue::{Issue, Issues, Place, shown};
use crate::model::{About, Condition, Correlation, Detection, Item, LogSource, Rule, Selection, Test};
use crate::pattern::{How, Part, Pattern};
use picket_event::fields::FIELDS;
use picket_event::types::{self, Stand};
use picket_yaml::suggestion;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Look;
use std::collections::{BTreeMap, HashMap};

/// The log source whose fields are known.
const PRODUCT: &str = "picket";

/// What detection adds: a name that is only claimed, and what is unusual.
const ADDED: &[&str] = &["claimed_user"];
/// Whose profile it is that a request is unusual for, and what is said of it.
const PROFILES: (&[&str], &[&str]) =
    (&["user", "key", "application", "feature", "model", "workspace"], &["surprise", "aspects", "looks", "why"]);
/// What is said of a series that left its course.
const SERIES: &[&str] = &["of", "name", "measure", "value", "expected", "surprise", "why", "from", "until"];
/// Members under which senders say what they like.
const OPEN: &[&str] = &["attributes", "metrics"];

/// Whether rules for Picket's events may speak of a field: one that events have, or what several stand in.
pub fn is_known_field(name: &str) -> bool {
    let is_or_holds =
        |known: &str| known.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let within = |outer: &str| name.strip_prefix(outer).and_then(|rest| rest.strip_prefix('.'));
    let is_of_profile = |rest: &str| {
        let (of, said) = rest.split_once('.').map_or((rest, None), |(of, said)| (of, Some(said)));
        PROFILES.0.contains(&of) && said.is_none_or(|said| PROFILES.1.contains(&said)) || SERIES.contains(&rest)
    };
    FIELDS.iter().chain(ADDED).any(|known| is_or_holds(known))
        || OPEN.iter().any(|outer| *outer == name || within(outer).is_some_and(|rest| !rest.is_empty()))
        || name == "profile"
        || within("profile").is_some_and(is_of_profile)
}

/// The known field that is nearest to one that is none.
fn nearest(name: &str) -> String {
    let folded = |name: &str| name.replace(['_', '-', '.'], "").to_lowercase();
    if let Some(known) = FIELDS.iter().find(|known| folded(known) == folded(name)) {
        return format!("; did you mean `{known}`?");
    }
    let profiles = PROFILES.0.iter().flat_map(|of| PROFILES.1.iter().map(move |said| format!("profile.{of}.{said}")));
    let series = SERIES.iter().map(|said| format!("profile.{said}"));
    let more: Vec<String> = profiles.chain(series).collect();
    let all: Vec<&str> = FIELDS.iter().chain(ADDED).copied().chain(more.iter().map(String::as_str)).collect();
    suggestion(name, &all)
}

/// Warns of what is probably not meant.
pub(crate) fn warn(rules: &[Rule], correlations: &[Correlation], data: &Data, issues: &mut Issues) {
    let mut doubts = Doubts { issues, nearest: HashMap::new() };
    let mut sources: HashMap<&str, &LogSource> = HashMap::new();
    for rule in rules {
        let names = rule.about.id.iter().chain(&rule.about.name).chain(&rule.feeds);
        sources.extend(names.map(|name| (name.as_str(), &rule.logsource)));
        doubts.detection(&rule.detection);
        if is_ours(&rule.logsource) {
            let renamed = data.names(&rule.logsource);
            for (_, selection) in &rule.detection.selections {
                items(selection, &mut |item| doubts.item(item, &renamed));
            }
            doubts.extension(&rule.about, &renamed, &[]);
        }
    }
    for correlation in correlations {
        let names: Vec<&str> = correlation.aliases.iter().map(|alias| alias.name.as_str()).collect();
        for (part, reference) in correlation.rules.iter().enumerate() {
            let Some(logsource) = sources.get(reference.as_str()).filter(|logsource| is_ours(logsource)) else {
                continue;
            };
            let renamed = data.names(logsource);
            let about = &correlation.about;
            for name in correlation.group_by.iter().chain(correlation.kind.fields()) {
                let said = about.fields.iter().find(|(field, _)| field == name).map(|(_, place)| place);
                let place = correlation.places.get(part).or(said).unwrap_or(&about.place);
                let name = crate::correlate::plan::field(correlation, name, reference);
                doubts.field(original(name, &renamed), place);
            }
            doubts.extension(about, &renamed, &names);
        }
    }
}

fn is_ours(logsource: &LogSource) -> bool {
    logsource.product.as_ref().is_some_and(|product| product.eq_ignore_ascii_case(PRODUCT))
}

/// Shows what a selection asks for.
fn items(selection: &Selection, look: &mut impl FnMut(&Item)) {
    match selection {
        Selection::Any(selections) => selections.iter().for_each(|selection| items(selection, look)),
        Selection::All(all) => all.iter().for_each(look),
    }
}

/// Whether no event that rules see is of a type that passes a test. Halves of requests are whole there.
fn is_of_no_type(test: &Test) -> bool {
    let fits = |pattern: &Pattern, cased: bool| {
        let pattern = if cased { pattern.clone() } else { pattern.clone().folded() };
        seen_types().any(|name| pattern.matches(name))
    };
    match test {
        Test::Text { pattern, cased } => !fits(pattern, *cased),
        Test::Texts { patterns, cased } => !patterns.iter().any(|pattern| fits(pattern, *cased)),
        Test::Regex(regex) => !seen_types().any(|name| regex.is_match(name)),
        _ => false,
    }
}

/// The types that rules meet: what is shown, what other systems tell, and what profiles say of series.
fn seen_types() -> impl Iterator<Item = &'static str> {
    let shown = types::ALL.iter().filter(|known| known.stand != Stand::Half).map(|known| known.name);
    shown.chain(std::iter::once("profile.series"))
}

/// What events call the fields of a log source.
type Renamed = BTreeMap<String, String>;

fn original<'a>(name: &'a str, renamed: &'a Renamed) -> &'a str {
    renamed.get(name).map_or(name, String::as_str)
}

struct Doubts<'a> {
    issues: &'a mut Issues,
    /// By unknown field: what is said of it. Many rules may make the same mistake.
    nearest: HashMap<String, String>,
}

impl Doubts<'_> {
    fn field(&mut self, name: &str, place: &Place) {
        if is_known_field(name) {
            return;
        }
        let hint = self.nearest.entry(name.to_owned()).or_insert_with(|| nearest(name));
        let message = format!("events of Picket have no field `{}`{hint}", shown(name));
        self.issues.warnings.push(Issue { place: place.clone(), message });
    }

    /// What an item asks for.
    fn item(&mut self, item: &Item, renamed: &Renamed) {
        let others = item.values.iter().filter_map(|test| match test {
            Test::Field { name, .. } => Some(name),
            _ => None,
        });
        item.field.iter().chain(others).for_each(|name| self.field(original(name, renamed), &item.place));
        let is_type = item.field.as_deref().is_some_and(|field| original(field, renamed) == "event_type");
        if is_type && item.values.iter().any(is_of_no_type) {
            let message = "no event that rules see has such an `event_type`: a request is one event, `request`; the \
                           reference of events lists the types"
                .to_owned();
            self.issues.warnings.push(Issue { place: item.place.clone(), message });
        }
    }

    /// What the block `x-picket` of a document speaks of, but for names that the document made itself.
    fn extension(&mut self, about: &About, renamed: &Renamed, own: &[&str]) {
        for (name, place) in about.fields.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
            self.field(original(name, renamed), place);
        }
    }

    fn detection(&mut self, detection: &Detection) {
        let Some(item) = detection.conditions.iter().find_map(|condition| surely(condition, detection)) else { return };
        let what = match &item.field {
            Some(field) => {
                format!("whatever stands in `{}` matches; ask for a value, or for `exists: true`", shown(field))
            }
            None => "every text matches; ask for a value".to_owned(),
        };
        self.issues.warnings.push(Issue { place: item.place.clone(), message: format!("{what}, if that is meant") });
    }
}

/// One of the items for which a condition holds of every event that has their fields, if it surely does.
fn surely<'a>(condition: &'a Condition, detection: &'a Detection) -> Option<&'a Item> {
    match condition {
        Condition::Name(name) => detection.selection(name).and_then(any_value),
        Condition::Or(parts) => parts.iter().find_map(|part| surely(part, detection)),
        Condition::And(parts) => {
            let all: Option<Vec<&Item>> = parts.iter().map(|part| surely(part, detection)).collect();
            all?.first().copied()
        }
        Condition::Not(_) => None,
        Condition::Of(count, them) => {
            let selected: Vec<_> = detection.selected(them).collect();
            let sure: Vec<&Item> = selected.iter().filter_map(|(_, selection)| any_value(selection)).collect();
            sure.first().copied().filter(|_| sure.len() >= count.unwrap_or(selected.len()))
        }
    }
}

/// The first item of a selection that any value passes.
fn any_value(selection: &Selection) -> Option<&Item> {
    match selection {
        Selection::Any(selections) => selections.iter().find_map(any_value),
        Selection::All(items) => {
            let passes = |item: &&Item| {
                let mut values = item.values.iter();
                !item.differs && if item.all { values.all(is_any) } else { values.any(is_any) }
            };
            items.first().filter(|_| items.iter().all(|item| passes(&item)))
        }
    }
}

/// Whether every text passes a test.
fn is_any(test: &Test) -> bool {
    match test {
        Test::Text { pattern, .. } => is_any_text(pattern),
        Test::Texts { patterns, .. } => patterns.iter().any(is_any_text),
        Test::Regex(regex) => is_any_match(regex.as_str()),
        _ => false,
    }
}

fn is_any_text(pattern: &Pattern) -> bool {
    match pattern.how {
        // A lone `*` looks for nothing, anywhere.
        How::Contains | How::Starts | How::Ends => pattern.parts.iter().all(|part| *part == Part::Any),
        How::Equals => !pattern.parts.is_empty() && pattern.parts.iter().all(|part| *part == Part::Any),
    }
}

/// Whether an expression is found in every text: it is where nothing is already found, wherever that is.
fn is_any_match(regex: &str) -> bool {
    let inner = regex.strip_prefix('^').unwrap_or(regex);
    let inner = inner.strip_suffix('$').filter(|inner| !inner.ends_with('\\')).unwrap_or(inner);
    if matches!(inner, ".*" | ".*?" | ".+" | ".+?") {
        return true;
    }
    let Ok(hir) = ParserBuilder::new().build().parse(regex) else { return false };
    let looks = hir.properties().look_set();
    let is_tied = looks.iter().any(|look| look != Look::Start);
    hir.properties().minimum_len() == Some(0) && !is_tied
}

#[cfg(test)]
mod tests;
