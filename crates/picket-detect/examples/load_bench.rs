//! How long rules take to load: `cargo xt bench load`, or with other numbers `cargo run --release -p picket-detect
//! --example load_bench -- 2500 70000`.
//!
//! For each number, so many rules in one file, and then each in a file of its own: the time per rule should not grow.

use picket_detect::{Origin, Read, RuleFile, RuleSet};
use std::error::Error;
use std::io::Write as _;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut counts: Vec<usize> = std::env::args().skip(1).map(|count| count.parse()).collect::<Result<_, _>>()?;
    if counts.is_empty() {
        counts = vec![10_000, 40_000];
    }
    let mut out = std::io::stdout();
    writeln!(out, "rules\tfiles\tms\tus a rule")?;
    for count in counts {
        let rules: Vec<String> = (0..count).map(rule).collect();
        let whole = vec![("all.yml".to_owned(), rules.join("---\n"))];
        let apart = rules.into_iter().enumerate().map(|(at, text)| (format!("{at}.yml"), text)).collect();
        for files in [whole, apart] {
            let (number, took) = (files.len(), load(files, count)?);
            let each = took.as_micros() / u128::try_from(count.max(1))?;
            writeln!(out, "{count}\t{number}\t{}\t{each}", took.as_millis())?;
        }
    }
    Ok(())
}

fn rule(at: usize) -> String {
    format!(
        "title: Rule {at}\nid: rule-{at}\nlogsource: {{ product: picket }}\ndetection:\n  s: {{ application: app{at}, decision: blocked }}\n  condition: s\nlevel: low\n"
    )
}

fn load(files: Vec<(String, String)>, count: usize) -> Result<Duration, Box<dyn Error>> {
    let files = files.into_iter().map(|(name, text)| RuleFile { name, text, origin: Origin::Configured }).collect();
    let read = Read { files, ..Read::default() };
    let begun = Instant::now();
    let (set, problems) = RuleSet::load(&read);
    let took = begun.elapsed();
    if set.infos.len() == count && problems.is_empty() { Ok(took) } else { Err(problems.join("\n").into()) }
}
