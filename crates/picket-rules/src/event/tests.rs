//! Values of events.

use super::*;

/// The values of the fields `a` and `a.b`, and whether they are there.
fn read(event: &str) -> Result<[(Vec<String>, bool); 2], EventError> {
    let mut fields = Fields::default();
    let slots = [fields.add("a"), fields.add("a.b")];
    let mut values = Values::new(&fields);
    // What an event leaves behind does not reach the next one.
    values.read(r#"{"a": "old", "a.b": "older"}"#, &fields, true).unwrap();
    values.read(event, &fields, false)?;
    Ok(slots.map(|slot| {
        let texts = values.atoms(slot).map(|atom| values.text(event, atom).to_owned());
        (texts.collect(), values.is_there(slot))
    }))
}

#[test]
fn values_are_found_flat_and_nested_and_in_lists() {
    type Case = (&'static str, &'static [&'static str], bool, &'static [&'static str], bool);
    let cases: &[Case] = &[
        (r#"{"a": "x"}"#, &["x"], true, &[], false),
        (r#"{"a": {"b": "x"}}"#, &[], true, &["x"], true),
        (r#"{"a.b": "x"}"#, &[], false, &["x"], true),
        (r#"{"a": [{"b": 1}, {"b": [2, "3"]}, 4]}"#, &["4"], true, &["1", "2", "3"], true),
        (r#"{"a": "x\ny"}"#, &["x\ny"], true, &[], false),
        (r#"{"a": null}"#, &[], false, &[], false),
        (r#"{"a": []}"#, &[], true, &[], false),
        (r#"{"a": 1.5e3}"#, &["1500"], true, &[], false),
        (r#"{"a": true, "a": -7}"#, &["true", "-7"], true, &[], false),
        (r#"{"\u0061": "x", "c": {"a": "y"}}"#, &["x"], true, &[], false),
        ("{}", &[], false, &[], false),
    ];
    for (event, a, a_is_there, b, b_is_there) in cases {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(read(event).unwrap(), [(owned(a), *a_is_there), (owned(b), *b_is_there)], "{event}");
    }
}

#[test]
fn an_event_that_cannot_be_read_says_where_and_keeps_nothing() {
    let deep = format!("{}{}", r#"{"a":"#.repeat(500), "}".repeat(500));
    let many = format!(r#"{{"a": [{}1]}}"#, "1,".repeat(100_001));
    for (event, words) in [
        ("", "ends in the middle"),
        ("[1]", "a JSON object"),
        (r#"{"a": "#, "ends in the middle"),
        (r#"{"a": 1} {"#, "no JSON object from column 10"),
        (r#"{"a" 1}"#, "no JSON object from column 6"),
        (deep.as_str(), "no JSON object"),
        (many.as_str(), "more than 100000 values"),
    ] {
        let error = read(event).unwrap_err();
        assert!(error.message.contains(words), "{words}: {error}");
    }
}
