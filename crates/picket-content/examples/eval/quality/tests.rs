use super::*;
use crate::rows::Entity;

fn row(source: &str, label: &str, bytes: usize, kinds: &[&str]) -> Row {
    let entities = kinds.iter().map(|kind| Entity { kind: (*kind).to_owned(), span: 0..1 }).collect();
    let [source, label, lang] = [source, label, "en"].map(str::to_owned);
    Row { text: "x".repeat(bytes), label, source, lang, entities: Some(entities) }
}

fn verdict(score: f64, micros: u64) -> Option<Verdict> {
    Some(Verdict { score, flagged: score >= 0.5, time: Duration::from_micros(micros), ..Verdict::default() })
}

fn measured(check: &str, rows: &[Row], list: Vec<Option<Verdict>>) -> Quality {
    measure(rows, &Verdicts { by: "x".to_owned(), check: check.to_owned(), list }, 1)
}

#[test]
fn texts_of_a_source_that_differ_in_their_answer_are_counted_apart() {
    let rows = [row("s", "pii", 9, &["US_SSN"]), row("s", "pii", 9, &["US_SSN"]), row("s", "pii", 9, &["PERSON"])];
    let quality = measured("pii", &rows, vec![verdict(0.9, 1), verdict(0.1, 1), verdict(0.2, 1)]);
    let lines: Vec<_> = quality.flagged.iter().map(|line| (line.wanted, line.flagged, line.of)).collect();
    assert_eq!(lines, [(None, 0, 1), (Some(true), 1, 2)]);
}

#[test]
fn a_source_of_attacks_is_rated_against_the_harmless_texts_of_all_sources() {
    let mut rows = vec![row("attacks", "injection", 9, &[])];
    let mut list = vec![verdict(0.9, 1)];
    for _ in 0..100 {
        rows.push(row("harmless", "benign", 9, &[]));
        list.push(verdict(0.1, 1));
    }
    let quality = measured("prompt-injection", &rows, list);
    let group = quality.groups.iter().find(|group| group.by == "source").unwrap();
    assert_eq!((group.name.as_str(), group.roc.positives, group.roc.negatives), ("attacks", 1, 100));
    assert!(quality.groups.iter().all(|group| group.name != "harmless"));
}

#[test]
fn what_was_not_asked_counts_nowhere() {
    let rows = [row("s", "injection", 9, &[]), row("s", "benign", 9, &[])];
    let quality = measured("prompt-injection", &rows, vec![None, verdict(0.1, 1)]);
    assert_eq!((quality.texts, quality.groups.len(), quality.flagged.len()), (1, 0, 1));
}

#[test]
fn time_is_told_by_size_and_a_kilobyte() {
    let rows = [row("s", "benign", 1_024, &[]), row("s", "benign", 2_048, &[]), row("s", "benign", 100, &[])];
    let quality = measured("secret", &rows, vec![verdict(0.0, 30), verdict(0.0, 60), verdict(0.0, 7)]);
    let bands: Vec<_> = quality.speed.iter().map(|band| (band.below, band.texts, band.us_p50.round())).collect();
    let expected = [(Some(256), 1, 7.0), (Some(4_096), 2, 60.0)];
    assert!(bands == expected, "{bands:?}");
    assert!((quality.speed[1].us_per_kb - 30.0).abs() < 1e-6);
}
