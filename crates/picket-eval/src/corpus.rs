//! Files of labelled texts, and what is said about them.

use crate::Outcome;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};

/// The files of a folder, `*.jsonl` and `*.jsonl.gz`, in the order of their names; or the one file that is named.
///
/// # Errors
/// When the folder cannot be read.
pub fn files(corpora: &Path) -> Outcome<Vec<PathBuf>> {
    if corpora.is_file() {
        return Ok(vec![corpora.to_path_buf()]);
    }
    let entries = std::fs::read_dir(corpora).map_err(|error| format!("{}: {error}", corpora.display()))?;
    let mut files = entries.map(|file| Ok(file?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|file| {
        let name = file.to_string_lossy();
        name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")
    });
    files.sort();
    Ok(files)
}

/// Opens a file, packed or not.
///
/// # Errors
/// When it cannot be opened.
pub fn open(file: &Path) -> Outcome<Box<dyn BufRead>> {
    let opened = File::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let packed = file.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn Read> =
        if packed { Box::new(flate2::read::MultiGzDecoder::new(opened)) } else { Box::new(opened) };
    Ok(Box::new(BufReader::new(reader)))
}

/// The lines of a file as JSON.
///
/// # Errors
/// When the file cannot be read, or a line is no JSON; names file and line.
pub fn values(file: &Path) -> Outcome<Vec<Value>> {
    let place = |number: usize| format!("{}:{number}", file.display());
    let mut values = Vec::new();
    for (number, line) in (1..).zip(open(file)?.lines()) {
        let line = line.map_err(|error| format!("{}: {error}", place(number)))?;
        values.push(serde_json::from_str(&line).map_err(|error| format!("{}: is no JSON: {error}", place(number)))?);
    }
    Ok(values)
}

/// A text of a row, empty if there is none.
pub fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Tells something to whoever reads, if anybody does.
pub fn say(text: &str) {
    writeln!(std::io::stdout(), "{text}").unwrap_or_default();
}
