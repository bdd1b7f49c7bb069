//! Why rules match an event, or not.

use super::super::{Context, PARTIAL};
use super::input::{self, Lines};
use super::matches::TOLD_MAX;
use crate::args::{ExplainArgs, Shown};
use crate::failure::{Failure, Kind};
use crate::output;
use picket_rules::{About, Explanation, Rules, Settings, Standing, Step};
use picket_stdx::{Timestamp, escape};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

/// Groups of a correlation that are shown, the largest first.
const GROUPS_SHOWN: usize = 10;

pub(super) fn run(args: &ExplainArgs, context: &Context) -> Result<ExitCode, Failure> {
    let rules = input::rules(&args.input, context)?;
    let is_wanted = |about: &About| {
        args.rule.as_ref().is_none_or(|name| about.key() == name || about.is_called(name) || about.title == *name)
    };
    let wanted: Vec<usize> = (0..rules.rules().len())
        .filter(|at| rules.rules().get(*at).is_some_and(|rule| is_wanted(&rule.about)))
        .collect();
    if wanted.is_empty()
        && !rules.correlations().iter().any(|correlation| is_wanted(&correlation.about))
        && let Some(name) = &args.rule
    {
        return Err(Failure::new(Kind::NotFound, format!("no rule here is called `{name}`")));
    }
    let is_text = args.format.unwrap_or(if output::is_watched() { Shown::Text } else { Shown::Json }) == Shown::Text;
    let settings = Settings { lateness_ms: i64::MAX / 4, ..Settings::default() };
    let (mut correlator, mut scratch) = (rules.correlator(settings), rules.scratch());
    let mut lines = Lines::open(&args.input.events)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut broken = 0_u64;
    while let Some((number, event)) = lines.next()? {
        let event = match event.and_then(|event| rules.find(event, &mut scratch).map(|_found| event)) {
            Ok(event) => event,
            Err(error) => {
                broken += 1;
                if broken <= TOLD_MAX {
                    context.note(&format!("{}: {error}", lines.place(error.column)));
                }
                continue;
            }
        };
        correlator.observe(&rules, event, number, None, &scratch);
        for rule in wanted.iter().copied() {
            // It was read just now.
            let Ok(Some(why)) = rules.explain(rule, event) else { continue };
            if is_text {
                out.write_all(text(number, &rules, &why).as_bytes())?;
            } else {
                writeln!(out, "{}", output::json(&row(number, &rules, &why), false)?)?;
            }
        }
    }
    for (at, correlation) in
        rules.correlations().iter().enumerate().filter(|(_, other)| !other.is_feed() && is_wanted(&other.about))
    {
        let standings = correlator.standing(&rules, at);
        for standing in standings.iter().take(GROUPS_SHOWN) {
            if is_text {
                out.write_all(standing_text(&correlation.about, standing).as_bytes())?;
            } else {
                writeln!(out, "{}", output::json(&standing_row(&correlation.about, standing), false)?)?;
            }
        }
        if standings.is_empty() && is_text {
            let about = &correlation.about;
            let line = format!("{} ({}): none of its rules matched", about.title, about.key());
            writeln!(out, "{}", escape::terminal(&line))?;
        }
    }
    out.flush()?;
    if broken > 0 {
        context.note(&format!("{broken} events could not be read"));
    }
    Ok(if broken > 0 { ExitCode::from(PARTIAL) } else { ExitCode::SUCCESS })
}

/// A correlation's group at its newest match: what was measured, and what is wanted.
fn standing_row(about: &About, standing: &Standing) -> Value {
    let group: serde_json::Map<String, Value> =
        standing.group.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect();
    json!({
        "rule": about.key(), "title": about.title, "group": group, "holds": standing.holds, "value": standing.value,
        "wanted": standing.wanted, "at": Timestamp::from_millis(standing.at).to_string(),
    })
}

fn standing_text(about: &About, standing: &Standing) -> String {
    let group: Vec<String> = standing.group.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let verdict = if standing.holds { "holds" } else { "does not hold" };
    let at = Timestamp::from_millis(standing.at);
    let (title, key, value, wanted) = (&about.title, about.key(), standing.value, &standing.wanted);
    let line = format!("{title} ({key}) {verdict} for {} at {at}: {value}, wanted are {wanted}", group.join(", "));
    format!("{}\n", escape::terminal(&line))
}

fn called<'a>(rules: &'a Rules, why: &Explanation) -> (&'a str, &'a str) {
    rules.rules().get(why.rule).map_or(("", ""), |rule| (rule.about.key(), rule.about.title.as_str()))
}

fn row(event: u64, rules: &Rules, why: &Explanation) -> Value {
    let (rule, title) = called(rules, why);
    let steps = why
        .steps
        .iter()
        .map(|step| json!({"depth": step.depth, "asked": step.asked, "holds": step.holds, "values": step.values}));
    json!({
        "event": event, "rule": rule, "title": title, "matches": why.matches, "lacking": why.lacking,
        "steps": steps.collect::<Vec<_>>(),
    })
}

fn text(event: u64, rules: &Rules, why: &Explanation) -> String {
    let (rule, title) = called(rules, why);
    let verdict = match why.lacking {
        0 => "matches".to_owned(),
        1 => "does not match: one field would have to be otherwise".to_owned(),
        lacking => format!("does not match: {lacking} fields would have to be otherwise"),
    };
    let mut text = format!("event {event}: {} ({}) {verdict}\n", escape::terminal(title), escape::terminal(rule));
    for Step { depth, asked, holds, values } in &why.steps {
        let mark = if *holds { "+" } else { "-" };
        let values = match values.as_deref() {
            None => String::new(),
            Some([]) => ", and nothing stands there".to_owned(),
            Some(values) => format!(", and there stands: {}", values.join(" | ")),
        };
        let line = format!("{asked}{values}");
        writeln!(text, "{:width$}{mark} {}", "", escape::terminal(&line), width = (depth + 1) * 2).unwrap_or_default();
    }
    text
}
