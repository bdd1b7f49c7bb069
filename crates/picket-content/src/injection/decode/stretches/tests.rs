use super::{LENGTH, OVERLAP, WHOLE, stretches};
use proptest::prelude::*;

#[test]
fn a_text_of_usual_length_is_one_stretch() {
    for length in [0, 1, LENGTH, WHOLE] {
        let text = "a ".repeat(length / 2);
        assert_eq!(stretches(&text).map(|stretch| stretch.len()).collect::<Vec<_>>(), [text.len()], "{length}");
    }
}

#[test]
fn a_run_of_code_is_cut_where_four_signs_end() {
    let text = format!("{}{}", " ".repeat(3), "A".repeat(WHOLE * 2));
    let all: Vec<_> = stretches(&text).collect();
    assert!(all.len() > 8, "{all:?}");
    assert!(all.iter().skip(1).all(|stretch| (stretch.start - 3).is_multiple_of(4)), "{all:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn stretches_are_bounded_overlap_and_leave_nothing_out(
        piece in "[a-z0-9 é𝕒./=]{1,40}",
        times in 1_usize..12_000,
    ) {
        let text = piece.repeat(times);
        let all: Vec<_> = stretches(&text).collect();
        prop_assert_eq!((all[0].start, all[all.len() - 1].end), (0, text.len()));
        for (one, next) in all.iter().zip(all.iter().skip(1)) {
            prop_assert!(next.start > one.start && next.start < one.end, "{one:?} {next:?}");
            prop_assert!(one.end - next.start >= OVERLAP && one.len() <= LENGTH, "{one:?} {next:?}");
        }
        prop_assert!(all.iter().all(|stretch| text.get(stretch.clone()).is_some()), "on borders of characters");
        prop_assert!(all.len() <= 1 + text.len() / (LENGTH - OVERLAP - 8));
    }
}
