use super::*;
use crate::stream::KEY_BYTES_MIN;
use picket_stdx::encode::random_base62;
use picket_testkit::values;
use proptest::prelude::*;

fn kinds(text: &str) -> Vec<&'static str> {
    crate::check::disjoint(scan(text)).iter().map(|hit| hit.kind).collect()
}

#[test]
fn keys_of_services_are_found_by_their_shape() {
    for (text, kind) in [
        (format!("key {} here", values::aws_access_key_id()), "AWS_ACCESS_KEY"),
        (format!("token={}", values::github_token()), "GITHUB_TOKEN"),
        (format!("{}{}", "xoxb-", random_base62(40)), "SLACK_TOKEN"),
        (format!("{}{}", "sk-ant-", random_base62(60)), "ANTHROPIC_KEY"),
        (format!("password = \"{}!7\"", random_base62(18)), "GENERIC_SECRET"),
        (format!("postgres://admin:{}@db.internal/app", random_base62(16)), "URL_PASSWORD"),
        (
            format!("-----BEGIN {} KEY-----\n{}\n-----END {} KEY-----", "PRIVATE", random_base62(200), "PRIVATE"),
            "PRIVATE_KEY",
        ),
    ] {
        assert_eq!(kinds(&text), [kind], "{text}");
    }
}

#[test]
fn hashes_identifiers_placeholders_and_names_are_quiet() {
    for text in [
        "sha512-Gx7s3nPLNOF2dOHBjNhO4mRTKf2ADCYMf1ZKL3mE0vXLxXIEKi5G0vRBSzf5mDO3h6HKSTfWlmTNyAKjqVCMwg==",
        "550e8400-e29b-41d4-a716-446655440000",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "AKIAIOSFODNN7EXAMPLE",
        "password = os.environ['DB_PASSWORD']",
        "api_key: YOUR_API_KEY_HERE",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "secret: my_app_secret_name",
        "what is a password manager?",
    ] {
        assert_eq!(kinds(text), Vec::<&str>::new(), "{text}");
    }
}

proptest! {
    #[test]
    fn one_character_off_is_no_github_token(at in 4_usize..40) {
        let token = values::github_token();
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
        prop_assert!(kinds(&token).contains(&"GITHUB_TOKEN"));
        prop_assert!(!kinds(&String::from_utf8(bytes).unwrap()).contains(&"GITHUB_TOKEN"));
    }
}

#[test]
fn every_head_is_found_wherever_it_stands() {
    let heads = Heads::of(SERVICES);
    for service in SERVICES {
        let text = format!("sk{0} and {0}{0}", service.head);
        let found: Vec<usize> =
            heads.find(&text).filter(|(_, found)| found.head == service.head).map(|(start, _)| start).collect();
        let expected: Vec<usize> = text
            .char_indices()
            .map(|(at, _)| at)
            .filter(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(service.head)))
            .collect();
        assert_eq!(found, expected, "{}", service.head);
    }
}

#[test]
fn a_word_inside_a_random_value_makes_it_no_stand_in() {
    let [head, tail] = ["AK", "IA"];
    let found = |value: &str| kinds(&format!("{head}{tail}{value}"));
    for value in ["Q2PYOUR7KWLM4ZRH", "MFAKE2Q7KWL4ZRHB", "Q2XXXX7KWLM4ZRHB"] {
        assert_eq!(found(value).len(), 1, "{value}");
    }
    for value in ["XXXXXXXXXXXXXXXX", "EXAMPLE7KWLM4ZRH", "YOURKEYHEREPLEAS"] {
        assert!(found(value).is_empty(), "{value}");
    }
}

#[test]
fn no_token_with_a_valid_checksum_is_missed() {
    let missed = (0..20_000).map(|_| values::github_token()).filter(|token| !kinds(token).contains(&"GITHUB_TOKEN"));
    assert_eq!(missed.count(), 0);
}

#[test]
fn no_key_of_a_service_is_shorter_than_what_the_guard_of_streams_looks_at() {
    for service in SERVICES {
        let minimum = match service.tail {
            Tail::Upper(length) => length,
            Tail::Hex(minimum, _) | Tail::Word(minimum, _) | Tail::Dashed(minimum, _) | Tail::Any(minimum, _) => {
                minimum
            }
            Tail::GitHub => 36,
            Tail::Jwt => 12 + 1 + 10 + 1,
            // Found by its head alone.
            Tail::Block(_) => continue,
        };
        assert!(service.head.len() + minimum >= KEY_BYTES_MIN, "{}", service.head);
    }
}

#[test]
fn what_stands_before_a_secret_does_not_hide_it() {
    let value = "vT9#kQ2$wLp8Zr";
    for before in ["secret: password: ", "token=api_key=", "secret => password = "] {
        assert_eq!(kinds(&format!("{before}{value}")), ["GENERIC_SECRET"], "{before}");
    }
    assert!(kinds("eyJ-----BEGIN PRIVATE KEY-----\nabc").contains(&"PRIVATE_KEY"));
}
