use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn pieces_decode_to_the_text_and_encode_to_the_same_json(value in ".*", cuts in proptest::collection::vec(0_usize..200, 0..8)) {
        let json = serde_json::json!({"key": value, "n": 1}).to_string();
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|at| json.is_char_boundary(*at)).collect();
        cuts.sort_unstable();
        cuts.push(json.len());
        let mut fragment = Fragment::default();
        let (mut done, mut decoded) = (0, String::new());
        for cut in cuts {
            decoded.push_str(&fragment.decode(json.get(done..cut).unwrap()));
            done = cut;
        }
        prop_assert!(fragment.finish().is_empty());
        let again: serde_json::Value = serde_json::from_str(&Fragment::encode(&decoded)).unwrap();
        prop_assert_eq!(again, serde_json::from_str::<serde_json::Value>(&json).unwrap());
    }
}

#[test]
fn escapes_are_undone_across_the_border_of_pieces() {
    let mut fragment = Fragment::default();
    let decoded: String =
        ["{\"k\":\"\\u00", "41KIA\\", "\"x\\ud83d", "\\ude00\"}"].iter().map(|piece| fragment.decode(piece)).collect();
    assert!(decoded.contains("AKIA") && decoded.contains('😀'), "{decoded}");
}

fn both_ways(pieces: &[&str]) -> (String, String) {
    let mut fragment = Fragment::default();
    let decoded: String = pieces.iter().map(|piece| fragment.decode(piece)).collect();
    let encoded = Fragment::encode(&decoded) + &fragment.finish();
    (decoded, encoded)
}

#[test]
fn text_inside_json_reads_as_the_tool_gets_it() {
    for (pieces, decoded, encoded) in [
        (vec![r#"{"a":"line\nnext\ttab\\"}"#], "{\"a\":\"line\nnext\ttab\\\"}", r#"{"a":"line\nnext\ttab\\"}"#),
        (vec!["{\n \"a\": 1,\r\n\t\"b\": 2}"], "{  \"a\": 1,   \"b\": 2}", "{  \"a\": 1,   \"b\": 2}"),
        (vec![r#"{"a":"\u00"#, r#"4"#, r#"1\/b"}"#], "{\"a\":\"A/b\"}", r#"{"a":"A/b"}"#),
        (vec![r#""\ud83d\u"#, r#"de00""#], "\"😀\"", "\"😀\""),
        (vec![r#""\ud83d\n""#], "\"\u{fffd}\n\"", "\"\u{fffd}\\n\""),
        (vec![r#""\ud83d\u0041""#], "\"\u{fffd}A\"", "\"\u{fffd}A\""),
        (vec![r#""C:\dir \u12""#], "\"C:\\dir \\u12\"", r#""C:\\dir \\u12""#),
        (vec!["\"a\nb\""], "\"a\nb\"", r#""a\nb""#),
        (vec![r#"{"a":"\"#], "{\"a\":\"", r#"{"a":"\"#),
    ] {
        assert_eq!(both_ways(&pieces), (decoded.to_owned(), encoded.to_owned()), "{pieces:?}");
    }
}

#[test]
fn a_quote_inside_a_string_stays_one() {
    for text in ["say \"hi\"", "\u{f0022} and \"", "\u{f0023}\u{f0022}\"", "\u{10fffe}"] {
        let json = serde_json::to_string(&serde_json::json!({ "a": text })).unwrap();
        let (_, encoded) = both_ways(&[json.as_str()]);
        assert_eq!(encoded, json);
    }
}

proptest! {
    #[test]
    fn any_cut_of_any_text_is_decoded_alike(text in r#"(\\|\\u|\\ud83d|\\ude00|"|[0-9a-f]{1,4}|n|é|\n| ){0,16}"#, cut in 0_usize..60) {
        let whole = both_ways(&[text.as_str()]);
        if let Some((head, tail)) = text.split_at_checked(cut) {
            prop_assert_eq!(both_ways(&[head, tail]), whole);
        }
    }
}
