//! Measures the detectors on labelled corpora.
//!
//! `cargo xt eval FOLDER`: reads `*.jsonl` and `*.jsonl.gz` with `{"text", "label", "source", "lang"}` and perhaps
//! `"entities"` on each line; writes figures as JSON and prints tables. A mean over sources hides what does not
//! generalise, so that everything is told source by source too. See docs/quality.md.

mod entities;
mod failures;
mod options;
mod quality;
mod question;
mod report;
mod roc;
mod rows;
mod second;
mod verdicts;
mod views;
mod written;

use options::Options;
use picket_content::Check;
use picket_eval::Outcome;
use picket_eval::corpus::say;
use quality::{Quality, measure};
use serde_json::json;
use std::io::Write as _;
use std::process::ExitCode;
use verdicts::Verdicts;

fn main() -> ExitCode {
    match Options::of(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "eval: {error}").unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome<()> {
    let rows = options.selection.read()?;
    for ((source, label), count) in rows::counts(&rows) {
        say(&format!("{source:46} {label:10} {count:6}"));
    }
    if let Some(file) = &options.export {
        return rows::export(&rows, file);
    }
    let checks = question::checks(&options.checks)?;
    let seed = options.selection.seed;
    let mut all: Vec<Quality> = Vec::new();
    let mut failed = String::new();
    for verdicts in judged(options, &checks, &rows)? {
        failed.push_str(&failures::lines(&rows, &verdicts));
        let quality = measure(&rows, &verdicts, seed);
        if !options.brief {
            say(&report::tables(&quality));
        }
        all.push(quality);
    }
    if let Some(file) = &options.failures {
        std::fs::write(file, failed)?;
    }
    if options.others.is_some() || options.left_out.is_some() || options.second.is_some() {
        say(&report::side_by_side(&all));
    }
    let together = quality::speed(&verdicts::together(&checks, &rows));
    // What is measured is named: one check alone is a fraction of all.
    let names: Vec<&str> = checks.iter().map(|check| check.as_str()).collect();
    say(&report::speeds(&format!("{}, one reading", names.join(" + ")), &together));
    let mut written = Vec::new();
    if options.written && checks.contains(&Check::PromptInjection) {
        written = written::measure()?;
        say(&written::tables(&written));
    }
    let figures = json!({
        "corpora": options.selection.corpora, "seed": seed, "sample": options.selection.sample, "texts": rows.len(),
        "detectors": all.iter().map(report::json).collect::<Vec<_>>(),
        "together": together.iter().map(report::speed_json).collect::<Vec<_>>(),
        "written": written.iter().map(written::json).collect::<Vec<_>>(),
    });
    if let Some(folder) = options.json.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&options.json, serde_json::to_string_pretty(&figures)?)?;
    say(&format!("\nwritten: {}", options.json.display()));
    Ok(())
}

/// Picket's verdicts, and those of the others that were asked.
fn judged(options: &Options, checks: &[Check], rows: &[rows::Row]) -> Outcome<Vec<Verdicts>> {
    let mut all: Vec<Verdicts> = checks.iter().map(|check| verdicts::own(*check, rows)).collect();
    if let Some(file) = &options.left_out {
        all.push(verdicts::left_out(file, rows)?);
    }
    if let Some(folder) = &options.others {
        let mut files = std::fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect::<Outcome<Vec<_>>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
        for file in files {
            all.push(verdicts::read(&file, rows.len())?);
        }
    }
    if let Some(second) = &options.second {
        let first = all.iter().rfind(|verdicts| verdicts.check == Check::PromptInjection.as_str());
        let first = first.ok_or("`--tier 2` is about prompt-injection, which is not among the checks")?;
        all.extend(second::judged(second, options.left_out.is_some(), first, rows)?);
    }
    if options.others.is_some() || options.left_out.is_some() || options.second.is_some() {
        verdicts::keep_common(&mut all);
    }
    Ok(all)
}
