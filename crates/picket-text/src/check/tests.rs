use super::*;
use proptest::prelude::*;

fn hit(start: usize, end: usize, score: f32) -> Hit {
    Hit { check: Check::Pii, kind: "X", start, end, score, detector: "x" }
}

proptest! {
    #[test]
    fn of_hits_that_overlap_one_stays_and_nothing_else_goes(
        spans in prop::collection::vec((0_usize..200, 1_usize..20, 0_u8..4), 0..60)
    ) {
        let all: Vec<Hit> = spans.iter().map(|(start, length, score)| hit(*start, start + length, f32::from(*score))).collect();
        let kept = disjoint(all.clone());
        prop_assert!(kept.windows(2).all(|pair| pair[0].end <= pair[1].start));
        for hit in &all {
            let beats = |other: &&Hit| other.score >= hit.score && other.start < hit.end && hit.start < other.end;
            prop_assert!(kept.iter().any(|other| beats(&other)));
        }
    }
}
