//! Conditions.

use super::*;
use proptest::prelude::*;

/// A condition with all its brackets.
fn shown(condition: &Condition) -> String {
    let joined =
        |parts: &[Condition], word: &str| format!("({})", parts.iter().map(shown).collect::<Vec<_>>().join(word));
    match condition {
        Condition::Name(name) => name.clone(),
        Condition::And(parts) => joined(parts, " and "),
        Condition::Or(parts) => joined(parts, " or "),
        Condition::Not(inner) => format!("not {}", shown(inner)),
        Condition::Of(count, them) => {
            let count = count.map_or("all".to_owned(), |count| count.to_string());
            let them = if let Them::Named(name) = them { name } else { "them" };
            format!("{count} of {them}")
        }
    }
}

#[test]
fn conditions_bind_not_before_and_before_or() {
    for (text, expected) in [
        ("selection", "selection"),
        ("a and not b or c", "((a and not b) or c)"),
        ("a or b and c", "(a or (b and c))"),
        ("not (a or b) and c", "(not (a or b) and c)"),
        ("1 of selection_* and not 1 of filter_*", "(1 of selection_* and not 1 of filter_*)"),
        ("all of them", "all of them"),
        ("any of a*", "1 of a*"),
        ("2 of them", "2 of them"),
        ("not not a", "not not a"),
        ("A AND NOT b", "(A and not b)"),
        ("sel-1 and\n  all", "(sel-1 and all)"),
    ] {
        assert_eq!(parse(text).map(|condition| shown(&condition)).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn a_broken_condition_says_where_and_what_is_expected() {
    let deep = "(".repeat(5_000);
    for (text, at, words) in [
        ("", 0, "ends where a selection"),
        ("a and", 5, "ends where a selection"),
        ("a b", 2, "expected `and`, `or` or the end, not `b`"),
        ("(a", 2, "ends where `)`"),
        ("a)", 1, "expected `and`, `or` or the end"),
        ("a | count() > 5", 2, "write a correlation rule"),
        ("a & b", 2, "join selections by `and`"),
        ("1 of", 0, ""),
        ("selection*", 0, "say `1 of selection*`"),
        ("0 of them", 2, ""),
        (&deep, 33, "nested deeper than 32"),
    ] {
        let wrong = parse(text).unwrap_err();
        assert!(wrong.message.contains(words), "{text}: {}", wrong.message);
        assert!(words.is_empty() || wrong.at == at, "{text}: {}", wrong.at);
    }
}

proptest! {
    #[test]
    fn nothing_that_is_read_as_a_condition_ends_the_program(text in "[()a-c*1-2 ]{0,24}|(and |or |not |of |them |all |x){0,12}|\\PC{0,16}") {
        if let Ok(condition) = parse(&text) {
            let again = shown(&condition);
            prop_assert_eq!(parse(&again).map(|condition| shown(&condition)), Ok(again));
        }
    }
}
