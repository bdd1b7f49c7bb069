use super::*;
use crate::stream::{Custom, Guard, Mode, Patterns};
use proptest::prelude::*;
use std::sync::Arc;

const ANYBODY: Context = Context { role: Role::User, phase: Phase::Input };

fn keyword(text: &str) -> Spec {
    Spec { keywords: vec![text.to_owned()], ..Spec::new("k") }
}

fn regex(pattern: &str) -> Spec {
    Spec { regexes: vec![pattern.to_owned()], ..Spec::new("r") }
}

fn plain(spec: Spec) -> Spec {
    Spec { views: Views { text: true, folded: false, decoded: false }, ..spec }
}

fn rules(specs: &[Spec]) -> Rules {
    Rules::compile(specs, 0.5).unwrap_or_else(|refusals| panic!("{refusals:?}"))
}

fn found(specs: &[Spec], text: &str) -> Vec<String> {
    let report = rules(specs).scan(text, &ANYBODY);
    report.hits.iter().map(|hit| text[hit.start..hit.end].to_owned()).collect()
}

fn refused(spec: Spec) -> String {
    let refusals = Rules::compile(&[spec], 0.5).expect_err("the rule is refused");
    format!("{:?}: {}", refusals[0].part, refusals[0].message)
}

#[test]
fn keywords_are_words_in_any_case_unless_they_say_otherwise() {
    for (spec, text, expected) in [
        (
            keyword("Project Aurora"),
            "the project aurora, PROJECT  AURORA and projects",
            vec!["project aurora", "PROJECT  AURORA"],
        ),
        (keyword("ass"), "class, assess, ass.", vec!["ass"]),
        (Spec { whole_words: false, ..keyword("ass") }, "class", vec!["ass"]),
        (keyword("ber"), "Über", vec![]),
        (keyword("größe"), "GRÖSSE GRÖßE Größe", vec!["GRÖßE", "Größe"]),
        (plain(Spec { case_sensitive: true, ..keyword("IT") }), "it IT", vec!["IT"]),
        (keyword("机密"), "这是机密文件", vec!["机密"]),
    ] {
        assert_eq!(found(std::slice::from_ref(&spec), text), expected, "{:?} in {text}", spec.keywords);
    }
}

#[test]
fn views_see_through_spellings_and_point_at_the_original() {
    for (text, expected) in [
        ("pr\u{43e}ject aurora", "pr\u{43e}ject aurora"),
        ("ｐｒｏｊｅｃｔ aurora", "ｐｒｏｊｅｃｔ aurora"),
        ("pro\u{200b}ject aurora!", "pro\u{200b}ject aurora"),
        ("x\u{200b}project aurora!", "project aurora"),
    ] {
        assert_eq!(found(&[keyword("project aurora")], text), [expected], "{text:?}");
        let unseen = found(&[plain(keyword("project aurora"))], text);
        assert_eq!(unseen.len(), usize::from(text.contains("project aurora")), "{text:?}");
    }
    let coded = "please read UHJvamVjdCBBdXJvcmEgaXMgdGhlIG5hbWUgb2YgaXQ today";
    let decoding = Spec { views: Views { text: true, folded: false, decoded: true }, ..keyword("project aurora") };
    assert_eq!(found(&[decoding], coded), ["UHJvamVjdCBBdXJvcmEgaXMgdGhlIG5hbWUgb2YgaXQ"]);
    assert!(found(&[keyword("project aurora")], coded).is_empty());
}

#[test]
fn regular_expressions_are_found_around_the_rarest_of_their_literals() {
    for (pattern, text, expected) in [
        (r"\bACME-\d{4}\b", "see ACME-1234, ACME-12345 and acme-9999", vec!["ACME-1234", "acme-9999"]),
        (r"(?i)(?:foo|bar)\s{1,3}quux", "FOO quux bar   QUUX baz quux", vec!["FOO quux", "bar   QUUX"]),
        (r"[a-z]{2,8}@corp\.example", "mail to jane@corp.example now", vec!["jane@corp.example"]),
        (r"(?i)internal\s+use\s+only", "INTERNAL \n use  only", vec!["INTERNAL \n use  only"]),
        (r"\d{3}-\d{2}-\d{4}x", "1 123-45-6789x 2", vec!["123-45-6789x"]),
        (r"kéy[à-ü]+z", "the kéyàéz", vec!["kéyàéz"]),
        (r"secret\w+", "secrets and secretärin", vec!["secrets", "secretärin"]),
    ] {
        assert_eq!(found(&[regex(pattern)], text), expected, "{pattern} in {text}");
    }
}

#[test]
fn context_phase_and_role_decide_whether_a_match_counts() {
    let near = |words: &[&str]| Some(Near { words: words.iter().map(|word| (*word).to_owned()).collect(), within: 30 });
    let account = |near, unless| Spec { near, unless, ..regex(r"\b4711-\d{4}\b") };
    for (spec, text, is_found) in [
        (account(near(&["account"]), None), "my Account is 4711-0001", true),
        (account(near(&["account"]), None), "my number is 4711-0001", false),
        (account(near(&["account"]), None), "an account, of which I will tell you more later: 4711-0001", false),
        (account(None, near(&["example"])), "for example 4711-0001", false),
        (account(None, near(&["example"])), "it is 4711-0001", true),
        (Spec { phase: Some(Phase::Output), ..account(None, None) }, "4711-0001", false),
        (Spec { phase: Some(Phase::Input), ..account(None, None) }, "4711-0001", true),
        (Spec { roles: vec![Role::Tool], ..account(None, None) }, "4711-0001", false),
        (Spec { roles: vec![Role::Tool, Role::User], ..account(None, None) }, "4711-0001", true),
    ] {
        assert_eq!(!found(std::slice::from_ref(&spec), text).is_empty(), is_found, "{spec:?} in {text}");
    }
}

#[test]
fn scores_of_rules_that_match_add_up() {
    let weak = |id: &str, word: &str| Spec { id: id.to_owned(), score: 0.4, ..keyword(word) };
    let rules = rules(&[weak("a", "alpha"), weak("b", "beta")]);
    let score = |text: &str| rules.scan(text, &ANYBODY).score;
    assert!((score("alpha alpha") - 0.4).abs() < 1e-6);
    assert!((score("alpha beta") - 0.64).abs() < 1e-6);
    assert!(rules.scan("gamma", &ANYBODY).kind.is_none());
}

#[test]
fn what_is_costly_or_wrong_is_refused_with_a_remedy() {
    for (spec, expected) in [
        (regex("a{2000}"), "repeat of at most 1000"),
        (regex("((a{50}){50})"), "repeat of at most 1000"),
        (regex("x*"), "at least one character"),
        (regex(r"(a)\1"), "write out what may be repeated"),
        (regex("(?<=a*)b"), "repeats that have an end"),
        (regex("(unclosed"), "at byte 0"),
        (regex(r"[\p{L}--\p{Lu}]{500}z"), "compiles to more than"),
        (keyword(""), "would match everywhere"),
        (keyword(&"x".repeat(2_000)), "longer than 1024 bytes"),
        (Spec::new("nothing"), "looks for nothing"),
        (Spec { id: "Not A Name".to_owned(), ..keyword("x") }, "small letters"),
        (Spec { case_sensitive: true, ..keyword("x") }, "views: [text]"),
    ] {
        let message = refused(spec.clone());
        assert!(message.contains(expected), "{spec:?}: {message}");
    }
    let twice = Rules::compile(&[keyword("a1"), keyword("b1")], 0.5).unwrap_err();
    assert!(twice[0].message.contains("two rules have this name"), "{twice:?}");
}

#[test]
fn entries_without_a_literal_are_few() {
    let loose = |number: usize| Spec {
        id: format!("l{number}"),
        ..plain(regex(&format!(r"[a-z]{{3,9}}[A-Z]{{{}}}", number + 3)))
    };
    let specs: Vec<Spec> = (0..cost::INLINE.loose).map(loose).collect();
    assert!(Rules::compile(&specs, 0.5).is_ok());
    let specs: Vec<Spec> = (0..=cost::INLINE.loose).map(loose).collect();
    let refusals = Rules::compile(&specs, 0.5).unwrap_err();
    assert_eq!((refusals.len(), refusals[0].rule, refusals[0].part), (1, cost::INLINE.loose, Part::Regex(0)));
    assert!(refusals[0].message.contains("has no text that each match must have"));
}

#[test]
fn common_words_with_far_reaching_patterns_are_too_costly_together() {
    let common =
        |number: usize| Spec { id: format!("c{number}"), ..plain(regex(&format!(r"the [^!]{{0,200}}w{number}"))) };
    let specs: Vec<Spec> = (0..40).map(common).collect();
    let fine = Rules::compile(&specs, 0.5);
    assert!(fine.is_ok(), "the rare end of the pattern is looked for: {:?}", fine.err());
    let everywhere = |number: usize| Spec {
        id: format!("e{number}"),
        ..plain(regex(&format!(r"the [^!]{{3,{}}} and", 200 + number)))
    };
    let specs: Vec<Spec> = (0..40).map(everywhere).collect();
    let refusals = Rules::compile(&specs, 0.5).unwrap_err();
    assert!(refusals[0].message.contains("all rules together look at"), "{refusals:?}");
}

fn guard(specs: &[Spec], modes: &[Mode]) -> Arc<Patterns> {
    let custom = Custom { rules: Arc::new(rules(specs)), modes: modes.to_vec() };
    Arc::new(Patterns { custom: vec![custom], ..Patterns::default() })
}

fn streamed(patterns: &Arc<Patterns>, pieces: &[String]) -> (String, bool) {
    let mut guard = Guard::new(Arc::clone(patterns));
    let (mut out, mut end) = (String::new(), false);
    for piece in pieces {
        let step = guard.push(0, piece);
        out.push_str(&step.release);
        end |= step.end;
    }
    let step = guard.finish(0);
    (out + &step.release, end || step.end)
}

#[test]
fn a_stream_holds_back_only_what_may_still_become_a_match() {
    let patterns = guard(
        &[plain(keyword("project aurora")), Spec { id: "n".to_owned(), ..plain(regex(r"AC-[0-9]{4}")) }],
        &[Mode::Redact, Mode::Redact],
    );
    let mut guard = Guard::new(patterns);
    for (piece, released) in [
        ("the pro", "the "),
        ("ject ", ""),
        ("auror", ""),
        ("as are", "project auroras are"),
        (" red. Project Aurora", " red. "),
        (".", "[k]."),
        (" AC-12", " "),
        ("34 AC-12", "[n] "),
        ("x ", "AC-12x "),
    ] {
        assert_eq!(guard.push(0, piece).release, released, "{piece}");
    }
}

#[test]
fn the_strictest_of_overlapping_hits_decides_on_a_stream() {
    let watch = Spec { id: "w".to_owned(), ..plain(keyword("the secret plan of ours")) };
    let redact = Spec { id: "x".to_owned(), ..plain(keyword("secret plan")) };
    let patterns = guard(&[watch.clone(), redact.clone()], &[Mode::Watch, Mode::Redact]);
    assert_eq!(
        streamed(&patterns, &["it is the secret plan of ours!".to_owned()]),
        ("it is the [x] of ours!".to_owned(), false)
    );
    let other = Spec { id: "y".to_owned(), ..plain(keyword("plan of ours")) };
    let patterns = guard(&[watch, redact, other], &[Mode::Watch, Mode::Redact, Mode::Block]);
    assert_eq!(streamed(&patterns, &["it is the secret plan of ours!".to_owned()]), ("it is the ".to_owned(), true));
}

#[test]
fn what_has_no_longest_form_is_judged_late() {
    let open = plain(regex(r"internal:\s+\S+"));
    let bounded = Spec { id: "b".to_owned(), ..plain(regex(r"internal:\s{1,9}\S{1,99}")) };
    let both = rules(&[open, bounded, Spec { id: "f".to_owned(), ..keyword("aurora") }]);
    assert_eq!((0..3).map(|rule| both.is_exact_on_streams(rule)).collect::<Vec<_>>(), [false, true, true]);
    let answer = Context { role: Role::Assistant, phase: Phase::Output };
    let kinds = |text: &str| both.scan_late(text, &answer).hits.iter().map(|hit| hit.kind).collect::<Vec<_>>();
    assert_eq!(kinds("internal: x aurora aur\u{43e}ra"), ["r", "f"]);
    assert!(both.scan_late("aurora", &answer).kind.is_none());
}

/// A text of pieces of what the rules look for, and what stands between.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        proptest::sample::select(vec![
            "alpha",
            "alphabet",
            "beta gamma",
            "Beta",
            "gamma",
            "AC-",
            "AC-12",
            "é",
            "漢",
            "al",
            " ",
            "-"
        ])
        .prop_map(str::to_owned),
        "[a-z0-9 ]{0,6}",
        "[0-9]{1,5}",
    ];
    proptest::collection::vec(word, 0..24).prop_map(|words| words.concat())
}

fn tried() -> Vec<Spec> {
    let named = |id: &str, spec: Spec| Spec { id: id.to_owned(), ..plain(spec) };
    vec![
        named("a", keyword("alpha")),
        named("b", Spec { whole_words: false, ..keyword("beta gamma") }),
        named("c", regex(r"\bAC-[0-9]{2,4}\b")),
        named("d", regex(r"(?i)gamma[ -]{0,2}(?:alpha|[0-9]{1,3})")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_stream_becomes_what_the_whole_text_becomes(text in text(), sizes in proptest::collection::vec(1_usize..7, 1..6)) {
        let patterns = guard(&tried(), &[Mode::Redact; 4]);
        let whole = streamed(&patterns, std::slice::from_ref(&text));
        let mut rest = text.chars().peekable();
        let mut sizes = sizes.iter().cycle();
        let pieces: Vec<String> = std::iter::from_fn(|| {
            rest.peek()?;
            Some(rest.by_ref().take(*sizes.next()?).collect())
        }).collect();
        prop_assert_eq!(streamed(&patterns, &pieces), whole, "{:?}", pieces);
    }

    #[test]
    fn literals_and_windows_lose_no_match(text in text()) {
        for spec in tried() {
            let rules = rules(std::slice::from_ref(&spec));
            let hits: Vec<_> = rules.scan(&text, &ANYBODY).hits.iter().map(|hit| hit.start..hit.end).collect();
            let Some(pattern) = spec.regexes.first() else { continue };
            let pattern = pattern.replace(r"\b", r"(?-u:\b)");
            let plain: Vec<_> = ::regex::Regex::new(&pattern).unwrap().find_iter(&text).map(|found| found.range()).collect();
            prop_assert_eq!(hits, plain, "{:?} in {:?}", pattern, text);
        }
    }

    #[test]
    fn no_pattern_and_no_text_makes_it_panic(pattern in "\\PC{0,24}", text in "\\PC{0,60}") {
        let spec = Spec { views: Views { text: true, folded: true, decoded: true }, keywords: vec![pattern.clone()], ..regex(&pattern) };
        if let Ok(rules) = Rules::compile(&[spec], 0.5) {
            let report = rules.scan(&text, &ANYBODY);
            prop_assert!(report.hits.iter().all(|hit| text.get(hit.start..hit.end).is_some()));
        }
    }
}
