//! Texts that are near to each other and that are not.

use super::*;
use proptest::prelude::*;

const TEXT: &str = "Summarise the quarterly report for the board, and keep every number exactly as it stands in the tables of the \
    appendix; do not round, do not convert, and say which page each of them is from, since the auditors will ask for it.";

#[test]
fn a_changed_number_moves_few_bits_and_another_text_about_half() {
    let close = distance(hash(TEXT), hash(&TEXT.replace("quarterly", "monthly")));
    assert!(close <= 12, "{close}");
    assert_eq!(hash(TEXT), hash(&TEXT.to_uppercase().replace(' ', "  ")));
    let far = distance(
        hash(TEXT),
        hash("What is the capital of France, and how many people live there today? Answer in one line."),
    );
    assert!(far > 16, "{far}");
    assert!(
        distance(
            hash("我们需要一份关于季度业绩的详细报告并附上所有数字"),
            hash("我们需要一份关于年度业绩的详细报告并附上所有数字")
        ) <= 16
    );
}

#[test]
fn a_hash_is_read_as_it_is_written() {
    assert_eq!(parse(&format!("{:016x}", hash(TEXT))), Some(hash(TEXT)));
    for text in ["", "1", "g000000000000000", "+000000000000000", "00000000000000001"] {
        assert_eq!(parse(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn texts_of_any_kind_have_a_hash(text in "\\PC{0,200}") {
        prop_assert_eq!(hash(&text), hash(&text));
        prop_assert_eq!(distance(hash(&text), hash(&text)), 0);
    }
}
