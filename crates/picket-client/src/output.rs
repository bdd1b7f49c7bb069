//! Lists and objects as table, JSON, NDJSON or CSV.

mod color;
mod file;

use crate::failure::Failure;
use clap::ValueEnum;
pub use color::{choose as choose_color, failure as color_of_failures, paint};
use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
pub use file::{OutputFile, Written, write_below};
use picket_stdx::escape;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Borrow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// Where somebody looks.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// How a list or an object is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for people; tab-separated when piped.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values.
    Csv,
}

/// The format of a file that others read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values.
    Csv,
}

/// The columns of a table: members of the objects.
pub type Columns<'a> = &'a [&'a str];

/// A list of objects as text; `wide` is for a terminal.
pub fn list<R: Borrow<Value> + Serialize>(
    rows: &[R],
    columns: Columns<'_>,
    format: Format,
    wide: bool,
) -> Result<String, Failure> {
    let cells = |row: &R| columns.iter().map(|column| cell(row.borrow(), column)).collect::<Vec<_>>();
    Ok(match format {
        Format::Json => json(&rows, true)? + "\n",
        Format::Ndjson => rows.iter().map(|row| Ok(json(row, false)? + "\n")).collect::<Result<_, Failure>>()?,
        Format::Csv => {
            let plain = |row: &R| columns.iter().map(|column| plain(row.borrow().get(column))).collect::<Vec<_>>();
            let rows = rows.iter().map(plain);
            let names = columns.iter().map(|column| (*column).to_owned()).collect();
            std::iter::once(names).chain(rows).map(|row| csv_row(&row)).collect::<Result<_, _>>()?
        }
        Format::Table if wide => {
            let mut table = Table::new();
            table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
            table.set_header(columns.iter().map(|column| column.to_uppercase().replace('_', " ")));
            table.add_rows(rows.iter().map(cells));
            color::table(&format!("{table}\n"))
        }
        Format::Table => {
            let rows = rows.iter().map(|row| cells(row).join("\t"));
            std::iter::once(columns.join("\t")).chain(rows).map(|row| row + "\n").collect()
        }
    })
}

/// One object as text: `name: value` lines with the named members first, or as JSON, or as CSV with one row.
pub fn object(value: &Value, first: Columns<'_>, format: Format) -> Result<String, Failure> {
    let Some(members) = value.as_object() else { return Ok(json(value, format == Format::Json)? + "\n") };
    let named = first.iter().copied().filter(|name| members.contains_key(*name));
    let others = members.keys().map(String::as_str).filter(|name| !first.contains(name));
    let names: Vec<&str> = named.chain(others).collect();
    match format {
        Format::Table => {
            let mut text = String::new();
            for name in names {
                writeln!(text, "{name}: {}", cell(value, name)).unwrap_or_default();
            }
            Ok(text)
        }
        Format::Csv => list(std::slice::from_ref(value), &names, Format::Csv, false),
        Format::Json => Ok(json(value, true)? + "\n"),
        Format::Ndjson => Ok(json(value, false)? + "\n"),
    }
}

/// A row of CSV, safe from formulas.
pub fn csv_row(cells: &[String]) -> Result<String, Failure> {
    let broken = |error: &dyn std::fmt::Display| Failure::general(format!("cannot write CSV: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(cells.iter().map(|cell| escape::csv_cell(cell).into_owned()))
        .map_err(|error| broken(&error))?;
    let bytes = writer.into_inner().map_err(|error| broken(&error))?;
    String::from_utf8(bytes).map_err(|error| broken(&error))
}

/// JSON that a terminal can show: what could move a cursor or hide text is written as `\u....`, which is the same JSON.
pub fn json(value: &impl Serialize, pretty: bool) -> Result<String, Failure> {
    let text = if pretty { serde_json::to_string_pretty(value)? } else { serde_json::to_string(value)? };
    Ok(inert(&text))
}

/// A JSON text with every character that acts on a terminal escaped. Such characters stand only in its strings.
pub fn inert(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        let mut bytes = [0; 4];
        if character == '\n' || escape::terminal(character.encode_utf8(&mut bytes)).len() == character.len_utf8() {
            safe.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(safe, "\\u{unit:04x}").unwrap_or_default();
            }
        }
    }
    safe
}

/// Text on standard output, flushed at once.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// A line on standard output, flushed at once.
pub fn line(text: &str) -> Result<(), Failure> {
    print(&format!("{text}\n"))
}

/// A remark for the person at the terminal.
pub fn note(text: &str) {
    writeln!(anstream::stderr(), "{text}").unwrap_or_default();
}

/// Asks a question at the terminal; anything but yes is no.
pub fn ask(question: &str) -> Result<bool, Failure> {
    write!(anstream::stderr(), "{} [y/N] ", escape::terminal(question))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Asks for a line at the terminal without showing what is typed.
pub fn hidden(question: &str) -> Result<String, Failure> {
    let mut line = String::new();
    let read = {
        // Before the question: whoever is quick is not shown either.
        let _unseen = Unseen::new()?;
        write!(anstream::stderr(), "{}", escape::terminal(question))?;
        io::stdin().read_line(&mut line)
    };
    // The key that ended the line was not shown either.
    writeln!(anstream::stderr())?;
    read?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Unseen(Termios);

impl Unseen {
    fn new() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut unseen = before.clone();
        unseen.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Drain, &unseen)?;
        Ok(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // Whoever closed the terminal sees nothing any more.
        tcsetattr(io::stdin(), OptionalActions::Drain, &self.0).unwrap_or_default();
    }
}

/// Whether somebody looks at standard output.
pub fn is_watched() -> bool {
    io::stdout().is_terminal()
}

/// One cell of a row for people: scalars as text, lists joined by commas, everything made harmless.
pub fn cell(row: &Value, column: &str) -> String {
    escape::terminal(&plain(row.get(column))).into_owned()
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.iter().all(|item| !item.is_object()) => {
            items.iter().map(|item| plain(Some(item))).collect::<Vec<_>>().join(",")
        }
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
