//! The second tier of prompt injection, alone and joined to the first, on texts that it was not trained on.

use crate::Outcome;
use crate::options::Second;
use crate::question::Question;
use crate::rows::Row;
use crate::verdicts::{Verdict, Verdicts};
use picket_encoder::{Bundle, Encoder, LEVELS, Levels, Rarity, Stratum, Windows, evidence_of};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// Sources that the shipped encoder was not trained on.
const LEFT_OUT: &str = include_str!("../../../eval/encoder/left_out.txt");
/// Of harmless texts whose source is known but which themselves are not, one of so many is asked about: there are many.
const ONE_OF: u64 = 6;
/// Evidence from which on a text counts, of either tier.
const COUNTS: f64 = 2.7;

/// A text that the encoder has read.
struct Read {
    /// The first tier's evidence.
    first: f32,
    windows: Windows,
    time: Duration,
}

/// What the second tier says, both, and both where the first is unsure; each about texts that it has not learned from.
///
/// `first` is on the scale of evidence if its models had not seen a text's source, and else of scores.
pub(crate) fn judged(options: &Second, left_out: bool, first: &Verdicts, rows: &[Row]) -> Outcome<[Verdicts; 3]> {
    let file = std::fs::read(&options.encoder).map_err(|error| format!("{}: {error}", options.encoder.display()))?;
    let encoder = Encoder::load(&file)?;
    let trained = options.trained.as_deref().map(numbers).transpose()?;
    let question = Question::of(&first.check);
    let mut wanted: Vec<(usize, &Row, f32)> = Vec::new();
    for (number, (row, verdict)) in rows.iter().zip(&first.list).enumerate() {
        let (Some(answer), Some(verdict)) = (question.answer(row), verdict) else { continue };
        if is_unseen(row) || (!answer && is_spare(number, row, trained.as_ref())) {
            #[expect(clippy::cast_possible_truncation, reason = "scores are shown with three digits")]
            let score = verdict.score as f32;
            wanted.push((number, row, if left_out { score } else { evidence_of(score) }));
        }
    }
    let mut read = read_all(&encoder, &wanted);
    let mut rarity = encoder.rarity().clone();
    if let Some(out) = &options.calibrate {
        let harmless = |number: &usize| rows.get(*number).is_some_and(|row| question.answer(row) == Some(false));
        let half = |number: &usize| rows.get(*number).is_some_and(is_for_calibration);
        let calibrating: HashMap<usize, Read> = read.extract_if(|number, _| harmless(number) && half(number)).collect();
        rarity = calibrated(&calibrating.values().collect::<Vec<_>>());
        std::fs::write(out, Bundle::read(&file)?.with_rarity(&rarity))?;
        crate::say(&format!("calibrated by {} harmless texts:\n{rarity}", calibrating.len()));
    }
    let list = |evidence: &dyn Fn(&Read) -> f32| {
        let verdict = |number: usize| {
            let read = read.get(&number)?;
            let score = f64::from(evidence(read));
            Some(Verdict { score, flagged: score >= COUNTS, time: read.time, ..Verdict::default() })
        };
        (0..rows.len()).map(verdict).collect()
    };
    let alone = list(&|read| read.windows.score(&rarity).evidence);
    let joined = |read: &Read| rarity.joined(read.first, read.windows.score(&rarity).evidence, read.windows.stratum);
    let both = list(&joined);
    let band = (evidence_of(options.unsure.0), evidence_of(options.unsure.1));
    let is_unsure = |read: &Read| (band.0..=band.1).contains(&read.first);
    let inside = list(&|read| if is_unsure(read) { joined(read) } else { read.first });
    let asked = |is_attack: bool| {
        let of = |number: &&usize| rows.get(**number).is_some_and(|row| question.answer(row) == Some(is_attack));
        let all: Vec<&Read> = read.keys().filter(of).filter_map(|number| read.get(number)).collect();
        let unsure = all.iter().filter(|read| is_unsure(read)).count();
        format!("{unsure} of {}", all.len())
    };
    crate::say(&format!("unsure about {} attacks and {} harmless texts", asked(true), asked(false)));
    let verdicts = |by: &str, list| Verdicts { by: by.to_owned(), check: first.check.clone(), list };
    Ok([
        verdicts("picket, second tier", alone),
        verdicts("picket, both tiers", both),
        verdicts("picket, both where unsure", inside),
    ])
}

/// Reads texts, on all cores.
fn read_all(encoder: &Encoder, wanted: &[(usize, &Row, f32)]) -> HashMap<usize, Read> {
    let cores = available_parallelism().map_or(1, NonZero::get);
    let share = |core: usize| {
        let mut read = Vec::new();
        for (number, row, first) in wanted.iter().skip(core).step_by(cores) {
            let begun = Instant::now();
            let windows = encoder.windows(&row.text);
            read.push((*number, Read { first: *first, windows, time: begun.elapsed() }));
        }
        read
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|core| {
                scope.spawn({
                    let share = &share;
                    move || share(core)
                })
            })
            .collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    })
}

/// The numbers of the texts that were trained on.
fn numbers(file: &Path) -> Outcome<HashSet<usize>> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let number = |line: &str| line.trim().parse().map_err(|_| format!("{name}: `{line}` is no number").into());
    text.lines().map(number).collect()
}

fn is_unseen(row: &Row) -> bool {
    LEFT_OUT.lines().any(|source| source == row.source)
}

/// Whether a text of a known source was not trained on, and is one of those that are asked about.
fn is_spare(number: usize, row: &Row, trained: Option<&HashSet<usize>>) -> bool {
    trained.is_some_and(|trained| !trained.contains(&number)) && hash(row).is_multiple_of(ONE_OF)
}

/// Half of all texts, always the same.
fn is_for_calibration(row: &Row) -> bool {
    (hash(row) / ONE_OF).is_multiple_of(2)
}

fn hash(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.text.hash(&mut hasher);
    hasher.finish()
}

/// Tables by what harmless texts reach.
fn calibrated(harmless: &[&Read]) -> Rarity {
    let mut rarity = Rarity::default();
    for stratum in Stratum::ALL {
        let own = || harmless.iter().filter(|read| read.windows.stratum == stratum);
        let windows = levels(own().flat_map(|read| read.windows.judged.iter().copied()).collect());
        rarity.set(stratum, windows, Levels::default());
        let sums = levels(own().map(|read| read.first + read.windows.score(&rarity).evidence).collect());
        rarity.set(stratum, windows, sums);
    }
    rarity
}

/// The scores that one of 2, 10, 50, 200 and 1,000 reaches. Where there are too few, the last that is known goes on.
fn levels(mut scores: Vec<f32>) -> Levels {
    scores.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut last = f32::NEG_INFINITY;
    LEVELS.map(|one_of| {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "texts are few"
        )]
        let at = (scores.len() as f32 / one_of) as usize;
        let reached = scores.get(at.max(1) - 1).copied().unwrap_or_default();
        // Equal levels would be a step that nothing can be between.
        last = if last.is_finite() { reached.max(last + 0.01) } else { reached };
        last
    })
}

#[cfg(test)]
mod tests;
