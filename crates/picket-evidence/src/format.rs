//! Events as JSON array, NDJSON or CSV.

use picket_stdx::escape::csv_cell;
use serde_json::Value;
use serde_json::value::RawValue;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One array.
    Json,
    /// One object a line.
    Ndjson,
    /// Comma-separated values, safe from formulas.
    Csv,
}

/// Columns of CSV files.
const COLUMNS: &[&str] = &[
    "event_id",
    "event_type",
    "timestamp",
    "recorded_at",
    "workspace_id",
    "severity",
    "decision",
    "type",
    "category",
    "outcome",
    "status_code",
    "user",
    "team",
    "application",
    "key_id",
    "src_ip",
    "provider",
    "model",
    "policies_triggered",
    "reason",
    "risk_score",
    "tokens_in",
    "tokens_out",
    "cost",
    "latency_ms",
    "session_id",
    "request_id",
    "escalation_id",
    "policy_version",
    "policy_digest",
];

/// The members that hold prompts and answers, and their columns in CSV files.
const CONTENTS: &[&str] = &["body_contents", "bodies_truncated"];
const CONTENT_COLUMNS: &[&str] = &["body_contents.request", "body_contents.response", "body_contents.evidence"];

/// Turns events into bytes, piece by piece.
#[derive(Debug)]
pub struct Writer {
    format: Format,
    fields: Vec<String>,
    bodies: bool,
    rows: u64,
}

impl Writer {
    /// A writer; with `fields`, only those members are written, and with `bodies` the contents of the events too.
    pub fn new(format: Format, fields: Vec<String>, bodies: bool) -> Self {
        Self { format, fields, bodies, rows: 0 }
    }

    /// Goes on after so many events, which another writer wrote.
    pub(crate) fn after(mut self, rows: u64) -> Self {
        self.rows = rows;
        self
    }

    /// What stands before the first event.
    pub fn head(&self) -> Vec<u8> {
        match self.format {
            Format::Json => b"[".to_vec(),
            Format::Ndjson => Vec::new(),
            Format::Csv => row(&self.columns().iter().map(|column| (*column).to_owned()).collect::<Vec<_>>()),
        }
    }

    /// Events, with the bodies that belong to each, where there are any.
    pub fn events(&mut self, events: &[Box<RawValue>]) -> Vec<u8> {
        let mut out = Vec::with_capacity(events.len() * 600);
        for event in events {
            match self.format {
                Format::Json => {
                    out.extend_from_slice(if self.rows == 0 { b"\n" } else { b",\n" });
                    out.extend_from_slice(self.picked(event).as_bytes());
                }
                Format::Ndjson => {
                    out.extend_from_slice(self.picked(event).as_bytes());
                    out.push(b'\n');
                }
                Format::Csv => {
                    let value: Value = serde_json::from_str(event.get()).unwrap_or_default();
                    let cells: Vec<String> = self.columns().iter().map(|column| cell(member(&value, column))).collect();
                    out.extend_from_slice(&row(&cells));
                }
            }
            self.rows += 1;
        }
        out
    }

    /// What stands after the last event.
    pub fn tail(&self) -> Vec<u8> {
        match self.format {
            Format::Json if self.rows == 0 => b"]\n".to_vec(),
            Format::Json => b"\n]\n".to_vec(),
            Format::Ndjson | Format::Csv => Vec::new(),
        }
    }

    /// Events written so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    fn columns(&self) -> Vec<&str> {
        let mut columns =
            if self.fields.is_empty() { COLUMNS.to_vec() } else { self.fields.iter().map(String::as_str).collect() };
        if self.bodies {
            columns.extend_from_slice(CONTENT_COLUMNS);
        }
        columns
    }

    fn picked(&self, event: &RawValue) -> String {
        if self.fields.is_empty() {
            return event.get().to_owned();
        }
        let value: Value = serde_json::from_str(event.get()).unwrap_or_default();
        let contents = if self.bodies { CONTENTS } else { &[] };
        let wanted = self.fields.iter().map(String::as_str).chain(contents.iter().copied());
        let picked: serde_json::Map<String, Value> =
            wanted.filter_map(|field| Some((field.to_owned(), value.get(field)?.clone()))).collect();
        Value::Object(picked).to_string()
    }
}

/// A member, or with a dot a member of a member.
fn member<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| cell(Some(item))).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
    }
}

fn row(cells: &[String]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    writer.write_record(cells.iter().map(|cell| csv_cell(cell).into_owned())).unwrap_or_default();
    writer.into_inner().unwrap_or_default()
}
