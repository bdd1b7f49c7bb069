//! Texts of others: with places that are named, and harmless ones.

use crate::Outcome;
use crate::sample::{Sample, merge};
use picket_names::Kind;
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

/// A harmless text, or one whose names nobody has told.
#[derive(Debug, Clone)]
pub struct Row {
    pub text: String,
    pub file: String,
    pub is_benign: bool,
}

/// Sentences of presidio-research with their places.
#[derive(Debug, Clone)]
pub struct Named {
    pub sample: Sample,
    /// Whether its addresses are told as a whole.
    pub has_addresses: bool,
}

/// Bytes of a text that are read.
const BYTES_MAX: usize = 4000;

fn rows(folder: &Path, file: &str) -> Outcome<Vec<Value>> {
    let path = folder.join(file);
    let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut text = String::new();
    if file.ends_with(".gz") {
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8(bytes)?;
    }
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// The named sentences.
pub fn named(folder: &Path) -> Outcome<Vec<Named>> {
    let rows = rows(folder, "pii_presidio_research.jsonl")?;
    Ok(rows.iter().filter_map(named_row).collect())
}

fn named_row(row: &Value) -> Option<Named> {
    let text = row.get("text")?.as_str()?.to_owned();
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut names = Vec::new();
    for entity in row.get("entities")?.as_array()? {
        let kind = match entity.get("type")?.as_str()? {
            "PERSON" => Kind::Person,
            "GPE" | "LOCATION" => Kind::Location,
            "ORGANIZATION" => Kind::Organization,
            "STREET_ADDRESS" | "ADDRESS" => Kind::Address,
            _ => continue,
        };
        let at = |name: &str| bytes.get(usize::try_from(entity.get(name)?.as_u64()?).ok()?).copied();
        names.push((at("start")?..at("end")?, kind));
    }
    let mut sample = Sample { text, names };
    // A title by itself is no name.
    sample
        .names
        .retain(|(span, _)| !matches!(sample.text.get(span.clone()), Some("Mr." | "Mrs." | "Ms." | "Dr." | "nan")));
    merge(&mut sample);
    let has_addresses = row.get("source")?.as_str()?.ends_with("v2");
    Some(Named { sample, has_addresses })
}

/// Texts of every other file.
pub fn others(folder: &Path) -> Outcome<Vec<Row>> {
    let mut files: Vec<String> = std::fs::read_dir(folder)?
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter(|name| (name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")) && !name.starts_with("pii_presidio_r"))
        .collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        for row in rows(folder, &file)? {
            let Some(text) = row.get("text").and_then(Value::as_str) else { continue };
            let end = text.floor_char_boundary(BYTES_MAX.min(text.len()));
            let is_benign = row.get("label").and_then(Value::as_str) == Some("benign");
            all.push(Row { text: text[..end].to_owned(), file: file.clone(), is_benign });
        }
    }
    Ok(all)
}
