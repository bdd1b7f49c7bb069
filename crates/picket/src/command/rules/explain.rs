//! Why rules match an event, or not.

use super::super::Context;
use super::input::{self, Lines};
use crate::args::{ExplainArgs, Shown};
use crate::failure::{Failure, Kind};
use crate::output;
use picket_rules::{Explanation, Rules, Step};
use picket_stdx::escape;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

pub(super) fn run(args: &ExplainArgs, context: &Context) -> Result<ExitCode, Failure> {
    let rules = input::rules(&args.input, context)?;
    let wanted = match &args.rule {
        None => 0..rules.rules().len(),
        Some(name) => {
            let rule = rules.rule_called(name);
            let rule = rule.ok_or_else(|| Failure::new(Kind::NotFound, format!("no rule here is called `{name}`")))?;
            rule..rule + 1
        }
    };
    let is_text = args.format.unwrap_or(if output::is_watched() { Shown::Text } else { Shown::Json }) == Shown::Text;
    let mut lines = Lines::open(&args.input.events)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    while let Some((number, event)) = lines.next()? {
        for rule in wanted.clone() {
            match rules.explain(rule, event) {
                Ok(Some(why)) if is_text => out.write_all(text(number, &rules, &why).as_bytes())?,
                Ok(Some(why)) => writeln!(out, "{}", output::json(&row(number, &rules, &why), false)?)?,
                Ok(None) => {}
                Err(error) => {
                    let column = error.column;
                    return Err(Failure::usage(format!("{}: {error}", lines.place(column))));
                }
            }
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
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
