//! Searches in the language of Splunk. Events have the fields under their own names.

use crate::search::{Body, Counted, Is, Measure, Search};
use std::fmt::Write as _;

/// The whole search.
pub(super) fn search(search: &Search) -> String {
    match search.body {
        Body::Written(written) => written.spl.to_owned(),
        Body::Each(of) => {
            format!(
                "`picket_events` {}\n| dedup event_id\n| table _time, event_id, event_type, severity, category, type, decision, user, team, application, model, src_ip, reason, rule_id",
                terms(of)
            )
        }
        Body::Counted(counted) => counting(&counted),
    }
}

fn counting(counted: &Counted) -> String {
    // Whatever arrives twice has the same id.
    let mut text = format!("`picket_events` {}\n| dedup event_id\n| stats", terms(counted.of));
    for bound in counted.bounds {
        write!(text, " {} as {}", measure(bound.of), bound.name).unwrap_or_default();
    }
    // What whoever looks at it wants to know besides.
    for field in ["user", "src_ip", "model", "type"].iter().filter(|field| !counted.by.contains(field)) {
        write!(text, " values({field}) as {field}").unwrap_or_default();
    }
    text.push_str(" earliest(_time) as first latest(_time) as last");
    if !counted.by.is_empty() {
        write!(text, " by {}", counted.by.join(", ")).unwrap_or_default();
    }
    let bounds: Vec<String> =
        counted.bounds.iter().map(|bound| format!("{}>={}", bound.name, bound.at_least)).collect();
    write!(text, "\n| where {}", bounds.join(" AND ")).unwrap_or_default();
    text
}

fn measure(measure: Measure) -> String {
    match measure {
        Measure::Events => "count".to_owned(),
        Measure::EventsOf(of) => {
            let all: Vec<String> = of.iter().map(condition).collect();
            format!("count(eval({}))", all.join(" AND "))
        }
        Measure::Values(field) => format!("dc({field})"),
        Measure::Sum(field) => format!("sum({field})"),
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// Terms of a search.
fn terms(of: &[Is]) -> String {
    of.iter().map(term).collect::<Vec<_>>().join(" ")
}

fn term(is: &Is) -> String {
    match is {
        Is::One(field, [word]) => format!("{field}=\"{word}\""),
        Is::One(field, words) => format!("{field} IN ({})", quoted(words)),
        Is::Not(field, words) => format!("NOT {field} IN ({})", quoted(words)),
        Is::There(field) => format!("{field}=*"),
        Is::Number(field, number) => format!("{field}={number}"),
        Is::Above(field, number) => format!("{field}>{number}"),
        Is::Any(all) => format!("({})", all.iter().map(term).collect::<Vec<_>>().join(" OR ")),
    }
}

/// Conditions of an expression, where a field that is absent is equal to nothing, and unequal to nothing.
fn condition(is: &Is) -> String {
    match is {
        Is::One(field, [word]) => format!("{field}==\"{word}\""),
        Is::One(field, words) => format!("in({field}, {})", quoted(words)),
        Is::Not(field, words) => format!("NOT in(coalesce({field}, \"\"), {})", quoted(words)),
        Is::There(field) => format!("isnotnull({field})"),
        Is::Number(field, number) => format!("{field}=={number}"),
        Is::Above(field, number) => format!("{field}>{number}"),
        Is::Any(all) => format!("({})", all.iter().map(condition).collect::<Vec<_>>().join(" OR ")),
    }
}
