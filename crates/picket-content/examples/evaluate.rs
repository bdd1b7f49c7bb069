//! How often each check flags the texts of labelled corpora, and how long it takes.
//!
//! `cargo xt bench detect FOLDER`: reads `*.jsonl` and `*.jsonl.gz` with `text` and `label` on each line. Rates are given
//! source by source, since a mean over sources hides what does not generalise.

use picket_content::{Check, Context, Detectors};
use picket_event::{Phase, Role};
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("name the folder of the corpora")?;
    let mut files = std::fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|file| file.to_string_lossy().contains(".jsonl"));
    files.sort();
    let mut times: BTreeMap<&'static str, Vec<(Duration, usize)>> = BTreeMap::new();
    let columns = |cells: Vec<String>| cells.iter().map(|cell| format!(" {cell:>18}")).collect::<String>();
    let names = columns(Check::ALL.iter().map(ToString::to_string).collect());
    say(&format!("{:34} {:10} {:>6}{names}", "source", "label", "texts"));
    for file in files {
        for (label, texts) in read(&file)? {
            let mut flagged = vec![0_usize; Check::ALL.len()];
            for text in &texts {
                for (count, check) in flagged.iter_mut().zip(Check::ALL) {
                    let begun = Instant::now();
                    let context = Context { role: Role::User, phase: Phase::Input };
                    let report = Detectors.scan(*check, text, &context);
                    times.entry(check.as_str()).or_default().push((begun.elapsed(), text.len()));
                    *count += usize::from(report.score >= Detectors.threshold(*check));
                }
            }
            let source = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let share = |count: usize| format!("{:.1} %", percent(count, texts.len()));
            let shares = columns(flagged.into_iter().map(share).collect());
            say(&format!("{source:34} {label:10} {:6}{shares}", texts.len()));
        }
    }
    for (check, mut all) in times {
        let bytes: usize = all.iter().map(|(_, bytes)| bytes).sum();
        let total: Duration = all.iter().map(|(time, _)| *time).sum();
        all.sort_unstable();
        let at = |share: usize| all.get(all.len() * share / 1_000).map_or(0, |(time, _)| time.as_micros());
        let rate = percent(bytes, 100_000_000) / total.as_secs_f64();
        say(&format!("{check}: p50 {} us, p99 {} us a text, {rate:.0} MB/s", at(500), at(990)));
    }
    Ok(())
}

/// The texts of a file by label.
fn read(file: &Path) -> Outcome<BTreeMap<String, Vec<String>>> {
    let opened = File::open(file)?;
    let packed = file.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn Read> =
        if packed { Box::new(flate2::read::MultiGzDecoder::new(opened)) } else { Box::new(opened) };
    let mut by_label: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in BufReader::new(reader).lines() {
        let row: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
        let label = text("label").ok_or("a line has no label")?;
        by_label.entry(label).or_default().push(text("text").ok_or("a line has no text")?);
    }
    Ok(by_label)
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn percent(count: usize, of: usize) -> f64 {
    count as f64 * 100.0 / of.max(1) as f64
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // Nobody reads it.
    }
}
