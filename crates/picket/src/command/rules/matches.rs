//! A line for each match.

use super::super::{Context, PARTIAL};
use super::input::{self, Lines};
use crate::args::{MatchArgs, Matches};
use crate::failure::Failure;
use crate::output;
use picket_rules::{About, Level, Rules};
use serde_json::{Value, json};
use std::io::{BufWriter, Write};
use std::process::ExitCode;

/// Broken events that are told one by one.
const TOLD_MAX: u64 = 10;

pub(super) fn run(args: &MatchArgs, context: &Context) -> Result<ExitCode, Failure> {
    let rules = input::rules(&args.input, context)?;
    let mut lines = Lines::open(&args.input.events)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.format == Matches::Table {
        writeln!(out, "event\trule\tlevel\ttitle\tauthor")?;
    }
    let mut scratch = rules.scratch();
    let (mut events, mut matches, mut broken) = (0_u64, 0_u64, 0_u64);
    while let Some((number, event)) = lines.next()? {
        events += 1;
        match rules.find(event, &mut scratch) {
            Ok(found) => {
                for rule in found {
                    let Some(rule) = rules.rules().get(*rule) else { continue };
                    matches += 1;
                    write(&mut out, args.format, &row(number, &rule.about))?;
                }
            }
            Err(error) => {
                broken += 1;
                if broken <= TOLD_MAX {
                    context.note(&format!("{}: {error}", lines.place(error.column)));
                }
            }
        }
    }
    out.flush()?;
    let without = if broken > 0 { format!("; {broken} events could not be read") } else { String::new() };
    context.note(&format!("{matches} matches in {events} events by {} rules{without}", count(&rules)));
    Ok(if broken > 0 { ExitCode::from(PARTIAL) } else { ExitCode::SUCCESS })
}

fn count(rules: &Rules) -> usize {
    rules.rules().len() + rules.correlations().len()
}

fn row(event: u64, about: &About) -> Value {
    // Licences of rules want their authors named wherever a match is shown.
    let level = about.level.map(Level::as_str);
    json!({"event": event, "rule": about.key(), "title": about.title, "level": level, "author": about.author})
}

fn write(out: &mut impl Write, format: Matches, row: &Value) -> Result<(), Failure> {
    match format {
        Matches::Ndjson => writeln!(out, "{}", output::json(row, false)?)?,
        Matches::Table => {
            let cells = ["event", "rule", "level", "title", "author"].map(|column| output::cell(row, column));
            writeln!(out, "{}", cells.join("\t"))?;
        }
    }
    Ok(())
}
