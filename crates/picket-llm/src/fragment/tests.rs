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
