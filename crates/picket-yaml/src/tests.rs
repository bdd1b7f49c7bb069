use super::*;

/// Documents that are no YAML, where the mistake is, and a word of what is said of it.
const BROKEN: &[(&str, usize, &str)] = &[
    ("a: [1, 2", 0, ""),
    ("a: {b: c", 0, ""),
    ("a: \"open", 0, ""),
    ("a: 'open\nb: c", 0, ""),
    ("a: b: c", 1, ""),
    ("a: 1\n b: 2", 2, ""),
    ("a:\n\tb: 1", 2, "tab"),
    ("a: 1\na: 2", 2, "the key `a` stands twice"),
    ("a: *nobody", 1, "`*name` stands here"),
    ("a: 1\n---\nb: 2", 0, "second document"),
    ("a: !!binary x", 1, ""),
    ("a: !thing x", 0, ""),
    ("? [a, b]\n: c", 1, ""),
    ("? {a: b}\n: c", 1, ""),
    ("a: ]", 1, ""),
    ("- a\nb: c", 2, ""),
    ("a: &x [*x]", 1, ""),
    ("<<: 3\nb: 1", 1, ""),
    ("a: |\n  x\n y: 2\n z", 0, ""),
    ("%YAML 9\n---\na: 1", 0, ""),
    ("a: @x", 1, ""),
    ("a: `x", 1, ""),
    ("\u{0}", 0, ""),
    ("a: 1\nb: .nan", 2, "`.nan` is no number that means something here"),
    ("a: [-.inf]", 1, "`-.inf` is no number that means something here"),
    ("a: 1e999", 1, "`1e999` is no number that means something here"),
];

#[test]
fn what_is_no_yaml_is_told_in_our_own_words() {
    let mut deep = vec![("[".repeat(2_000), 0, "")];
    deep.push((
        format!("a: &a [x, x]\n{}", (0..40).map(|n| format!("b{n}: &b{n} [*a, *a]\n")).collect::<String>()),
        0,
        "",
    ));
    let broken = BROKEN.iter().map(|(text, line, word)| ((*text).to_owned(), *line, *word));
    for (text, line, word) in broken.chain(deep) {
        let Err(problems) = parse(&text, "policy.yaml") else {
            assert_eq!(word, "", "{text}");
            continue;
        };
        let told = problems.to_string();
        assert_eq!(problems.list.len(), 1, "{text}: {told}");
        assert!(told.starts_with("policy.yaml:") && told.contains(word), "{text}: {told}");
        assert!(line == 0 || problems.list[0].line == line, "{text}: {told}");
        for foreign in [
            "serde",
            "saphyr",
            "scalar",
            "mapping",
            "deseriali",
            "sequence",
            "simple key",
            "token",
            "while ",
            "anchor_",
            "budget",
            "i64",
            "usize",
            "enum ",
        ] {
            assert!(!told.to_lowercase().contains(foreign), "{text}: {foreign}: {told}");
        }
    }
}
