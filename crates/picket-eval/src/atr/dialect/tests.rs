use super::*;

#[test]
fn patterns_of_javascript_are_written_in_our_dialect() {
    for (theirs, ours) in [
        ("ignore", "(?i)ignore"),
        ("(?i)ignore", "(?i)ignore"),
        ("(?si)a.b", "(?is)a.b"),
        (r"\d{2,}\w", "(?i)[0-9]{2,}[A-Za-z0-9_]"),
        (r"[\d_-]", "(?i)[0-9_-]"),
        (r"[\s\S]{0,9}", "(?i)(?s:.){0,9}"),
        ("[^]x", "(?i)(?s:.)x"),
        (r"[\W_]", r"(?i)(?-i:[[^A-Za-z0-9_]_])"),
        (r"[\Wx]", r"(?i)[[^A-Za-z0-9_]x]"),
        ("[[&&~]", r"(?i)[\[\&\&\~]"),
        ("[+--]", r"(?i)[+-\-]"),
        ("{user} {2} x}", r"(?i)\{user\} {2} x\}"),
        (r"\u0041\u{1F600}\x41", r"(?i)\x{41}\x{1f600}\x{41}"),
        (r"\uD83D\uDE00", r"(?i)\x{1f600}"),
        ("a\u{200b}b", r"(?i)a\x{200b}b"),
        (r"\<b\>\/\'\i", r"(?i)<b>\/\'i"),
        (r"[\b]\b", r"(?i)[\x{8}]\b"),
    ] {
        let translated = translated(theirs).unwrap();
        assert_eq!(translated, ours, "{theirs}");
        assert!(picket_content::custom::Rules::compile(&[spec(&translated)], 0.5).is_ok(), "{ours}");
    }
}

fn spec(regex: &str) -> picket_content::custom::Spec {
    let line = serde_json::json!({"id": "a", "score": 1, "views": ["text"], "message": "", "regexes": [format!("zq{}", group(regex))]});
    picket_content::custom::pack::rules(&format!("- {line}")).unwrap().remove(0).0
}

#[test]
fn what_our_dialect_lacks_is_named() {
    for (theirs, reason) in [
        (r"(a)\1", "refers back"),
        (r"(?<x>a)\k<x>", "refers back"),
        (r"[\uD83C-\uDBFF]", "one half of a character"),
        ("a[]", "a class of no character"),
        ("a\\", "ends in a backslash"),
        (r"\u{110000000}", "a character without a number"),
    ] {
        let told = translated(theirs).unwrap_err();
        assert!(told.contains(reason), "{theirs}: {told}");
    }
}

#[test]
fn a_pattern_becomes_a_group_with_its_flags() {
    assert_eq!(group("(?is)a|b"), "(?is:a|b)");
    assert_eq!(group("a"), "(?:a)");
}
