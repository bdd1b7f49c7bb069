//! What rules would have found.

use super::super::Context;
use super::input::Lines;
use crate::args::BacktestArgs;
use crate::failure::{Failure, Kind};
use crate::output::Columns;
use picket_detect::{Backtest, Bounds, RuleSet, Sources, Tried};
use picket_event::Event;
use picket_stdx::{Timestamp, duration};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

const COLUMNS: Columns<'_> =
    &["rule", "title", "severity", "findings", "matches", "entities", "per_day", "responses", "first_at", "last_at"];
/// Lines that could not be read that are told.
const TOLD_MAX: u64 = 5;

pub(super) fn run(args: &BacktestArgs, context: &Context) -> Result<ExitCode, Failure> {
    crate::time::in_order(args.from.as_deref(), ("until", args.until.as_deref()))?;
    let sources =
        Sources { is_shipped: args.rules.is_empty(), rules: args.rules.clone(), data: args.data.data.clone() };
    let broken = |problems: Vec<String>| Failure::new(Kind::Usage, problems.join("\n"));
    let (set, errors) = RuleSet::load(&sources.read());
    if !errors.is_empty() {
        return Err(broken(errors));
    }
    if set.infos.is_empty() {
        return Err(Failure::usage("there are no rules; name files of them with --rules"));
    }
    let bounds = Bounds { lateness_ms: args.lateness, ..Bounds::default() };
    let window = Duration::from_millis(u64::try_from(args.window).unwrap_or(0));
    let mut backtest = Backtest::new(Arc::new(set), bounds, window);
    let mut read = Read::default();
    backtest.take_all(|take| feed(args, context, &mut read, take))?;
    let trial = Trial { backtest, span: read.span };
    let rows: Vec<Value> = trial.backtest.tried().into_iter().map(|tried| trial.row(tried)).collect();
    context.list(&rows, COLUMNS, &args.show)?;
    let (events, unseen) = trial.backtest.events();
    let late = trial.backtest.counters().late;
    let span = trial.span.map_or_else(String::new, |(from, to)| format!(" from {from} to {to}"));
    context.note(&format!(
        "{events} events{span}, {unseen} of them not for rules; {late} came too late for correlations; nothing was stored, nobody contained"
    ));
    Ok(ExitCode::from(if read.unread > 0 { crate::command::PARTIAL } else { 0 }))
}

/// Gives all events of a file or of the server.
fn feed(args: &BacktestArgs, context: &Context, read: &mut Read, take: &mut dyn FnMut(Event)) -> Result<(), Failure> {
    if let Some(path) = &args.events {
        let mut lines = Lines::open(path)?;
        while let Some((number, line)) = lines.next()? {
            let place = || format!("line {number}");
            let event = match line {
                Ok(line) => read.event(line.as_bytes(), context, &place),
                Err(error) => read.leave_out(&error.message, error.column, context, &place),
            };
            event.into_iter().for_each(&mut *take);
        }
        return Ok(());
    }
    let query = [
        ("event_type", Some("*")),
        ("format", Some("ndjson")),
        ("from", args.from.as_deref()),
        ("to", args.until.as_deref()),
    ];
    context.client()?.lines("/v1/events", &query, &mut |line| {
        read.event(line, context, &|| "an event of the server".to_owned()).into_iter().for_each(&mut *take);
        Ok(())
    })
}

/// What was read so far.
#[derive(Default)]
struct Read {
    unread: u64,
    /// Times of the oldest and newest event.
    span: Option<(Timestamp, Timestamp)>,
}

impl Read {
    fn event(&mut self, line: &[u8], context: &Context, place: &dyn Fn() -> String) -> Option<Event> {
        match serde_json::from_slice::<Event>(line) {
            Ok(event) => {
                let at = event.timestamp;
                self.span = Some(self.span.map_or((at, at), |(from, to)| (from.min(at), to.max(at))));
                Some(event)
            }
            // The library's words may quote the event; its place does not.
            Err(error) => {
                let said = error.to_string();
                let missing = said
                    .strip_prefix("missing field ")
                    .and_then(|rest| rest.split_once(" at "))
                    .map_or(String::new(), |(name, _)| {
                        format!(": it has no {name}; `picket rules match` takes events of any shape")
                    });
                let cause = format!("it is no event of Picket{missing}");
                self.leave_out(&cause, error.column(), context, place)
            }
        }
    }

    fn leave_out<T>(&mut self, cause: &str, column: usize, context: &Context, place: &dyn Fn() -> String) -> Option<T> {
        self.unread += 1;
        if self.unread <= TOLD_MAX {
            context.note(&format!("{} was left out (column {column}): {cause}", place()));
        }
        None
    }
}

struct Trial {
    backtest: Backtest,
    span: Option<(Timestamp, Timestamp)>,
}

impl Trial {
    fn row(&self, tried: &Tried) -> Value {
        let info = self.backtest.set().infos.get(tried.rule);
        let (rule, title) = info.map_or(("", ""), |info| (info.key.as_str(), info.title.as_str()));
        let days = self.span.map_or(1.0, |(from, to)| to.since(from).as_secs_f64() / 86_400.0).max(1.0);
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let per_day = (tried.findings as f64 / days * 100.0).round() / 100.0;
        json!({
            "rule": rule, "title": title, "severity": tried.severity, "category": tried.category,
            "findings": tried.findings, "matches": tried.hits, "entities": tried.entities, "per_day": per_day,
            "responses": tried.responses, "first_at": tried.first_at, "last_at": tried.last_at,
            "example": tried.example, "span": info.and_then(|info| info.span).map(duration::display),
        })
    }
}
