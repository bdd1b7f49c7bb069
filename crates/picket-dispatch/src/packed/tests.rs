use super::*;
use proptest::prelude::*;

const MOST: usize = 16_384;

#[test]
fn runs_take_few_bytes() {
    for (positions, bytes) in [(0..0, 0), (0..1, 2), (1_000_000..1_010_000, 5)] {
        assert_eq!(pack(&positions.clone().collect()).len(), bytes, "{positions:?}");
    }
}

#[test]
fn what_is_damaged_or_too_much_is_refused() {
    for bytes in [&[0x80][..], &[1], &[1, 0], &[0xff; 12], &[0, 0xff, 0xff, 0x7f]] {
        assert_eq!(unpack(bytes, MOST), None, "{bytes:?}");
    }
    let many: BTreeSet<u64> = (0..100).collect();
    assert_eq!(unpack(&pack(&many), 99), None);
    assert_eq!(unpack(&pack(&many), 100), Some(many));
}

proptest! {
    #[test]
    fn what_is_packed_is_read_back(positions in prop::collection::btree_set(any::<u64>().prop_map(|n| n >> (n % 64)), 0..300)) {
        prop_assert_eq!(unpack(&pack(&positions), MOST), Some(positions));
    }

    #[test]
    fn no_bytes_make_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Some(positions) = unpack(&bytes, MOST) {
            prop_assert!(positions.len() <= MOST);
        }
    }
}
