//! `detection: { rules: […], data: […], shipped: true, respond: true, window: 1h, … }`: rules, and what they may do.

use super::{bounds, list, path};
use picket_detect::taxonomy::{Entry, Level, Step};
use picket_detect::{Settings, Sources, Taxonomy};
use picket_event::{Category, Severity};
use picket_policy::document::{Node, Problems, Value};
use std::path::Path;

const KEYS: &[&str] = &["rules", "data", "shipped", "respond", "window", "lateness", "groups", "profiles", "taxonomy"];
const LEVEL_KEYS: &[&str] = &["soc_level", "respond_within", "response"];
const ENTRY_KEYS: &[&str] = &["title", "severity", "severity_max", "owner", "examples", "triage"];
const STEP_KEYS: &[&str] = &["ask", "answers"];

/// The section.
pub(super) fn settings(node: &Node, problems: &mut Problems) -> Settings {
    let mut settings = Settings::default();
    for (key, node) in node.map(problems) {
        let paths =
            |problems: &mut Problems| list(node, problems).iter().filter_map(|node| path(node, problems)).collect();
        match key.name.as_str() {
            "rules" => settings.sources.rules = paths(problems),
            "data" => settings.sources.data = paths(problems),
            "shipped" => settings.sources.is_shipped = node.bool(problems).unwrap_or(true),
            "respond" => settings.responds = node.bool(problems).unwrap_or(false),
            "window" => settings.window = bounds::time(node, bounds::WINDOW, settings.window, problems),
            "lateness" => {
                let usual = u64::try_from(settings.bounds.lateness_ms).unwrap_or(0);
                let time = bounds::time(node, bounds::LATENESS, std::time::Duration::from_millis(usual), problems);
                settings.bounds.lateness_ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
            }
            "groups" => {
                settings.bounds.groups_max =
                    bounds::count(node, bounds::CORRELATED, settings.bounds.groups_max, problems);
            }
            "profiles" => {
                settings.profiles_max = bounds::count(node, bounds::CORRELATED, settings.profiles_max, problems);
            }
            "taxonomy" => taxonomy(node, &mut settings.taxonomy, problems),
            _ => key.unknown(KEYS, problems),
        }
    }
    settings
}

/// Relative paths begin at the configuration's folder.
pub(super) fn settle(sources: &mut Sources, folder: &Path) {
    for path in sources.rules.iter_mut().chain(&mut sources.data) {
        *path = folder.join(&*path);
    }
}

/// What is said of severities and categories, in place of what the program says.
fn taxonomy(node: &Node, taxonomy: &mut Taxonomy, problems: &mut Problems) {
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "severities" => {
                for (key, node) in node.map(problems) {
                    let level = key.name.parse::<Severity>().ok();
                    match level.and_then(|level| taxonomy.levels.iter_mut().find(|known| known.severity == level)) {
                        Some(known) => self::level(node, known, problems),
                        None => problems.at_key(key, "a severity is info, low, medium, high or critical"),
                    }
                }
            }
            "categories" => {
                for (key, node) in node.map(problems) {
                    let category = key.name.parse::<Category>().ok();
                    match taxonomy.entries.iter_mut().find(|known| Some(known.category) == category) {
                        Some(known) => entry(node, known, problems),
                        None => {
                            let words: Vec<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
                            problems.at_key(key, format!("a category is one of {}", words.join(", ")));
                        }
                    }
                }
            }
            _ => key.unknown(&["severities", "categories"], problems),
        }
    }
}

fn level(node: &Node, level: &mut Level, problems: &mut Problems) {
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "soc_level" => level.soc = node.text(problems).unwrap_or_default().to_owned(),
            "response" => level.response = node.text(problems).unwrap_or_default().to_owned(),
            "respond_within" if matches!(node.value, Value::Null) => level.respond_within = None,
            "respond_within" => level.respond_within = node.duration(problems),
            _ => key.unknown(LEVEL_KEYS, problems),
        }
    }
}

fn entry(node: &Node, entry: &mut Entry, problems: &mut Problems) {
    let place = node;
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "title" => entry.title = node.text(problems).unwrap_or_default().to_owned(),
            "owner" => entry.owner = node.text(problems).unwrap_or_default().to_owned(),
            "severity" => entry.severity = severity(node, problems).unwrap_or(entry.severity),
            "severity_max" => entry.severity_max = severity(node, problems).unwrap_or(entry.severity_max),
            "examples" => entry.examples = node.texts(problems),
            "triage" => entry.triage = list(node, problems).iter().filter_map(|node| step(node, problems)).collect(),
            _ => key.unknown(ENTRY_KEYS, problems),
        }
    }
    if entry.severity > entry.severity_max {
        problems.at(place, "`severity` is worse than `severity_max`");
    }
}

/// `{ ask: …, answers: { yes: …, no: … } }`
fn step(node: &Node, problems: &mut Problems) -> Option<Step> {
    let mut step = Step { ask: String::new(), answers: Vec::new() };
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "ask" => step.ask = node.text(problems).unwrap_or_default().to_owned(),
            "answers" => {
                for (answer, then) in node.map(problems) {
                    step.answers.extend(then.text(problems).map(|then| (answer.name.clone(), then.to_owned())));
                }
            }
            _ => key.unknown(STEP_KEYS, problems),
        }
    }
    if step.ask.is_empty() {
        problems.at(node, "a step has `ask`, and perhaps `answers`: each with what follows from it");
        return None;
    }
    Some(step)
}

fn severity(node: &Node, problems: &mut Problems) -> Option<Severity> {
    let parsed = node.text(problems)?.parse();
    parsed.map_err(|_error| problems.at(node, "a severity is info, low, medium, high or critical")).ok()
}
