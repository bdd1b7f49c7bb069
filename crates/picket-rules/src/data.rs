//! What rules leave to the place where they run: values for placeholders, and which events a log source means.
//!
//! ```yaml
//! time: [timestamp, "@timestamp"]     # fields with the time of an event
//! source: source                      # where it comes from
//! placeholders:
//!   admins: [root, administrator]
//! logsources:
//!   - product: windows
//!     category: process_creation
//!     where: { EventID: 1, Channel: Microsoft-Windows-Sysmon/Operational }
//!     fields: { User: user.name }
//! ```

use crate::build::Placeholders;
use crate::issue::{Issues, Report};
use crate::model::{LogSource, Selection};
use crate::parse;
use picket_yaml::{Node, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What rules leave to the place where they run.
#[derive(Debug, Clone)]
pub struct Data {
    /// Values for `%names%`.
    pub placeholders: Placeholders,
    /// A rule heeds all entries that its log source is within.
    pub(crate) sources: Vec<Source>,
    /// Fields with the time of an event; the first that has one counts.
    pub(crate) time: Vec<String>,
    /// The field that says where an event comes from: each source may be behind the others.
    pub(crate) source: String,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            placeholders: Placeholders::new(),
            sources: Vec::new(),
            time: ["timestamp", "@timestamp"].map(str::to_owned).to_vec(),
            source: "source".to_owned(),
        }
    }
}

/// What is known of the events of a log source.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) logsource: LogSource,
    /// What holds of all of them.
    pub(crate) holds: Option<Selection>,
    /// What fields of rules are called there.
    pub(crate) fields: BTreeMap<String, String>,
}

impl Data {
    /// What is known of the events that a rule is for.
    pub(crate) fn of<'a>(&'a self, logsource: &'a LogSource) -> impl Iterator<Item = &'a Source> + Clone {
        self.sources.iter().filter(|source| source.logsource.is_within(logsource))
    }

    /// What fields are called in the events that a rule is for.
    pub(crate) fn names(&self, logsource: &LogSource) -> BTreeMap<String, String> {
        self.of(logsource).flat_map(|source| source.fields.clone()).collect()
    }
}

impl Data {
    /// Reads a file, and adds what it says. What is wrong is told in `issues`.
    pub fn read(&mut self, source: &str, text: &str, issues: &mut Issues) {
        let mut report = Report { source: Arc::from(source), issues };
        match picket_yaml::parse(text, source) {
            Ok(node) => self.take(&node, &mut report),
            Err(problems) => report.take(problems),
        }
    }

    fn take(&mut self, node: &Node, report: &mut Report<'_>) {
        for (key, value) in report.with(|problems| node.map(problems).to_vec()) {
            match key.name.as_str() {
                "placeholders" => {
                    for (name, values) in report.with(|problems| value.map(problems).to_vec()) {
                        let values = report.with(|problems| values.texts(problems));
                        self.placeholders.entry(name.name.trim_matches('%').to_owned()).or_default().extend(values);
                    }
                }
                "logsources" => value.items().iter().for_each(|entry| self.logsource(entry, report)),
                "time" => self.time = report.with(|problems| value.texts(problems)),
                "source" => {
                    self.source = report.with(|problems| value.text(problems).map(str::to_owned)).unwrap_or_default()
                }
                _ => report.with(|problems| key.unknown(&["placeholders", "logsources", "time", "source"], problems)),
            }
        }
    }

    fn logsource(&mut self, entry: &Node, report: &mut Report<'_>) {
        const KEYS: &[&str] = &["product", "service", "category", "where", "fields"];
        if !matches!(entry.value, Value::Map(_)) {
            report.at(entry, "expected `product`, `service` or `category`, and `where` or `fields`");
            return;
        }
        for (key, _) in report.with(|problems| entry.map(problems).to_vec()) {
            if !KEYS.contains(&key.name.as_str()) {
                report.with(|problems| key.unknown(KEYS, problems));
            }
        }
        let logsource = parse::logsource(entry, report);
        let mut fields = BTreeMap::new();
        if let Some(node) = entry.member("fields") {
            for (name, field) in report.with(|problems| node.map(problems).to_vec()) {
                fields.extend(report.with(|problems| field.text(problems).map(|field| (name.name, field.to_owned()))));
            }
        }
        let holds = entry.member("where").and_then(|node| parse::selection(node, report));
        if entry.member("where").is_none() && entry.member("fields").is_none() {
            let message =
                "expected `where`, what such events have in common, or `fields`, what fields are called there";
            report.at(entry, message);
        }
        self.sources.push(Source { logsource, holds, fields });
    }
}
