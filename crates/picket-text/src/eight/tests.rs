use super::*;
use proptest::prelude::*;

fn bits(chunk: u64) -> Vec<bool> {
    chunk.to_le_bytes().iter().map(|byte| byte & 0x80 != 0).collect()
}

proptest! {
    #[test]
    fn bits_tell_what_each_byte_is(bytes in any::<[u8; 8]>(), byte in 0_u8..0x80) {
        let chunk = first_eight(&bytes);
        prop_assert_eq!(chunk.to_le_bytes(), bytes);
        prop_assert_eq!(bits(alphanumeric(chunk)), bytes.map(|byte| byte.is_ascii_alphanumeric()));
        prop_assert_eq!(bits(equal(chunk, byte)), bytes.map(|other| other == byte));
        prop_assert_eq!((alphanumeric(chunk) | equal(chunk, byte)) & !HIGH, 0);
    }

    #[test]
    fn a_short_text_is_filled_up_with_zeros(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
        let mut filled = bytes.clone();
        filled.resize(12, 0);
        prop_assert_eq!(&first_eight(&bytes).to_le_bytes()[..], &filled[..8]);
    }
}
