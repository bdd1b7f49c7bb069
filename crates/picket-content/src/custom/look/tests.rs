use crate::custom::kept::{Recipe, Search, Spelling};
use proptest::prelude::*;

fn found(pattern: &str, text: &str) -> Vec<String> {
    let recipe = Recipe::new(pattern, Spelling::Plain);
    let (tree, has_looks) = recipe.plain().unwrap();
    let search = Search::new(&recipe, &tree, has_looks, false).unwrap();
    let mut found = Vec::new();
    search.each(text, 0..text.len(), &mut |range| found.push(text[range].to_owned()));
    found
}

#[test]
fn what_stands_around_decides_and_is_no_part_of_the_match() {
    for (pattern, text, expected) in [
        (r"foo(?!bar)", "foobar food foo", vec!["foo", "foo"]),
        (r"foo(?=bar)", "foobar food foo", vec!["foo"]),
        (r"(?<!un)safe", "unsafe safe", vec!["safe"]),
        (r"(?<=un)safe\w*", "unsafely safe", vec!["safely"]),
        (r"(?i)(?<![a-z])key(?!s)", "monKEY Keys KEY", vec!["KEY"]),
        (r"http://(?!localhost|127\.)[a-z0-9.]+", "http://localhost http://127.0.0.1 http://a.b", vec!["http://a.b"]),
        (r"<!--(?:(?!-->)[\s\S]){0,50}bad", "<!-- ok --> bad <!-- so bad -->", vec!["<!-- so bad"]),
        (r"a[(?!]b", "a(b a!b a?b", vec!["a(b", "a!b", "a?b"]),
        (r"a\(?!b", "a(!b a!b", vec!["a(!b", "a!b"]),
        (r"x(?!y(?!z))\w{3}", "xyab xyzb xabc", vec!["xyzb", "xabc"]),
        (r"(?:a|ab)(?!b)c?", "abc ac", vec!["abc", "ac"]),
        (r"é(?!ü)[à-ü]", "éü éà", vec!["éà"]),
    ] {
        assert_eq!(found(pattern, text), expected, "{pattern} in {text}");
    }
}

#[test]
fn what_cannot_be_bounded_is_refused_with_a_remedy() {
    for (pattern, expected) in [
        (r"(?<=a+)b", "repeats that have an end"),
        (r"a(?!b", "has no end"),
        (r"a(?!b(?!c(?!d(?!e))))", "nested"),
        (r"(?<!a(?!b))c", "beside each other"),
    ] {
        let recipe = Recipe::new(pattern, Spelling::Plain);
        let tried = recipe.plain().and_then(|(tree, looks)| Search::new(&recipe, &tree, looks, false).map(drop));
        let message = tried.unwrap_err();
        assert!(message.contains(expected), "{pattern}: {message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn look_around_finds_where_a_plain_pattern_with_more_around_it_does(text in "[abc ]{0,24}") {
        for (looking, plain) in [
            (r"a+(?!b)", r"a(?:[^b]|\z)"),
            (r"(?<!a)b", r"(?:\A|[^a])b"),
            (r"a(?=[bc]{2})", r"a[bc]{2}"),
            (r"(?<=a ?)c", r"a ?c"),
            (r"b(?!a|b)[a-c]", r"bc"),
        ] {
            let plain = ::regex::Regex::new(plain).unwrap().is_match(&text);
            prop_assert_eq!(!found(looking, &text).is_empty(), plain, "{} in {:?}", looking, text);
        }
    }
}
