//! Files of the small network: whatever they hold, they are refused or read, and words are cut into pieces within bounds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_encoder::{Bundle, Encoder, Rarity, WordPieces};

const PIECES_MAX: usize = 128;

fuzz_target!(|data: (&[u8], &str, &str)| {
    let (network, vocabulary, rarity) = data;
    drop(Bundle::read(network));
    // The digest would keep all else out.
    let file = Bundle { vocabulary, rarity, network }.write();
    let read = Bundle::read(&file).expect("what is written is read");
    assert_eq!((read.vocabulary, read.rarity, read.network), (vocabulary, rarity, network));
    drop(Encoder::load(&file));
    drop(Rarity::read(rarity));
    if let Ok(pieces) = WordPieces::read(vocabulary) {
        assert!(pieces.pieces(rarity, PIECES_MAX).len() <= PIECES_MAX);
    }
});
