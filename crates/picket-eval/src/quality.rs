//! All figures about one detector and one check.

use crate::entities::{Tally, tally};
use crate::question::{Kinds, Question, Stratum};
use crate::roc::{Estimate, Roc, proportion};
use crate::rows::Row;
use crate::verdicts::{Verdict, Verdicts};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

/// What is known about a detector after it has judged all texts.
#[derive(Debug)]
pub(crate) struct Quality {
    pub(crate) by: String,
    pub(crate) check: String,
    /// Texts that it was asked about.
    pub(crate) texts: usize,
    pub(crate) groups: Vec<Group>,
    /// What is flagged at the detector's own threshold, by source and label.
    pub(crate) flagged: Vec<Flagged>,
    /// By kind of place; empty where places are not compared.
    pub(crate) places: BTreeMap<String, Tally>,
    pub(crate) speed: Vec<Band>,
    /// Over all sizes; none if no time was taken.
    pub(crate) us_per_kb: Option<f64>,
}

/// Texts that are looked at together.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) by: &'static str,
    pub(crate) name: String,
    pub(crate) roc: Roc,
}

/// How many texts are flagged.
#[derive(Debug)]
pub(crate) struct Flagged {
    pub(crate) source: String,
    pub(crate) label: String,
    pub(crate) flagged: usize,
    pub(crate) of: usize,
    pub(crate) share: Estimate,
    /// Whether they should be; none if nobody has said.
    pub(crate) wanted: Option<bool>,
}

/// Time for texts of a size.
#[derive(Debug)]
pub(crate) struct Band {
    /// In bytes; the last band has no end.
    pub(crate) below: Option<usize>,
    pub(crate) texts: usize,
    pub(crate) us_per_kb: f64,
    pub us_p50: f64,
    /// The rate that half of the texts take at most.
    pub us_per_kb_p50: f64,
    pub us_p99: f64,
}

const BANDS: [Option<usize>; 5] = [Some(256), Some(1_024), Some(4_096), Some(16_384), None];

/// Measures all that can be told.
pub(crate) fn measure(rows: &[Row], verdicts: &Verdicts, seed: u64) -> Quality {
    let question = Question::of(&verdicts.check);
    let judged: Vec<(&Row, &Verdict)> =
        rows.iter().zip(&verdicts.list).filter_map(|(row, verdict)| Some((row, verdict.as_ref()?))).collect();
    let places = match question.entities {
        Kinds::Ignored => BTreeMap::new(),
        kinds => tally(rows, verdicts, kinds, question.label_of_places()),
    };
    let timed: Vec<_> = judged.iter().map(|(row, verdict)| (row.text.len(), verdict.time)).collect();
    let all = band(&timed, 0..usize::MAX);
    Quality {
        by: verdicts.by.clone(),
        check: verdicts.check.clone(),
        texts: judged.len(),
        groups: groups(&judged, &question, seed),
        flagged: flagged(&judged, &question),
        places,
        speed: speed(&timed),
        us_per_kb: all.map(|band| band.us_per_kb),
    }
}

/// Sources are rated against the harmless texts of all sources, since most sources of attacks have none of their own;
/// languages and strata against their own harmless texts.
fn groups(judged: &[(&Row, &Verdict)], question: &Question, seed: u64) -> Vec<Group> {
    let mut scores: BTreeMap<(&str, String), [Vec<f64>; 2]> = BTreeMap::new();
    let mut harmless: Vec<f64> = Vec::new();
    for (row, verdict) in judged {
        let Some(answer) = question.answer(row) else { continue };
        let side = usize::from(answer);
        if !answer {
            harmless.push(verdict.score);
        }
        for (by, name) in [
            ("all", String::new()),
            ("source", row.source.clone()),
            ("language", row.lang.clone()),
            ("stratum", Stratum::of(row).to_string()),
        ] {
            let sides = scores.entry((by, name)).or_default();
            if let Some(scores) = sides.get_mut(side) {
                scores.push(verdict.score);
            }
        }
    }
    let roc = |((by, name), [negatives, positives]): ((&'static str, String), [Vec<f64>; 2])| {
        let negatives = if by == "source" { &harmless } else { &negatives };
        Some(Group { by, name, roc: Roc::of(&positives, negatives, seed)? })
    };
    scores.into_iter().filter_map(roc).collect()
}

/// Texts of one source and label may have different answers, and then stand on different lines.
fn flagged(judged: &[(&Row, &Verdict)], question: &Question) -> Vec<Flagged> {
    let mut counts: BTreeMap<(&str, &str, Option<bool>), (usize, usize)> = BTreeMap::new();
    for (row, verdict) in judged {
        let key = (row.source.as_str(), row.label.as_str(), question.answer(row));
        let (flagged, of) = counts.entry(key).or_default();
        *flagged += usize::from(verdict.flagged);
        *of += 1;
    }
    let line = |((source, label, wanted), (flagged, of)): ((&str, &str, Option<bool>), (usize, usize))| Flagged {
        source: source.to_owned(),
        label: label.to_owned(),
        flagged,
        of,
        share: proportion(flagged, of),
        wanted,
    };
    counts.into_iter().map(line).collect()
}

/// What texts of some sizes took, by size.
pub(crate) fn speed(timed: &[(usize, Duration)]) -> Vec<Band> {
    let starts = [0].into_iter().chain(BANDS.into_iter().flatten());
    let bands = starts.zip(BANDS).filter_map(|(from, below)| {
        let band = band(timed, from..below.unwrap_or(usize::MAX))?;
        Some(Band { below, ..band })
    });
    bands.collect()
}

fn band(timed: &[(usize, Duration)], sizes: Range<usize>) -> Option<Band> {
    let of_size = timed.iter().filter(|(length, _)| sizes.contains(length));
    let (mut times, mut bytes) = (Vec::new(), 0);
    for (length, time) in of_size.clone() {
        times.push(*time);
        bytes += length;
    }
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    #[expect(clippy::cast_precision_loss, reason = "sizes of texts are far below 2^52")]
    let mut rates: Vec<f64> = of_size.map(|(length, time)| micros(*time) * 1_024.0 / (*length).max(1) as f64).collect();
    rates.sort_by(f64::total_cmp);
    times.sort_unstable();
    let at = |permille: usize| times.get(times.len() * permille / 1_000).copied().map_or(0.0, micros);
    let total: Duration = times.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "sizes of texts are far below 2^52")]
    let kilobytes = bytes as f64 / 1_024.0;
    (bytes > 0 && !total.is_zero()).then(|| Band {
        below: None,
        texts: times.len(),
        us_per_kb: micros(total) / kilobytes,
        us_per_kb_p50: rates.get(rates.len() / 2).copied().unwrap_or(0.0),
        us_p50: at(500),
        us_p99: at(990),
    })
}

#[cfg(test)]
mod tests;
