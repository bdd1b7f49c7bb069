//! Detection rules of Kibana. They count; what takes more than that is left to the product's own rules.

use super::PATTERN;
use crate::readme;
use crate::schema::{Names, Rendering};
use crate::search::{Body, Counted, Is, Measure, Search, Technique, attack, list};
use crate::text::stable_id;
use picket_event::Severity;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// One rule on each line.
pub(super) fn lines() -> String {
    let names = Names::of(Rendering::Ecs);
    list::all().filter_map(|search| rule(search, &names)).map(|rule| format!("{rule}\n")).collect()
}

/// Searches that are rules here.
fn counting() -> impl Iterator<Item = &'static Search> {
    let names = Names::of(Rendering::Ecs);
    list::all().filter(move |search| rule(search, &names).is_some())
}

/// What the README says of them.
pub(super) fn readme() -> String {
    let others: Vec<String> = list::all()
        .filter(|search| counting().all(|known| known.name != search.name))
        .map(|search| format!("`{}`", search.name))
        .collect();
    format!(
        "
## Detection rules

`curl --request POST --header 'kbn-xsrf: true' --form file=@detection-rules.ndjson \"$KIBANA/api/detection_engine/rules/_import?overwrite=true\"` brings these rules. They count events within a time; a copy after a rollover counts twice.

{}
Not among them, since they compare times or join other data: {}. The product's own rules of these names find them, and arrive as `finding.created`.
",
        readme::searches(counting(), |search| if search.on { "on" } else { "off" }.to_owned()),
        others.join(", "),
    )
}

fn rule(search: &Search, names: &Names) -> Option<Value> {
    let (query, threshold) = match search.body {
        Body::Each(of) => (all(of, names)?, None),
        Body::Counted(counted) => (all(counted.of, names)?, Some(threshold(&counted, names)?)),
        Body::Written(_) => return None,
    };
    let mut rule = json!({
        "rule_id": stable_id(search.name),
        "name": format!("Picket: {}", search.title),
        "description": search.about,
        "author": ["Picket"],
        "license": "Apache-2.0",
        "type": if threshold.is_some() { "threshold" } else { "query" },
        "language": "kuery",
        "query": query,
        "index": [PATTERN],
        "interval": format!("{}m", search.every),
        // A little more than the window, so that nothing is missed between two runs.
        "from": format!("now-{}m", search.window + 1),
        "to": "now",
        "enabled": search.on,
        "severity": severity(search.severity),
        "risk_score": risk(search.severity),
        "tags": ["Picket", "AI"],
        "threat": threats(attack(search.category)),
        "references": [], "false_positives": [], "max_signals": 100, "version": 1,
    });
    let members = rule.as_object_mut()?;
    if let Some(threshold) = threshold {
        members.insert("threshold".to_owned(), threshold);
    }
    Some(rule)
}

/// The bound of a rule; none where it has several, or one of another kind.
fn threshold(counted: &Counted, names: &Names) -> Option<Value> {
    let [bound] = counted.bounds else { return None };
    let fields: Vec<&str> = counted.by.iter().map(|field| names.get(field)).collect::<Option<_>>()?;
    match bound.of {
        Measure::Events => Some(json!({"field": fields, "value": bound.at_least, "cardinality": []})),
        Measure::Values(field) => {
            let cardinality = json!([{"field": names.get(field)?, "value": bound.at_least}]);
            Some(json!({"field": fields, "value": 1, "cardinality": cardinality}))
        }
        Measure::EventsOf(_) | Measure::Sum(_) => None,
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info | Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// The scores that the product's own rules of these severities have.
fn risk(severity: Severity) -> u32 {
    match severity {
        Severity::Info | Severity::Low => 21,
        Severity::Medium => 47,
        Severity::High => 73,
        Severity::Critical => 99,
    }
}

fn threats(techniques: &[Technique]) -> Vec<Value> {
    let threat = |technique: &Technique| {
        json!({
            "framework": "MITRE ATT&CK",
            "tactic": {
                "id": technique.tactic_id,
                "name": spaced(technique.tactic),
                "reference": format!("https://attack.mitre.org/tactics/{}/", technique.tactic_id),
            },
            "technique": [{
                "id": technique.id,
                "name": technique.name,
                "reference": format!("https://attack.mitre.org/techniques/{}/", technique.id),
                "subtechnique": [],
            }],
        })
    };
    techniques.iter().map(threat).collect()
}

/// `InitialAccess` as `Initial Access`.
fn spaced(word: &str) -> String {
    let mut text = String::new();
    for character in word.chars() {
        if character.is_ascii_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.push(character);
    }
    text
}

/// A query of Kibana; none where a field is not among the members.
fn all(of: &[Is], names: &Names) -> Option<String> {
    let parts: Vec<String> = of.iter().map(|is| one(is, names)).collect::<Option<_>>()?;
    Some(parts.join(" and "))
}

fn one(is: &Is, names: &Names) -> Option<String> {
    Some(match is {
        // The schema has numbers for these words.
        Is::One("severity", words) => {
            let numbers: Vec<String> = words
                .iter()
                .filter_map(|word| word.parse::<Severity>().ok())
                .map(|severity| severity.number().to_string())
                .collect();
            format!("event.severity: ({})", numbers.join(" or "))
        }
        Is::One(field, [word]) => format!("{}: \"{word}\"", names.get(field)?),
        Is::One(field, words) => format!("{}: ({})", names.get(field)?, quoted(words)),
        Is::Not(field, words) => format!("not {}: ({})", names.get(field)?, quoted(words)),
        Is::There(field) => format!("{}: *", names.get(field)?),
        Is::Number(field, number) => format!("{}: {number}", names.get(field)?),
        Is::Above(field, number) => format!("{} > {number}", names.get(field)?),
        Is::Any(some) => {
            let mut text = "(".to_owned();
            for (at, is) in some.iter().enumerate() {
                write!(text, "{}{}", if at > 0 { " or " } else { "" }, one(is, names)?).ok()?;
            }
            text + ")"
        }
    })
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ")
}
