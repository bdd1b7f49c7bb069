//! What a rule that is shipped to others has to say and to show.

use super::Rules;
use crate::issue::Issue;
use crate::model::About;

/// What rules lack that somebody could be woken by. Parts of others need nothing.
pub(super) fn lacking(rules: &Rules) -> Vec<Issue> {
    let singles = rules.rules.iter().enumerate().filter(|(at, rule)| !rule.is_feed() && rules.is_told(*at));
    let told = |at: usize| rules.plan.correlation_is_told.get(at).copied().unwrap_or(true);
    let others = rules.correlations.iter().enumerate().filter(|(at, other)| !other.is_feed() && told(*at));
    let abouts = singles.map(|(_, rule)| &rule.about).chain(others.map(|(_, other)| &other.about));
    abouts.filter_map(of).collect()
}

fn of(about: &About) -> Option<Issue> {
    let tests = &about.tests;
    let checks = [
        (about.id.is_some(), "an `id`"),
        (about.level.is_some(), "a `level`"),
        (about.extension.category.is_some(), "`category` in `x-picket`"),
        (about.extension.reason.is_some(), "`reason` in `x-picket`"),
        (tests.iter().any(|test| !test.matches.is_empty()), "a test in which it matches"),
        (tests.iter().any(|test| test.matches.is_empty()), "a test in which it does not"),
        (
            tests.iter().any(|test| test.any_order && test.events.len() > 1 && !test.matches.is_empty()),
            "a test of several events in `any_order` in which it matches",
        ),
    ];
    let lacking: Vec<&str> = checks.iter().filter(|(is_there, _)| !is_there).map(|(_, what)| *what).collect();
    let message = format!("a rule that is shipped needs {}", lacking.join(", and "));
    (!lacking.is_empty()).then(|| Issue { place: about.place.clone(), message })
}
