use super::*;
use proptest::prelude::*;

/// The runs that can hold a secret, byte by byte.
fn slowly(text: &str) -> Vec<(usize, usize)> {
    let (mut run, mut runs, mut inside) = (Run::default(), Vec::new(), None);
    for (at, byte) in text.bytes().enumerate() {
        if run.take(byte) && inside.is_none() {
            inside = Some(at + 1 - run.length);
        }
        if is_break(byte)
            && let Some(start) = inside.take()
        {
            runs.push((start, at));
        }
    }
    runs.extend(inside.map(|start| (start, text.len())));
    runs
}

fn quickly(text: &str) -> Vec<(usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(|| {
        let (start, end) = next(text.as_bytes(), at)?;
        at = end;
        Some((start, end))
    })
    .collect()
}

#[test]
fn prose_has_no_runs_that_can_hold_a_secret() {
    let text = "Please summarise the report, isn't it well-known? In 2024 we sold 17% more (41 of 99): Größe und 每个 原因 OK!";
    assert_eq!(quickly(text), []);
}

#[test]
fn a_sign_makes_a_run_of_a_word() {
    for word in
        ["abc123", "abcDef", "abc!def", "a=bcde", "ab--cd", "----", "abcdefghijklmnopqrst", "ABCDEFGHIJKLMNOPQRST"]
    {
        let text = format!("the word {word} here");
        assert_eq!(quickly(&text), [(9, 9 + word.len())], "{word}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn eight_bytes_at_once_tell_what_each_of_them_tells(text in "([a-z ]{0,12}|[A-Z]?[a-z]{0,9}[,. \\n]|[a-zé漢 ]{0,9}|[A-Za-z0-9 !?:=.,\"-]{0,6}){0,12}") {
        prop_assert_eq!(quickly(&text), slowly(&text), "{:?}", text);
    }

    #[test]
    fn places_cover_their_runs_and_what_stands_before(text in "([a-z ]{0,40}|[A-Za-z0-9=\" é]{0,12}){0,12}", from in 0_usize..60) {
        let from = text.floor_char_boundary(from.min(text.len()));
        let places: Vec<_> = places(&text, from).collect();
        prop_assert!(places.windows(2).all(|pair| pair[0].1 <= pair[1].0));
        for (start, end) in slowly(&text).into_iter().filter(|(start, _)| *start >= from) {
            let before = text.ceil_char_boundary(start.saturating_sub(CONTEXT_BYTES));
            prop_assert!(places.iter().any(|place| place.0 <= before && place.1 >= end), "{:?} {:?}", (start, end), places);
        }
    }
}
