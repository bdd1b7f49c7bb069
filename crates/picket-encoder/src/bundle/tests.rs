use super::*;
use proptest::prelude::*;

const PARTS: Bundle<'static> = Bundle { vocabulary: "[UNK]\na\n", rarity: "short", network: b"graph" };

#[test]
fn a_file_reads_back_as_its_parts() {
    let bytes = PARTS.write();
    let read = Bundle::read(&bytes).expect("it was just written");
    assert_eq!((read.vocabulary, read.rarity, read.network), (PARTS.vocabulary, PARTS.rarity, PARTS.network));
}

#[test]
fn a_damaged_file_says_what_is_wrong_and_what_to_do() {
    let whole = PARTS.write();
    let mut flipped = whole.clone();
    *flipped.last_mut().expect("it has bytes") ^= 1;
    for (bytes, expected) in [
        (&b""[..], "does not begin with"),
        (b"picket encoder 2\n", "does not begin with"),
        (&whole[..20], "cannot be the whole file"),
        (&whole[..whole.len() - 1], "SHA-256"),
        (&flipped, "SHA-256"),
    ] {
        let error = Bundle::read(bytes).expect_err("it is damaged").to_string();
        assert!(error.starts_with("encoder model: ") && error.contains(expected), "{error}");
        assert!(error.contains("of this release"), "a remedy is named: {error}");
    }
}

#[test]
fn lengths_that_point_beyond_the_file_are_refused() {
    let mut rest = u32::MAX.to_le_bytes().repeat(2);
    rest.extend_from_slice(b"abc");
    let bytes = [MAGIC, &Sha256::digest(&rest), &rest].concat();
    assert!(matches!(Bundle::read(&bytes), Err(LoadError::Length { .. })));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..100) {
        let _unused = Bundle::read(&bytes);
        let whole = PARTS.write();
        let cut = cut.min(whole.len() - 1);
        prop_assert!(Bundle::read(&whole[..cut]).is_err());
        let mut rest = bytes;
        rest.splice(0..0, Sha256::digest(&rest));
        let _unused = Bundle::read(&[MAGIC, &rest].concat());
    }
}
