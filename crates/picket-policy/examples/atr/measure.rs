//! What the rules find in harmless texts, and how fast.

use crate::{Failure, spec};
use picket_content::Context;
use picket_content::custom::{Lane, Rules, Spec};
use picket_event::{Phase, Role};
use serde_json::Value;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

const ANYBODY: Context = Context { role: Role::User, phase: Phase::Input };

pub(crate) fn finds(rules: &Rules, text: &str) -> bool {
    !rules.scan(text, &ANYBODY).hits.is_empty()
}

/// The rules of a file as they were written.
fn read(file: &Path) -> Result<Vec<(Spec, bool)>, Failure> {
    let document: Value = serde_saphyr::from_str(&std::fs::read_to_string(file)?)?;
    let rules = document["rules"].as_array().cloned().unwrap_or_default();
    let one = |rule: &Value| {
        let regexes: Vec<String> =
            rule["regexes"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        (spec(rule["id"].as_str().unwrap_or_default(), &regexes), rule["lane"] == "late")
    };
    Ok(rules.iter().map(one).collect())
}

pub(crate) fn corpora(rules: &Path, folder: &Path) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let texts = harmless(folder)?;
    let mut files: Vec<_> = std::fs::read_dir(rules)?.collect::<Result<Vec<_>, _>>()?;
    files.retain(|file| file.path().extension().is_some_and(|extension| extension == "yaml"));
    files.sort_by_key(std::fs::DirEntry::path);
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    if std::env::var_os("COSTS").is_some() {
        return costs(&files, &mut out, &texts);
    }
    writeln!(out, "{} harmless texts, {} KB\n", texts.len(), bytes / 1_024)?;
    writeln!(
        out,
        "| category | rules | inline | harmless texts flagged | of 10,000 | inline rules | us/KB |\n|---|---|---|---|---|---|---|"
    )?;
    let (mut all, mut noisy): (Vec<Spec>, BTreeMap<&'static str, usize>) = (Vec::new(), BTreeMap::new());
    for file in &files {
        let read = read(&file.path())?;
        let inline: Vec<&str> = read.iter().filter(|(_, late)| !late).map(|(spec, _)| spec.id.as_str()).collect();
        let specs: Vec<Spec> = read.iter().map(|(spec, _)| spec.clone()).collect();
        let compiled = Rules::compile_for(Lane::Late, &specs, 0.5).map_err(|refusals| format!("{refusals:?}"))?;
        let (mut flagged, mut flagged_inline, mut spent) = (0, 0, Duration::ZERO);
        for (_, text) in &texts {
            let begun = Instant::now();
            let hits = compiled.scan(text, &ANYBODY).hits;
            spent += begun.elapsed();
            flagged += usize::from(!hits.is_empty());
            flagged_inline += usize::from(hits.iter().any(|hit| inline.contains(&hit.kind)));
            let mut kinds: Vec<&'static str> = hits.iter().map(|hit| hit.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            kinds.into_iter().for_each(|kind| *noisy.entry(kind).or_default() += 1);
        }
        let rate = |count: usize| count as f64 * 10_000.0 / texts.len() as f64;
        let name = file.path().file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        writeln!(
            out,
            "| {name} | {} | {} | {flagged} | {:.1} | {:.1} | {:.1} |",
            specs.len(),
            inline.len(),
            rate(flagged),
            rate(flagged_inline),
            spent.as_secs_f64() * 1e6 / (bytes as f64 / 1_024.0)
        )?;
        all.extend(specs);
    }
    let mut noisy: Vec<(&'static str, usize)> = noisy.into_iter().collect();
    noisy.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    writeln!(out, "\nrules that flag most: {:?}", noisy.iter().take(25).collect::<Vec<_>>())?;
    drop(noisy);
    speed(&all, &texts, &mut out)
}

/// Harmless texts with their sources.
fn harmless(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    let mut texts = Vec::new();
    for file in files.iter().filter(|file| file.path().extension().is_some_and(|extension| extension == "jsonl")) {
        for line in std::fs::read_to_string(file.path())?.lines() {
            let row: Value = serde_json::from_str(line)?;
            if let (Some("benign"), Some(text)) = (row["label"].as_str(), row["text"].as_str()) {
                texts.push((row["source"].as_str().unwrap_or_default().to_owned(), text.to_owned()));
            }
        }
    }
    Ok(texts)
}

/// Time and memory of all rules together, on pieces of harmless texts.
fn speed(specs: &[Spec], texts: &[(String, String)], out: &mut impl std::io::Write) -> Result<(), Failure> {
    let before = resident()?;
    let begun = Instant::now();
    let rules = Rules::compile_for(Lane::Late, specs, 0.5).map_err(|refusals| format!("{refusals:?}"))?;
    writeln!(
        out,
        "\nall {} rules: compiled in {:.1?}, {} KiB more memory",
        specs.len(),
        begun.elapsed(),
        resident()?.saturating_sub(before)
    )?;
    for kib in [1, 4, 10, 64] {
        let size = kib * 1_024;
        let pieces: Vec<&str> = texts
            .iter()
            .filter_map(|(_, text)| text.get(..text.floor_char_boundary(size)).filter(|piece| piece.len() + 3 >= size))
            .take(100)
            .collect();
        if pieces.is_empty() {
            continue;
        }
        for _ in 0..2 {
            pieces.iter().for_each(|piece| drop(black_box(rules.scan(piece, &ANYBODY))));
        }
        let mut times: Vec<Duration> = Vec::new();
        for piece in &pieces {
            let best = (0..3).map(|_| {
                let begun = Instant::now();
                black_box(rules.scan(piece, &ANYBODY));
                begun.elapsed()
            });
            times.extend(best.min());
        }
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        writeln!(
            out,
            "{kib:>3} KiB ({} texts): p50 {:.1?}, p90 {:.1?}, p99 {:.1?}",
            pieces.len(),
            at(50),
            at(90),
            at(99)
        )?;
    }
    writeln!(out, "{} KiB more memory at the end", resident()?.saturating_sub(before))?;
    Ok(())
}

/// Resident memory in KiB.
fn resident() -> Result<usize, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line.and_then(|line| line.split_whitespace().next()).map_or(Ok(0), str::parse)?)
}

/// What costs most on ordinary text, pattern by pattern.
fn costs(
    files: &[std::fs::DirEntry],
    out: &mut impl std::io::Write,
    texts: &[(String, String)],
) -> Result<(), Failure> {
    let (mut all, mut whole) = (Vec::new(), Vec::new());
    for file in files {
        for (rule, _) in read(&file.path())? {
            for (number, regex) in rule.regexes.iter().enumerate() {
                all.push(spec(&format!("{}.{number}", rule.id), std::slice::from_ref(regex)));
            }
            whole.push(rule);
        }
    }
    let mut costs: Vec<(usize, Spec)> = Vec::new();
    for chunk in all.chunks(4_000) {
        let rules = Rules::compile_for(Lane::Late, chunk, 0.5).map_err(|refusals| format!("{refusals:?}"))?;
        costs.extend(rules.costs().into_iter().zip(chunk.iter().cloned()));
    }
    costs.sort_by_key(|(cost, _)| std::cmp::Reverse(*cost));
    let total: usize = costs.iter().map(|(cost, _)| cost).sum();
    let count = |least: usize| costs.iter().filter(|(cost, _)| *cost >= least).count();
    writeln!(
        out,
        "total {total}; >=1024 {}, >=500 {}, >=100 {}, >0 {}",
        count(1024),
        count(500),
        count(100),
        count(1)
    )?;
    for (cost, spec) in costs.iter().take(400).step_by(8) {
        writeln!(out, "{cost:>6} {} {}", spec.id, spec.regexes.join(" ").chars().take(260).collect::<String>())?;
    }
    speed(&whole, texts, out)
}
