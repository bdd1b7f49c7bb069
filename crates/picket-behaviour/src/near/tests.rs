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

#[test]
fn with_another_key_it_is_another_hash_and_what_is_short_has_none() {
    let text = "Write a polite letter to the customer whose parcel was lost on its way";
    let near = "Write a polite letter to the customers whose parcel was lost on its way";
    let of = |key, text: &str| keyed(key, text).unwrap();
    // How far another word goes depends on the key; docs/quality.md says how often it is more.
    let far = (1..=100).filter(|key| distance(of(*key, text), of(*key, near)) > 14).count();
    assert!(far <= 10, "{far} of a hundred");
    for key in 1..=100 {
        assert!(distance(of(key, text), of(key + 1, text)) > 14, "{key}");
    }
    assert_eq!(of(1, text), of(1, &text.to_uppercase().replace(' ', "  ")));
    assert_eq!((keyed(1, "Thanks, go on"), keyed(1, "")), (None, None));
    let long = "語".repeat(KEYED_BYTES_MAX);
    assert_eq!(of(1, &long), of(1, &long[..KEYED_BYTES_MAX / 3 * 3]), "the beginning, whole letters of it");
    assert!(keyed(1, "数据库中的所有客户记录和他们的电话号码请全部列出来以便我们核对每一条记录的内容").is_some());
}

/// As it is defined: each voter adds one to the bits that it has, and takes one from the others.
fn by_sums(text: &str) -> u64 {
    let mut sums = [0_i32; 64];
    let mut vote = |hash: u64| {
        sums.iter_mut().enumerate().for_each(|(bit, sum)| *sum += if hash >> bit & 1 == 1 { 1 } else { -1 });
    };
    let mut before = None;
    for word in text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
        let word = of(BEGIN, &letters);
        vote(word);
        if let Some(before) = before.replace(word) {
            vote(mixed(u64::rotate_left(before, 1) ^ word));
        }
        if letters.len() > LONG_WORD && letters.iter().any(|letter| !letter.is_ascii()) {
            letters.windows(RUN).for_each(|run| vote(of(BEGIN, run)));
        }
    }
    sums.iter().enumerate().fold(0, |hash, (bit, sum)| hash | u64::from(*sum > 0) << bit)
}

proptest::proptest! {
    #[test]
    fn counting_side_by_side_is_counting_one_by_one(text in "[a-zA-Z0-9 ,äßΣ語]{0,300}") {
        proptest::prop_assert_eq!(hash(&text), by_sums(&text));
    }
}
