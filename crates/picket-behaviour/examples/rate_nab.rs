//! How well [`Series`] finds what the Numenta Anomaly Benchmark labels, by the benchmark's own score.
//!
//! `cargo xt eval nab FOLDER`, where the folder is a checkout of the benchmark: `data/` and `labels/combined_windows.json`.
//! As the benchmark has it, one threshold is taken for all files, the best one for each profile. How long a series is
//! quiet after it told something is a tenth of its file: a choice that knows how long the file is.

use picket_behaviour::{Season, Series};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;

/// The first part of a file, in which nothing counts, and the most rows of it.
const PROBATION: f64 = 0.15;
const PROBATION_ROWS: usize = 5_000;
/// How much of a file is quiet after something was told.
const QUIET: i64 = 10;
/// Weights of a window that was found, of a false alarm, and of a window that was missed.
const PROFILES: [(&str, f64, f64, f64); 3] =
    [("standard", 1.0, 0.11, 1.0), ("low false positives", 1.0, 0.22, 1.0), ("low false negatives", 1.0, 0.11, 2.0)];

/// A file of the benchmark.
struct Labelled {
    rows: Vec<(i64, f64)>,
    /// First and last row of each window.
    windows: Vec<(usize, usize)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("give the folder of the benchmark, with `data/` and `labels/`")?;
    let files = read(Path::new(&folder))?;
    let mut out = std::io::stdout().lock();
    let rows: usize = files.iter().map(|file| file.rows.len()).sum();
    let windows: usize = files.iter().map(|file| file.windows.len()).sum();
    writeln!(out, "{} files, {rows} values, {windows} windows", files.len())?;
    for (name, found, wrong, missed) in PROFILES {
        let tails = (2..60).map(|exponent| 10_f64.powf(f64::from(exponent) / -4.0));
        let scores = tails.map(|tail| {
            let raw: f64 = files.iter().map(|file| score(file, &told(file, tail), found, wrong, missed)).sum();
            (normalised(raw, windows, found, missed), tail)
        });
        let (score, tail) =
            scores.fold((f64::NEG_INFINITY, 0.0), |best, other| if other.0 > best.0 { other } else { best });
        writeln!(out, "{name}: {score:.1}, where values are told that are no likelier than {tail:.1e}")?;
    }
    Ok(())
}

/// Nothing told is 0, every window found at its first row and nothing else is 100.
fn normalised(raw: f64, windows: usize, found: f64, missed: f64) -> f64 {
    let windows = f64::from(u32::try_from(windows).unwrap_or(u32::MAX));
    let (nothing, all) = (-missed * windows, found * windows);
    100.0 * (raw - nothing) / (all - nothing)
}

fn read(folder: &Path) -> Result<Vec<Labelled>, Box<dyn Error>> {
    let labels = std::fs::read_to_string(folder.join("labels/combined_windows.json"))?;
    let labels: BTreeMap<String, Vec<(String, String)>> = serde_json::from_str(&labels)?;
    let mut files = Vec::new();
    for (name, windows) in labels {
        let text = std::fs::read_to_string(folder.join("data").join(&name))?;
        let mut rows = Vec::new();
        for line in text.lines().skip(1) {
            let (at, value) = line.split_once(',').ok_or_else(|| format!("{name}: a line without a comma"))?;
            rows.push((moment(at).ok_or_else(|| format!("{name}: `{at}` is no time"))?, value.trim().parse()?));
        }
        let place = |text: &str| moment(text).map(|at| rows.partition_point(|(other, _)| *other < at));
        let windows = windows.iter().map(|(from, to)| Some((place(from)?, place(to)?))).collect::<Option<Vec<_>>>();
        files.push(Labelled { rows, windows: windows.ok_or_else(|| format!("{name}: a window without times"))? });
    }
    Ok(files)
}

/// `2014-04-01 00:00:00`, with or without a fraction, in milliseconds since the Unix epoch.
fn moment(text: &str) -> Option<i64> {
    let (date, time) = text.trim().split_once(' ')?;
    let numbers = |text: &str, by: char| -> Option<Vec<i64>> {
        text.split('.').next()?.split(by).map(|part| part.parse().ok()).collect()
    };
    let (date, time) = (numbers(date, '-')?, numbers(time, ':')?);
    let ([year, month, day], [hour, minute, second]) = (date.as_slice(), time.as_slice()) else { return None };
    // Days since the epoch, by Howard Hinnant's `days_from_civil`.
    let year = year - i64::from(*month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000)
}

/// Rows at which something is told.
fn told(file: &Labelled, tail: f64) -> Vec<usize> {
    let span = file.rows.last().map_or(0, |last| last.0) - file.rows.first().map_or(0, |first| first.0);
    let mut series = Series::new(Season::HourOfDay, tail, span / QUIET);
    let points = file.rows.iter().map(|(at, value)| series.add(*at, *value));
    points.enumerate().filter(|(_, point)| point.is_told).map(|(row, _)| row).collect()
}

#[expect(clippy::cast_precision_loss, reason = "rows of files")]
fn real(count: usize) -> f64 {
    count as f64
}

/// How good a place is: 1 far before the end of a window, 0 at its end, -1 long after it.
fn worth(place: f64) -> f64 {
    if place > 3.0 { -1.0 } else { 2.0 / (1.0 + (5.0 * place).exp()) - 1.0 }
}

/// What the rows that were told are worth.
fn score(file: &Labelled, told: &[usize], found: f64, wrong: f64, missed: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a number of rows")]
    let probation = (PROBATION * real(file.rows.len().min(PROBATION_ROWS))).floor() as usize;
    let mut sum = 0.0;
    for (from, to) in &file.windows {
        // Only the first place in a window counts, which is the best.
        let first = told.iter().find(|row| **row >= probation && (from..=to).contains(row));
        sum += match first {
            Some(row) => found * worth(-real(to - row + 1) / real(to - from + 1)) / worth(-1.0),
            None => -missed,
        };
    }
    for row in told.iter().filter(|row| **row >= probation) {
        if file.windows.iter().any(|(from, to)| (from..=to).contains(&row)) {
            continue;
        }
        let before = file.windows.iter().rev().find(|(_, to)| to < row);
        sum += wrong * before.map_or(-1.0, |(from, to)| worth(real(row - to) / real(to - from).max(1.0)));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Labelled {
        Labelled { rows: (0..1_000).map(|row| (row * 300_000, 1.0)).collect(), windows: vec![(400, 499), (800, 899)] }
    }

    #[test]
    fn nothing_is_worth_0_and_all_at_once_100() {
        let of = |told: &[usize]| normalised(score(&file(), told, 1.0, 0.11, 1.0), 2, 1.0, 1.0);
        assert!(of(&[]).abs() < 1e-9);
        assert!((of(&[400, 800]) - 100.0).abs() < 1e-9);
        assert!(of(&[400, 450, 800]) > 99.9, "a second place in a window costs nothing");
        assert!((50.0..100.0).contains(&of(&[400, 890])));
        // Before any window a false alarm costs all of its weight; shortly after one, less; in probation nothing.
        assert!((of(&[200, 400, 800]) - (100.0 - 100.0 * 0.11 / 4.0)).abs() < 1e-9);
        assert!(of(&[400, 505, 800]) > of(&[400, 700, 800]));
        assert!((of(&[100, 400, 800]) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn times_are_those_of_the_files() {
        assert_eq!(moment("1970-01-01 00:00:01"), Some(1_000));
        assert_eq!(moment("2014-04-01 00:05:00"), Some(1_396_310_700_000));
        assert_eq!(moment("2016-02-29 12:00:00.000000"), Some(1_456_747_200_000));
        assert_eq!(moment("yesterday"), None);
    }

    #[test]
    fn a_spike_in_a_quiet_series_is_found() {
        let mut file = file();
        for (row, (_, value)) in file.rows.iter_mut().enumerate() {
            *value = f64::from(u32::try_from(row % 7).unwrap()) + if (405..415).contains(&row) { 50.0 } else { 0.0 };
        }
        assert_eq!(told(&file, 1e-6), [405]);
    }
}
