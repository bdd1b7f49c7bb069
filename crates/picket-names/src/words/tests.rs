//! What is seen of a word.

use super::*;

fn word(text: &str, lexicon: &Lexicon) -> Word {
    let token = Token { start: 0, end: text.len(), class: Class::Word, is_glued: false };
    Word::of(text, &token, lexicon, |_| 0)
}

#[test]
fn a_word_has_one_name_however_it_is_written_and_shapes_differ() {
    let known = Lexicon::new([(hash_of("straße".as_bytes()), bit::KNOWN), (hash_of(b"anna"), bit::KNOWN)], 64);
    for (small, capitalised, capitals) in [("anna", "Anna", "ANNA"), ("straße", "Straße", "STRAßE")] {
        let words = [small, capitalised, capitals].map(|text| word(text, &known));
        assert!(words.iter().all(|word| word.word == words[0].word), "{words:?}");
        assert!(words[0].shape != words[1].shape && words[1].shape != words[2].shape, "{words:?}");
        assert!(words.iter().all(|word| (word.head, word.tail4) == (words[0].head, words[0].tail4)), "{words:?}");
    }
    let unknown = Lexicon::default();
    assert_eq!(
        word("Anna", &unknown).word,
        word("Otto", &unknown).word,
        "what is not known is told by its parts alone"
    );
    assert_ne!(word("Anna", &unknown).tail3, word("Otto", &unknown).tail3);
    assert_eq!(word("Łukasz", &unknown).head, word("łukas", &unknown).head);
    assert_eq!(word("éàü", &unknown).tail3, word("xéàü", &unknown).tail3);
}
