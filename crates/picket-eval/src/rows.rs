//! Labelled texts: reading them, drawing samples of them, and writing them down for other detectors.

use crate::Outcome;
use picket_eval::corpus;
use picket_eval::draws::Draws;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufWriter, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A label of the corpora, all that there are.
pub(crate) const LABELS: &[&str] = &["injection", "harmful", "benign", "pii", "secret", "toxic", "exfil"];

/// A labelled text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) text: String,
    pub(crate) label: String,
    pub(crate) source: String,
    pub(crate) lang: String,
    /// What the source says is in the text; `None` where it does not say.
    pub(crate) entities: Option<Vec<Entity>>,
}

/// A named place in a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entity {
    pub(crate) kind: String,
    /// In code points.
    pub(crate) span: Range<usize>,
}

/// Which texts to read, and how many.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    /// A folder of `*.jsonl` and `*.jsonl.gz` files, or one such file.
    pub(crate) corpora: PathBuf,
    /// At most so many of each file.
    pub(crate) sample: Option<usize>,
    pub(crate) seed: u64,
}

impl Selection {
    /// Reads the texts, file by file in the order of their names. A sample is drawn without replacement and keeps the
    /// order of its file.
    pub(crate) fn read(&self) -> Outcome<Vec<Row>> {
        let mut rows = Vec::new();
        for (number, file) in (0..).zip(corpus::files(&self.corpora)?) {
            let name = file.display().to_string();
            let of_file = parse(&name, corpus::open(&file)?)?;
            rows.extend(sample(of_file, self.sample, self.seed.wrapping_add(number)));
        }
        if rows.is_empty() {
            return Err(format!("{}: there is no labelled text", self.corpora.display()).into());
        }
        Ok(rows)
    }
}

fn sample(rows: Vec<Row>, size: Option<usize>, seed: u64) -> Vec<Row> {
    let Some(size) = size.filter(|size| *size < rows.len()) else { return rows };
    let chosen = Draws::new(seed).choose(size, rows.len());
    rows.into_iter().enumerate().filter(|(at, _)| chosen.contains(at)).map(|(_, row)| row).collect()
}

/// Reads rows. Whatever is wrong with a line is told with its file and number, the first such line first.
pub(crate) fn parse(name: &str, reader: impl BufRead) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(reader.lines()) {
        let place = |cause: String| format!("{name}:{number}: {cause}");
        let line = line.map_err(|error| place(error.to_string()))?;
        if !line.trim().is_empty() {
            rows.push(row(&line).map_err(place)?);
        }
    }
    Ok(rows)
}

fn row(line: &str) -> Result<Row, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("is no JSON: {error}"))?;
    let text = |name: &str| match value.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(format!("`{name}` is not a text")),
        None => Err(format!("`{name}` is missing")),
    };
    let label = text("label")?;
    if !LABELS.contains(&label.as_str()) {
        return Err(format!("`label` is none of {}", LABELS.join(", ")));
    }
    let row = Row { text: text("text")?, label, source: text("source")?, lang: text("lang")?, entities: None };
    let Some(entities) = value.get("entities") else { return Ok(row) };
    let length = row.text.chars().count();
    let entities = entities.as_array().ok_or("`entities` is not a list")?;
    let entities = (0..).zip(entities).map(|(at, entity)| {
        let entity = entity_of(entity).ok_or_else(|| format!("`entities[{at}]` lacks type, start or end"))?;
        let within = entity.span.start < entity.span.end && entity.span.end <= length;
        if within { Ok(entity) } else { Err(format!("`entities[{at}]` is not within the {length} characters")) }
    });
    Ok(Row { entities: Some(entities.collect::<Result<_, String>>()?), ..row })
}

/// Reads `{"type", "start", "end"}`.
pub(crate) fn entity_of(value: &Value) -> Option<Entity> {
    let at = |name: &str| value.get(name)?.as_u64()?.try_into().ok();
    Some(Entity { kind: value.get("type")?.as_str()?.to_owned(), span: at("start")?..at("end")? })
}

/// Writes what other detectors need to judge the same texts: `{"row", "text", "lang"}`, without the answers.
pub(crate) fn export(rows: &[Row], file: &Path) -> Outcome<()> {
    let mut out = BufWriter::new(File::create(file).map_err(|error| format!("{}: {error}", file.display()))?);
    for (number, row) in rows.iter().enumerate() {
        writeln!(out, "{}", json!({"row": number, "text": row.text, "lang": row.lang}))?;
    }
    Ok(out.flush()?)
}

/// How many texts there are of each source and label.
pub(crate) fn counts(rows: &[Row]) -> BTreeMap<(&str, &str), usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry((row.source.as_str(), row.label.as_str())).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests;
