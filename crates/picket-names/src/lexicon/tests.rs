//! What the table remembers.

use super::*;
use crate::words::hash_of;

#[test]
fn a_table_knows_its_words_joins_their_bits_and_hardly_knows_others() {
    let words: Vec<(u32, u8)> = (0..3000_u32).map(|number| (hash_of(&number.to_le_bytes()), bit::GIVEN)).collect();
    let lexicon = Lexicon::new(words.iter().copied().chain([(words[0].0, bit::FAMILY)]), 4096);
    assert_eq!(lexicon.bits(words[0].0), bit::GIVEN | bit::FAMILY);
    assert!(words.iter().all(|(hash, _)| lexicon.bits(*hash) & bit::GIVEN != 0));
    let strangers = (0..10_000_u32).filter(|number| lexicon.bits(hash_of(&number.to_be_bytes())) != 0).count();
    assert!(strangers <= 12, "{strangers}: some numbers have the same bytes both ways");
    let again = Lexicon::from_bytes(&lexicon.to_bytes()).unwrap();
    assert_eq!(again.bits(words[7].0), lexicon.bits(words[7].0));
    assert_eq!(Lexicon::default().bits(1), 0);
    assert!(Lexicon::from_bytes(&[0; 12]).is_none() && Lexicon::from_bytes(&[0; 7]).is_none());
}
