//! Lists and objects as table, JSON, NDJSON or CSV, on standard output or into a file.

use crate::failure::Failure;
use clap::ValueEnum;
use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use picket_stdx::{encode, escape};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

/// How a list or an object is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people; tab-separated when piped.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values.
    Csv,
}

/// The columns of a table: member of the object, and heading.
pub(crate) type Columns = &'static [&'static str];

/// Shows a list of objects.
pub(crate) fn list(rows: &[Value], columns: Columns, format: Format) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(rows)?)?,
        Format::Ndjson => {
            for row in rows {
                writeln!(out, "{row}")?;
            }
        }
        Format::Csv => out.write_all(&csv_of(rows, columns)?)?,
        Format::Table if io::stdout().is_terminal() => writeln!(out, "{}", table_of(rows, columns))?,
        Format::Table => {
            writeln!(out, "{}", columns.join("\t"))?;
            for row in rows {
                let cells: Vec<String> = columns.iter().map(|column| cell(row, column)).collect();
                writeln!(out, "{}", cells.join("\t"))?;
            }
        }
    }
    Ok(())
}

/// Shows one object: as `name: value` lines, or as JSON.
pub(crate) fn object(value: &Value, format: Format) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match (format, value.as_object()) {
        (Format::Table, Some(members)) => {
            for (name, member) in members {
                writeln!(out, "{name}: {}", text_of(member))?;
            }
        }
        (Format::Json, _) => writeln!(out, "{}", serde_json::to_string_pretty(value)?)?,
        _ => writeln!(out, "{value}")?,
    }
    Ok(())
}

/// A line of NDJSON or text, flushed at once.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}

/// A remark for the person at the terminal.
pub(crate) fn note(text: &str) {
    writeln!(anstream::stderr(), "{text}").unwrap_or_default();
}

/// One cell of a row for people: scalars as text, lists joined by commas, everything escaped.
pub(crate) fn cell(row: &Value, column: &str) -> String {
    row.get(column).map(text_of).unwrap_or_default()
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => escape::terminal(text).into_owned(),
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            items.iter().map(text_of).collect::<Vec<_>>().join(",")
        }
        other => escape::terminal(&other.to_string()).into_owned(),
    }
}

fn table_of(rows: &[Value], columns: Columns) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(columns.iter().map(|column| column.to_uppercase().replace('_', " ")));
    for row in rows {
        table.add_row(columns.iter().map(|column| cell(row, column)));
    }
    table
}

fn csv_of(rows: &[Value], columns: Columns) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let broken = |error: csv::Error| Failure::general(format!("cannot write CSV: {error}"));
    writer.write_record(columns).map_err(broken)?;
    for row in rows {
        let cells = columns.iter().map(|column| escape::csv_cell(&cell(row, column)).into_owned());
        writer.write_record(cells).map_err(broken)?;
    }
    writer.into_inner().map_err(|error| Failure::general(format!("cannot write CSV: {error}")))
}

/// A file that appears whole or not at all: written beside, then renamed. Counts its bytes and their digest.
#[derive(Debug)]
pub(crate) struct OutputFile {
    file: BufWriter<File>,
    beside: PathBuf,
    path: PathBuf,
    digest: Sha256,
    bytes: u64,
}

impl OutputFile {
    /// Begins a file. Refuses to replace an existing one without `force`.
    pub(crate) fn create(path: &Path, force: bool) -> Result<Self, Failure> {
        if path.exists() && !force {
            return Err(Failure::usage(format!("{} exists; --force replaces it", path.display())));
        }
        let mut name = path.file_name().ok_or_else(|| Failure::usage("--output needs a file name"))?.to_os_string();
        name.push(".part");
        let beside = path.with_file_name(name);
        let file = File::create(&beside).map_err(|error| Failure::usage(format!("{}: {error}", beside.display())))?;
        Ok(Self { file: BufWriter::new(file), beside, path: path.to_owned(), digest: Sha256::new(), bytes: 0 })
    }

    /// Adds bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.digest.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(0);
        Ok(self.file.write_all(bytes)?)
    }

    /// Makes the file appear, and returns its size and SHA-256.
    pub(crate) fn finish(self) -> Result<(u64, String), Failure> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&self.beside, &self.path)?;
        Ok((self.bytes, encode::hex(&self.digest.finalize())))
    }
}
