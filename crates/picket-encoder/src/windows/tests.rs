use super::*;
use proptest::prelude::*;

#[test]
fn a_short_text_is_one_window_even_when_it_is_empty() {
    for tokens in [0, 1, INNER] {
        assert!(windows(tokens).eq(std::iter::once(0..tokens)));
    }
    assert_eq!(windows(INNER + 1).collect::<Vec<_>>(), [0..INNER, 1..INNER + 1]);
}

proptest! {
    #[test]
    fn windows_are_few_and_reach_from_the_beginning_to_the_end(tokens in 1_usize..TOKENS_MAX) {
        let all: Vec<_> = windows(tokens).collect();
        prop_assert!(all.len() <= WINDOWS_MAX);
        prop_assert_eq!(all.len(), needed(tokens).min(WINDOWS_MAX));
        prop_assert!(all.iter().all(|window| window.len() <= INNER && !window.is_empty()));
        prop_assert_eq!(all.first().map(|first| first.start), Some(0));
        prop_assert_eq!(all.last().map(|last| last.end), Some(tokens));
        if needed(tokens) <= WINDOWS_MAX {
            prop_assert!(all.windows(2).all(|two| two[1].start <= two[0].end), "nothing is passed over");
        }
    }
}
