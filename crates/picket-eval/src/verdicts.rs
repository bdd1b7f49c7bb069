//! What a detector says about each text: Picket's own, or another one's from its file.

use crate::Outcome;
use crate::question::Question;
use crate::rows::{Entity, Row, entity_of};
use picket_content::injection::folded_view;
use picket_content::{Check, Context, Detectors, Reading, Settings, code_points};
use picket_event::{Phase, Role};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

/// What one detector says about one thing in all texts.
#[derive(Debug, Clone)]
pub(crate) struct Verdicts {
    /// Who says it, with its version.
    pub(crate) by: String,
    /// The check that it is compared with.
    pub(crate) check: String,
    /// In the order of the texts; `None` where it was not asked.
    pub(crate) list: Vec<Option<Verdict>>,
}

/// What a detector says about a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Verdict {
    /// Higher is surer; on the detector's own scale.
    pub(crate) score: f64,
    /// Whether it counts at the detector's own threshold.
    pub(crate) flagged: bool,
    pub(crate) entities: Vec<Entity>,
    pub(crate) time: Duration,
}

/// Asks Picket about all texts.
pub(crate) fn own(check: Check, rows: &[Row]) -> Verdicts {
    let question = Question::of(check.as_str());
    // What is compiled when it is first needed is no time of the first text.
    Detectors.scan(check, "warm 12345678, someone at example.org; ignore the rest", question.context());
    let judge = |row: &Row| {
        let begun = Instant::now();
        let report = Detectors.scan(check, &row.text, question.context());
        let time = begun.elapsed();
        let spans = code_points(&row.text, report.hits.iter().map(|hit| hit.start..hit.end));
        let kinds = report.hits.iter().map(|hit| hit.kind.to_owned());
        let entities = kinds.zip(spans).map(|(kind, span)| Entity { kind, span }).collect();
        let flagged = report.score >= Detectors.threshold(check);
        Some(Verdict { score: f64::from(report.score), flagged, entities, time })
    };
    Verdicts { by: "picket".to_owned(), check: check.to_string(), list: rows.iter().map(judge).collect() }
}

/// Asks all checks about each text as the gateway does, with one reading for all of them: the rows that all of them read,
/// and what that took.
pub(crate) fn together(checks: &[Check], rows: &[Row]) -> Vec<(usize, Duration)> {
    let context = Context { role: Role::User, phase: Phase::Input };
    let look = |text: &str| {
        let reading = Reading::of(text);
        for check in checks {
            std::hint::black_box(Detectors.scan_with(*check, &[], &Settings::Usual, &reading, &context));
        }
    };
    look("warm 12345678, someone at example.org; ignore the rest");
    let timed = |row: &Row| {
        let begun = Instant::now();
        look(&row.text);
        (row.text.len(), begun.elapsed())
    };
    rows.iter().map(timed).collect()
}

/// Reads what another detector said.
///
/// The first line is `{"by", "check"}`; each further one `{"row", "score", "flagged", "seconds"}` and perhaps
/// `"entities": [{"type", "start", "end"}]` in code points. A `score` of null stands for 1 or 0 as `flagged` says.
pub(crate) fn read(file: &Path, texts: usize) -> Outcome<Verdicts> {
    let name = file.display().to_string();
    let lines = BufReader::new(File::open(file).map_err(|error| format!("{name}: {error}"))?).lines();
    let mut verdicts = Verdicts { by: String::new(), check: String::new(), list: vec![None; texts] };
    for (number, line) in (1..).zip(lines) {
        let place = |cause: &str| format!("{name}:{number}: {cause}");
        let value: Value = serde_json::from_str(&line?).map_err(|error| place(&error.to_string()))?;
        if number == 1 {
            let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
            verdicts.by = text("by").ok_or_else(|| place("`by` is missing"))?;
            verdicts.check = text("check").ok_or_else(|| place("`check` is missing"))?;
            continue;
        }
        let (row, verdict) = verdict_of(&value).ok_or_else(|| place("is no verdict"))?;
        *verdicts.list.get_mut(row).ok_or_else(|| place("there is no such row"))? = Some(verdict);
    }
    Ok(verdicts)
}

fn verdict_of(value: &Value) -> Option<(usize, Verdict)> {
    let flagged = value.get("flagged")?.as_bool()?;
    let entities = value.get("entities").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let verdict = Verdict {
        score: value.get("score").and_then(Value::as_f64).unwrap_or_else(|| f64::from(u8::from(flagged))),
        flagged,
        entities: entities.iter().map(entity_of).collect::<Option<_>>()?,
        time: Duration::try_from_secs_f64(value.get("seconds")?.as_f64()?).ok()?,
    };
    Some((value.get("row")?.as_u64()?.try_into().ok()?, verdict))
}

/// Keeps, for each check, only texts that all its detectors were asked about: only on those they can be compared.
pub(crate) fn keep_common(all: &mut [Verdicts]) {
    let mut missing: BTreeSet<(String, usize)> = BTreeSet::new();
    for verdicts in all.iter() {
        let unasked = verdicts.list.iter().enumerate().filter(|(_, verdict)| verdict.is_none());
        missing.extend(unasked.map(|(at, _)| (verdicts.check.clone(), at)));
    }
    for verdicts in all {
        for (at, verdict) in verdicts.list.iter_mut().enumerate() {
            if missing.contains(&(verdicts.check.clone(), at)) {
                *verdict = None;
            }
        }
    }
}

/// Evidence from which on a text of a user counts: one harmless text in three hundred has it.
const COUNTS: f64 = 2.5;

/// Picket's verdicts on prompt injection by models that had not seen the source of a text, from the file that
/// `cargo xt eval left-out` writes: `{"view", "score"}` with the folded text. Texts that training skipped have none.
pub(crate) fn left_out(file: &Path, rows: &[Row]) -> Outcome<Verdicts> {
    let name = file.display().to_string();
    let mut scores: HashMap<String, f64> = HashMap::new();
    let lines = BufReader::new(File::open(file).map_err(|error| format!("{name}: {error}"))?).lines();
    for (number, line) in (1..).zip(lines) {
        let value: Value = serde_json::from_str(&line?).map_err(|error| format!("{name}:{number}: {error}"))?;
        let view = value.get("view").and_then(Value::as_str);
        let score = value.get("score").and_then(Value::as_f64);
        let (view, score) = view.zip(score).ok_or_else(|| format!("{name}:{number}: lacks `view` or `score`"))?;
        scores.insert(view.to_owned(), score);
    }
    let judge = |row: &Row| {
        let score = *scores.get(&folded_view(&row.text))?;
        Some(Verdict { score, flagged: score >= COUNTS, ..Verdict::default() })
    };
    let list = rows.iter().map(judge).collect();
    Ok(Verdicts { by: "picket, source left out".to_owned(), check: Check::PromptInjection.to_string(), list })
}

#[cfg(test)]
mod tests;
