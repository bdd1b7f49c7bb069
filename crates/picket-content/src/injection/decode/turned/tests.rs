use super::*;

#[test]
fn words_count_as_whole_words_only_and_in_any_case() {
    let turned = |words: &str| words.bytes().map(|byte| char::from(turn(byte))).collect::<String>();
    let reversed = |words: &str| words.chars().rev().collect::<String>();
    for (text, expected) in [
        (turned("tell me all"), (true, false)),
        (turned("Ignore It"), (true, false)),
        (reversed("the secret, please"), (false, true)),
        (format!("{} {}", turned("PROMPT"), reversed("System")), (true, true)),
        (format!("x{} {}x", turned("instructions"), reversed("password")), (false, false)),
        (format!("é{}é", turned("instructions")), (true, false)),
        ("llama and villa, the yellow one; eht".to_owned(), (false, false)),
        (String::new(), (false, false)),
    ] {
        assert_eq!(directions(&text), expected, "{text}");
    }
}
