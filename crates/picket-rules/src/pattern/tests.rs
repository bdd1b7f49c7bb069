//! Patterns of Sigma.

use super::*;
use proptest::prelude::*;

fn matches(pattern: &str, how: How, text: &str) -> bool {
    Pattern::parse(pattern, how).folded().matches(&fold(text))
}

#[test]
fn wildcards_and_their_escapes_are_read_as_sigma_has_them() {
    let cases: &[(&str, How, &str, bool)] = &[
        ("cmd.exe", How::Equals, "CMD.EXE", true),
        ("cmd.exe", How::Equals, "cmd.exe ", false),
        ("*\\cmd.exe", How::Equals, "C:\\Windows\\cmd.exe", true),
        (r"C:\Windows\*", How::Equals, r"C:\Windows*", true),
        (r"C:\Windows\*", How::Equals, r"C:\Windows\x", false),
        (r"C:\Windows\\*", How::Equals, r"C:\Windows\x", true),
        (r"a\?c", How::Equals, "a?c", true),
        ("a?c", How::Equals, "abc", true),
        ("a?c", How::Equals, "aéc", true),
        ("a?c", How::Equals, "ac", false),
        ("a*c", How::Equals, "a\nb\nc", true),
        ("a*c", How::Starts, "abcd", true),
        ("a*c", How::Starts, "xabcd", false),
        ("a*c", How::Ends, "xabc", true),
        ("a*c", How::Ends, "abcd", false),
        ("a*c", How::Contains, "xabcd", true),
        ("*", How::Equals, "", true),
        ("", How::Equals, "", true),
        ("", How::Equals, "x", false),
        ("aab?b", How::Contains, "aaaabcb", true),
        ("a*a", How::Equals, "a", false),
        ("a**b", How::Equals, "ab", true),
        ("ÄÖ", How::Contains, "xäöx", true),
        ("ΣΑΣ", How::Equals, "σας", true),
        ("\u{212a}", How::Equals, "k", true),
    ];
    for (pattern, how, text, expected) in cases {
        assert_eq!(matches(pattern, *how, text), *expected, "{pattern} {how:?} {text}");
    }
}

#[test]
fn windash_lets_dashes_and_slashes_of_arguments_stand_for_each_other() {
    let windash =
        |pattern: &str, text: &str| Pattern::parse(pattern, How::Contains).with_dashes().folded().matches(&fold(text));
    assert!(windash(" -enc ", "x /ENC y") && windash(" -enc ", "x \u{2013}enc y") && windash(" /c ", "cmd -c dir"));
    assert!(windash("a-b", "a/b") && !windash("a/b", "a-b") && !windash(" -enc ", "x enc y"));
}

proptest! {
    #[test]
    fn a_pattern_matches_what_the_same_regular_expression_does(
        pattern in "[ab*?-]{0,8}", text in "[ab\n-]{0,12}", how in 0..4_usize,
    ) {
        let how = [How::Equals, How::Contains, How::Starts, How::Ends][how];
        let mut expression = String::from(if how.at_start() { "(?s)^" } else { "(?s)" });
        for character in pattern.chars() {
            match character {
                '*' => expression.push_str(".*"),
                '?' => expression.push('.'),
                other => expression.push_str(&regex::escape(&other.to_string())),
            }
        }
        expression.push_str(if how.at_end() { r"\z" } else { "" });
        let expected = regex::Regex::new(&expression).unwrap().is_match(&text);
        prop_assert_eq!(Pattern::parse(&pattern, how).matches(&text), expected, "{} {:?}", pattern, how);
    }

    #[test]
    fn the_fold_of_a_text_is_the_fold_of_its_parts(one in "\\PC{0,8}", other in "\\PC{0,8}") {
        prop_assert_eq!(fold(&format!("{one}{other}")), fold(&one) + &fold(&other));
    }
}
