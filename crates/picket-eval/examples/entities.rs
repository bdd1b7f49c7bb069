//! How well personal data is found, entity by entity: `entities FILE... [--show KIND]`.
//!
//! `entities --kinds` prints the table of kinds for the reference page.
//!
//! Reads `*.jsonl` and `*.jsonl.gz` with `text` and, where it is labelled, `entities` (`type`, and `start` and `end` in
//! code points). A hit is right when it overlaps an entity of its type. Types that no pattern can find, such as names of
//! people, are left out. `--show` prints the hits of one kind, to see what a corpus is flagged for.

use picket_content::{Check, Context, Detectors, pii_kind};
use picket_event::{Phase, Role};
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What patterns cannot find, or what is no personal data by itself.
const LEFT_OUT: &[&str] = &["PERSON", "GPE", "ORGANIZATION", "TITLE", "PREFIX", "NRP", "LOCATION"];
/// Counted apart: an address is cut into parts in one way or another, and a bare date or year is nobody's birthday.
const APART: &[&str] = &["POSTAL_ADDRESS", "DATE_OF_BIRTH"];

#[derive(Default)]
struct Count {
    right: usize,
    wrong: usize,
    found: usize,
    missed: usize,
}

fn main() -> Outcome<()> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|arg| arg == "--kinds") {
        say(&picket_content::pii_reference());
        return Ok(());
    }
    let shown = args.iter().position(|arg| arg == "--show").and_then(|at| {
        let kind = args.get(at + 1).cloned();
        args.drain(at..args.len().min(at + 2));
        kind
    });
    for file in &args {
        let rows = read(Path::new(file))?;
        let mut counts = BTreeMap::new();
        rows.iter().for_each(|row| count(row, shown.as_deref(), &mut counts));
        report(file, &counts);
        time(&rows);
    }
    Ok(())
}

/// Compares what is found in a text with what its labels say.
fn count(row: &Value, shown: Option<&str>, counts: &mut BTreeMap<String, Count>) {
    let text = row.get("text").and_then(Value::as_str).unwrap_or_default();
    let context = Context { role: Role::User, phase: Phase::Input };
    let hits = Detectors.scan(Check::Pii, text, &context).hits;
    let labels: Vec<(String, usize, usize)> = row
        .get("entities")
        .and_then(Value::as_array)
        .map_or(Vec::new(), |all| all.iter().filter_map(|entity| label(entity, text)).collect());
    for hit in &hits {
        let overlaps = |label: &&(String, usize, usize)| label.1 < hit.end && hit.start < label.2;
        let right = labels.iter().filter(overlaps).any(|label| same(&label.0, hit.kind));
        let entry = counts.entry(hit.kind.to_owned()).or_default();
        *(if right { &mut entry.right } else { &mut entry.wrong }) += 1;
        if shown.is_some_and(|kind| kind == hit.kind || kind == "all") {
            let (from, to) = (text.floor_char_boundary(hit.start.saturating_sub(50)), (hit.end + 20).min(text.len()));
            let around = text.get(from..text.floor_char_boundary(to)).unwrap_or_default();
            let mark = if right { "right" } else { "WRONG" };
            say(&format!("{mark} {} {:?} in {around:?}", hit.kind, text.get(hit.start..hit.end).unwrap_or_default()));
        }
    }
    for (kind, start, end) in &labels {
        let found = hits.iter().any(|hit| hit.start < *end && *start < hit.end && same(kind, hit.kind));
        let entry = counts.entry(kind.clone()).or_default();
        *(if found { &mut entry.found } else { &mut entry.missed }) += 1;
        if !found && shown.is_some_and(|shown| shown == kind || shown == "missed") {
            let from = text.floor_char_boundary(start.saturating_sub(50));
            let around = text.get(from..*end).unwrap_or_default();
            say(&format!("MISSED {kind} {:?} in {around:?}", text.get(*start..*end).unwrap_or_default()));
        }
    }
}

/// The kind of a label as it is called here, and its span in bytes.
fn label(entity: &Value, text: &str) -> Option<(String, usize, usize)> {
    let name = entity.get("type").and_then(Value::as_str)?;
    if LEFT_OUT.contains(&name) {
        return None;
    }
    let place = |name: &str| {
        let point = entity.get(name).and_then(Value::as_u64).and_then(|point| usize::try_from(point).ok())?;
        text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(point)
    };
    let name = match name {
        // A house number or a code is a part of an address to those who labelled it.
        "ADDRESS" | "STREET_ADDRESS" => "POSTAL_ADDRESS",
        "DATE_TIME" => "DATE_OF_BIRTH",
        "ZIP_CODE" => "POSTAL_CODE",
        "DOMAIN_NAME" => "PERSONAL_URL",
        "IP" => "IP_ADDRESS",
        "MAC" => "MAC_ADDRESS",
        other => pii_kind(other).unwrap_or(other),
    };
    Some((name.to_owned(), place("start")?, place("end")?))
}

/// Whether a hit is of the type of a label; a postal code is a part of an address.
fn same(label: &str, kind: &str) -> bool {
    label == kind || (label == "POSTAL_ADDRESS" && kind == "POSTAL_CODE")
}

fn report(file: &str, counts: &BTreeMap<String, Count>) {
    say(&format!(
        "== {file}\n{:26} {:>6} {:>6} {:>6} {:>6} {:>9} {:>7} {:>6}",
        "type", "right", "wrong", "found", "missed", "precision", "recall", "F1"
    ));
    let mut all = Count::default();
    for (kind, count) in counts {
        line(kind, count);
        if !APART.contains(&kind.as_str()) {
            all.right += count.right;
            all.wrong += count.wrong;
            all.found += count.found;
            all.missed += count.missed;
        }
    }
    line("all but addresses, dates", &all);
}

/// Tells how long the texts take by the kilobyte, at best of a few rounds.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn time(rows: &[Value]) {
    let texts: Vec<&str> = rows.iter().filter_map(|row| row.get("text").and_then(Value::as_str)).collect();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let round = || {
        let begun = Instant::now();
        let context = Context { role: Role::User, phase: Phase::Input };
        let hits: usize = texts.iter().map(|text| Detectors.scan(Check::Pii, text, &context).hits.len()).sum();
        (begun.elapsed(), hits)
    };
    if let Some((least, hits)) = (0..7).map(|_| round()).min() {
        let rate = least.as_secs_f64() * 1e6 / (bytes as f64 / 1024.0).max(1e-9);
        say(&format!("{hits} hits, {rate:.2} us a KB of {} KB", bytes / 1024));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn line(kind: &str, count: &Count) {
    let share = |part: usize, rest: usize| part as f64 / (part + rest).max(1) as f64;
    let (precision, recall) = (share(count.right, count.wrong), share(count.found, count.missed));
    let f1 = 2.0 * precision * recall / (precision + recall).max(1e-9);
    say(&format!(
        "{kind:26} {:6} {:6} {:6} {:6} {precision:9.3} {recall:7.3} {f1:6.3}",
        count.right, count.wrong, count.found, count.missed
    ));
}

fn read(file: &Path) -> Outcome<Vec<Value>> {
    let opened = File::open(file)?;
    let packed = file.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn Read> =
        if packed { Box::new(flate2::read::MultiGzDecoder::new(opened)) } else { Box::new(opened) };
    BufReader::new(reader).lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // Nobody reads it.
    }
}
