//! Searches in the language of Sentinel. A column has the name of its field, in capitals where words begin.

use crate::search::{Body, Counted, Is, Measure, Search};
use crate::text::pascal;
use std::fmt::Write as _;

/// The column of a field. `Type` is the table's own name, in every table.
pub(super) fn column(field: &str) -> String {
    match field {
        "type" => "FindingType".to_owned(),
        other => pascal(other),
    }
}

/// The whole query.
pub(super) fn query(search: &Search, table: &str) -> String {
    match search.body {
        Body::Written(written) => written.kql.replace("{events}", table),
        Body::Each(of) => format!(
            "{table}\n{}\n| where ingestion_time() > ago({}m)\n| summarize arg_max(TimeGenerated, *) by EventId",
            conditions(of),
            search.every
        ),
        Body::Counted(counted) => counting(&counted, table),
    }
}

fn counting(counted: &Counted, table: &str) -> String {
    let mut text = format!("{table}\n{}", conditions(counted.of));
    // What has no value for a group belongs to none.
    for field in counted.by {
        write!(text, "\n    and isnotempty({})", column(field)).unwrap_or_default();
    }
    // Whatever arrives twice has the same id.
    text.push_str("\n| summarize arg_max(TimeGenerated, *) by EventId\n| summarize ");
    for bound in counted.bounds {
        write!(text, "{} = {}, ", pascal(bound.name), measure(bound.of)).unwrap_or_default();
    }
    for field in ["user", "src_ip", "model", "type"].iter().filter(|field| !counted.by.contains(field)) {
        // A set has another name than a column of the table, which alerts are about.
        write!(text, "{0}Set = make_set({0}, 20), ", column(field)).unwrap_or_default();
    }
    text.push_str("First = min(TimeGenerated), Last = max(TimeGenerated)");
    if !counted.by.is_empty() {
        let by: Vec<String> = counted.by.iter().map(|field| column(field)).collect();
        write!(text, " by {}", by.join(", ")).unwrap_or_default();
    }
    let bounds: Vec<String> =
        counted.bounds.iter().map(|bound| format!("{} >= {}", pascal(bound.name), bound.at_least)).collect();
    write!(text, "\n| where {}", bounds.join(" and ")).unwrap_or_default();
    text
}

fn measure(measure: Measure) -> String {
    match measure {
        Measure::Events => "count()".to_owned(),
        Measure::EventsOf(of) => {
            format!("countif({})", of.iter().map(condition).collect::<Vec<_>>().join(" and "))
        }
        // An empty text is what a column is without a value; `count_distinct` is exact.
        Measure::Values(field) => format!("count_distinctif({0}, isnotempty({0}))", column(field)),
        Measure::Sum(field) => format!("sum({})", column(field)),
    }
}

fn conditions(of: &[Is]) -> String {
    format!("| where {}", of.iter().map(condition).collect::<Vec<_>>().join("\n    and "))
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

fn condition(is: &Is) -> String {
    match is {
        Is::One(field, [word]) => format!("{} == \"{word}\"", column(field)),
        Is::One(field, words) => format!("{} in ({})", column(field), quoted(words)),
        Is::Not(field, words) => format!("{} !in ({})", column(field), quoted(words)),
        Is::There(field) => format!("isnotempty({})", column(field)),
        Is::Number(field, number) => format!("{} == {number}", column(field)),
        Is::Above(field, number) => format!("{} > {number}", column(field)),
        Is::Any(all) => format!("({})", all.iter().map(condition).collect::<Vec<_>>().join(" or ")),
    }
}
