use super::*;
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn what_two_readers_could_read_differently_is_refused() {
    for (text, message) in [
        (r#"{"a":1,"a":2}"#, "names a member twice"),
        (r#"{"a":1,"\u0061":2}"#, "names a member twice"),
        (r#""\ud800""#, "lone surrogate"),
        (r#""\udc00\ud800""#, "lone surrogate"),
        ("{} {}", "after the document"),
        ("[1,]", "expected a value"),
        ("01", "after the document"),
        ("\"\n\"", "control character"),
        ("\"open", "does not end"),
        ("", "ends too early"),
        ("[1 2]", "expected a comma"),
        ("nul", "expected a value"),
    ] {
        let error = Tape::scan(text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(message), "{text}: {error}");
    }
    assert!(Tape::scan("[".repeat(65).as_bytes()).unwrap_err().to_string().contains("too deeply"));
    assert!(Tape::scan(b"\"\xff\"").unwrap_err().to_string().contains("UTF-8"));
}

#[test]
fn an_error_names_the_place_and_the_pointer_of_what_was_being_read() {
    for (text, offset, pointer) in [
        (r#"{"a":{"b/c":[1,{"d":nope}]}}"#, 20, "/a/b~1c/1/d"),
        (r#"{"a":1,"b":[true,fals]}"#, 17, "/b/1"),
        (r#"{"a":{"x":1,"x":2}}"#, 12, "/a"),
        (r#"{"a":"\ud800"}"#, 12, "/a"),
        (r#"{"a":1,}"#, 7, ""),
        ("[[],[]", 6, "/2"),
        ("", 0, ""),
    ] {
        let error = Tape::scan(text.as_bytes()).unwrap_err();
        assert_eq!((error.offset, error.pointer.as_str()), (offset, pointer), "{text}: {error}");
    }
}

/// Rebuilds a value from a tape, to compare it with another parser's.
fn rebuild(tape: &Tape, bytes: &[u8], id: NodeId) -> Value {
    let node = tape.node(id).unwrap();
    match node.kind {
        Kind::Object => tape
            .members(id)
            .map(|(name, value)| (tape.text(bytes, name).unwrap().into_owned(), rebuild(tape, bytes, value)))
            .collect(),
        Kind::Array => tape.elements(id).map(|element| rebuild(tape, bytes, element)).collect(),
        Kind::String => Value::String(tape.text(bytes, id).unwrap().into_owned()),
        Kind::Number | Kind::Bool | Kind::Null => {
            serde_json::from_slice(&bytes[node.start as usize..node.end as usize]).unwrap()
        }
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(".*", inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect()))
        ]
    })
}

proptest! {
    #[test]
    fn a_document_reads_as_another_parser_reads_it(value in json()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let tape = Tape::scan(text.as_bytes()).unwrap();
            prop_assert_eq!(rebuild(&tape, text.as_bytes(), 0), value.clone());
        }
    }

    #[test]
    #[test]
    fn both_parsers_accept_and_refuse_the_same_texts(text in r#"(\[|\]|\{|\}|"|,|:|0|1|-|\.|e|E|true|null|"a"|"b"|\\|\\u00e9|\\n| |\n){0,14}"#) {
        let ours = Tape::scan(text.as_bytes());
        let theirs = serde_json::from_str::<Value>(&text);
        match (&ours, &theirs) {
            (Ok(_), Ok(_)) | (Err(_), Err(_)) => {}
            (Err(error), Ok(_)) => prop_assert_eq!(error.message, "an object names a member twice"),
            (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("out of range"), "{} {}", text, error),
        }
    }

    #[test]
    fn what_is_accepted_another_parser_accepts_too(text in r#"[\[\]{}",:0-9a-z\\u \-.eE+]{0,40}"#) {
        if let Ok(tape) = Tape::scan(text.as_bytes()) {
            // A number that no float can hold is still a number.
            if let Ok(other) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(rebuild(&tape, text.as_bytes(), 0).to_string(), other.to_string());
            } else {
                prop_assert!(text.contains(['e', 'E']));
            }
        }
    }

    #[test]
    fn no_bytes_make_the_scanner_panic(bytes: Vec<u8>) {
        let _outcome = Tape::scan(&bytes);
    }
}
