//! The gateway's detectors as a filter: JSON lines in, JSON lines out.

mod explain;
mod second;

use super::Context as Session;
use crate::args::{DetectArgs, Shown, Tier};
use crate::failure::Failure;
use crate::output;
use picket_content::leak::{self, Confidence, Prompt};
use picket_content::{Check, Context, Detectors};
use picket_event::score::rounded;
use picket_event::{Phase, Role};
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, Read as _, Write as _};
use std::sync::Arc;
use std::time::Instant;

/// The longest line that is read: what a request may hold, written with escapes.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

#[derive(Debug, Deserialize)]
struct Input {
    id: serde_json::Value,
    text: String,
    /// The system prompt that an answer is compared with, for prompt-leak.
    #[serde(default)]
    system: Option<String>,
}

#[derive(Debug, Serialize)]
struct Output {
    id: serde_json::Value,
    score: f64,
    flag: bool,
    #[serde(rename = "type")]
    kind: Option<String>,
    spans: Vec<Span>,
    us: u64,
    /// The tier that judged.
    tier: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detectors: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<serde_json::Value>,
}

#[derive(Debug, Serialize)]
struct Span {
    #[serde(rename = "type")]
    kind: String,
    start: usize,
    end: usize,
}

pub(super) fn run(args: &DetectArgs, context: &Session) -> Result<(), Failure> {
    if args.format == Some(Shown::Text) && !args.explain {
        return Err(Failure::usage("--format text is for --explain; without it, results are JSON".to_owned()));
    }
    let is_text = match args.format {
        Some(format) => format == Shown::Text,
        None => args.explain && output::is_watched(),
    };
    let check: Check = args.check.parse().map_err(Failure::usage)?;
    let second = if args.tier == Tier::Full { second::of(check)? } else { None };
    if args.tier == Tier::Full && second.is_none() {
        // Each line says which tier judged it, so that nobody takes it for more.
        context.note(&format!(
            "this build has no slower tier of {check}: these are the results of the inline tier, as with --tier inline"
        ));
    }
    let (phase, role) =
        if args.direction == "output" { (Phase::Output, Role::Assistant) } else { (Phase::Input, Role::User) };
    let detectors = Detectors;
    let context = Context { role, phase };
    let mut out = std::io::stdout().lock();
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        number += 1;
        if input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if u64::try_from(line.len()).is_ok_and(|length| length == LINE_BYTES_MAX) {
            return Err(Failure::usage(format!("line {number} is longer than {LINE_BYTES_MAX} bytes")));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let row: Input = serde_json::from_slice(&line)
            .map_err(|error| Failure::usage(format!("line {number} is not {{\"id\", \"text\"}}: {error}")))?;
        let (output, text) = judge(&detectors, (check, row), &context, args.explain, second.as_ref());
        match text.filter(|_| is_text) {
            Some(text) => out.write_all(text.as_bytes())?,
            None => {
                serde_json::to_writer(&mut out, &output)?;
                out.write_all(b"\n")?;
            }
        }
        out.flush()?;
    }
}

/// What a system prompt says in confidence, to a caller who said nothing.
fn confidence(system: &str) -> Option<Confidence> {
    Confidence::new(Arc::new(Prompt::new(&[system])), &[], &[], &[])
}

/// The result of a line, and why in words where that was asked for.
fn judge(
    detectors: &Detectors,
    (check, row): (Check, Input),
    context: &Context,
    explain: bool,
    second: Option<&second::Tier>,
) -> (Output, Option<String>) {
    let begin = Instant::now();
    let report = match row.system.filter(|_| check == Check::PromptLeak) {
        Some(system) => confidence(&system).map(|kept| leak::scan(&row.text, &kept)).unwrap_or_default(),
        None => detectors.scan(check, &row.text, context),
    };
    let threshold = detectors.threshold(check);
    let report = match second {
        Some(second) => second.joined(&row.text, report, threshold),
        None => report,
    };
    let flag = report.score >= threshold;
    let us = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
    let places = picket_content::code_points(&row.text, report.hits.iter().map(|hit| hit.start..hit.end));
    let spans = report.hits.iter().zip(places).map(|(hit, at)| Span {
        kind: hit.kind.to_owned(),
        start: at.start,
        end: at.end,
    });
    let why = explain.then(|| explain::Why::of(check, &row.text, &report, threshold, context));
    let text = why.as_ref().map(|why| why.text(&row.id));
    let output = Output {
        id: row.id,
        score: rounded(f64::from(report.score)),
        flag,
        kind: report.kind.map(str::to_owned),
        spans: spans.collect(),
        us,
        tier: if second.is_some() { "full" } else { "inline" },
        detectors: explain.then(|| report.hits.iter().map(|hit| hit.detector.to_owned()).collect()),
        explanation: why.map(|why| why.json()),
    };
    (output, text)
}
