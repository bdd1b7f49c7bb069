use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn blocks_hold_every_byte_once_and_bits_tell_which_are_of_a_class(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (mut all, mut found): (Vec<u8>, Vec<usize>) = (Vec::new(), Vec::new());
        each_block(&bytes, |at, block| {
            assert_eq!(at, all.len());
            all.extend(block);
            found.extend(places(bits(block, |byte| byte.is_ascii_lowercase())).map(|place| at + place));
        });
        prop_assert_eq!(&all[..bytes.len()], &bytes[..]);
        prop_assert!(all[bytes.len()..].iter().all(|byte| *byte == 0) && all.len() < bytes.len() + BLOCK);
        let plainly: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_lowercase()).collect();
        prop_assert_eq!(found, plainly);
    }
}
