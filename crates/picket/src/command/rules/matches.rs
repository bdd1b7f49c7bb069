//! A line for each match.

use super::super::{Context, PARTIAL};
use super::input::{self, Lines};
use crate::args::{MatchArgs, Matches};
use crate::failure::Failure;
use crate::output;
use picket_rules::{About, Counters, Level, Outcome, Rules, Settings, Told};
use picket_stdx::Timestamp;
use serde_json::{Value, json};
use std::io::{BufWriter, Write};
use std::process::ExitCode;

/// Broken events that are told one by one.
pub(super) const TOLD_MAX: u64 = 10;

pub(super) fn run(args: &MatchArgs, context: &Context) -> Result<ExitCode, Failure> {
    let rules = input::rules(&args.input, context)?;
    let mut lines = Lines::open(&args.input.events)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.format == Matches::Table {
        writeln!(out, "event\trule\tlevel\ttitle\tauthor\tcorrelation")?;
    }
    let mut scratch = rules.scratch();
    let mut correlator = rules.correlator(Settings { lateness_ms: args.lateness, ..Settings::default() });
    let (mut events, mut matches, mut broken) = (0_u64, 0_u64, 0_u64);
    while let Some((number, event)) = lines.next()? {
        events += 1;
        match event.and_then(|event| rules.find(event, &mut scratch).map(|found| (event, found.to_vec()))) {
            Ok((event, found)) => {
                for at in found {
                    let Some(rule) = rules.rules().get(at) else { continue };
                    if rules.is_told(at) {
                        matches += 1;
                        write(&mut out, args.format, &row(number, &rule.about))?;
                    }
                }
                for outcome in correlator.observe(&rules, event, number, None, &scratch) {
                    let Some(rule) = rules.correlations().get(outcome.correlation) else { continue };
                    matches += u64::from(matches!(outcome.told, Told::Holds { .. }));
                    write(&mut out, args.format, &correlated(number, &rule.about, outcome))?;
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
    // There is no more: what waited for something has waited in vain.
    for outcome in correlator.advance(&rules, i64::MAX / 4) {
        let Some(rule) = rules.correlations().get(outcome.correlation) else { continue };
        let number = match &outcome.told {
            Told::Holds { events, .. } => events.last().copied().unwrap_or(0),
            Told::TakenBack | Told::Evicted => 0,
        };
        matches += u64::from(matches!(outcome.told, Told::Holds { .. }));
        write(&mut out, args.format, &correlated(number, &rule.about, outcome))?;
    }
    out.flush()?;
    told(&correlator.counters(), context);
    let without = if broken > 0 { format!("; {broken} events could not be read") } else { String::new() };
    context.note(&format!("{matches} matches in {events} events by {} rules{without}", count(&rules)));
    Ok(if broken > 0 { ExitCode::from(PARTIAL) } else { ExitCode::SUCCESS })
}

fn count(rules: &Rules) -> usize {
    let singles = rules.rules().iter().filter(|rule| !rule.is_feed()).count();
    singles + rules.correlations().iter().filter(|rule| !rule.is_feed()).count()
}

fn row(event: u64, about: &About) -> Value {
    // Licences of rules want their authors named wherever a match is shown.
    let level = about.level.map(Level::as_str);
    json!({"event": event, "rule": about.key(), "title": about.title, "level": level, "author": about.author})
}

/// The same of a correlation, with what it rests on.
fn correlated(event: u64, about: &About, outcome: &Outcome) -> Value {
    let mut row = row(event, about);
    let group: serde_json::Map<String, Value> =
        outcome.group.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect();
    let evidence = match &outcome.told {
        Told::Holds { value, expected, since, events, amended } => json!({
            "group": group, "at": time(outcome.at), "since": time(*since), "value": value, "expected": expected,
            "events": events,
            "status": if *amended { "amended" } else { "holds" },
        }),
        Told::TakenBack => json!({"group": group, "at": time(outcome.at), "status": "taken_back"}),
        Told::Evicted => json!({"group": group, "at": time(outcome.at), "status": "evicted"}),
    };
    if let Some(row) = row.as_object_mut() {
        row.insert("correlation".to_owned(), evidence);
    }
    row
}

fn time(ms: i64) -> String {
    Timestamp::from_millis(ms).to_string()
}

/// Says what correlations had to leave out.
fn told(counters: &Counters, context: &Context) {
    let Counters { without_time, ahead, late, without_group, without_value, closed_early, forgotten, evicted } =
        *counters;
    for (count, what) in [
        (without_time, "matches are of events without a time; name its field as `time` in a file for --data"),
        (ahead, "matches are of events from the future"),
        (late, "matches came too late; --lateness allows more"),
        (without_group, "matches lack a field that their correlation is grouped by"),
        (without_value, "matches lack the value that their correlation looks at"),
        (closed_early, "matches can no longer be joined by older ones, since their group has too many"),
        (forgotten, "values were forgotten, since their group has too many"),
        (evicted, "groups were forgotten, since there are too many"),
    ] {
        if count > 0 {
            context.note(&format!("{count} {what}"));
        }
    }
}

fn write(out: &mut impl Write, format: Matches, row: &Value) -> Result<(), Failure> {
    match format {
        Matches::Ndjson => writeln!(out, "{}", output::json(row, false)?)?,
        Matches::Table => {
            let cells =
                ["event", "rule", "level", "title", "author", "correlation"].map(|column| output::cell(row, column));
            writeln!(out, "{}", cells.join("\t"))?;
        }
    }
    Ok(())
}
