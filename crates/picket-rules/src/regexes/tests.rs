//! Regular expressions of rules.

use super::*;
use proptest::prelude::*;

#[test]
fn what_has_to_stand_where_an_expression_matches_is_known() {
    for (pattern, expected) in [
        ("invoke-mimikatz", Some(vec!["invoke-mimikatz"])),
        ("(?i)Invoke-Mimikatz", Some(vec!["invoke-mimikatz"])),
        (r"^.{0,20}(certutil|bitsadmin)\s+.*http", Some(vec!["certutil", "bitsadmin"])),
        (r"a+b*", None),
        (r"\d{3}-\d{2}", None),
        (r"(foo)?bar{2}", Some(vec!["ba"])),
        (r"x|longer", None),
        (".*", None),
    ] {
        let regex = build(pattern, [false; 3]).unwrap();
        let expected = expected.map(|texts| texts.into_iter().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(required(&regex), expected, "{pattern}");
    }
}

#[test]
fn an_expression_that_cannot_be_used_says_why_and_what_to_do() {
    let deep = format!("{}a{}", "(".repeat(500), ")".repeat(500));
    let long = "a".repeat(20_000);
    for (pattern, words) in [
        ("(?!x)y", "say `and not` in the condition"),
        ("(?<=x)y", "looks around (character 1)"),
        (r"(a)\1", "refers back"),
        ("a{5000}{5000}", "too large when compiled"),
        (deep.as_str(), "nested deeper than 64"),
        (long.as_str(), "longer than 16 KiB"),
        ("a(b", "broken at character 2"),
        (r"\p{Klingon}", "does not exist"),
    ] {
        let told = build(pattern, [false; 3]).unwrap_err();
        assert!(told.contains(words), "{words}: {told}");
    }
}

proptest! {
    #[test]
    fn a_text_that_matches_holds_one_of_the_required_texts(
        pattern in "([a-cS]{1,3}|\\(a\\|Bc\\)|b\\?|c\\+|\\.|s\\*){1,5}", text in "[a-cABCsSſ]{0,12}", ignore_case: bool,
    ) {
        let Ok(regex) = build(&pattern, [ignore_case, false, false]) else { return Ok(()) };
        if let Some(required) = required(&regex).filter(|_| regex.is_match(&text)) {
            prop_assert!(required.iter().any(|literal| fold(&text).contains(literal)), "{} {:?}", pattern, required);
        }
    }
}
