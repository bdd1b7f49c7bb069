use super::*;
use proptest::prelude::*;

const TABLES: &str = "short encoder -4 -3 -2 -1 0\nshort both 0 1 2 3 4\ndocument encoder -4 -3 -2 -1 0\n\
    document both 0 1 2 3 4\nnon-english encoder -4 -3 -2 -1 0\nnon-english both 0 1 2 3 4\n";

fn rarity() -> Rarity {
    Rarity::read(TABLES).expect("the tables are right")
}

#[test]
fn tables_read_back_as_they_were_written() {
    assert_eq!(Rarity::read(&rarity().to_string()).expect("it was just written"), rarity());
}

#[test]
fn tables_that_make_no_sense_are_refused_with_their_line() {
    for (from, to) in
        [("short both 0 1", "short both 5 1"), ("short both", "x"), ("-1 0\nshort", "-1\nshort"), ("4\n", "nan\n")]
    {
        let error = Rarity::read(&TABLES.replacen(from, to, 1)).expect_err("it is wrong").to_string();
        assert!(error.contains("rarity") && error.contains('`'), "{error}");
    }
}

#[test]
fn a_text_of_many_windows_needs_a_rarer_one() {
    let evidence = |windows| rarity().evidence(Stratum::Document, -1.0, windows);
    assert!((evidence(1) - 2.301).abs() < 0.01, "{}", evidence(1));
    assert!((evidence(10) - 1.301).abs() < 0.01, "{}", evidence(10));
    assert!(evidence(usize::MAX).abs() < 1e-6);
}

#[test]
fn strata_go_by_language_and_length() {
    for (text, windows, stratum) in [
        ("what is the time in Rome?", 1, Stratum::Short),
        ("ok", 1, Stratum::Short),
        ("what is the time in Rome?", 2, Stratum::Document),
        ("Wie spät ist es jetzt gerade dort?", 1, Stratum::NonEnglish),
        ("ここはどこですか", 3, Stratum::NonEnglish),
        ("", 1, Stratum::Short),
    ] {
        assert_eq!(Stratum::of(text, windows), stratum, "{text}");
    }
}

#[test]
fn the_scale_is_that_of_the_first_tier() {
    assert!((score_of(2.7) - 0.6).abs() < 1e-6);
    for score in [0.0, 0.1, 0.6, 0.9] {
        assert!((score_of(evidence_of(score)) - score).abs() < 1e-5, "{score}");
    }
    assert!(evidence_of(1.0).is_finite() && evidence_of(2.0).is_finite() && evidence_of(-1.0).abs() < 1e-6);
}

proptest! {
    #[test]
    fn more_evidence_of_either_tier_never_lowers_what_is_fused(
        first in 0.0_f32..1.0, second in 0.0_f32..6.0, more in 0.0_f32..1.0,
    ) {
        for stratum in Stratum::ALL {
            let fused = rarity().fuse(first, second, stratum);
            prop_assert!((0.0..=1.0).contains(&fused));
            prop_assert!(rarity().fuse((first + more).min(1.0), second, stratum) >= fused - 1e-5);
            prop_assert!(rarity().fuse(first, second + more, stratum) >= fused - 1e-5);
        }
    }
}
