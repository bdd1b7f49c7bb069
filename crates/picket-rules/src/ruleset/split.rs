//! A document with a behaviour is two rules: what matches, and what is made of the matches.

use crate::behaviour::Behaviour;
use crate::build::Placeholders;
use crate::issue::{Issue, Issues, shown};
use crate::model::{About, Alias, Correlation, Kind, Rule};
use crate::schedule::Free;

/// The behaviour of a rule, which only feeds it from now on.
pub(super) fn of_rule(rule: &mut Rule) -> Option<Correlation> {
    let (behaviour, feeds) = taken(&mut rule.about)?;
    rule.feeds = Some(feeds);
    Some(correlation(&mut rule.about, behaviour))
}

/// The same of a correlation, whose groups it has if it names no others.
pub(super) fn of_correlation(correlation: &mut Correlation) -> Option<Correlation> {
    let (mut behaviour, feeds) = taken(&mut correlation.about)?;
    if behaviour.group_by().is_empty() {
        behaviour.group_by_mut().clone_from(&correlation.group_by);
    }
    correlation.feeds = Some(feeds);
    Some(self::correlation(&mut correlation.about, behaviour))
}

fn taken(about: &mut About) -> Option<(Behaviour, String)> {
    let behaviour = about.extension.behaviour.clone()?;
    Some((behaviour, feed_name(about)))
}

/// What no document can be called: a line end stands in it.
fn feed_name(about: &About) -> String {
    match about.id.as_ref().or(about.name.as_ref()) {
        Some(name) => format!("matches of\n{name}"),
        None => format!("matches of\n{}:{}", about.place.source, about.place.line),
    }
}

fn correlation(about: &mut About, behaviour: Behaviour) -> Correlation {
    let mut rules = vec![feed_name(about)];
    let mut aliases = Vec::new();
    if let Behaviour::Absent(absent) = &behaviour {
        rules.push(absent.rule.clone());
        let alias = |(name, field): &(String, String)| Alias {
            name: name.clone(),
            fields: vec![(absent.rule.clone(), field.clone())],
        };
        aliases.extend(absent.fields.iter().map(alias));
    }
    // The tests of the document are about what is made of it.
    let of_behaviour = About { tests: std::mem::take(&mut about.tests), ..about.clone() };
    Correlation {
        about: of_behaviour,
        rules,
        places: Vec::new(),
        aliases,
        group_by: behaviour.group_by().to_vec(),
        span_ms: behaviour.span_ms(),
        bounds: Vec::new(),
        generate: false,
        feeds: None,
        kind: Kind::Behaviour(behaviour),
    }
}

/// Puts the days of placeholders into a calendar; whether all are there.
pub(super) fn fill_calendar(about: &mut About, placeholders: &Placeholders, issues: &mut Issues) -> bool {
    let place = about.place.clone();
    let Some(schedule) = &mut about.extension.schedule else { return true };
    let mut problems = Vec::new();
    for name in &schedule.calendars {
        let Some(days) = placeholders.get(name) else {
            let name = shown(name);
            problems.push(format!(
                "there are no values for the placeholder `%{name}%`; give days in a file of placeholders, or take it out of `calendar`"
            ));
            continue;
        };
        for day in days {
            match Free::parse(day) {
                Some(day) => schedule.calendar.push(day),
                None => {
                    let (day, name) = (shown(day), shown(name));
                    problems.push(format!("`{day}` of `%{name}%` is no day such as 2026-12-25 or 12-25"));
                }
            }
        }
    }
    let is_filled = problems.is_empty();
    issues.errors.extend(problems.into_iter().map(|message| Issue { place: place.clone(), message }));
    is_filled
}
