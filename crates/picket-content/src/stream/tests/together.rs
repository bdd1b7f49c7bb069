//! Personal data, credentials and rules of customers at once: what leaves is what a scan of the whole would leave.

use super::*;
use crate::custom::{Rules, Spec, Views};

fn spec(id: &str, keywords: &[&str], regexes: &[&str]) -> Spec {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Spec {
        keywords: owned(keywords),
        regexes: owned(regexes),
        views: Views { text: true, folded: false, decoded: false },
        ..Spec::new(id)
    }
}

/// Rules whose matches overlap with values, contain them, and are contained.
fn rules() -> Arc<Rules> {
    let specs = [
        spec("project", &["blue heron", "call"], &[]),
        spec("ticket", &[], &["[A-Z]{2}-[0-9]{4,8}"]),
        spec("customer", &[], &["cust [0-9]{3}( [0-9]{3}){0,3}"]),
        spec("mail", &[], &["[a-z]{1,12}@mail\\.[a-z.]{2,12}"]),
    ];
    let rules = Rules::compile(&specs, 0.5).unwrap_or_else(|refusals| panic!("{refusals:?}"));
    for rule in 0..specs.len() {
        assert!(rules.is_exact_on_streams(rule), "{rule}");
    }
    Arc::new(rules)
}

fn together(modes: [Mode; 3]) -> Arc<Patterns> {
    let [pii, secret, custom] = modes;
    let custom = rule_modes(custom);
    Arc::new(Patterns { pii: vec![(pii, Vec::new())], secret: Some(secret), custom: vec![custom] })
}

fn rule_modes(mode: Mode) -> Custom {
    Custom { rules: rules(), modes: vec![mode; 4] }
}

/// What leaves of a text that is scanned whole, and whether it ends there.
fn left(patterns: &Patterns, text: &str) -> (String, bool) {
    let mut hits = find(patterns, Signs { pii: true, secret: true }, text, 0);
    patterns.find_custom(text, 0, &mut hits);
    let (mut out, mut done) = (String::new(), 0);
    for hit in patterns.settled(hits, &mut Vec::new()) {
        let mode = patterns.mode(hit.check, hit.kind);
        if mode == Mode::Watch {
            continue;
        }
        out.push_str(&text[done..hit.start]);
        if mode == Mode::Block {
            return (out, true);
        }
        out.extend(["[", hit.kind, "]"]);
        done = hit.end;
    }
    (out + &text[done..], false)
}

fn shards() -> impl Strategy<Value = String> {
    let own = proptest::sample::select(
        &[
            "blue",
            " heron",
            "BLUE HERON ",
            "AB-",
            "1234",
            "cust ",
            "123 ",
            "456",
            " call ",
            "ana@mail.",
            "example.com",
            "x",
        ][..],
    );
    prop_oneof![3 => own.prop_map(str::to_owned), 2 => shard(), 2 => word(), 1 => Just(" ".to_owned())]
}

/// A text without what names the values that were taken out of it.
fn unnamed(text: &str) -> String {
    let mut pieces = text.split('[');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces
        .fold(first, |text, piece| text + "[" + piece.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

fn mode() -> impl Strategy<Value = Mode> {
    proptest::sample::select(&[Mode::Watch, Mode::Redact, Mode::Block][..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn what_leaves_is_what_a_scan_of_the_whole_leaves(
        shards in proptest::collection::vec(shards(), 0..30),
        modes in [mode(), mode(), mode()],
        sizes in proptest::collection::vec(prop_oneof![1_usize..9, 1_usize..300], 1..20),
    ) {
        let text = shards.concat();
        // Nothing is looked for in a key that is removed while it arrives.
        let opens = ["PRIVATE KEY", "eyJ", "PuTTY", "SSH2"].iter().any(|head| text.contains(head));
        prop_assume!(!opens || modes[1] != Mode::Redact || !modes.contains(&Mode::Block));
        let patterns = together(modes);
        let (expected, ends) = left(&patterns, &text);
        let (out, end, _) = run(&patterns, &strs(&cut(&text, &sizes)));
        prop_assert_eq!(end, ends, "{:?} {:?}", modes, text);
        if opens && modes[1] == Mode::Redact {
            // The key's own name stands there, since what is in it is not known yet when its name leaves.
            prop_assert_eq!(unnamed(&out), unnamed(&expected), "{:?} {:?}", modes, text);
        } else {
            prop_assert_eq!(out, expected, "{:?} {:?}", modes, text);
        }
    }
}

#[test]
fn a_key_that_is_only_watched_hides_nothing_from_the_other_checks() {
    let ssn = values::us_ssn();
    let text = format!(" -----BEGIN PRIVATE KEY-----\nMIIB call and the ssn {ssn} and blue heron, then more");
    let patterns = together([Mode::Redact, Mode::Watch, Mode::Redact]);
    for size in [1, 5, 1_000] {
        let (out, end, hits) = run(&patterns, &strs(&chunks(&text, size)));
        let expected = " -----BEGIN PRIVATE KEY-----\nMIIB [project] and the ssn [US_SSN] and [project], then more";
        assert_eq!((out.as_str(), end), (expected, false), "{size}");
        assert!(hits.iter().any(|hit| hit.kind == "PRIVATE_KEY"), "{hits:?}");
    }
    let (out, end, _) = run(&together([Mode::Block, Mode::Watch, Mode::Watch]), &strs(&chunks(&text, 3)));
    assert_eq!((out.as_str(), end), (" -----BEGIN PRIVATE KEY-----\nMIIB call and the ssn ", true));
}
