use super::*;
use picket_testkit::values;
use proptest::prelude::*;

fn patterns(pii: Mode, secret: Mode) -> Arc<Patterns> {
    Arc::new(Patterns { pii: Some((pii, Vec::new())), secret: Some(secret) })
}

fn run(patterns: &Arc<Patterns>, pieces: &[&str]) -> (String, bool, usize) {
    let mut guard = Guard::new(Arc::clone(patterns));
    let (mut out, mut end, mut hits) = (String::new(), false, 0);
    for piece in pieces {
        let step = guard.push(0, piece);
        out.push_str(&step.release);
        hits += step.hits.len();
        end |= step.end;
    }
    let step = guard.finish(0);
    out.push_str(&step.release);
    (out, end || step.end, hits + step.hits.len())
}

fn chunks(text: &str, size: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(size.max(1)).map(|chunk| chunk.iter().collect()).collect()
}

#[test]
fn values_are_redacted_however_the_text_is_cut() {
    let text = format!(
        "SSN {} and card {} and key {} and mail {} and token {}. Done.",
        values::us_ssn(),
        values::credit_card(),
        values::aws_access_key_id(),
        values::email(),
        values::github_token()
    );
    let patterns = patterns(Mode::Redact, Mode::Redact);
    for size in [1, 2, 3, 7, 16, 1_000] {
        let pieces = chunks(&text, size);
        let (out, _, hits) = run(&patterns, &pieces.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(
            out,
            "SSN [US_SSN] and card [CREDIT_CARD] and key [AWS_ACCESS_KEY] and mail [EMAIL] and token [GITHUB_TOKEN]. Done.",
            "{size}"
        );
        assert_eq!(hits, 5);
    }
}

#[test]
fn a_block_ends_the_stream_before_the_first_byte_of_the_value() {
    let text = format!("the key is {} as asked", values::aws_access_key_id());
    let pieces = chunks(&text, 3);
    let (out, end, _) =
        run(&patterns(Mode::Block, Mode::Block), &pieces.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(end);
    assert_eq!(out, "the key is ");
}

#[test]
fn clean_words_flow_as_soon_as_they_are_over() {
    let mut guard = Guard::new(patterns(Mode::Redact, Mode::Redact));
    let mut out = String::new();
    for word in "This is an answer without anything in it that matters . ".split_inclusive(' ') {
        out.push_str(&guard.push(0, word).release);
        assert!(guard.held(0) <= word.len(), "{word}: {}", guard.held(0));
    }
    assert!(out.starts_with("This is an answer without anything"));
}

#[test]
fn channels_do_not_disturb_each_other() {
    let mut guard = Guard::new(patterns(Mode::Redact, Mode::Redact));
    let ssn = values::us_ssn();
    let (head, tail) = ssn.split_at(5);
    assert_eq!(guard.push(0, head).release, "");
    assert_eq!(guard.push(1, "hello ").release, "hello ");
    assert_eq!(guard.push(0, tail).release, "");
    assert_eq!(guard.finish(0).release, "[US_SSN]");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn what_is_released_is_the_redacted_whole(
        words in proptest::collection::vec(prop_oneof![
            "[a-zA-Z]{1,9}", "[0-9]{1,5}", Just("\n".to_owned()), Just("DE89 3704 0044 0532 0130 00".to_owned()), Just("(212) 555-0187".to_owned()),
            Just("ssn".to_owned()), Just("call".to_owned()), any::<u8>().prop_map(|_| values::us_ssn()), any::<u8>().prop_map(|_| values::credit_card()),
            any::<u8>().prop_map(|_| values::email()), any::<u8>().prop_map(|_| values::aws_access_key_id()), "[é漢😀.,;:!?-]{1,3}",
        ], 0..24),
        sizes in proptest::collection::vec(1_usize..12, 1..20),
    ) {
        let text = words.join(" ");
        let patterns = patterns(Mode::Redact, Mode::Redact);
        let mut pieces = Vec::new();
        let mut rest: Vec<char> = text.chars().collect();
        for size in sizes.iter().cycle() {
            if rest.is_empty() { break; }
            let tail = rest.split_off((*size).min(rest.len()));
            pieces.push(rest.iter().collect::<String>());
            rest = tail;
        }
        let (whole, _, _) = run(&patterns, &[&text]);
        let (cut, _, _) = run(&patterns, &pieces.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(cut, whole);
    }

    #[test]
    fn without_patterns_everything_flows_unchanged(pieces in proptest::collection::vec(".{0,20}", 0..10)) {
        let mut guard = Guard::new(Arc::default());
        let out: String = pieces.iter().map(|piece| guard.push(3, piece).release).collect();
        prop_assert_eq!(out, pieces.concat());
    }

    #[test]
    fn nothing_is_found_in_what_looks_plain(
        words in proptest::collection::vec(prop_oneof![
            4 => "[a-zA-Z]{1,11}", 1 => "[ \\n,.;'\"()?!é漢ſK]{1,4}", 1 => "[a-zA-Z]{1,16}",
            1 => Just("password is".to_owned()), 1 => "[A-Z][a-z]{3,5}[!?.'][A-Za-z]{3,6}", 1 => Just("token".to_owned()), 1 => Just("xoxb".to_owned()),
            1 => Just("eyJ".to_owned()), 1 => Just("passport".to_owned()), 1 => "[٠-٩]{1,9}",
        ], 0..30),
        joint in "[ .']{0,1}",
    ) {
        let text = words.join(&joint);
        let found = find(&patterns(Mode::Redact, Mode::Redact), &text);
        prop_assert!(found.is_empty() || !is_plain(&text), "{text:?}: {found:?}");
    }
}

#[test]
fn no_value_of_any_kind_looks_plain() {
    let values = [
        values::us_ssn(),
        values::credit_card(),
        values::aws_access_key_id(),
        values::email(),
        values::github_token(),
        "-----BEGIN PRIVATE KEY-----".to_owned(),
        "aa:bb:cc:dd:ee:ff".to_owned(),
        "password is Hunter!Abcd".to_owned(),
        "https://user:secretive@host".to_owned(),
    ];
    for value in values {
        assert!(!is_plain(&value), "{value}");
    }
}
