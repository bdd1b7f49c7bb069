//! Files of rules into [`Document`]s, with everything that is wrong in them at once.

mod condition;
mod correlation;
mod detection;
mod examples;
mod extension;
mod modifiers;

use crate::issue::{Issues, Place, Report, shown};
use crate::model::{About, Document, Filter, Level, LogSource, Rule, Selection, Status};
use picket_yaml::{Key, Node, Value, suggestion};
use std::sync::Arc;

/// The longest file that is read.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Errors of one file that are told.
const ERRORS_MAX: usize = 1_000;

/// Keys that Sigma gives a meaning to, whatever the document.
const KNOWN: &[&str] = &[
    "action",
    "author",
    "correlation",
    "custom_attributes",
    "date",
    "description",
    "detection",
    "falsepositives",
    "fields",
    "filter",
    "generate",
    "id",
    "level",
    "license",
    "logsource",
    "modified",
    "name",
    "references",
    "related",
    "scope",
    "sigma-version",
    "status",
    "tags",
    "taxonomy",
    "title",
];

/// Reads a file, for as long as `goes_on` says so.
pub(crate) fn parse(source: &str, text: &str, goes_on: &dyn Fn() -> bool, issues: &mut Issues) -> Vec<Document> {
    let mut report = Report { source: Arc::from(source), issues };
    let start = Place { source: Arc::clone(&report.source), line: 1, column: 1 };
    if text.len() > FILE_BYTES_MAX {
        let size = FILE_BYTES_MAX / 1024 / 1024;
        report.error(start, format!("the file is longer than {size} MiB; split it into several"));
        return Vec::new();
    }
    let before = report.issues.errors.len();
    let (mut documents, mut has_list) = (Vec::new(), false);
    for document in picket_yaml::parse_many(text, source).take_while(|_| goes_on()) {
        match document {
            Ok(node) if is_list_of_equivalents(&node) => has_list = true,
            Ok(node) => documents.extend(read(&node, &mut report)),
            Err(problems) => report.take(problems),
        }
        if report.issues.errors.len() > before + ERRORS_MAX {
            report.error(start, format!("more than {ERRORS_MAX} mistakes; the rest of the file was not looked at"));
            return documents;
        }
    }
    if documents.is_empty() && !has_list && report.issues.errors.len() == before {
        report.error(
            start,
            "there is no rule in this file; give it a document with `title`, `logsource` and `detection`",
        );
    }
    documents
}

/// A list of public rules and of what covers them: it stands beside rules, and is none.
fn is_list_of_equivalents(node: &Node) -> bool {
    matches!(&node.value, Value::Map(members) if members.iter().all(|(key, _)| key.name == "equivalents") && !members.is_empty())
}

/// Reads a document; none if something is wrong with it.
fn read(node: &Node, report: &mut Report<'_>) -> Option<Document> {
    let before = report.issues.errors.len();
    let Value::Map(members) = &node.value else {
        report.at(node, "expected a rule: `title: …`, `logsource: …` and `detection: …`");
        return None;
    };
    if let Some((key, _)) = members.iter().find(|(key, _)| key.name == "action") {
        report.at_key(key, "`action` is no part of Sigma 2; write each rule out as a document of its own");
        return None;
    }
    let about = about(node, members, report);
    let document = if let Some(correlation) = node.member("correlation") {
        correlation::read(about, node, correlation, report).map(Document::Correlation)
    } else if let Some(filter) = node.member("filter") {
        self::filter(about, node, filter, report).map(Document::Filter)
    } else {
        rule(about, node, report).map(Document::Rule)
    };
    document.filter(|_| report.issues.errors.len() == before)
}

fn rule(about: About, node: &Node, report: &mut Report<'_>) -> Option<Rule> {
    let logsource = match node.member("logsource") {
        Some(logsource) => self::logsource(logsource, report),
        None => {
            report.at(node, "`logsource` is missing; say `product`, `service` or `category`");
            LogSource::default()
        }
    };
    let Some(detection) = node.member("detection") else {
        let mut message = "`detection` is missing; give it selections and a `condition`".to_owned();
        if let Value::Map(members) = &node.value {
            let near = members.iter().find(|(key, _)| !suggestion(&key.name, &["detection"]).is_empty());
            if let Some((key, _)) = near {
                message = format!("`detection` is missing; `{}` stands there instead", shown(&key.name));
            }
        }
        report.at(node, message);
        return None;
    };
    let detection = detection::read(detection, &[], report)?;
    Some(Rule { about, logsource, detection, feeds: None })
}

fn filter(about: About, node: &Node, filter: &Node, report: &mut Report<'_>) -> Option<Filter> {
    let logsource = node.member("logsource").map(|node| logsource(node, report)).unwrap_or_default();
    let rules = match filter.member("rules") {
        None => {
            report.at(filter, "`rules` is missing; name the rules by id or name, or say `any`");
            None
        }
        Some(Node { value: Value::Text(text), .. }) if text.eq_ignore_ascii_case("any") => None,
        Some(list) => {
            let names = list.items().iter();
            let rules: Vec<_> = names
                .filter_map(|item| {
                    Some((report.with(|problems| item.text(problems).map(str::to_owned))?, report.place(item)))
                })
                .collect();
            if rules.is_empty() {
                report.at(list, "no rule is named; name some by id or name, or say `any`");
            }
            Some(rules)
        }
    };
    let detection = detection::read(filter, &["rules"], report)?;
    Some(Filter { about, logsource, rules, detection })
}

fn about(node: &Node, members: &[(Key, Node)], report: &mut Report<'_>) -> About {
    let mut about = About { place: report.place(node), ..About::default() };
    for (key, value) in members {
        let text = |report: &mut Report<'_>| report.with(|problems| value.text(problems).map(str::to_owned));
        match key.name.as_str() {
            "title" => about.title = text(report).unwrap_or_default(),
            "id" => about.id = text(report).filter(|id| is_reference(id, value, report)),
            "name" => about.name = text(report).filter(|name| is_reference(name, value, report)),
            "description" => about.description = text(report),
            "author" => about.author = one_or_more(value),
            "level" => about.level = report.with(|problems| value.word(Level::WORDS, problems)),
            "status" => about.status = report.with(|problems| value.word(Status::WORDS, problems)),
            "tags" => about.tags = report.with(|problems| value.texts(problems)),
            "x-picket" => {
                (about.extension, about.tests) = extension::read(value, report);
                about.fields = extension::fields(value, report);
                let behaviour = ["absent", "baseline", "trend"].into_iter().find_map(|name| value.member(name));
                let named = behaviour.and_then(|node| node.member("rule").or_else(|| node.member("metric")));
                about.refers = named.map(|node| report.place(node));
            }
            name if !KNOWN.contains(&name) => {
                let hint = suggestion(name, KNOWN);
                if !hint.is_empty() {
                    let place = report.place_of_key(key);
                    report.warn(place, format!("`{}` means nothing here{hint}", shown(name)));
                }
            }
            _ => {}
        }
    }
    if about.title.trim().is_empty() {
        report.at(node, "`title` is missing; say in a few words what is detected");
    }
    about
}

/// A text, or several joined.
fn one_or_more(node: &Node) -> Option<String> {
    let texts = node.items().iter().filter_map(|item| match &item.value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    });
    Some(texts.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
}

fn is_reference(text: &str, node: &Node, report: &mut Report<'_>) -> bool {
    let fits = !text.trim().is_empty() && text.len() <= 256 && !text.chars().any(char::is_control);
    if !fits {
        report.at(node, "expected one line of 1 to 256 bytes");
    }
    fits
}

/// Reads a selection that stands alone.
pub(crate) fn selection(node: &Node, report: &mut Report<'_>) -> Option<Selection> {
    let before = report.issues.errors.len();
    detection::selection(node, 0, report).filter(|_| report.issues.errors.len() == before)
}

pub(crate) fn logsource(node: &Node, report: &mut Report<'_>) -> LogSource {
    let mut logsource = LogSource::default();
    let members = report.with(|problems| node.map(problems).to_vec());
    for (key, value) in &members {
        let slot = match key.name.as_str() {
            "product" => &mut logsource.product,
            "service" => &mut logsource.service,
            "category" => &mut logsource.category,
            // Words for people, and dimensions of their own.
            _ => continue,
        };
        *slot = report.with(|problems| value.text(problems).map(str::to_owned));
    }
    if logsource == LogSource::default() {
        report.at(node, "`logsource` says neither `product` nor `service` nor `category`; say one");
    }
    logsource
}

#[cfg(test)]
mod tests;
