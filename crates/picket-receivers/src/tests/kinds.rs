use crate::{Credentials, Kind, Network, Receiver};
use zeroize::Zeroizing;

#[test]
fn options_that_cannot_be_used_are_named_with_what_to_do() {
    let cases: &[(&str, &str, &str)] = &[
        (r#"{"kind":"file","name":"../events"}"#, "name", "letters, digits"),
        (r#"{"kind":"file","name":".hidden"}"#, "name", "no dot in front"),
        (r#"{"kind":"file","name":""}"#, "name", "1 to 128"),
        (r#"{"kind":"file","name":"a","rotate_bytes":1}"#, "rotate_bytes", "65536 or more"),
        (r#"{"kind":"file","name":"a","rendering":{"format":"xml"}}"#, "rendering.format", "none of canonical"),
        (r#"{"kind":"file","name":"a","rendering":{"extra":["usr"]}}"#, "rendering.extra", "did you mean `user`?"),
        (
            r#"{"kind":"file","name":"a","rendering":{"mapping":{"fields":{"user":"a","team":"a"}}}}"#,
            "rendering.mapping",
            "two rules give the member `a`",
        ),
    ];
    for (text, field, words) in cases {
        let kind: Kind = serde_json::from_str(text).unwrap();
        let problem = kind.check().unwrap_err();
        assert_eq!(problem.field, *field, "{text}");
        assert!(problem.message.contains(words), "{text}: {}", problem.message);
    }
}

#[test]
fn what_a_kind_does_not_know_is_refused_and_what_it_knows_comes_back() {
    assert!(serde_json::from_str::<Kind>(r#"{"kind":"pigeon"}"#).is_err());
    assert!(serde_json::from_str::<Kind>(r#"{"kind":"file","name":"a","path":"/etc"}"#).is_err());
    let kind: Kind = serde_json::from_str(r#"{"kind":"file","name":"a","keep":3}"#).unwrap();
    let text = serde_json::to_string(&kind).unwrap();
    assert_eq!(serde_json::from_str::<Kind>(&text).unwrap(), kind);
    assert!(Kind::WORDS.contains(&kind.name()));
}

#[test]
fn credentials_that_a_kind_does_not_take_are_refused_and_never_shown() {
    let kind: Kind = serde_json::from_str(r#"{"kind":"file","name":"a"}"#).unwrap();
    let value = picket_stdx::encode::random_base62(24);
    let credentials: Credentials = [("token".to_owned(), Zeroizing::new(value.clone()))].into_iter().collect();
    assert!(!format!("{credentials:?}").contains(&value));
    let problem = Receiver::open(&kind, &credentials, &Network::default()).unwrap_err();
    assert_eq!(problem.field, "token");
}
