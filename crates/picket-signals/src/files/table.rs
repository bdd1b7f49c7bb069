//! Tables: one signal a row, one member a column.

use super::{FileError, Given};
use csv::{ErrorKind, ReaderBuilder, StringRecord};
use serde_json::{Map, Value};
use std::io::Read;

/// Columns of a table.
const COLUMNS_MAX: usize = 128;
/// Columns whose values are numbers.
const NUMBERS: &[&str] = &["judge_score", "count"];

/// Signals of a table with the lines of their rows. The first row names the columns: members of signals,
/// `attributes.NAME`, `metrics.NAME`; a name that is no member is taken for an attribute. Empty cells say nothing.
///
/// # Errors
/// If it has no first row, too many columns, or two of one name; a row that breaks the table is an error in its place, and
/// hides nothing of the rows behind it.
pub fn table<R: Read>(
    read: R,
    given: &Given,
) -> Result<impl Iterator<Item = Result<(u64, Value), FileError>> + use<R>, FileError> {
    let mut reader = ReaderBuilder::new().from_reader(read);
    let names: Vec<String> = reader.headers().map_err(wrong)?.iter().map(column).collect();
    if names.is_empty() || names.len() > COLUMNS_MAX {
        return Err(FileError::at(1, format!("expected a first row with 1 to {COLUMNS_MAX} names of columns")));
    }
    for (at, name) in names.iter().enumerate() {
        if names.iter().take(at).any(|other| other == name) {
            let cause = format!("two columns are `{}`; give one of them another name, or take it out", shown(name));
            return Err(FileError::at(1, cause));
        }
    }
    let given = given.clone();
    let rows = reader.into_records().map(move |row| {
        let row = row.map_err(wrong)?;
        let line = row.position().map_or(0, csv::Position::line);
        Ok((line, given.complete(signal(&names, &row))))
    });
    Ok(rows)
}

/// What is wrong with a row, in our own words: the library's quote what it holds.
fn wrong(error: csv::Error) -> FileError {
    let line = error.position().map_or(1, csv::Position::line);
    match error.into_kind() {
        ErrorKind::Io(error) => error.into(),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            FileError::at(line, format!("it has {len} cells, and the first row has {expected_len}"))
        }
        ErrorKind::Utf8 { .. } => FileError::at(line, "it is not UTF-8; store the file in that encoding"),
        _ => FileError::at(line, "it is no row of a table"),
    }
}

fn shown(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).take(40).collect()
}

/// The member that a column fills.
fn column(name: &str) -> String {
    let name = name.trim().trim_start_matches('\u{feff}').to_ascii_lowercase().replace([' ', '-'], "_");
    let is_known = crate::signal::MEMBERS.contains(&name.as_str());
    let is_within = name.starts_with("attributes.") || name.starts_with("metrics.");
    if is_known || is_within { name } else { format!("attributes.{name}") }
}

fn signal(names: &[String], row: &StringRecord) -> Value {
    let mut members = Map::new();
    for (name, cell) in names.iter().zip(row) {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        let (map, name) = match name.split_once('.') {
            Some((map, rest)) => (Some(map), rest),
            None => (None, name.as_str()),
        };
        let is_number = map == Some("metrics") || (map.is_none() && NUMBERS.contains(&name));
        let number = || serde_json::from_str::<serde_json::Number>(cell).ok();
        // What should be a number and is none is refused where all signals are, with its name.
        let value = if is_number { number().map(Value::Number) } else { None };
        let value = value.unwrap_or_else(|| Value::from(cell));
        match map {
            Some(map) => {
                let inner = members.entry(map).or_insert_with(|| Value::Object(Map::new()));
                inner.as_object_mut().map(|inner| inner.insert(name.to_owned(), value));
            }
            None => drop(members.insert(name.to_owned(), value)),
        }
    }
    Value::Object(members)
}
